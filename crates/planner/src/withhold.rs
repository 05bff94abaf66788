//! What isn't done: what no order makes safe, and what waits for something that isn't done.

use std::collections::VecDeque;

use model::Reason;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::draft::Draft;
use crate::order::Graph;

/// Withholds the members of cycles, then everything that waits for something withheld.
pub(crate) fn withhold(drafts: &mut [Draft], graph: &Graph) {
    withhold_cycles(drafts, graph);
    withhold_waiting(drafts, graph);
}

fn withhold_cycles(drafts: &mut [Draft], graph: &Graph) {
    let edges = graph.iter().enumerate().flat_map(|(later, after)| {
        after
            .keys()
            .map(move |earlier| (*earlier as u32, later as u32))
    });
    let digraph = DiGraph::<(), (), u32>::from_edges(edges);
    for mut cycle in tarjan_scc(&digraph)
        .into_iter()
        .filter(|component| component.len() > 1)
    {
        cycle.sort_unstable();
        let addresses: Vec<_> = cycle
            .iter()
            .filter_map(|node| drafts.get(node.index()))
            .map(|draft| draft.address.clone())
            .collect();
        for (place, node) in cycle.iter().enumerate() {
            let other = addresses
                .iter()
                .cycle()
                .skip(place)
                .find(|other| addresses.get(place) != Some(*other));
            if let (Some(draft), Some(other)) = (drafts.get_mut(node.index()), other) {
                draft.withheld.get_or_insert(Reason::Cycle(other.clone()));
            }
        }
    }
}

fn withhold_waiting(drafts: &mut [Draft], graph: &Graph) {
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    for (later, after) in graph.iter().enumerate() {
        for earlier in after.keys() {
            if let Some(followers) = followers.get_mut(*earlier) {
                followers.push(later);
            }
        }
    }
    let mut queue: VecDeque<usize> = drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| draft.withheld.is_some())
        .map(|(index, _)| index)
        .collect();
    while let Some(index) = queue.pop_front() {
        let Some(address) = drafts.get(index).map(|draft| draft.address.clone()) else {
            continue;
        };
        for follower in followers.get(index).into_iter().flatten() {
            if let Some(draft) = drafts.get_mut(*follower)
                && draft.withheld.is_none()
            {
                draft.withheld = Some(Reason::WaitsFor(address.clone()));
                queue.push_back(*follower);
            }
        }
    }
}
