//! What is in force for a principal while a plan is carried out, and when.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, ActionId, Address, Body, Change, GroupName, ManagedPolicy, PolicyRef, Principal,
    Snapshot, UserName,
};
use policy::Document;
use policy::cells::TooComplex;

use super::when::{Steps, When};
use crate::in_force::{Held, Unknown};

/// Holds what changes while a plan is carried out, by what it changes.
pub(super) struct Changes<'p> {
    before: &'p Snapshot,
    actions: BTreeMap<&'p Address, Vec<&'p Action>>,
    /// The groups that a user is in at any time.
    groups: BTreeMap<&'p UserName, BTreeSet<&'p GroupName>>,
    /// The attachments and inline policies that a principal has at any time.
    held: BTreeMap<&'p Principal, BTreeSet<&'p Address>>,
    /// The managed policies that there are at any time, by how they are referred to.
    policies: BTreeMap<&'p PolicyRef, &'p Address>,
    password_policy: Option<&'p Address>,
    /// What the account's password policy lets every user do.
    own_password: &'p Document,
}

/// Holds what is in force for one principal, and when.
pub(super) struct Course<'p> {
    /// Its own and its groups' policies.
    pub(super) identity: Vec<(Held<'p>, When)>,
    /// Its permissions boundaries; none for the time in which it has no boundary.
    pub(super) boundary: Vec<(Option<Held<'p>>, When)>,
    /// The actions that the bits of the times stand for.
    pub(super) steps: Vec<ActionId>,
}

/// What there is at one address from one action to another.
struct Span<T> {
    value: T,
    from: Option<ActionId>,
    until: Option<ActionId>,
}

impl<'p> Changes<'p> {
    /// Looks through an account and a plan once. The account is as before the plan, but with its users renamed.
    pub(super) fn new(
        before: &'p Snapshot,
        actions: &'p [Action],
        own_password: &'p Document,
    ) -> Self {
        let mut changes = Self {
            before,
            actions: BTreeMap::new(),
            groups: BTreeMap::new(),
            held: BTreeMap::new(),
            policies: BTreeMap::new(),
            password_policy: None,
            own_password,
        };
        for (address, _) in before.iter() {
            changes.add(address);
        }
        for action in actions {
            changes.add(&action.address);
            changes
                .actions
                .entry(&action.address)
                .or_default()
                .push(action);
        }
        changes
    }

    fn add(&mut self, address: &'p Address) {
        match address {
            Address::Membership(group, user) => {
                self.groups.entry(user).or_default().insert(group);
            }
            Address::Attachment(principal, _) | Address::InlinePolicy(principal, _) => {
                self.held.entry(principal).or_default().insert(address);
            }
            Address::Policy(policy) => {
                self.policies.insert(policy, address);
            }
            Address::PasswordPolicy => self.password_policy = Some(address),
            _ => {}
        }
    }

    /// Returns what is in force for a principal, and when.
    pub(super) fn course(&self, principal: &Principal) -> Result<Course<'p>, Unforeseeable> {
        let mut course = Course {
            identity: Vec::new(),
            boundary: Vec::new(),
            steps: Vec::new(),
        };
        self.hold(&mut course, principal, None, When::ALWAYS)?;
        if let Principal::User(user) = principal {
            for group in self.groups.get(user).into_iter().flatten().copied() {
                let membership = Address::Membership(group.clone(), user.clone());
                for member in self.presence(&membership) {
                    let when = course.when(&member)?;
                    self.hold(
                        &mut course,
                        &Principal::Group(group.clone()),
                        Some(group),
                        when,
                    )?;
                }
            }
            self.hold_own_password(&mut course)?;
        }
        self.bound(&mut course, principal)?;
        Ok(course)
    }

    fn hold(
        &self,
        course: &mut Course<'p>,
        principal: &Principal,
        group: Option<&'p GroupName>,
        when: When,
    ) -> Result<(), Unforeseeable> {
        for address in self.held.get(principal).into_iter().flatten().copied() {
            match address {
                Address::Attachment(_, policy) => {
                    for attached in self.presence(address) {
                        let when = when.and(course.when(&attached)?);
                        for (held, in_force) in self.managed(course, policy)? {
                            course
                                .identity
                                .push((Held { group, ..held }, when.and(in_force)));
                        }
                    }
                }
                _ => {
                    for written in self.spans(address, Body::document) {
                        let when = when.and(course.when(&written)?);
                        let held = |document| Held {
                            address,
                            group,
                            document,
                        };
                        course
                            .identity
                            .extend(written.value.map(|document| (held(document), when)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns a managed policy's documents, each with its time. Before it is created and once it is deleted, nobody
    /// holds it.
    fn managed(
        &self,
        course: &mut Course<'p>,
        policy: &PolicyRef,
    ) -> Result<Vec<(Held<'p>, When)>, Unforeseeable> {
        let unknown = || Unforeseeable::Unknown(Unknown::Policy(policy.clone()));
        let address = self.policies.get(policy).copied().ok_or_else(unknown)?;
        let mut spans = self.spans(address, Body::document);
        spans.retain(|span| span.value.is_some());
        if let Some(first) = spans.first_mut() {
            first.from = None;
        }
        if let Some(last) = spans.last_mut() {
            last.until = None;
        }
        let mut documents = Vec::new();
        for span in spans {
            let when = course.when(&span)?;
            let document = span.value.ok_or_else(unknown)?;
            let held = Held {
                address,
                group: None,
                document,
            };
            documents.push((held, when));
        }
        Ok(documents)
    }

    fn hold_own_password(&self, course: &mut Course<'p>) -> Result<(), Unforeseeable> {
        let allows = |body: &Body| match body {
            Body::PasswordPolicy(policy) => Some(policy.allow_users_to_change_password),
            _ => None,
        };
        let Some(address) = self.password_policy else {
            return Ok(());
        };
        for span in self.spans(address, allows) {
            let when = course.when(&span)?;
            let held = Held {
                address,
                group: None,
                document: self.own_password,
            };
            course
                .identity
                .extend((span.value == Some(true)).then_some((held, when)));
        }
        Ok(())
    }

    /// A user that is created or deleted has its boundary from the first to the last.
    fn bound(&self, course: &mut Course<'p>, principal: &Principal) -> Result<(), Unforeseeable> {
        let mut spans = self.spans(&principal.address(), boundary);
        spans.retain(|span| span.value.is_some());
        if let Some(first) = spans.first_mut() {
            first.from = None;
        }
        if let Some(last) = spans.last_mut() {
            last.until = None;
        }
        if spans.is_empty() {
            course.boundary.push((None, When::ALWAYS));
        }
        for span in spans {
            let when = course.when(&span)?;
            match span.value.flatten() {
                None => course.boundary.push((None, when)),
                Some(policy) => {
                    for (held, in_force) in self.managed(course, &policy.reference())? {
                        course.boundary.push((Some(held), when.and(in_force)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Lists the times in which something is there.
    fn presence(&self, address: &Address) -> Vec<Span<Option<()>>> {
        let mut spans = self.spans(address, |_| Some(()));
        spans.retain(|span| span.value.is_some());
        spans
    }

    /// Lists what there is at an address, one after the other, as far as a reading tells it apart.
    fn spans<T: PartialEq>(
        &self,
        address: &Address,
        read: impl Fn(&'p Body) -> Option<T>,
    ) -> Vec<Span<Option<T>>> {
        let mut spans = Vec::new();
        let mut span = Span {
            value: self.before.get(address).and_then(&read),
            from: None,
            until: None,
        };
        for action in self.actions.get(address).into_iter().flatten() {
            let value = action.change.after().and_then(&read);
            if value != span.value {
                let id = Some(action.id);
                let next = Span {
                    value,
                    from: id,
                    until: None,
                };
                spans.push(Span {
                    until: id,
                    ..std::mem::replace(&mut span, next)
                });
            }
        }
        spans.push(span);
        spans
    }
}

/// Says why it can't be said what is in force for a principal.
pub(super) enum Unforeseeable {
    Unknown(Unknown),
    TooComplex(TooComplex),
}

impl Course<'_> {
    /// Tells whether the plan changes anything of it.
    pub(super) fn changes(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Returns the time of a span, numbering its actions.
    fn when<T>(&mut self, span: &Span<T>) -> Result<When, Unforeseeable> {
        Ok(When {
            done: self.step(span.from)?,
            pending: self.step(span.until)?,
        })
    }

    fn step(&mut self, action: Option<ActionId>) -> Result<Steps, Unforeseeable> {
        let Some(action) = action else {
            return Ok(0);
        };
        let known = self.steps.iter().position(|step| *step == action);
        let place = known.unwrap_or_else(|| {
            self.steps.push(action);
            self.steps.len() - 1
        });
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        1_u128
            .checked_shl(place)
            .ok_or(Unforeseeable::TooComplex(TooComplex))
    }
}

/// Tells whether an action may change somebody's rights.
pub(crate) fn changes_rights(action: &Action) -> bool {
    match &action.address {
        Address::Membership(..)
        | Address::Attachment(..)
        | Address::InlinePolicy(..)
        | Address::PasswordPolicy => true,
        Address::Policy(_) | Address::User(_) => matches!(action.change, Change::Update { .. }),
        Address::Group(_)
        | Address::Role(_)
        | Address::LoginProfile(_)
        | Address::Credential(..)
        | Address::MfaDevice(_)
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => false,
    }
}

fn boundary(body: &Body) -> Option<Option<&ManagedPolicy>> {
    match body {
        Body::User(user) => Some(user.boundary.policy()),
        Body::Role(role) => Some(role.boundary.as_ref()),
        _ => None,
    }
}
