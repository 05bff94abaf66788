//! Proving what is asked of one state of an account.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Check, GroupName, Path, Principal, Session, Snapshot, UserName};
use policy::Document;
use policy::cells::{Layers, Space, TooComplex};
use serde::Serialize;

mod caller;

pub(crate) use caller::prove_caller;
pub use caller::{Keeps, caller_can_not};

use crate::check::Subject;
use crate::claim::Claim;
use crate::in_force::{Holdings, Holds, Unknown};
use crate::principal::{self, Known};
use crate::requests::{Requests, harmless, own_password};
use crate::verdict::{Obstacle, Verdict};

/// Says what is to be proved of a state.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The users who need MFA.
    pub governed: BTreeSet<UserName>,
    /// Whether those may list the account's users without MFA, as the console's older pages do.
    pub lists_users: bool,
    /// Who must keep control in an emergency, each with the requests that it must be able to make.
    pub break_glass: BTreeMap<Principal, Document>,
    /// What the caller must not lose between the steps of a plan.
    pub caller: Option<Keeps>,
    /// What is asserted of access.
    pub checks: Vec<Check>,
    /// The service control policies of each level of the organization, where they are known.
    pub service_control: Vec<Vec<Document>>,
}

/// Holds the verdict on one claim about one principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The claim.
    pub claim: Claim,
    /// Whom it is about; none where that is no user or role of the account.
    pub principal: Option<Principal>,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Proves or refutes what is asked of a state: first the claims about each user, in the order of names, then those about
/// break-glass principals, then what is asserted.
pub fn prove(snapshot: &Snapshot, asked: &Asked) -> Vec<Proof> {
    let own_password = own_password(&snapshot.account);
    let state = State {
        snapshot,
        holdings: Holdings::new(snapshot, &own_password, &asked.service_control),
    };
    let mut proofs = state.users(asked);
    for (principal, required) in &asked.break_glass {
        let verdict = state.keeps(principal, required, Claim::KeepsControl);
        proofs.push(Proof {
            claim: Claim::KeepsControl,
            principal: Some(principal.clone()),
            verdict,
        });
    }
    proofs.extend(asked.checks.iter().flat_map(|check| state.check(check)));
    proofs
}

struct State<'s> {
    snapshot: &'s Snapshot,
    holdings: Holdings<'s>,
}

/// What the documents in force are known by: users with the same ones are proved together.
pub(crate) type Key<'s> = (
    Vec<(&'s Address, Option<&'s GroupName>)>,
    Option<&'s Address>,
);

/// Users with the same documents in force.
struct Alike<'s> {
    holds: Holds<'s>,
    users: Vec<(&'s UserName, &'s Path)>,
}

impl<'s> State<'s> {
    fn users(&self, asked: &'s Asked) -> Vec<Proof> {
        let mut verdicts: BTreeMap<&UserName, Vec<(Claim, Verdict)>> = BTreeMap::new();
        let mut alike: BTreeMap<Key<'s>, Alike<'s>> = BTreeMap::new();
        let mut requests: BTreeMap<&Path, Requests> = BTreeMap::new();
        for user in &asked.governed {
            match self.held_by(&Principal::User(user.clone())) {
                Ok((holds, path)) => {
                    requests.entry(path).or_insert_with(|| {
                        Requests::new(&self.snapshot.account, path, asked.lists_users)
                    });
                    let users = &mut alike
                        .entry(holds.key())
                        .or_insert(Alike {
                            holds,
                            users: Vec::new(),
                        })
                        .users;
                    users.push((user, path));
                }
                Err(obstacle) => {
                    let verdict = |claim| {
                        (
                            claim,
                            Verdict::CannotProve {
                                obstacle: obstacle.clone(),
                            },
                        )
                    };
                    verdicts.insert(user, Claim::OF_USERS.map(verdict).to_vec());
                }
            }
        }
        for alike in alike.values() {
            verdicts.extend(self.prove_alike(alike, &requests));
        }
        let proofs = verdicts.into_iter().flat_map(|(user, verdicts)| {
            let principal = Principal::User(user.clone());
            verdicts.into_iter().map(move |(claim, verdict)| Proof {
                claim,
                principal: Some(principal.clone()),
                verdict,
            })
        });
        proofs.collect()
    }

    /// Proves the claims about users with the same documents; what names don't bear on is worked out once.
    fn prove_alike(
        &self,
        alike: &Alike<'s>,
        requests: &BTreeMap<&Path, Requests>,
    ) -> Vec<(&'s UserName, Vec<(Claim, Verdict)>)> {
        let layers = alike.holds.layers();
        let policies = OnceCell::new();
        let mut first: Option<Result<Space<'_>, TooComplex>> = None;
        let mut proved = Vec::new();
        for (user, path) in &alike.users {
            let Some(requests) = requests.get(path) else {
                continue;
            };
            let known = Known::new(
                &self.snapshot.account,
                &Principal::User((*user).clone()),
                path,
            );
            let (facts, examples) = (known.facts.clone(), known.examples());
            let space = match &first {
                Some(Ok(first)) => first.of_another(&requests.all(), facts, &examples),
                // Names hardly make a difference to it.
                Some(Err(TooComplex)) => Err(TooComplex),
                None => Space::new(&layers, &requests.all(), facts, &examples),
            };
            let verdict = |claim: Claim| {
                let subject = Subject {
                    holds: &alike.holds,
                    policies: &policies,
                    space: space.as_ref(),
                };
                (claim, subject.check(claim, sessions(claim)))
            };
            proved.push((*user, Claim::OF_USERS.map(verdict).to_vec()));
            first.get_or_insert(space);
        }
        proved
    }

    fn check(&self, check: &Check) -> Vec<Proof> {
        let Check {
            principal,
            session,
            allow,
            deny,
            origin: _,
        } = check;
        let sides = [(Claim::CanDo, allow), (Claim::CannotDo, deny)];
        sides
            .into_iter()
            .filter_map(|(claim, requests)| {
                Some(Proof {
                    claim,
                    principal: Some(principal.clone()),
                    verdict: self.about(principal, requests.as_ref()?, claim, *session),
                })
            })
            .collect()
    }

    /// Proves that a principal can make all requests of a set.
    fn keeps(&self, principal: &Principal, required: &Document, claim: Claim) -> Verdict {
        let session = match principal {
            Principal::User(_) => Session::Mfa,
            Principal::Role(_) | Principal::Group(_) => Session::Role,
        };
        self.about(principal, required, claim, session)
    }

    /// Proves a claim about a principal and a set of requests.
    fn about(
        &self,
        principal: &Principal,
        required: &Document,
        claim: Claim,
        session: Session,
    ) -> Verdict {
        let (holds, path) = match self.held_by(principal) {
            Ok(held) => held,
            Err(obstacle) => return Verdict::CannotProve { obstacle },
        };
        let known = Known::new(&self.snapshot.account, principal, path);
        let harmless = harmless();
        let space = Space::new(
            &holds.layers(),
            &[required, &harmless],
            known.facts.clone(),
            &known.examples(),
        );
        let subject = Subject {
            holds: &holds,
            policies: &OnceCell::new(),
            space: space.as_ref(),
        };
        subject.check(claim, &[session])
    }

    fn held_by(&self, principal: &Principal) -> Result<(Holds<'s>, &'s Path), Obstacle> {
        let holds = self.holdings.of(principal).map_err(obstacle)?;
        let path = principal::path(self.snapshot, principal);
        path.map(|path| (holds, path))
            .ok_or_else(|| Obstacle::Missing(principal.address()))
    }
}

/// Returns what stands in the way where documents aren't known.
pub(crate) fn obstacle(unknown: Unknown) -> Obstacle {
    match unknown {
        Unknown::Kind(kind) => Obstacle::Unread(kind),
        Unknown::Policy(policy) => Obstacle::UnreadPolicy(policy),
    }
}

/// Returns the sessions that a claim about a user is about.
fn sessions(claim: Claim) -> &'static [Session] {
    match claim {
        Claim::OnlySelfServiceWithoutMfa | Claim::DeniedWithoutMfa => {
            &[Session::Key, Session::Password]
        }
        Claim::NothingWithKey => &[Session::Key],
        Claim::CanEnrol => &[Session::Password],
        Claim::KeepsControl
        | Claim::FullAccessWithMfa
        | Claim::CallerKeepsPermissions
        | Claim::CanDo
        | Claim::CannotDo => &[Session::Mfa],
    }
}

impl<'s> Holds<'s> {
    fn layers(&self) -> Layers<'s> {
        Layers {
            identity: self.identity.iter().map(|held| held.document).collect(),
            boundary: self.boundary.map(|held| held.document),
            service_control: self
                .service_control
                .iter()
                .map(|level| level.iter().collect())
                .collect(),
        }
    }

    pub(crate) fn key(&self) -> Key<'s> {
        let identity = self.identity.iter().map(|held| (held.address, held.group));
        (identity.collect(), self.boundary.map(|held| held.address))
    }
}

#[cfg(test)]
pub(crate) mod tests;
