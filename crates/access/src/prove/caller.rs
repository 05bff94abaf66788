//! Proving that a plan takes nothing from whoever runs mfactl that mfactl needs.
//!
//! What the caller can do of that before the plan, it can do afterwards. What it can't do before is no matter here: the
//! job of a pull request may only read, and its plan is proved all the same.

use std::ops::Range;

use model::{Action, Address, Caller, Principal, Session, Snapshot};
use policy::cells::{Cell, Layers, Placed, Selection, Space, TooComplex, Truth, View};
use policy::evaluate::{Context, Decision, Layer, Request};
use policy::{Document, Effect, Statement, Version};

use super::{Proof, State};
use crate::check::{Closer, Policies, context, limits, open_keys, resource};
use crate::claim::{Claim, facts};
use crate::examples;
use crate::in_force::{Held, Holdings, Holds};
use crate::principal::Known;
use crate::requests::own_password;
use crate::verdict::{Obstacle, Verdict, Via, Witness};

const CLAIM: Claim = Claim::CallerKeepsPermissions;

/// The place of the set of what mfactl needs.
const NEEDED: usize = 0;

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
    keeps: &Keeps,
    service_control: &[Vec<Document>],
) -> Option<Proof> {
    let principal = match &before.caller {
        _ if !actions.iter().any(changes_rights) => return None,
        // AWS lets no federated user call IAM (`GetFederationToken` in the STS API reference), so that there is nothing for
        // it to keep. Emulators of AWS have callers of other names, who are no users of their accounts either.
        Caller::Root | Caller::Other(_) => return None,
        Caller::User(name) => Principal::User(name.clone()),
        Caller::Role(name) => Principal::Role(name.clone()),
    };
    let own_password = own_password(&before.account);
    let state = |snapshot| State {
        snapshot,
        holdings: Holdings::new(snapshot, &own_password, service_control),
    };
    Some(Proof {
        claim: CLAIM,
        verdict: keeps.verdict(&state(before), &state(after), &principal),
        principal: Some(principal),
    })
}

/// Tells whether an action can change what anybody may.
fn changes_rights(action: &Action) -> bool {
    match &action.address {
        Address::User(_)
        | Address::Group(_)
        | Address::Membership(..)
        | Address::Policy(_)
        | Address::Attachment(..)
        | Address::InlinePolicy(..)
        | Address::Role(_)
        | Address::PasswordPolicy => true,
        Address::LoginProfile(_)
        | Address::Credential(..)
        | Address::MfaDevice(_)
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => false,
    }
}

impl Keeps {
    /// Lists the actions that are needed, as they are written.
    fn actions(&self) -> Vec<String> {
        let statements = self.requests.statements();
        let patterns = statements.flat_map(|statement| statement.actions().patterns());
        patterns.map(ToString::to_string).collect()
    }

    fn verdict(&self, before: &State<'_>, after: &State<'_>, principal: &Principal) -> Verdict {
        let held = before.held_by(principal);
        let held = held.and_then(|had| Ok((had, after.held_by(principal)?)));
        let ((had, path_before), (has, path)) = match held {
            Ok(held) => held,
            Err(obstacle) => return Verdict::CannotProve { obstacle },
        };
        let moves = path_before != path;
        if had == has && !moves {
            return Verdict::Proved;
        }
        let session = match principal {
            Principal::User(_) => self.session,
            Principal::Role(_) | Principal::Group(_) => Session::Role,
        };
        let everything = after.about(principal, &self.requests, CLAIM, session);
        if everything.is_proved() {
            return everything;
        }
        // With another ARN the same documents can come to something else.
        if moves {
            let obstacle = Obstacle::Moves(principal.address());
            return Verdict::CannotProve { obstacle };
        }
        let known = Known::new(&after.snapshot.account, principal, path);
        let actions = self.actions();
        let mut examples = known.examples();
        examples.actions = actions.iter().map(String::as_str).collect();
        let space = Space::new(
            &joint(&had, &has),
            &[&self.requests],
            known.facts.clone(),
            &examples,
        );
        match &space {
            Ok(space) => Comparison::new(space, &had, &has, session).check(),
            Err(TooComplex) => Verdict::CannotProve {
                obstacle: Obstacle::TooComplex,
            },
        }
    }
}

/// Returns the documents after and before as one list, in which a [`Side`] finds its own by their places.
fn joint<'s>(had: &Holds<'s>, has: &Holds<'s>) -> Layers<'s> {
    let documents = all(has).into_iter().chain(all(had));
    Layers {
        identity: documents.map(|held| held.document).collect(),
        boundary: None,
        ..has.layers()
    }
}

/// Lists what is in force, the boundary last.
fn all<'s>(holds: &Holds<'s>) -> Vec<Held<'s>> {
    let identity = holds.identity.iter().copied();
    identity.chain(holds.boundary).collect()
}

/// What is in force before, or after, among the documents of both.
struct Side<'k> {
    holds: &'k Holds<'k>,
    documents: Vec<Held<'k>>,
    /// The places of its documents; the boundary's is the last, if there is one.
    places: Range<usize>,
    grants: Vec<Selection>,
    denies: Selection,
}

impl<'k> Side<'k> {
    fn new(space: &Space<'_>, holds: &'k Holds<'k>, start: usize) -> Self {
        let documents = all(holds);
        let places = start..start + documents.len();
        let bounds = start + holds.identity.len()..places.end;
        let of = |places: Range<usize>, effect: Effect| {
            space.select_placed(|placed| {
                placed.statement.effect() == effect
                    && match placed.source.layer {
                        Layer::Identity => places.contains(&placed.source.policy),
                        Layer::ServiceControl(_) => effect == Effect::Deny,
                        Layer::Boundary | Layer::Session => false,
                    }
            })
        };
        let mut grants = vec![of(start..bounds.start, Effect::Allow)];
        grants.extend(holds.boundary.map(|_| of(bounds, Effect::Allow)));
        let levels = 0..holds.service_control.len();
        grants.extend(levels.map(|level| {
            space.select_placed(|placed| {
                placed.source.layer == Layer::ServiceControl(level)
                    && placed.statement.effect() == Effect::Allow
            })
        }));
        Self {
            holds,
            denies: of(places.clone(), Effect::Deny),
            documents,
            places,
            grants,
        }
    }

    fn allows(&self, space: &Space<'_>, cell: Cell<'_>, view: &View) -> Truth {
        let grants = self
            .grants
            .iter()
            .map(|layer| space.applies(cell, view, layer));
        let denied = space.applies(cell, view, &self.denies);
        Truth::all(grants.chain([!denied]))
    }

    /// Returns the document that a statement is of, if it is of this side.
    fn held(&self, placed: &Placed<'_>) -> Option<Held<'k>> {
        let place = placed.source.policy.checked_sub(self.places.start)?;
        (placed.source.layer == Layer::Identity)
            .then(|| self.documents.get(place).copied())
            .flatten()
    }

    /// Lists the statements that may apply, each with whether it is the boundary's.
    fn applicable<'c>(
        &self,
        space: &'c Space<'_>,
        cell: Cell<'_>,
        view: &View,
        effect: Effect,
    ) -> Vec<(bool, Version, &'c Statement)> {
        let applicable = space.applicable(cell, view, effect).into_iter();
        applicable
            .filter_map(|placed| {
                let document = self.held(&placed)?.document;
                let bounds = placed.source.policy - self.places.start == self.holds.identity.len();
                Some((bounds, document.version(), placed.statement))
            })
            .collect()
    }

    fn decision(&self, witness: &Witness) -> Option<Decision> {
        let keys = witness.context.iter();
        let context = keys.fold(Context::default(), |context, (key, value)| {
            context.with(key, value)
        });
        let request = Request::new(&witness.action, &witness.resource, context).ok()?;
        Some(Policies::new(self.holds).in_force().evaluate(&request))
    }
}

/// Compares what is allowed before and after, cell by cell.
struct Comparison<'k> {
    space: &'k Space<'k>,
    before: Side<'k>,
    after: Side<'k>,
    session: Session,
}

impl<'k> Comparison<'k> {
    fn new(space: &'k Space<'k>, had: &'k Holds<'k>, has: &'k Holds<'k>, session: Session) -> Self {
        let after = Side::new(space, has, 0);
        let before = Side::new(space, had, after.places.end);
        Self {
            space,
            before,
            after,
            session,
        }
    }

    fn check(&self) -> Verdict {
        let view = self.space.view(&facts(self.session));
        let mut closer = Closer::default();
        let mut open = None;
        let needed = |cell: &Cell<'_>| self.space.is_in(*cell, NEEDED);
        for cell in self.space.cells().filter(needed) {
            match self.keeps(cell, &view) {
                Truth::True => {}
                Truth::False => return self.lost(cell, &view),
                Truth::Unknown => {
                    let divided = closer.divide(self.space, cell, &view);
                    for facts in divided.unwrap_or_else(|| vec![view.facts().clone()]) {
                        let view = closer.view(self.space, facts);
                        match self.keeps(cell, view) {
                            Truth::True => {}
                            Truth::False => return self.lost(cell, view),
                            Truth::Unknown => {
                                open.get_or_insert_with(|| self.depends(cell, view));
                            }
                        }
                    }
                }
            }
        }
        open.map_or(Verdict::Proved, |obstacle| Verdict::CannotProve {
            obstacle,
        })
    }

    /// Tells whether requests that are allowed before are allowed after.
    fn keeps(&self, cell: Cell<'_>, view: &View) -> Truth {
        let before = self.before.allows(self.space, cell, view);
        let after = self.after.allows(self.space, cell, view);
        match Truth::any([!before, after]) {
            Truth::Unknown if self.only_gains(cell, view) => Truth::True,
            keeps => keeps,
        }
    }

    /// Tells whether nothing that may allow requests goes, and nothing that may deny them comes: then they are allowed
    /// after if they are before, whatever it is that isn't known of them.
    fn only_gains(&self, cell: Cell<'_>, view: &View) -> bool {
        let of = |side: &Side<'_>, effect| side.applicable(self.space, cell, view, effect);
        let (had, has) = (&self.before, &self.after);
        let allows = of(has, Effect::Allow);
        let allowed = of(had, Effect::Allow);
        let denied: Vec<_> = of(had, Effect::Deny);
        let still_allow = allowed
            .iter()
            .filter(|(bounds, ..)| !bounds || has.holds.boundary.is_some())
            .all(|statement| allows.contains(statement));
        let is_bounded_anew = has.holds.boundary.is_some() && had.holds.boundary.is_none();
        let denied_before = |(_, version, statement): &(bool, Version, &Statement)| {
            denied
                .iter()
                .any(|(_, other, same)| other == version && same == statement)
        };
        still_allow && !is_bounded_anew && of(has, Effect::Deny).iter().all(denied_before)
    }

    fn lost(&self, cell: Cell<'k>, view: &View) -> Verdict {
        let mut witness = self.witness(self.telling(cell, view), view);
        let before = self.before.decision(&witness);
        let after = self.after.decision(&witness);
        witness.limits = after.as_ref().map(limits).unwrap_or_default();
        let is_confirmed = before.is_some_and(|decision| decision.is_allowed())
            && after.is_some_and(|decision| !decision.is_allowed());
        if is_confirmed {
            Verdict::Violated { witness }
        } else {
            Verdict::CannotProve {
                obstacle: Obstacle::Unconfirmed(witness),
            }
        }
    }

    /// Returns, of the cells with the action of this one that are lost too, one whose resource fits the action.
    fn telling(&self, found: Cell<'k>, view: &View) -> Cell<'k> {
        let space = self.space;
        let mut fitting = space.cells().filter(|cell| {
            cell.action() == found.action()
                && space.is_in(*cell, NEEDED)
                && examples::fit(cell.action(), resource(*cell))
        });
        fitting
            .find(|cell| self.keeps(*cell, view) == Truth::False)
            .unwrap_or(found)
    }

    fn depends(&self, cell: Cell<'k>, view: &View) -> Obstacle {
        let keys = open_keys(self.space, cell, view);
        if keys.is_empty() && self.space.is_rough() {
            return Obstacle::TooComplex;
        }
        Obstacle::Depends {
            witness: self.witness(cell, view),
            keys,
        }
    }

    fn witness(&self, cell: Cell<'_>, view: &View) -> Witness {
        let denies = self.space.applicable(cell, view, Effect::Deny);
        let via = |placed: &Placed<'_>| {
            let held = self.after.held(placed)?;
            Some(Via {
                document: held.address.clone(),
                group: held.group.cloned(),
                statement: placed.source.statement,
                sid: placed.statement.sid().cloned(),
            })
        };
        Witness {
            session: self.session,
            action: cell.action().to_owned(),
            resource: resource(cell).to_owned(),
            context: context(view.facts()),
            statements: denies.iter().filter_map(via).collect(),
            limits: Vec::new(),
        }
    }
}
