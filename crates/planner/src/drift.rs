//! What a plan would change, seen from what is declared: what is missing, changed or undeclared.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Body, Change, Desired, Deviation, Difference, Drift, FieldChange, Reason, Role,
    Snapshot, UndeclaredPrincipal,
};

use crate::draft::{self, Draft};
use crate::{expiry, mfa, rename};

/// The paths of roles that only a service of AWS can assume (`CreateServiceLinkedRole` in the IAM API reference).
const SERVICE_LINKED: &str = "/aws-service-role/";

/// Tells how an account differs from a spec: what [`plan`](crate::plan) compares, and nothing else, so that what a plan
/// leaves alone is no drift either.
///
/// With `whole_account` it also lists the users, groups and roles that nobody declared, wherever they are; not those that
/// the spec ignores or names as `break_glass`, and no roles that only services of AWS can assume.
pub fn drift(desired: &Desired, snapshot: &Snapshot, whole_account: bool) -> Drift {
    let renamed = rename::rename(desired, snapshot);
    let mut by_address: BTreeMap<Address, Difference> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    let drafts = draft::drafts(desired, &renamed);
    let mut findings = expiry::findings(desired, &drafts);
    findings.extend(mfa::findings(desired, &renamed.snapshot, &drafts));
    // What is asked for and not done yet is nobody's deviation.
    for draft in drafts.into_iter().filter(|draft| !draft.reset) {
        match deviation(&draft) {
            Some(deviation) => add(&mut by_address, draft, deviation),
            None => _ = unknown.insert(draft.address),
        }
    }
    let mut principals = Vec::new();
    if whole_account {
        let known = by_address.keys().cloned().collect();
        principals = undeclared_principals(desired, &renamed.snapshot, &known);
    }
    Drift {
        account: snapshot.account.clone(),
        region: desired.region.clone(),
        caller: snapshot.caller.clone(),
        differences: by_address.into_values().collect(),
        principals,
        findings,
        unknown,
        unread: snapshot.unread().clone(),
    }
}

/// Turns a change that would be made round. None where it isn't known what there is.
fn deviation(draft: &Draft) -> Option<Deviation> {
    Some(match (&draft.change, &draft.withheld) {
        (Some(Change::Create { after }), _) => Deviation::Missing {
            declared: after.clone(),
        },
        (
            Some(Change::Update {
                before,
                after,
                fields,
            }),
            _,
        ) => Deviation::Changed {
            declared: after.clone(),
            found: before.clone(),
            fields: fields.iter().map(turned_round).collect(),
        },
        (Some(Change::Delete { before }), _) => Deviation::Undeclared {
            found: before.clone(),
        },
        (None, None | Some(Reason::Unread(_))) => return None,
        (None, Some(reason)) => Deviation::Conflict {
            because: reason.to_string(),
        },
    })
}

fn turned_round(change: &FieldChange) -> FieldChange {
    let FieldChange {
        field,
        before,
        after,
    } = change;
    FieldChange {
        field: field.clone(),
        before: after.clone(),
        after: before.clone(),
    }
}

/// Adds a difference, or more of one: an object that is changed in several steps differs once.
fn add(by_address: &mut BTreeMap<Address, Difference>, draft: Draft, deviation: Deviation) {
    let Draft {
        address,
        origin,
        part_of,
        ..
    } = draft;
    if let (
        Some(Difference {
            deviation: Deviation::Changed {
                declared, fields, ..
            },
            ..
        }),
        Deviation::Changed {
            declared: later,
            fields: more,
            ..
        },
    ) = (by_address.get_mut(&address), &deviation)
    {
        *declared = with_rename(later, declared);
        fields.extend(more.iter().cloned());
        return;
    }
    let difference = Difference {
        address: address.clone(),
        deviation,
        origin,
        part_of,
    };
    by_address.insert(address, difference);
}

/// Keeps the name that a user is still found under, which only the first step has.
fn with_rename(later: &Body, earlier: &Body) -> Body {
    match (later, earlier) {
        (Body::User(later), Body::User(earlier)) => Body::User(model::User {
            renamed_from: earlier.renamed_from.clone(),
            ..later.clone()
        }),
        (later, _) => later.clone(),
    }
}

fn undeclared_principals(
    desired: &Desired,
    live: &Snapshot,
    known: &BTreeSet<Address>,
) -> Vec<UndeclaredPrincipal> {
    let break_glass: BTreeSet<Address> = desired
        .safety
        .break_glass
        .iter()
        .map(model::Principal::address)
        .collect();
    let is_reported = |address: &Address, body: &Body| {
        is_principal(body)
            && !desired.objects.contains_key(address)
            && !desired.ignores(address)
            && !break_glass.contains(address)
            && !known.contains(address)
    };
    let mut principals: BTreeMap<Address, UndeclaredPrincipal> = live
        .iter()
        .filter(|(address, body)| is_reported(address, body))
        .map(|(address, body)| {
            let principal = UndeclaredPrincipal {
                address: address.clone(),
                found: body.clone(),
                access: BTreeSet::new(),
            };
            (address.clone(), principal)
        })
        .collect();
    for (address, body) in live.iter() {
        if matches!(
            body,
            Body::Membership | Body::Attachment(_) | Body::InlinePolicy(_)
        ) {
            for owner in address.owners() {
                if let Some(principal) = principals.get_mut(&owner) {
                    principal.access.insert(address.clone());
                }
            }
        }
    }
    principals.into_values().collect()
}

fn is_principal(body: &Body) -> bool {
    match body {
        Body::User(_) | Body::Group(_) => true,
        Body::Role(Role { path, boundary: _ }) => !path.as_str().starts_with(SERVICE_LINKED),
        _ => false,
    }
}
