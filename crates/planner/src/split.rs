//! A document that gains and loses at once is changed step by step, where something else changes for the same people.
//!
//! Alone, such a change is one step, with nothing between before and after.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Body, Change, InlinePolicy, Policy, Principal, Snapshot};
use policy::Document;

use crate::diff;
use crate::draft::Draft;
use crate::holders::State;
use crate::order::Rights;
use crate::phase::Phase;
use crate::quotas::{MANAGED_POLICY, inline_policies};

/// Replaces changes of documents by their steps, where all of these are within AWS's quotas.
pub(crate) fn split(drafts: Vec<Draft>, live: &Snapshot, before: &State<'_>) -> Vec<Draft> {
    let mixed = {
        let after = State::after(live, &drafts);
        mixed(&Rights::find(&drafts, before, &after))
    };
    if mixed.is_empty() {
        return drafts;
    }
    let mut split: BTreeMap<usize, Vec<Change>> = {
        let inline = inline_sizes(&drafts, live);
        let steps = |index| Some((index, steps(drafts.get(index)?, &inline)?));
        mixed.into_iter().filter_map(steps).collect()
    };
    let drafts = drafts.into_iter().enumerate();
    let drafts = drafts.flat_map(|(index, draft)| match split.remove(&index) {
        None => vec![draft],
        Some(changes) => changes
            .into_iter()
            .map(|change| Draft {
                change: Some(change),
                ..draft.clone()
            })
            .collect(),
    });
    drafts.collect()
}

/// Lists the documents that gain and lose while something else changes for somebody who has them.
fn mixed(rights: &Rights<'_>) -> BTreeSet<usize> {
    let changes_rights = |phase: Phase| (Phase::AddDeny..=Phase::RemoveDeny).contains(&phase);
    let chains = rights.chains();
    let crowded = chains.iter().filter(|chain| {
        let others = chain.iter().filter(|(_, phase)| changes_rights(*phase));
        others.count() > 1
    });
    crowded
        .flatten()
        .filter(|(_, phase)| *phase == Phase::Replace)
        .map(|(index, _)| *index)
        .collect()
}

/// Returns the updates that a document's change is made in; none where there is only one, or where one would be too
/// large.
fn steps(draft: &Draft, inline: &BTreeMap<&Principal, usize>) -> Option<Vec<Change>> {
    let Some(Change::Update { before, after, .. }) = &draft.change else {
        return None;
    };
    let (old, new) = (before.document()?, after.document()?);
    let room = match &draft.address {
        Address::InlinePolicy(principal, _) => {
            let others = inline.get(principal).copied().unwrap_or(0) - old.size().max(new.size());
            inline_policies(principal).saturating_sub(others)
        }
        _ => MANAGED_POLICY,
    };
    let documents = Document::transition(old, new);
    if documents.len() < 2 || documents.iter().any(|document| document.size() > room) {
        return None;
    }
    let mut last = before.clone();
    let mut changes = Vec::new();
    for document in documents {
        for diff::Update { after, fields } in diff::updates(&with(after, document), &last).ok()? {
            let before = std::mem::replace(&mut last, diff::read_back(&after));
            changes.push(Change::Update {
                before,
                after,
                fields,
            });
        }
    }
    Some(changes)
}

fn with(body: &Body, document: Document) -> Body {
    match body {
        Body::Policy(policy) => Body::Policy(Policy {
            document,
            ..policy.clone()
        }),
        Body::InlinePolicy(_) => Body::InlinePolicy(InlinePolicy { document }),
        other => other.clone(),
    }
}

/// Returns the characters of all inline policies that a principal may have at once, before or after.
fn inline_sizes<'d>(drafts: &'d [Draft], live: &'d Snapshot) -> BTreeMap<&'d Principal, usize> {
    let mut largest: BTreeMap<&Address, usize> = BTreeMap::new();
    let changed = drafts
        .iter()
        .filter_map(|draft| Some((&draft.address, draft.change.as_ref()?.after()?)));
    for (address, body) in live.iter().chain(changed) {
        if let Body::InlinePolicy(inline) = body {
            let size = largest.entry(address).or_default();
            *size = inline.document.size().max(*size);
        }
    }
    let mut sizes: BTreeMap<&Principal, usize> = BTreeMap::new();
    for (address, size) in largest {
        if let Address::InlinePolicy(principal, _) = address {
            *sizes.entry(principal).or_default() += size;
        }
    }
    sizes
}
