//! Documents that can't be understood, and which of them stand in the way.
//!
//! IAM accepted them, so that they are legal and only beyond what crate `policy` knows. Most belong to somebody else,
//! and nobody is helped if one odd policy of a service's role stops all work. One that the spec may have to compare,
//! order, detach or delete must not be taken for absent, though: then its kind is unread.

use std::collections::BTreeSet;

use model::{Address, Body, Boundary, Desired, Kind, PolicyRef, Wish};
use policy::ParseError;

use crate::scope::{leaves, prunes};

/// Returns those of the documents that can't be understood which the spec has to do with, and logs the others.
pub(crate) fn in_the_way<'a>(
    desired: &Desired,
    live: &[(Address, Body)],
    unreadable: &'a [(Address, ParseError)],
) -> impl Iterator<Item = &'a (Address, ParseError)> {
    // Mostly there are none, and then nothing is worth looking at.
    let concerns = (!unreadable.is_empty()).then(|| Concerns::find(desired, live));
    let (in_the_way, others): (Vec<_>, Vec<_>) = unreadable.iter().partition(|(address, _)| {
        concerns
            .as_ref()
            .is_some_and(|concerns| concerns.has(address))
    });
    for (address, error) in others {
        tracing::warn!(%address, %error, "a policy that nobody declared can't be understood; it is left alone");
    }
    in_the_way.into_iter()
}

/// Holds what the spec has to do with.
struct Concerns<'a> {
    desired: &'a Desired,
    /// Users and groups that are declared or to be deleted.
    principals: BTreeSet<&'a Address>,
    /// Policies that those have, or are to have, attached or as boundary.
    policies: BTreeSet<PolicyRef>,
}

impl<'a> Concerns<'a> {
    fn find(desired: &'a Desired, live: &'a [(Address, Body)]) -> Self {
        let declared = desired.objects.keys();
        let leaving = live
            .iter()
            .filter(|(address, body)| leaves(desired, address, body));
        let principals = declared
            .chain(leaving.map(|(address, _)| address))
            .filter(|address| matches!(address.kind(), Kind::User | Kind::Group))
            .collect();
        let wished =
            desired
                .objects
                .iter()
                .filter_map(|(address, declared)| match &declared.wish {
                    Wish::Present(body) => Some((address, body)),
                    Wish::Absent => None,
                });
        let of_them = live
            .iter()
            .map(|(address, body)| (address, body))
            .filter(|(address, _)| is_of(&principals, address));
        let policies = wished
            .chain(of_them)
            .filter_map(|(_, body)| used(body))
            .collect();
        Self {
            desired,
            principals,
            policies,
        }
    }

    fn has(&self, address: &Address) -> bool {
        match address {
            Address::Policy(policy @ PolicyRef::Local(_)) => {
                self.desired.objects.contains_key(address)
                    || prunes(self.desired, Kind::Policy)
                    || self.policies.contains(policy)
            }
            Address::Policy(policy) => self.policies.contains(policy),
            _ => {
                self.desired.objects.contains_key(address)
                    || prunes(self.desired, address.kind())
                    || is_of(&self.principals, address)
            }
        }
    }
}

/// Tells whether an object is one of these, or belongs to one.
fn is_of(principals: &BTreeSet<&Address>, address: &Address) -> bool {
    principals.contains(address)
        || address
            .owners()
            .iter()
            .any(|owner| principals.contains(owner))
}

/// Returns the managed policy that an attachment or a boundary is of.
fn used(body: &Body) -> Option<PolicyRef> {
    match body {
        Body::Attachment(attachment) => Some(attachment.policy.reference()),
        Body::User(user) => match &user.boundary {
            Boundary::Policy(policy) => Some(policy.reference()),
            Boundary::Undeclared | Boundary::None => None,
        },
        _ => None,
    }
}
