//! The order of actions, as a graph.
//!
//! Creates follow what they need; deletes precede what they needed, by the live account; changes of rights follow each
//! other in phases for every principal they affect.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Body, Change, Edge, GroupName, PolicyRef, Principal, UserName};

use crate::draft::{Draft, policy_address};
use crate::holders::State;
use crate::phase::{Phase, phase};

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
    Phases::find(drafts, before, after).order(&mut builder, before);
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
        Some(Body::MfaDevice(device)) => {
            needs.extend(
                device
                    .deliver_to
                    .iter()
                    .map(|delivery| Address::User(delivery.user.clone())),
            );
        }
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

/// Holds the drafts that change rights, by whom they affect.
#[derive(Default)]
struct Phases<'a> {
    phases: BTreeMap<usize, Phase>,
    users: BTreeMap<&'a UserName, Vec<usize>>,
    groups: BTreeMap<&'a GroupName, Vec<usize>>,
    policies: BTreeMap<&'a PolicyRef, usize>,
    joins: Vec<(&'a GroupName, usize)>,
    leaves: Vec<(&'a GroupName, &'a UserName, usize)>,
    attached: Vec<(&'a PolicyRef, usize)>,
    detached: Vec<(&'a PolicyRef, &'a Principal, usize)>,
}

impl<'a> Phases<'a> {
    fn find(drafts: &'a [Draft], before: &State<'_>, after: &State<'_>) -> Self {
        let mut phases = Self::default();
        for (index, draft) in drafts.iter().enumerate() {
            if let Some(phase) = phase(draft, before, after) {
                phases.phases.insert(index, phase);
                phases.add(index, draft);
            }
        }
        phases
    }

    fn add(&mut self, index: usize, draft: &'a Draft) {
        match &draft.address {
            Address::Membership(group, user) => {
                self.users.entry(user).or_default().push(index);
                if draft.removal {
                    self.leaves.push((group, user, index));
                } else {
                    self.joins.push((group, index));
                }
            }
            Address::Attachment(principal, policy) => {
                self.add_to_principal(principal, index);
                if draft.removal {
                    self.detached.push((policy, principal, index));
                } else {
                    self.attached.push((policy, index));
                }
            }
            Address::InlinePolicy(principal, _) => self.add_to_principal(principal, index),
            Address::LoginProfile(user) | Address::Credential(user, _) | Address::User(user) => {
                self.users.entry(user).or_default().push(index);
            }
            Address::MfaDevice(_) => {
                if let Some(user) = &draft.person {
                    self.users.entry(user).or_default().push(index);
                }
            }
            Address::Policy(policy) => {
                self.policies.insert(policy, index);
            }
            Address::Group(_)
            | Address::Role(_)
            | Address::PasswordPolicy
            | Address::LogGroup(_)
            | Address::MetricFilter(..)
            | Address::Alarm(_)
            | Address::Dashboard(_) => {}
        }
    }

    fn add_to_principal(&mut self, principal: &'a Principal, index: usize) {
        match principal {
            Principal::User(user) => self.users.entry(user).or_default().push(index),
            Principal::Group(group) => self.groups.entry(group).or_default().push(index),
            Principal::Role(_) => {}
        }
    }

    fn order(mut self, builder: &mut Builder<'_>, before: &'a State<'a>) {
        self.spread_policies(before);
        self.order_joins_and_leaves(builder);
        let left: BTreeSet<(&GroupName, &UserName)> = self
            .leaves
            .iter()
            .map(|(group, user, _)| (*group, *user))
            .collect();
        let mut seen: BTreeSet<Vec<&GroupName>> = BTreeSet::new();
        let people: BTreeSet<&UserName> = before
            .users
            .iter()
            .copied()
            .chain(self.users.keys().copied())
            .collect();
        for user in people {
            let groups = before.groups.get(user).into_iter().flatten().copied();
            let changed: Vec<&GroupName> = groups
                .filter(|group| self.groups.contains_key(group) && !left.contains(&(*group, user)))
                .collect();
            let own = self.users.get(user).map_or(&[][..], Vec::as_slice);
            // Users with nothing of their own differ only by their groups, so one of a kind is enough.
            if own.is_empty() && !seen.insert(changed.clone()) {
                continue;
            }
            let of_groups = changed
                .iter()
                .filter_map(|group| self.groups.get(group))
                .flatten();
            self.chain(builder, own.iter().chain(of_groups).copied());
        }
    }

    /// A changed policy affects whoever holds it throughout. Who comes to hold it waits until it is changed; who ceases
    /// to hold it does so before it gains anything.
    fn spread_policies(&mut self, before: &'a State<'a>) {
        let detached: BTreeSet<(&PolicyRef, &Principal)> = self
            .detached
            .iter()
            .map(|(policy, principal, _)| (*policy, *principal))
            .collect();
        for (policy, index) in self.policies.clone() {
            let holders = before.holders.get(policy).into_iter().flatten().copied();
            for principal in holders.filter(|principal| !detached.contains(&(policy, *principal))) {
                self.add_to_principal(principal, index);
            }
        }
    }

    fn order_joins_and_leaves(&self, builder: &mut Builder<'_>) {
        let none = Vec::new();
        let gains = |index: &usize| {
            self.phases
                .get(index)
                .is_some_and(|phase| phase.comes_after_leaving())
        };
        for (group, join) in &self.joins {
            for change in self.groups.get(group).unwrap_or(&none) {
                builder.wait(*join, *change, Edge::Settled);
            }
        }
        for (group, _, leave) in &self.leaves {
            for gain in self
                .groups
                .get(group)
                .unwrap_or(&none)
                .iter()
                .filter(|index| gains(index))
            {
                builder.wait(*gain, *leave, Edge::Settled);
            }
        }
        for (policy, attach) in &self.attached {
            if let Some(change) = self.policies.get(policy) {
                builder.wait(*attach, *change, Edge::Settled);
            }
        }
        for (policy, _, detach) in &self.detached {
            if let Some(change) = self.policies.get(policy).filter(|index| gains(index)) {
                builder.wait(*change, *detach, Edge::Settled);
            }
        }
    }

    /// Each phase of one user waits for the phase before it.
    fn chain(&self, builder: &mut Builder<'_>, indices: impl Iterator<Item = usize>) {
        let mut by_phase: BTreeMap<Phase, BTreeSet<usize>> = BTreeMap::new();
        for index in indices {
            if let Some(phase) = self.phases.get(&index) {
                by_phase.entry(*phase).or_default().insert(index);
            }
        }
        for ((_, earlier), (phase, later)) in by_phase.iter().zip(by_phase.iter().skip(1)) {
            // A device gives no right, so it needn't wait until what came before is in force everywhere.
            let edge = if *phase == Phase::Device {
                Edge::Needs
            } else {
                Edge::Settled
            };
            for (later, earlier) in later
                .iter()
                .flat_map(|later| earlier.iter().map(move |earlier| (later, earlier)))
            {
                builder.wait(*later, *earlier, edge);
            }
        }
    }
}
