//! Checking one claim about one principal, cell by cell.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use model::Session;
use policy::cells::{Cell, Fact, Facts, Selection, Space, TooComplex, Truth, View};
use policy::evaluate::{Context, Decision, InForce, Layer, Policy, Request, Source};
use policy::{Condition, Effect, Statement};

use crate::claim::{Claim, facts};
use crate::examples;
use crate::in_force::{Held, Holds};
use crate::requests::{ENROLMENT, HARMLESS, SELF_SERVICE};
use crate::verdict::{Limit, Obstacle, Verdict, Via, Witness};

/// The place of the set that a principal must be able to do, where that is what is claimed.
pub(crate) const REQUIRED: usize = 0;

/// The place, beside it, of what is no harm.
const HARMLESS_BESIDE: usize = 1;

/// Holds what is in force for a principal, both ways: to prove and to evaluate.
pub(crate) struct Subject<'c, 's> {
    pub(crate) holds: &'c Holds<'s>,
    /// Made when they are first needed.
    pub(crate) policies: &'c OnceCell<Policies>,
    pub(crate) space: Result<&'c Space<'c>, &'c TooComplex>,
}

/// Holds documents ready to be evaluated.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    service_control: Vec<Vec<Policy>>,
}

impl Policies {
    fn new(holds: &Holds<'_>) -> Self {
        Self {
            identity: holds
                .identity
                .iter()
                .map(|held| Policy::new(held.document))
                .collect(),
            boundary: holds.boundary.map(|held| Policy::new(held.document)),
            service_control: holds
                .service_control
                .iter()
                .map(|level| level.iter().map(Policy::new).collect())
                .collect(),
        }
    }

    fn in_force(&self) -> InForce<'_> {
        InForce {
            identity: self.identity.iter().collect(),
            boundary: self.boundary.as_ref(),
            session: None,
            service_control: self
                .service_control
                .iter()
                .map(|level| level.iter().collect())
                .collect(),
        }
    }
}

impl Subject<'_, '_> {
    /// Checks a claim in several sessions. What violates it goes before what can't be proved.
    pub(crate) fn check(&self, claim: Claim, sessions: &[Session]) -> Verdict {
        let space = match self.space {
            Ok(space) => space,
            Err(TooComplex) => {
                return Verdict::CannotProve {
                    obstacle: Obstacle::TooComplex,
                };
            }
        };
        let mut open = Verdict::Proved;
        for session in sessions {
            match self.check_in(space, claim, *session) {
                Verdict::Proved => {}
                violated @ Verdict::Violated { .. } => return violated,
                cannot_prove @ Verdict::CannotProve { .. } if open.is_proved() => {
                    open = cannot_prove;
                }
                Verdict::CannotProve { .. } => {}
            }
        }
        open
    }

    fn check_in(&self, space: &Space<'_>, claim: Claim, session: Session) -> Verdict {
        let check = Check {
            subject: self,
            space,
            claim,
            session,
            enforcement: space.select(enforces_mfa),
            others: space
                .select(|statement| statement.effect() == Effect::Deny && !enforces_mfa(statement)),
        };
        let view = space.view(&facts(session));
        let mut closer = Closer::default();
        let mut open = None;
        for cell in space.cells() {
            match check.holds(cell, &view) {
                Truth::True => {}
                Truth::False => return check.violated(cell, &view),
                Truth::Unknown => match check.decide(cell, &view, &mut closer) {
                    Ok(()) => {}
                    Err(Open::Violated(view)) => return check.violated(cell, &view),
                    Err(Open::Depends(view)) => {
                        open.get_or_insert_with(|| check.depends(cell, &view));
                    }
                },
            }
        }
        open.map_or(Verdict::Proved, |obstacle| Verdict::CannotProve {
            obstacle,
        })
    }
}

/// Tells whether a statement is there to enforce MFA: it denies, depending on a key about MFA.
fn enforces_mfa(statement: &Statement) -> bool {
    let about_mfa = |key: &str| {
        key.get(..19)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:MultiFactorAuth"))
    };
    let keys = statement.condition().into_iter().flat_map(Condition::tests);
    statement.effect() == Effect::Deny
        && keys
            .map(|(_, key, _)| key)
            .any(|key| about_mfa(key.as_str()))
}

struct Check<'k, 'c, 's> {
    subject: &'k Subject<'c, 's>,
    space: &'k Space<'k>,
    claim: Claim,
    session: Session,
    enforcement: Selection,
    others: Selection,
}

/// How often cells are looked at again, and with how many different facts, before that is given up.
const MOST_DIVIDED: usize = 10_000;
const MOST_VIEWS: usize = 2_000;

/// What was looked at more closely so far.
#[derive(Default)]
pub(crate) struct Closer {
    divided: usize,
    views: BTreeMap<Facts, View>,
}

impl Closer {
    pub(crate) fn divide(
        &mut self,
        space: &Space<'_>,
        cell: Cell<'_>,
        view: &View,
    ) -> Option<Vec<Facts>> {
        self.divided += 1;
        let has_patience = self.divided <= MOST_DIVIDED && self.views.len() <= MOST_VIEWS;
        has_patience.then(|| space.divide(cell, view)).flatten()
    }

    pub(crate) fn view(&mut self, space: &Space<'_>, facts: Facts) -> &View {
        self.views
            .entry(facts)
            .or_insert_with_key(|facts| space.view(facts))
    }
}

/// What a cell comes to when more is known of its requests.
enum Open {
    Violated(View),
    Depends(View),
}

impl Check<'_, '_, '_> {
    /// Tells whether the claim holds for the requests of a cell.
    fn holds(&self, cell: Cell<'_>, view: &View) -> Truth {
        let space = self.space;
        let is_in = |set| space.is_in(cell, set);
        match self.claim {
            Claim::OnlySelfServiceWithoutMfa if is_in(HARMLESS) || is_in(SELF_SERVICE) => {
                Truth::True
            }
            Claim::OnlySelfServiceWithoutMfa => !space.allowed(cell, view),
            Claim::NothingWithKey if is_in(SELF_SERVICE) => !space.allowed(cell, view),
            Claim::NothingWithKey => Truth::True,
            Claim::DeniedWithoutMfa if is_in(HARMLESS) || is_in(SELF_SERVICE) => Truth::True,
            Claim::DeniedWithoutMfa => space.denied(cell, view),
            Claim::CanEnrol if is_in(ENROLMENT) => space.allowed(cell, view),
            Claim::CanEnrol => Truth::True,
            Claim::KeepsControl | Claim::CallerKeepsPermissions if is_in(REQUIRED) => {
                space.allowed(cell, view)
            }
            Claim::KeepsControl | Claim::CallerKeepsPermissions => Truth::True,
            Claim::CanDo if is_in(REQUIRED) => {
                let of_this_action = space
                    .cells()
                    .filter(|other| other.action() == cell.action());
                Truth::any(of_this_action.map(|other| space.allowed(other, view)))
            }
            Claim::CannotDo if is_in(REQUIRED) && !is_in(HARMLESS_BESIDE) => {
                !space.allowed(cell, view)
            }
            Claim::CanDo | Claim::CannotDo => Truth::True,
            Claim::FullAccessWithMfa => !Truth::all([
                space.granted(cell, view),
                !space.applies(cell, view, &self.others),
                space.applies(cell, view, &self.enforcement),
            ]),
        }
    }

    /// Returns, of the cells with the action of this one where the claim comes to the same, one whose resource fits the
    /// action.
    fn telling<'c>(&self, found: Cell<'c>, view: &View) -> Cell<'c>
    where
        Self: 'c,
    {
        let comes_to = self.holds(found, view);
        let same_action = self
            .space
            .cells()
            .filter(|cell| cell.action() == found.action());
        let mut fitting = same_action.filter(|cell| examples::fit(cell.action(), resource(*cell)));
        fitting
            .find(|cell| self.holds(*cell, view) == comes_to)
            .unwrap_or(found)
    }

    /// Looks at a cell again, by what its requests have for the keys that it depends on.
    fn decide(&self, cell: Cell<'_>, view: &View, closer: &mut Closer) -> Result<(), Open> {
        let Some(divided) = closer.divide(self.space, cell, view) else {
            return Err(Open::Depends(view.clone()));
        };
        let mut open = Ok(());
        for facts in divided {
            let view = closer.view(self.space, facts);
            match self.holds(cell, view) {
                Truth::True => {}
                Truth::False => return Err(Open::Violated(view.clone())),
                Truth::Unknown => open = open.and_then(|()| Err(Open::Depends(view.clone()))),
            }
        }
        open
    }

    /// Returns the verdict for a request that violates the claim, if the evaluator agrees that it does.
    fn violated(&self, cell: Cell<'_>, view: &View) -> Verdict {
        let mut witness = self.witness(self.telling(cell, view), view);
        let decision = self.decision(&witness);
        witness.limits = decision.as_ref().map(limits).unwrap_or_default();
        if decision.is_some_and(|decision| self.is_confirmed_by(&decision)) {
            Verdict::Violated { witness }
        } else {
            Verdict::CannotProve {
                obstacle: Obstacle::Unconfirmed(witness),
            }
        }
    }

    /// Puts a request to the evaluator.
    fn decision(&self, witness: &Witness) -> Option<Decision> {
        let context = witness
            .context
            .iter()
            .fold(Context::default(), |context, (key, value)| {
                context.with(key, value)
            });
        let request = Request::new(&witness.action, &witness.resource, context).ok()?;
        let policies = self
            .subject
            .policies
            .get_or_init(|| Policies::new(self.subject.holds));
        Some(policies.in_force().evaluate(&request))
    }

    fn is_confirmed_by(&self, decision: &Decision) -> bool {
        let is_denied = matches!(decision, Decision::ExplicitlyDenied { .. });
        match self.claim {
            Claim::OnlySelfServiceWithoutMfa | Claim::NothingWithKey | Claim::CannotDo => {
                decision.is_allowed()
            }
            Claim::DeniedWithoutMfa => !is_denied,
            Claim::CanEnrol
            | Claim::KeepsControl
            | Claim::CallerKeepsPermissions
            | Claim::CanDo => !decision.is_allowed(),
            Claim::FullAccessWithMfa => is_denied,
        }
    }

    fn depends(&self, cell: Cell<'_>, view: &View) -> Obstacle {
        let cell = self.telling(cell, view);
        let space = self.space;
        let keys = open_keys(space, cell, view);
        if keys.is_empty() && space.is_rough() {
            return Obstacle::TooComplex;
        }
        Obstacle::Depends {
            witness: self.witness(cell, view),
            keys,
        }
    }

    fn witness(&self, cell: Cell<'_>, view: &View) -> Witness {
        let effect = match self.claim {
            Claim::OnlySelfServiceWithoutMfa
            | Claim::NothingWithKey
            | Claim::DeniedWithoutMfa
            | Claim::CannotDo => Effect::Allow,
            Claim::CanEnrol
            | Claim::CanDo
            | Claim::KeepsControl
            | Claim::FullAccessWithMfa
            | Claim::CallerKeepsPermissions => Effect::Deny,
        };
        let statements = self.space.applicable(cell, view, effect);
        let is_meant =
            |statement| self.claim != Claim::FullAccessWithMfa || enforces_mfa(statement);
        Witness {
            session: self.session,
            action: cell.action().to_owned(),
            resource: resource(cell).to_owned(),
            context: context(view.facts()),
            statements: statements
                .iter()
                .filter(|placed| is_meant(placed.statement))
                .filter_map(|placed| self.subject.holds.via(placed.source, placed.statement))
                .collect(),
            limits: Vec::new(),
        }
    }
}

/// Lists what of service control policies denies a request.
fn limits(decision: &Decision) -> Vec<Limit> {
    match decision {
        Decision::Allowed { .. } => Vec::new(),
        Decision::ImplicitlyDenied { missing } => {
            let level = |layer: &Layer| match layer {
                Layer::ServiceControl(level) => Some(Limit::Level(*level)),
                Layer::Identity | Layer::Boundary | Layer::Session => None,
            };
            missing.iter().filter_map(level).collect()
        }
        Decision::ExplicitlyDenied { by } => {
            let statement = |source: &Source| match source.layer {
                Layer::ServiceControl(level) => Some(Limit::Statement {
                    level,
                    policy: source.policy,
                    statement: source.statement,
                }),
                Layer::Identity | Layer::Boundary | Layer::Session => None,
            };
            by.iter().filter_map(statement).collect()
        }
    }
}

/// Lists the keys that statements test which may apply to requests, and of which it isn't known what requests have.
pub(crate) fn open_keys(space: &Space<'_>, cell: Cell<'_>, view: &View) -> Vec<String> {
    let applicable =
        [Effect::Allow, Effect::Deny].map(|effect| space.applicable(cell, view, effect));
    let tests = applicable
        .iter()
        .flatten()
        .filter_map(|placed| placed.statement.condition());
    let keys: BTreeSet<&str> = tests
        .flat_map(Condition::tests)
        .map(|(_, key, _)| key.as_str())
        .collect();
    let is_open =
        |key: &&str| !matches!(view.facts().get(key), Some(Fact::Absent | Fact::Value(_)));
    keys.into_iter()
        .filter(is_open)
        .map(str::to_owned)
        .collect()
}

/// Returns a resource of a cell, one that fits the action if there is one.
pub(crate) fn resource(cell: Cell<'_>) -> &str {
    cell.resource(|resource| examples::fit(cell.action(), resource))
}

/// Returns condition keys of a request of which this is known.
pub(crate) fn context(facts: &Facts) -> BTreeMap<String, String> {
    let value = |fact: &Fact| match fact {
        Fact::Absent => None,
        Fact::Value(text) => Some(text.clone()),
        Fact::Between(least, _) => Some(least.to_string()),
        Fact::Other(excluded) => other(excluded),
        Fact::Present => Some("some-value".to_owned()),
    };
    facts
        .iter()
        .filter_map(|(key, fact)| Some((key.to_owned(), value(fact)?)))
        .collect()
}

fn other(excluded: &BTreeSet<String>) -> Option<String> {
    (0..=excluded.len())
        .map(|number| format!("other-{number}"))
        .find(|text| !excluded.contains(text))
}

impl Holds<'_> {
    pub(crate) fn via(&self, source: Source, statement: &Statement) -> Option<Via> {
        let held: &Held<'_> = match source.layer {
            Layer::Identity => self.identity.get(source.policy)?,
            Layer::Boundary => self.boundary.as_ref()?,
            Layer::Session | Layer::ServiceControl(_) => return None,
        };
        Some(Via {
            document: held.address.clone(),
            group: held.group.cloned(),
            statement: source.statement,
            sid: statement.sid().cloned(),
        })
    }
}
