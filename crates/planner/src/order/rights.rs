//! The order of changes of rights: phase after phase, for everybody whom they affect.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Body, Change, Edge, GroupName, ManagedPolicy, PolicyRef, Principal, UserName,
};
use policy::cells::{Examples, Facts, Layers, Space};
use policy::{Document, Effect};

use crate::draft::Draft;
use crate::holders::State;
use crate::phase::{Phase, document_phases, phase};

/// A draft that changes somebody's rights, and in which phase it does.
type Step = (usize, Phase);

/// Receives that a draft waits for another one.
type Wait<'w> = dyn FnMut(usize, usize, Edge) + 'w;

/// Holds the drafts that change rights, by whom they affect.
pub(crate) struct Rights<'a> {
    drafts: &'a [Draft],
    before: &'a State<'a>,
    after: &'a State<'a>,
    users: BTreeMap<&'a UserName, Vec<Step>>,
    groups: BTreeMap<&'a GroupName, Vec<Step>>,
    policies: BTreeMap<&'a PolicyRef, Vec<Step>>,
    joins: Vec<(&'a GroupName, usize)>,
    leaves: Vec<(&'a GroupName, &'a UserName, usize)>,
    attached: Vec<(&'a PolicyRef, usize)>,
    detached: Vec<(&'a PolicyRef, &'a Principal, usize)>,
    bounded: Vec<(PolicyRef, usize)>,
    unbounded: Vec<(PolicyRef, &'a UserName, usize)>,
}

impl<'a> Rights<'a> {
    pub(crate) fn find(drafts: &'a [Draft], before: &'a State<'a>, after: &'a State<'a>) -> Self {
        let mut rights = Self {
            drafts,
            before,
            after,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
            attached: Vec::new(),
            detached: Vec::new(),
            bounded: Vec::new(),
            unbounded: Vec::new(),
        };
        for (index, draft) in drafts.iter().enumerate() {
            if let Some(phase) = phase(draft, before, after) {
                rights.add((index, phase), draft);
            }
            if let Some(Change::Create {
                after: Body::User(user),
            }) = &draft.change
            {
                let boundary = user.boundary.policy().map(ManagedPolicy::reference);
                rights
                    .bounded
                    .extend(boundary.map(|policy| (policy, index)));
            }
        }
        rights.spread_policies();
        rights
    }

    fn add(&mut self, step: Step, draft: &'a Draft) {
        let (index, _) = step;
        match &draft.address {
            Address::Membership(group, user) => {
                self.users.entry(user).or_default().push(step);
                if draft.removal {
                    self.leaves.push((group, user, index));
                } else {
                    self.joins.push((group, index));
                }
            }
            Address::Attachment(principal, policy) => {
                self.add_to_principal(principal, step);
                if draft.removal {
                    self.detached.push((policy, principal, index));
                } else {
                    self.attached.push((policy, index));
                }
            }
            Address::InlinePolicy(principal, _) => self.add_to_principal(principal, step),
            Address::LoginProfile(user) | Address::Credential(user, _) => {
                self.users.entry(user).or_default().push(step);
            }
            Address::User(user) => {
                self.users.entry(user).or_default().push(step);
                self.bounded
                    .extend(boundary(draft, Change::after).map(|policy| (policy, index)));
                self.unbounded
                    .extend(boundary(draft, Change::before).map(|policy| (policy, user, index)));
            }
            Address::MfaDevice(_) => {
                if let Some(user) = &draft.person {
                    self.users.entry(user).or_default().push(step);
                }
            }
            Address::Policy(policy) => {
                self.policies.entry(policy).or_default().push(step);
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

    fn add_to_principal(&mut self, principal: &'a Principal, step: Step) {
        match principal {
            Principal::User(user) => self.users.entry(user).or_default().push(step),
            Principal::Group(group) => self.groups.entry(group).or_default().push(step),
            Principal::Role(_) => {}
        }
    }

    /// A changed policy affects whoever holds it, or is bounded by it, throughout. Who comes to it waits until it is
    /// changed; who leaves it does so before.
    fn spread_policies(&mut self) {
        let detached: BTreeSet<(&PolicyRef, &Principal)> = self
            .detached
            .iter()
            .map(|(policy, principal, _)| (*policy, *principal))
            .collect();
        let unbounded: BTreeSet<(&PolicyRef, &UserName)> = self
            .unbounded
            .iter()
            .map(|(policy, user, _)| (policy, *user))
            .collect();
        let mut holders: Vec<(&'a Principal, Step)> = Vec::new();
        let mut bounded: Vec<(&'a UserName, Step)> = Vec::new();
        for (policy, steps) in &self.policies {
            for (index, phase) in steps {
                let of_policy = self.before.holders.get(policy).into_iter().flatten();
                holders.extend(
                    of_policy
                        .filter(|principal| {
                            !phase.comes_after_leaving()
                                || !detached.contains(&(*policy, **principal))
                        })
                        .map(|principal| (*principal, (*index, *phase))),
                );
                let phases = self.drafts.get(*index).and_then(document_phases);
                if let Some((_, phase)) = phases {
                    let by_policy = self.before.bounded.get(policy).into_iter().flatten();
                    bounded.extend(
                        by_policy
                            .filter(|user| !unbounded.contains(&(*policy, **user)))
                            .map(|user| (*user, (*index, phase))),
                    );
                }
            }
        }
        for (principal, step) in holders {
            self.add_to_principal(principal, step);
        }
        for (user, step) in bounded {
            self.users.entry(user).or_default().push(step);
        }
    }

    /// Says which drafts wait for which.
    pub(crate) fn order(&self, wait: &mut Wait<'_>) {
        self.order_joins_and_leaves(wait);
        self.order_boundaries(wait);
        for chain in self.chains() {
            self.order_chain(&chain, wait);
        }
    }

    /// Each phase of one person waits for the phase before it.
    fn order_chain(&self, chain: &[Step], wait: &mut Wait<'_>) {
        let mut by_phase: BTreeMap<Phase, BTreeSet<usize>> = BTreeMap::new();
        for (index, phase) in chain {
            by_phase.entry(*phase).or_default().insert(*index);
        }
        for ((_, earlier), (phase, later)) in by_phase.iter().zip(by_phase.iter().skip(1)) {
            // A device gives no right, so it needn't wait until what came before is in force everywhere.
            let edge = if *phase == Phase::Device {
                Edge::Needs
            } else {
                Edge::Settled
            };
            for (later, earlier) in pairs(later, earlier) {
                wait(later, earlier, edge);
            }
        }
        let both = [Phase::AddBoth, Phase::RemoveBoth];
        for (phase, steps) in both.map(|phase| (phase, by_phase.remove(&phase).unwrap_or_default()))
        {
            for (one, other) in pairs(&steps, &steps).filter(|(one, other)| one != other) {
                if self.only_one_denies(phase, one, other) {
                    match phase {
                        Phase::AddBoth => wait(other, one, Edge::Settled),
                        _ => wait(one, other, Edge::Settled),
                    }
                }
            }
        }
    }

    /// Tells whether, of two drafts that both allow and deny, the first may deny what the other allows, and not the other
    /// way round. Where each may, no order keeps both from being alone.
    fn only_one_denies(&self, phase: Phase, one: usize, other: usize) -> bool {
        let one = self.documents(phase, one);
        let other = self.documents(phase, other);
        may_deny(&one, &other) && !may_deny(&other, &one)
    }

    /// Lists the documents that a draft adds or removes.
    fn documents(&self, phase: Phase, index: usize) -> Vec<&'a Document> {
        let state = if phase == Phase::AddBoth {
            self.after
        } else {
            self.before
        };
        let Some(draft) = self.drafts.get(index) else {
            return Vec::new();
        };
        match &draft.address {
            Address::Membership(group, _) => state
                .held
                .get(&Principal::Group(group.clone()))
                .into_iter()
                .flatten()
                .filter_map(|held| held.document)
                .collect(),
            Address::Attachment(_, policy) => Vec::from_iter(state.document(policy)),
            _ => {
                let change = draft.change.as_ref();
                let body = change.and_then(|change| match phase {
                    Phase::AddBoth => change.after(),
                    _ => change.before(),
                });
                Vec::from_iter(body.and_then(Body::document))
            }
        }
    }

    /// Lists what affects one person, for each person, or each kind of person: users with nothing of their own differ
    /// only by their groups.
    pub(crate) fn chains(&self) -> Vec<Vec<Step>> {
        let left: BTreeSet<(&GroupName, &UserName)> = self
            .leaves
            .iter()
            .map(|(group, user, _)| (*group, *user))
            .collect();
        let mut seen: BTreeSet<Vec<(&GroupName, bool)>> = BTreeSet::new();
        let people: BTreeSet<&UserName> = self
            .before
            .users
            .iter()
            .copied()
            .chain(self.users.keys().copied())
            .collect();
        let mut chains = Vec::new();
        for user in people {
            let groups = self.before.groups.get(user).into_iter().flatten().copied();
            // Of a group that it leaves, only what comes before that.
            let changed: Vec<(&GroupName, bool)> = groups
                .filter(|group| self.groups.contains_key(group))
                .map(|group| (group, left.contains(&(group, user))))
                .collect();
            let own = self.users.get(user).map_or(&[][..], Vec::as_slice);
            if own.is_empty() && !seen.insert(changed.clone()) {
                continue;
            }
            let of_groups = changed.iter().flat_map(|(group, is_left)| {
                let steps = self.groups.get(group).into_iter().flatten();
                steps.filter(move |(_, phase)| !is_left || !phase.comes_after_leaving())
            });
            chains.push(own.iter().chain(of_groups).copied().collect());
        }
        chains
    }

    fn order_joins_and_leaves(&self, wait: &mut Wait<'_>) {
        let none = Vec::new();
        for (group, join) in &self.joins {
            for (change, _) in self.groups.get(group).unwrap_or(&none) {
                wait(*join, *change, Edge::Settled);
            }
        }
        for (group, _, leave) in &self.leaves {
            let steps = self.groups.get(group).unwrap_or(&none);
            for (gain, _) in steps.iter().filter(comes_after_leaving) {
                wait(*gain, *leave, Edge::Settled);
            }
        }
        for (policy, attach) in &self.attached {
            for (change, _) in self.policies.get(policy).unwrap_or(&none) {
                wait(*attach, *change, Edge::Settled);
            }
        }
        for (policy, _, detach) in &self.detached {
            let steps = self.policies.get(policy).unwrap_or(&none);
            for (gain, _) in steps.iter().filter(comes_after_leaving) {
                wait(*gain, *detach, Edge::Settled);
            }
        }
    }

    /// Who gets a boundary, or comes with one, gets it as it will be, and who loses it doesn't see it change.
    fn order_boundaries(&self, wait: &mut Wait<'_>) {
        let none = Vec::new();
        for (policy, set) in &self.bounded {
            for (change, _) in self.policies.get(policy).unwrap_or(&none) {
                wait(*set, *change, Edge::Settled);
            }
        }
        for (policy, _, lifted) in &self.unbounded {
            for (change, _) in self.policies.get(policy).unwrap_or(&none) {
                wait(*change, *lifted, Edge::Settled);
            }
        }
    }
}

/// Returns the boundary that an update of a user's boundary sets or lifts.
fn boundary<'d>(
    draft: &'d Draft,
    of: impl Fn(&'d Change) -> Option<&'d Body>,
) -> Option<PolicyRef> {
    match draft.change.as_ref() {
        Some(change @ Change::Update { .. }) => match of(change) {
            Some(Body::User(user)) => Some(user.boundary.policy()?.reference()),
            _ => None,
        },
        _ => None,
    }
}

fn comes_after_leaving((_, phase): &&Step) -> bool {
    phase.comes_after_leaving()
}

fn pairs(one: &BTreeSet<usize>, other: &BTreeSet<usize>) -> impl Iterator<Item = (usize, usize)> {
    one.iter()
        .flat_map(|one| other.iter().map(move |other| (*one, *other)))
}

/// Tells whether some documents may deny a request that others may allow.
fn may_deny(one: &[&Document], other: &[&Document]) -> bool {
    let layers = Layers {
        identity: one.iter().chain(other).copied().collect(),
        ..Layers::default()
    };
    let Ok(space) = Space::new(&layers, &[], Facts::default(), &Examples::default()) else {
        return true;
    };
    let view = space.view(&Facts::default());
    space.cells().any(|cell| {
        let denied = space.applicable(cell, &view, Effect::Deny);
        let allowed = space.applicable(cell, &view, Effect::Allow);
        denied.iter().any(|placed| placed.source.policy < one.len())
            && allowed
                .iter()
                .any(|placed| placed.source.policy >= one.len())
    })
}
