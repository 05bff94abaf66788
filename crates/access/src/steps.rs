//! Proving that no state between the steps of a plan gives anybody too much or takes too much.
//!
//! While a plan is carried out, any set of its actions can be in force that has, with each action, all that was in force
//! before it began: others may have failed, or the run may have been stopped. In each of these states every user affected, declared or
//! not, has no right that it has neither before nor after; and who can enrol, or must keep control, before and after,
//! can meanwhile.
//!
//! The states are not walked through one by one. Each statement is in force in a time that some actions begin and others
//! end; for the requests of a cell, a state in which no Deny is in force and some Allow is, or the other way round, is
//! looked for by the actions that bring it about. So all states are covered, however many.
//!
//! A user that is renamed or moved is looked at under its name and path afterwards.

mod changes;
mod check;
mod order;
mod when;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, ActionId, Address, Body, Caller, Change, Path, Principal, Session, Snapshot, UserName,
};
use policy::Document;
use policy::cells::{Layers, Space, TooComplex};

pub(crate) use self::changes::changes_rights;
use self::changes::{Changes, Course, Unforeseeable};
use self::check::{Kept, Subject};
use self::order::InForce;
use self::when::{Order, Steps, When, each};
use crate::in_force::{Unknown, unread};
use crate::principal::{self, Known};
use crate::prove::{Asked, Keeps};
use crate::requests::{ENROLMENT, HARMLESS, Requests, harmless, own_password};
use crate::verdict::{Obstacle, Verdict, Witness};

/// Holds what became of a principal's rights in the states between the steps of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepProof {
    /// Whom it is about; none where that isn't known.
    pub(crate) principal: Option<Principal>,
    pub(crate) verdict: StepVerdict,
}

/// Says whether every state is as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepVerdict {
    /// All are.
    Proved,
    /// One isn't.
    Violated {
        /// What is wrong with it.
        what: Meanwhile,
        /// The state: the last actions that are done, and the first that aren't.
        done: Vec<ActionId>,
        pending: Vec<ActionId>,
        /// A request that shows it.
        witness: Witness,
    },
    /// It isn't known.
    CannotProve {
        /// What stands in the way.
        obstacle: Obstacle,
    },
}

/// Says what is wrong with a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meanwhile {
    /// A right is there that is there neither before nor after.
    Gained,
    /// A right is missing that is there before and after.
    Lost,
}

/// Proves or refutes for everybody whose rights a plan changes that no state between its steps is wrong: in the order of
/// users, then roles.
pub(crate) fn prove_steps(
    actions: &[Action],
    snapshot: &Snapshot,
    asked: &Asked,
) -> Vec<StepProof> {
    if !actions.iter().any(changes_rights) {
        return Vec::new();
    }
    if let Some(kind) = unread(snapshot) {
        let obstacle = Obstacle::Unread(kind);
        return vec![StepProof {
            principal: None,
            verdict: StepVerdict::CannotProve { obstacle },
        }];
    }
    let before = renamed(snapshot, actions);
    let own_password = own_password(&snapshot.account);
    Plan::new(&before, actions, &own_password, asked).prove()
}

/// Proves that a principal that can make requests of a set before can make them once everything is done.
pub(crate) fn prove_kept_afterwards(
    actions: &[Action],
    snapshot: &Snapshot,
    principal: &Principal,
    keeps: &Keeps,
    asked: &Asked,
) -> Verdict {
    let before = renamed(snapshot, actions);
    let own_password = own_password(&snapshot.account);
    let plan = Plan::new(&before, actions, &own_password, asked);
    match plan.keeps(principal, &[(keeps.session, &keeps.requests)], true) {
        None | Some(StepVerdict::Proved) => Verdict::Proved,
        Some(StepVerdict::Violated { witness, .. }) => Verdict::Violated { witness },
        Some(StepVerdict::CannotProve { obstacle }) => Verdict::CannotProve { obstacle },
    }
}

fn created(actions: &[Action]) -> impl Iterator<Item = &Action> {
    actions
        .iter()
        .filter(|action| matches!(action.change, Change::Create { .. }))
}

/// Returns an account with its users under the names that a plan gives them.
pub(crate) fn renamed(snapshot: &Snapshot, actions: &[Action]) -> Snapshot {
    let renames =
        actions
            .iter()
            .filter_map(|action| match (&action.address, action.change.after()) {
                (Address::User(new), Some(Body::User(user))) => {
                    Some((user.renamed_from.as_ref()?, new))
                }
                _ => None,
            });
    let mut renamed = snapshot.clone();
    renamed.rename_users(&renames.collect());
    renamed
}

/// What principals must be able to do throughout: requests, and the session that a user has for them.
type Required<'a> = BTreeMap<Principal, Vec<(Session, &'a Document)>>;

fn kept<'a>(snapshot: &Snapshot, asked: &'a Asked) -> Required<'a> {
    let mut kept = Required::new();
    for (principal, required) in &asked.break_glass {
        let required = (Session::Mfa, required);
        kept.entry(principal.clone()).or_default().push(required);
    }
    let caller = match &snapshot.caller {
        Caller::User(name) => Some(Principal::User(name.clone())),
        Caller::Role(name) => Some(Principal::Role(name.clone())),
        Caller::Root | Caller::Other(_) => None,
    };
    if let (Some(caller), Some(keeps)) = (caller, &asked.caller) {
        let required = (keeps.session, &keeps.requests);
        kept.entry(caller).or_default().push(required);
    }
    kept
}

struct Plan<'p> {
    /// The account as before the plan, but for renames.
    snapshot: &'p Snapshot,
    actions: &'p [Action],
    changes: Changes<'p>,
    in_force: InForce,
    /// The users that the plan creates.
    created: BTreeSet<&'p UserName>,
    /// The actions that create passwords.
    passwords: BTreeMap<&'p UserName, ActionId>,
    kept: Required<'p>,
    asked: &'p Asked,
}

/// What the same can be proved for.
type Key = (Vec<(usize, When)>, Vec<(Option<usize>, When)>, Order);

/// Users for whom the same documents are in force at the same times.
struct Alike<'p> {
    course: Course<'p>,
    order: Order,
    users: Vec<(&'p UserName, &'p Path, Vec<ActionId>)>,
}

impl<'p> Plan<'p> {
    fn new(
        before: &'p Snapshot,
        actions: &'p [Action],
        own_password: &'p Document,
        asked: &'p Asked,
    ) -> Self {
        Self {
            snapshot: before,
            actions,
            changes: Changes::new(before, actions, own_password),
            in_force: InForce::new(actions, changes_rights),
            created: created(actions)
                .filter_map(|action| match &action.address {
                    Address::User(user) => Some(user),
                    _ => None,
                })
                .collect(),
            passwords: created(actions)
                .filter_map(|action| match &action.address {
                    Address::LoginProfile(user) => Some((user, action.id)),
                    _ => None,
                })
                .collect(),
            kept: kept(before, asked),
            asked,
        }
    }

    fn prove(&self) -> Vec<StepProof> {
        let mut verdicts: BTreeMap<Principal, StepVerdict> = BTreeMap::new();
        let mut alike: BTreeMap<Key, Alike<'p>> = BTreeMap::new();
        for (user, path) in self.users() {
            let principal = Principal::User(user.clone());
            let (course, order) = match self.course(&principal) {
                Ok(Some(course)) => course,
                Ok(None) => continue,
                Err(obstacle) => {
                    verdicts.insert(principal, StepVerdict::CannotProve { obstacle });
                    continue;
                }
            };
            if self.comes_to_rights_before_credentials(user, &course) {
                verdicts.insert(principal, StepVerdict::Proved);
                continue;
            }
            if self.kept.contains_key(&principal) {
                let alike = Alike {
                    users: vec![(user, path, course.steps.clone())],
                    course,
                    order,
                };
                verdicts.extend(self.prove_alike(&alike));
                continue;
            }
            let steps = course.steps.clone();
            let alike = alike.entry(key(&course, &order)).or_insert(Alike {
                course,
                order,
                users: Vec::new(),
            });
            alike.users.push((user, path, steps));
        }
        for alike in alike.values() {
            verdicts.extend(self.prove_alike(alike));
        }
        for (principal, required) in &self.kept {
            if let Principal::Role(_) = principal
                && let Some(verdict) = self.keeps(principal, required, false)
            {
                verdicts.insert(principal.clone(), verdict);
            }
        }
        let proofs = verdicts.into_iter().map(|(principal, verdict)| StepProof {
            principal: Some(principal),
            verdict,
        });
        proofs.collect()
    }

    /// Tells whether the plan creates a user and gives it all of its rights, and what limits them, before a password:
    /// until then nobody can act as that user.
    fn comes_to_rights_before_credentials(&self, user: &UserName, course: &Course<'_>) -> bool {
        self.created.contains(user)
            && self
                .passwords
                .get(user)
                .is_none_or(|password| self.in_force.precede(&course.steps, *password))
    }

    /// Lists the users that there are at any time, with their paths.
    fn users(&self) -> BTreeMap<&'p UserName, &'p Path> {
        let there = self.snapshot.iter();
        let changed = self.actions.iter();
        there
            .chain(changed.filter_map(|action| Some((&action.address, action.change.after()?))))
            .filter_map(|(address, body)| match (address, body) {
                (Address::User(name), Body::User(user)) => Some((name, &user.path)),
                _ => None,
            })
            .collect()
    }

    /// Returns what is in force for a principal in which order, if the plan changes anything of it.
    fn course(&self, principal: &Principal) -> Result<Option<(Course<'p>, Order)>, Obstacle> {
        let course = self.changes.course(principal).map_err(|why| match why {
            Unforeseeable::Unknown(Unknown::Kind(kind)) => Obstacle::Unread(kind),
            Unforeseeable::Unknown(Unknown::Policy(policy)) => Obstacle::UnreadPolicy(policy),
            Unforeseeable::TooComplex(TooComplex) => Obstacle::TooComplex,
        })?;
        let order = self.in_force.among(&course.steps);
        Ok(course.changes().then_some((course, order)))
    }

    fn prove_alike(&self, alike: &Alike<'p>) -> Vec<(Principal, StepVerdict)> {
        let mut requests: BTreeMap<&Path, Requests> = BTreeMap::new();
        for (_, path, _) in &alike.users {
            requests.entry(path).or_insert_with(|| {
                Requests::new(&self.snapshot.account, path, self.asked.lists_users)
            });
        }
        let mut first: Option<Result<Space<'_>, TooComplex>> = None;
        let mut proved = Vec::new();
        for (user, path, steps) in &alike.users {
            let Some(requests) = requests.get(path) else {
                continue;
            };
            let principal = Principal::User((*user).clone());
            let required = self.kept.get(&principal).map_or(&[][..], Vec::as_slice);
            let sets: Vec<&Document> = requests
                .all()
                .into_iter()
                .chain(required.iter().map(|(_, requests)| *requests))
                .collect();
            let known = Known::new(&self.snapshot.account, &principal, path);
            let (facts, examples) = (known.facts.clone(), known.examples());
            let space = match &first {
                Some(Ok(first)) => first.of_another(&sets, facts, &examples),
                Some(Err(TooComplex)) => Err(TooComplex),
                None => Space::new(&self.layers(&alike.course), &sets, facts, &examples),
            };
            let enrolment = Kept {
                session: Session::Password,
                set: ENROLMENT,
                afterwards: false,
            };
            let places = requests.all().len()..sets.len();
            let required = places.zip(required).map(|(set, (session, _))| Kept {
                session: *session,
                set,
                afterwards: false,
            });
            let verdict = match &space {
                Ok(space) => Subject {
                    course: &alike.course,
                    service_control: &self.asked.service_control,
                    order: &alike.order,
                    steps,
                    space,
                    nothing_gained: &[Session::Key, Session::Password, Session::Mfa],
                    harmless: HARMLESS,
                    kept: std::iter::once(enrolment).chain(required).collect(),
                }
                .check(),
                Err(TooComplex) => too_complex(),
            };
            proved.push((principal, verdict));
            first.get_or_insert(space);
        }
        proved
    }

    /// Proves that a principal keeps what it must, in every state or in the last; none where the plan changes nothing
    /// for it. A role's sessions are all the same.
    fn keeps(
        &self,
        principal: &Principal,
        required: &[(Session, &'p Document)],
        afterwards: bool,
    ) -> Option<StepVerdict> {
        let (course, order) = match self.course(principal) {
            Ok(course) => course?,
            Err(obstacle) => return Some(StepVerdict::CannotProve { obstacle }),
        };
        let Some(path) = principal::path(self.snapshot, principal) else {
            let obstacle = Obstacle::Missing(principal.address());
            return Some(StepVerdict::CannotProve { obstacle });
        };
        let known = Known::new(&self.snapshot.account, principal, path);
        let harmless = harmless();
        let documents = required.iter().map(|(_, requests)| *requests);
        let sets: Vec<&Document> = std::iter::once(&harmless).chain(documents).collect();
        let named = sets.iter().flat_map(|set| set.statements());
        let named = named.flat_map(|statement| statement.actions().patterns());
        let named: Vec<String> = named.map(ToString::to_string).collect();
        let mut examples = known.examples();
        examples
            .actions
            .splice(0..0, named.iter().map(String::as_str));
        let space = Space::new(&self.layers(&course), &sets, known.facts.clone(), &examples);
        let Ok(space) = &space else {
            return Some(too_complex());
        };
        let kept = required.iter().zip(1..).map(|((session, _), set)| Kept {
            session: match principal {
                Principal::User(_) => *session,
                Principal::Role(_) | Principal::Group(_) => Session::Role,
            },
            set,
            afterwards,
        });
        let subject = Subject {
            steps: &course.steps,
            course: &course,
            service_control: &self.asked.service_control,
            order: &order,
            space,
            nothing_gained: &[],
            harmless: HARMLESS,
            kept: kept.collect(),
        };
        Some(subject.check())
    }

    /// Returns all documents, boundaries too, as if they all granted: when they do what is told by their times.
    fn layers(&self, course: &Course<'p>) -> Layers<'p> {
        let identity = course.identity.iter().map(|(held, _)| held.document);
        let boundary = course
            .boundary
            .iter()
            .filter_map(|(held, _)| Some((*held)?.document));
        let levels = self.asked.service_control.iter();
        Layers {
            identity: identity.chain(boundary).collect(),
            service_control: levels.map(|level| level.iter().collect()).collect(),
            ..Layers::default()
        }
    }
}

fn too_complex() -> StepVerdict {
    StepVerdict::CannotProve {
        obstacle: Obstacle::TooComplex,
    }
}

fn key(course: &Course<'_>, order: &Order) -> Key {
    let place = |document: &Document| std::ptr::from_ref(document) as usize;
    let identity = course.identity.iter();
    let boundary = course.boundary.iter();
    (
        identity
            .map(|(held, when)| (place(held.document), *when))
            .collect(),
        boundary
            .map(|(held, when)| (held.map(|held| place(held.document)), *when))
            .collect(),
        order.clone(),
    )
}

/// Names steps by the actions that they are.
fn named(steps: Steps, actions: &[ActionId]) -> Vec<ActionId> {
    let each = each(steps).filter_map(|step| actions.get(step.trailing_zeros() as usize));
    each.copied().collect()
}

#[cfg(test)]
mod tests;
