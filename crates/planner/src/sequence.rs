//! Drafts that are carried out become numbered actions, each after those it waits for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use model::{Action, ActionId, Address, Change, Edge, Principal, Withheld};

use crate::draft::Draft;
use crate::holders::State;
use crate::order::Graph;

/// Returns the actions in an order that keeps the graph, and what is withheld in the order of addresses.
///
/// Of what could come next, creates and updates come before deletes, then the order of kinds and names decides.
pub(crate) fn sequence(
    drafts: Vec<Draft>,
    graph: &Graph,
    before: &State<'_>,
) -> (Vec<Action>, Vec<Withheld>) {
    let order = topological(&drafts, graph);
    let ids: BTreeMap<usize, ActionId> = order
        .iter()
        .enumerate()
        .map(|(place, index)| (*index, ActionId(place)))
        .collect();
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    let actions = order.iter().filter_map(|index| {
        let draft = drafts.get_mut(*index)?.take()?;
        let after = graph
            .get(*index)
            .into_iter()
            .flatten()
            .filter_map(|(earlier, edge)| Some((*ids.get(earlier)?, *edge)));
        action(draft, *ids.get(index)?, after.collect(), before)
    });
    let actions = actions.collect();
    let mut withheld: Vec<Withheld> = drafts.into_iter().flatten().filter_map(withheld).collect();
    withheld.sort_by(|one, other| one.address.cmp(&other.address));
    (actions, withheld)
}

fn action(
    draft: Draft,
    id: ActionId,
    after: BTreeMap<ActionId, Edge>,
    before: &State<'_>,
) -> Option<Action> {
    let people = people(&draft.address, before);
    let Draft {
        address,
        change,
        removal: _,
        withheld: _,
        origin,
        part_of,
        person: _,
        reset: _,
    } = draft;
    Some(Action {
        id,
        address,
        change: change?,
        after,
        origin,
        part_of,
        people,
    })
}

fn withheld(draft: Draft) -> Option<Withheld> {
    let Draft {
        address,
        change,
        removal: _,
        withheld,
        origin,
        part_of: _,
        person: _,
        reset: _,
    } = draft;
    Some(Withheld {
        address,
        change,
        reason: withheld?,
        origin,
    })
}

fn people(address: &Address, before: &State<'_>) -> usize {
    match address {
        Address::Policy(policy) => before.people_of_policy(policy).len(),
        Address::Attachment(principal @ Principal::Group(_), _)
        | Address::InlinePolicy(principal @ Principal::Group(_), _) => {
            before.people(principal).len()
        }
        _ => 0,
    }
}

fn topological(drafts: &[Draft], graph: &Graph) -> Vec<usize> {
    let is_done = |index: &usize| {
        drafts
            .get(*index)
            .is_some_and(|draft| draft.withheld.is_none())
    };
    let mut followers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waiting: BTreeMap<usize, usize> = BTreeMap::new();
    let mut free = BinaryHeap::new();
    for index in (0..drafts.len()).filter(is_done) {
        let after: Vec<usize> = graph
            .get(index)
            .into_iter()
            .flatten()
            .map(|(earlier, _)| *earlier)
            .filter(is_done)
            .collect();
        if after.is_empty() {
            free.push(Reverse((rank(drafts, index), index)));
        }
        waiting.insert(index, after.len());
        for earlier in after {
            followers.entry(earlier).or_default().push(index);
        }
    }
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(Reverse((_, index))) = free.pop() {
        order.push(index);
        for follower in followers.get(&index).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(follower) {
                *count -= 1;
                if *count == 0 {
                    free.push(Reverse((rank(drafts, *follower), *follower)));
                }
            }
        }
    }
    order
}

fn rank(drafts: &[Draft], index: usize) -> (bool, Option<&Address>) {
    let draft = drafts.get(index);
    let deletes = draft.is_some_and(|draft| matches!(draft.change, Some(Change::Delete { .. })));
    (deletes, draft.map(|draft| &draft.address))
}
