//! The order of actions, as a graph.
//!
//! Creates follow what they need; deletes precede what they needed, by the live account; changes of rights follow each
//! other in phases for every principal they affect.

use std::collections::BTreeMap;

use model::{Address, Body, Change, Edge, UserName};

use crate::draft::{self, Draft, policy_address};
use crate::holders::State;

mod rights;

pub(crate) use rights::Rights;

/// For each draft, those it waits for.
pub(crate) type Graph = Vec<BTreeMap<usize, Edge>>;

/// Returns which draft waits for which.
pub(crate) fn graph(drafts: &[Draft], before: &State<'_>, after: &State<'_>) -> Graph {
    let mut by_address: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        by_address.entry(&draft.address).or_default().push(index);
    }
    let mut builder = Builder {
        drafts,
        by_address,
        after: vec![BTreeMap::new(); drafts.len()],
    };
    builder.follow_needs();
    builder.precede_needs();
    builder.follow_steps();
    builder.follow_resets();
    Rights::find(drafts, before, after).order(&mut |later, earlier, edge| {
        builder.wait(later, earlier, edge);
    });
    builder.after
}

struct Builder<'a> {
    drafts: &'a [Draft],
    by_address: BTreeMap<&'a Address, Vec<usize>>,
    after: Graph,
}

impl Builder<'_> {
    fn wait(&mut self, later: usize, earlier: usize, edge: Edge) {
        if let Some(after) = self.after.get_mut(later)
            && later != earlier
        {
            let strongest = after.entry(earlier).or_insert(edge);
            *strongest = (*strongest).max(edge);
        }
    }

    fn of(&self, address: &Address) -> Vec<usize> {
        self.by_address.get(address).cloned().unwrap_or_default()
    }

    /// What is made or renamed comes before what needs it.
    fn follow_needs(&mut self) {
        for (later, draft) in self.drafts.iter().enumerate() {
            for needed in needs(draft) {
                for earlier in self.of(&needed) {
                    if self.drafts.get(earlier).is_some_and(Draft::brings) {
                        self.wait(later, earlier, Edge::Needs);
                    }
                }
            }
        }
    }

    /// What is taken away goes before what it needed.
    fn precede_needs(&mut self) {
        for (earlier, draft) in self.drafts.iter().enumerate() {
            for needed in held(draft) {
                for later in self.of(&needed) {
                    if self.drafts.get(later).is_some_and(|draft| draft.removal) {
                        self.wait(later, earlier, Edge::Needs);
                    }
                }
            }
        }
    }

    /// That a reset was done is said when it was done: where it wasn't, it is begun again.
    fn follow_resets(&mut self) {
        let mut records: BTreeMap<&UserName, Vec<usize>> = BTreeMap::new();
        for (place, draft) in self.drafts.iter().enumerate() {
            if let Some(user) = draft::records(draft) {
                records.entry(user).or_default().push(place);
            }
        }
        for (earlier, draft) in self.drafts.iter().enumerate() {
            let user = match &draft.address {
                Address::LoginProfile(user) => Some(user),
                Address::MfaDevice(_) => draft.person.as_ref(),
                _ => None,
            };
            for later in user
                .and_then(|user| records.get(user))
                .into_iter()
                .flatten()
            {
                self.wait(*later, earlier, Edge::Needs);
            }
        }
    }

    /// Several changes of one object are made one after the other.
    fn follow_steps(&mut self) {
        let steps: Vec<(usize, usize)> = self
            .by_address
            .values()
            .flat_map(|indices| indices.iter().copied().zip(indices.iter().copied().skip(1)))
            .collect();
        for (earlier, later) in steps {
            self.wait(later, earlier, Edge::Needs);
        }
    }
}

/// Lists what must be there, under its name, before a draft can be carried out.
fn needs(draft: &Draft) -> Vec<Address> {
    let mut needs = draft.address.owners();
    needs.extend(draft.person.clone().map(Address::User));
    match draft.change.as_ref().and_then(Change::after) {
        Some(Body::Attachment(attachment)) => needs.push(policy_address(&attachment.policy)),
        Some(Body::User(user)) => needs.extend(user.boundary.policy().map(policy_address)),
        Some(Body::MfaDevice(device)) => needs.extend(device.user.clone().map(Address::User)),
        _ => {}
    }
    needs
}

/// Lists what can't be deleted before a draft has been carried out.
fn held(draft: &Draft) -> Vec<Address> {
    let boundary_before = match draft.change.as_ref().and_then(Change::before) {
        Some(Body::User(user)) => user.boundary.policy().map(policy_address),
        _ => None,
    };
    if !draft.removal {
        return Vec::from_iter(boundary_before);
    }
    let mut held = draft.address.owners();
    if let Address::Attachment(_, policy) = &draft.address {
        held.push(Address::Policy(policy.clone()));
    }
    held.extend(draft.part_of.clone());
    held.extend(boundary_before);
    held
}
