//! Who holds what: members of groups, policies of users and groups, before and after the plan.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Body, Change, GroupName, PolicyRef, Principal, Snapshot, UserName};
use policy::Document;

use crate::draft::Draft;

/// Tells which effects the statements of one or several documents have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) allow: bool,
    pub(crate) deny: bool,
}

impl Effects {
    pub(crate) fn of(document: &Document) -> Self {
        Self {
            allow: document.has_allow(),
            deny: document.has_deny(),
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            allow: self.allow || other.allow,
            deny: self.deny || other.deny,
        }
    }
}

/// Holds a policy of a user or group: its name if it is a managed one, its document if that could be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) policy: Option<&'a PolicyRef>,
    pub(crate) document: Option<&'a Document>,
}

impl Held<'_> {
    /// Tells whether it may allow anything.
    pub(crate) fn allows(&self) -> bool {
        self.document.is_none_or(Document::has_allow)
    }
}

/// Holds one state of the account as far as it bears on rights.
pub(crate) struct State<'a> {
    documents: BTreeMap<&'a PolicyRef, &'a Document>,
    /// By the user or group that a policy applies to.
    pub(crate) effects: BTreeMap<&'a Principal, Effects>,
    /// The policies of each user and group itself.
    pub(crate) held: BTreeMap<&'a Principal, Vec<Held<'a>>>,
    /// The holders of each managed policy.
    pub(crate) holders: BTreeMap<&'a PolicyRef, BTreeSet<&'a Principal>>,
    /// The users whom each managed policy bounds.
    pub(crate) bounded: BTreeMap<PolicyRef, BTreeSet<&'a UserName>>,
    pub(crate) members: BTreeMap<&'a GroupName, BTreeSet<&'a UserName>>,
    pub(crate) groups: BTreeMap<&'a UserName, BTreeSet<&'a GroupName>>,
    pub(crate) users: BTreeSet<&'a UserName>,
}

impl<'a> State<'a> {
    /// Returns the account as it is.
    pub(crate) fn before(live: &'a Snapshot) -> Self {
        Self::of(live.iter())
    }

    /// Returns the account as it will be when every draft that isn't withheld has been carried out.
    pub(crate) fn after(live: &'a Snapshot, drafts: &'a [Draft]) -> Self {
        let changes: BTreeMap<&Address, &Change> = drafts
            .iter()
            .filter(|draft| draft.withheld.is_none())
            .filter_map(|draft| Some((&draft.address, draft.change.as_ref()?)))
            .collect();
        let unchanged = live
            .iter()
            .filter(|(address, _)| !changes.contains_key(address));
        let changed = changes
            .iter()
            .filter_map(|(address, change)| Some((*address, change.after()?)));
        Self::of(unchanged.chain(changed))
    }

    fn of(objects: impl Iterator<Item = (&'a Address, &'a Body)> + Clone) -> Self {
        let documents = objects
            .clone()
            .filter_map(|(address, body)| match (address, body) {
                (Address::Policy(name), Body::Policy(policy)) => Some((name, &policy.document)),
                _ => None,
            })
            .collect();
        let mut state = Self {
            documents,
            effects: BTreeMap::new(),
            held: BTreeMap::new(),
            holders: BTreeMap::new(),
            bounded: BTreeMap::new(),
            members: BTreeMap::new(),
            groups: BTreeMap::new(),
            users: BTreeSet::new(),
        };
        for (address, body) in objects {
            state.add(address, body);
        }
        state
    }

    fn add(&mut self, address: &'a Address, body: &'a Body) {
        match (address, body) {
            (Address::User(user), body) => {
                self.users.insert(user);
                if let Body::User(user_body) = body
                    && let Some(policy) = user_body.boundary.policy()
                {
                    self.bounded
                        .entry(policy.reference())
                        .or_default()
                        .insert(user);
                }
            }
            (Address::Membership(group, user), _) => {
                self.members.entry(group).or_default().insert(user);
                self.groups.entry(user).or_default().insert(group);
            }
            (Address::Attachment(principal, policy), _) => {
                self.holders.entry(policy).or_default().insert(principal);
                let effects = self.policy(policy);
                let held = Held {
                    policy: Some(policy),
                    document: self.document(policy),
                };
                self.hold(principal, effects, held);
            }
            (Address::InlinePolicy(principal, _), Body::InlinePolicy(inline)) => {
                let held = Held {
                    policy: None,
                    document: Some(&inline.document),
                };
                self.hold(principal, Effects::of(&inline.document), held);
            }
            _ => {}
        }
    }

    fn hold(&mut self, principal: &'a Principal, effects: Effects, held: Held<'a>) {
        let all = self.effects.entry(principal).or_default();
        *all = all.and(effects);
        self.held.entry(principal).or_default().push(held);
    }

    /// Lists the policies of a user and of its groups.
    pub(crate) fn policies_of(&self, user: &UserName) -> Vec<Held<'a>> {
        let groups = self.groups.get(user).into_iter().flatten();
        let groups = groups.map(|group| Principal::Group((*group).clone()));
        std::iter::once(Principal::User(user.clone()))
            .chain(groups)
            .filter_map(|principal| self.held.get(&principal))
            .flatten()
            .copied()
            .collect()
    }

    /// Returns a managed policy's document, if it was read.
    pub(crate) fn document(&self, policy: &PolicyRef) -> Option<&'a Document> {
        self.documents.get(policy).copied()
    }

    /// Returns a policy's effects; of one that couldn't be read, both.
    pub(crate) fn policy(&self, policy: &PolicyRef) -> Effects {
        self.documents.get(policy).map_or(
            Effects {
                allow: true,
                deny: true,
            },
            |document| Effects::of(document),
        )
    }

    /// Returns the effects of a group's policies.
    pub(crate) fn group(&self, group: &GroupName) -> Effects {
        self.effects
            .get(&Principal::Group(group.clone()))
            .copied()
            .unwrap_or_default()
    }

    /// Tells whether the user may be allowed anything, by its policies and those of its groups, with what these and its
    /// boundary deny.
    pub(crate) fn allows_something(&self, user: &UserName) -> bool {
        let held = self.policies_of(user);
        let boundary = self.boundary_of(user).map(|policy| self.document(policy));
        let documents = held.iter().filter_map(|held| held.document);
        let denying: Vec<&Document> = documents.chain(boundary.flatten()).collect();
        let allows = |document: Option<&Document>| {
            document.is_none_or(|document| document.allows_beside(denying.iter().copied()))
        };
        boundary.is_none_or(allows) && held.iter().any(|held| allows(held.document))
    }

    /// Returns the policy that bounds a user.
    pub(crate) fn boundary_of(&self, user: &UserName) -> Option<&PolicyRef> {
        let mut bounded = self.bounded.iter();
        bounded
            .find(|(_, users)| users.contains(user))
            .map(|(policy, _)| policy)
    }

    /// Lists the users whom a principal's policies apply to.
    pub(crate) fn people<'b>(&'b self, principal: &'b Principal) -> Vec<&'b UserName> {
        match principal {
            Principal::User(user) => vec![user],
            Principal::Group(group) => self
                .members
                .get(group)
                .into_iter()
                .flatten()
                .copied()
                .collect(),
            Principal::Role(_) => Vec::new(),
        }
    }

    /// Lists the users whom a managed policy applies to.
    pub(crate) fn people_of_policy(&self, policy: &PolicyRef) -> BTreeSet<&UserName> {
        let holders = self.holders.get(policy).into_iter().flatten();
        holders
            .flat_map(|principal| self.people(principal))
            .collect()
    }
}
