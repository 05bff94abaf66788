//! Proving that a plan takes nothing from whoever runs mfactl that mfactl needs.
//!
//! What the caller can do of that before the plan, it can do afterwards. What it can't do before is no matter here: the
//! job of a pull request may only read, and its plan is proved all the same.

use model::{Action, Caller, Desired, Principal, Session, Snapshot};
use policy::Document;

use super::{Asked, Proof, State};
use crate::claim::Claim;
use crate::in_force::Holdings;
use crate::requests::own_password;
use crate::review::service_control;
use crate::steps::{changes_rights, prove_kept_afterwards};
use crate::verdict::{Obstacle, Verdict};

const CLAIM: Claim = Claim::CallerKeepsPermissions;

/// Says what whoever runs mfactl keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Keeps {
    /// What mfactl needs; the Allow statements name the requests.
    pub requests: Document,
    /// How the caller's requests are signed.
    pub session: Session,
}

/// Proves that actions take nothing from the caller that mfactl needs: `after` is the account once they are done. None
/// where there is nothing to prove: the root user has no policies, and most actions change nobody's rights.
pub(crate) fn prove_caller(
    before: &Snapshot,
    actions: &[Action],
    after: &Snapshot,
    asked: &Asked,
) -> Option<Proof> {
    let keeps = asked.caller.as_ref()?;
    let principal = principal(&before.caller)?;
    if !actions.iter().any(changes_rights) {
        return None;
    }
    Some(Proof {
        claim: CLAIM,
        verdict: verdict(before, actions, after, &principal, keeps, asked),
        principal: Some(principal),
    })
}

/// Tells whether it is certain that the caller can make none of some requests, neither in the account as it is nor once
/// actions are done: where anything of it isn't known, it isn't. What the organization denies beyond what the spec says
/// of it, and what a session policy takes away, would only make it truer.
pub fn caller_can_not(
    snapshot: &Snapshot,
    actions: &[Action],
    desired: &Desired,
    requests: &Document,
    session: Session,
) -> bool {
    let Some(principal) = principal(&snapshot.caller) else {
        return false;
    };
    let session = session_of(&principal, session);
    let own_password = own_password(&snapshot.account);
    let service_control = service_control(desired);
    let after = snapshot.after(actions);
    [snapshot, &after].into_iter().all(|snapshot| {
        let state = State {
            snapshot,
            holdings: Holdings::new(snapshot, &own_password, &service_control),
        };
        state.about(&principal, requests, Claim::CannotDo, session) == Verdict::Proved
    })
}

/// Returns who calls, if policies of the account say what it may.
fn principal(caller: &Caller) -> Option<Principal> {
    match caller {
        // AWS lets no federated user call IAM (`GetFederationToken` in the STS API reference), so that there is nothing for
        // it to keep. Emulators of AWS have callers of other names, who are no users of their accounts either.
        Caller::Root | Caller::Other(_) => None,
        Caller::User(name) => Some(Principal::User(name.clone())),
        Caller::Role(name) => Some(Principal::Role(name.clone())),
    }
}

/// Returns the session that requests are made in; a role's are all the same.
fn session_of(principal: &Principal, of_user: Session) -> Session {
    match principal {
        Principal::User(_) => of_user,
        Principal::Role(_) | Principal::Group(_) => Session::Role,
    }
}

fn verdict(
    before: &Snapshot,
    actions: &[Action],
    after: &Snapshot,
    principal: &Principal,
    keeps: &Keeps,
    asked: &Asked,
) -> Verdict {
    let own_password = own_password(&before.account);
    let state = |snapshot| State {
        snapshot,
        holdings: Holdings::new(snapshot, &own_password, &asked.service_control),
    };
    let (had, has) = (state(before), state(after));
    let held = had.held_by(principal);
    let paths = held.and_then(|(_, path)| Ok((path, has.held_by(principal)?.1)));
    match paths {
        Err(obstacle) => Verdict::CannotProve { obstacle },
        Ok((before_path, path)) if before_path == path => {
            prove_kept_afterwards(actions, before, principal, keeps, asked)
        }
        // With another ARN the same documents can come to something else.
        Ok(_) => {
            let session = session_of(principal, keeps.session);
            match has.about(principal, &keeps.requests, CLAIM, session) {
                Verdict::Proved => Verdict::Proved,
                Verdict::Violated { .. } | Verdict::CannotProve { .. } => Verdict::CannotProve {
                    obstacle: Obstacle::Moves(principal.address()),
                },
            }
        }
    }
}
