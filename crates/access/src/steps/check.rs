//! Checking every state between the steps of a plan, for one principal, cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use model::{ActionId, Session};
use policy::cells::{Cell, Selection, Space, TooComplex, Truth, View};
use policy::evaluate::{Context, InForce, Layer, Policy, Request, Source};
use policy::{Document, Effect, Statement, Version};

use super::changes::Course;
use super::when::{Order, Steps, When};
use super::{Meanwhile, StepVerdict, named};
use crate::check::{Closer, context, open_keys, resource};
use crate::claim::facts;
use crate::examples;
use crate::in_force::Held;
use crate::verdict::{Obstacle, Via, Witness};

/// How many steps a search for a state may take, and how many statements of which it isn't known whether they apply may
/// be tried both ways.
const PATIENCE: usize = 10_000;
const MOST_UNKNOWN: usize = 6;

/// Says which requests must not be lost, by the place of their set.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    pub(super) session: Session,
    pub(super) set: usize,
    /// Whether those are meant that are allowed before, and must be afterwards; else those that are allowed before and
    /// after, and must be meanwhile.
    pub(super) afterwards: bool,
}

/// Holds what is to be checked of a principal.
pub(super) struct Subject<'c, 'p> {
    pub(super) course: &'c Course<'p>,
    /// What the organization denies or lets through, by level, before and after.
    pub(super) service_control: &'p [Vec<Document>],
    pub(super) order: &'c Order,
    /// The actions that the bits of the course stand for, of this principal.
    pub(super) steps: &'c [ActionId],
    pub(super) space: &'c Space<'c>,
    /// The sessions in which nothing may be gained that isn't there before or after.
    pub(super) nothing_gained: &'static [Session],
    /// The place of the set that it is no harm to gain.
    pub(super) harmless: usize,
    pub(super) kept: Vec<Kept>,
}

/// A state in which something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Wrong {
    pub(super) what: Meanwhile,
    pub(super) states: When,
}

impl Subject<'_, '_> {
    pub(super) fn check(&self) -> StepVerdict {
        let sessions: BTreeSet<Session> = self
            .kept
            .iter()
            .map(|kept| kept.session)
            .chain(self.nothing_gained.iter().copied())
            .collect();
        let check = Check::new(self);
        let mut open = StepVerdict::Proved;
        for session in sessions {
            match check.session(session) {
                StepVerdict::Proved => {}
                violated @ StepVerdict::Violated { .. } => return violated,
                cannot_prove @ StepVerdict::CannotProve { .. } => {
                    if matches!(open, StepVerdict::Proved) {
                        open = cannot_prove;
                    }
                }
            }
        }
        open
    }
}

struct Check<'k, 'c, 'p> {
    subject: &'k Subject<'c, 'p>,
    /// The statements that aren't in force throughout.
    changing: Selection,
    /// A number for each statement: the same for those that say the same.
    numbers: BTreeMap<Source, usize>,
}

/// A statement that may apply, with the time in which it is in force.
struct Applying {
    effect: Effect,
    when: When,
    part: Part,
    truth: Truth,
    number: usize,
}

/// What an Allow is good for.
#[derive(Clone, Copy)]
enum Part {
    /// It grants.
    Identity,
    /// It limits by what it lets through.
    Boundary,
    /// It limits, by level of the organization, and doesn't change.
    ServiceControl(usize),
}

/// The times in which something allows, limits by allowing, or denies.
#[derive(Default)]
struct Times {
    granted: Vec<When>,
    within: Vec<When>,
    denied: Vec<When>,
    /// The levels of the organization that let it through.
    levels: BTreeSet<usize>,
}

impl Times {
    fn allow(&self, done: Steps) -> bool {
        let at = |times: &[When]| times.iter().any(|when| when.is_at(done));
        at(&self.granted) && at(&self.within) && !at(&self.denied)
    }

    /// Finds the state afterwards, if a request isn't allowed in it that is allowed before.
    fn lost_afterwards(&self, order: &Order) -> Option<When> {
        let done = order.all();
        (self.allow(0) && !self.allow(done)).then_some(When { done, pending: 0 })
    }

    /// Finds a state in which a request is allowed that is allowed neither before nor after.
    fn gained(&self, order: &Order, patience: &mut usize) -> Result<Option<When>, TooComplex> {
        if self.allow(0) || self.allow(order.all()) {
            return Ok(None);
        }
        for granted in &self.granted {
            for within in &self.within {
                let states = order.narrow(When::ALWAYS, granted.and(*within));
                let Some(states) = states else { continue };
                let found = order.without(states, &self.denied, patience)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Finds a state in which a request isn't allowed that is allowed before and after.
    fn lost(&self, order: &Order, patience: &mut usize) -> Result<Option<When>, TooComplex> {
        if !self.allow(0) || !self.allow(order.all()) {
            return Ok(None);
        }
        let mut denied = self.denied.iter();
        if let Some(states) = denied.find_map(|when| order.narrow(When::ALWAYS, *when)) {
            return Ok(Some(states));
        }
        for times in [&self.granted, &self.within] {
            let found = order.without(When::ALWAYS, times, patience)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

impl<'k, 'c, 'p> Check<'k, 'c, 'p> {
    fn new(subject: &'k Subject<'c, 'p>) -> Self {
        let Course {
            identity,
            boundary,
            steps: _,
        } = subject.course;
        let is_constant = |when: &When| *when == When::ALWAYS;
        let of_identity = identity.iter().map(|(held, when)| (*held, when));
        let of_boundary = boundary
            .iter()
            .filter_map(|(held, when)| Some(((*held)?, when)));
        let mut known: BTreeMap<(Version, Statement), usize> = BTreeMap::new();
        let mut changing: BTreeSet<*const Statement> = BTreeSet::new();
        let mut numbers = BTreeMap::new();
        let mut number = |layer, policy, document: &Document| {
            for (place, statement) in document.statements().enumerate() {
                let next = known.len();
                let same = (document.version(), statement.canonical());
                let source = Source {
                    layer,
                    policy,
                    statement: place,
                };
                numbers.insert(source, *known.entry(same).or_insert(next));
            }
        };
        for (level, documents) in subject.service_control.iter().enumerate() {
            for (policy, document) in documents.iter().enumerate() {
                number(Layer::ServiceControl(level), policy, document);
            }
        }
        for (policy, (held, when)) in of_identity.chain(of_boundary).enumerate() {
            number(Layer::Identity, policy, held.document);
            if !is_constant(when) {
                changing.extend(held.document.statements().map(std::ptr::from_ref));
            }
        }
        // A boundary that is set or lifted changes what everything else comes to.
        let is_rebounded = boundary.iter().any(|(_, when)| !is_constant(when));
        Self {
            subject,
            changing: subject.space.select(|statement| {
                is_rebounded || changing.contains(&std::ptr::from_ref(statement))
            }),
            numbers,
        }
    }

    fn session(&self, session: Session) -> StepVerdict {
        let space = self.subject.space;
        let view = space.view(&facts(session));
        let mut closer = Closer::default();
        let mut open = StepVerdict::Proved;
        for cell in space.cells() {
            match self.cell(session, cell, &view, &mut closer) {
                Ok(()) => {}
                Err(Found::Wrong(view, wrong)) => {
                    return self.violated(session, cell, &view, wrong);
                }
                Err(Found::Open(view, wrong)) => {
                    if matches!(open, StepVerdict::Proved) {
                        let obstacle = self.depends(session, cell, &view, wrong);
                        open = StepVerdict::CannotProve { obstacle };
                    }
                }
                Err(Found::TooComplex) => {
                    return StepVerdict::CannotProve {
                        obstacle: Obstacle::TooComplex,
                    };
                }
            }
        }
        open
    }

    fn cell(
        &self,
        session: Session,
        cell: Cell<'_>,
        view: &View,
        closer: &mut Closer,
    ) -> Result<(), Found> {
        let space = self.subject.space;
        let changes = space.applies(cell, view, &self.changing);
        if changes == Truth::False {
            return Ok(());
        }
        match self.wrong(session, cell, view)? {
            None => Ok(()),
            Some((wrong, true)) => Err(Found::Wrong(view.clone(), wrong)),
            Some((wrong, false)) => {
                let Some(divided) = closer.divide(space, cell, view) else {
                    return Err(Found::Open(view.clone(), wrong));
                };
                let mut open = Ok(());
                for facts in divided {
                    let view = closer.view(space, facts);
                    match self.wrong(session, cell, view)? {
                        None => {}
                        Some((wrong, true)) => return Err(Found::Wrong(view.clone(), wrong)),
                        Some((wrong, false)) => open = Err(Found::Open(view.clone(), wrong)),
                    }
                }
                open
            }
        }
    }

    /// Finds what is wrong with requests in some state, and whether it certainly is. Where it isn't known whether
    /// statements apply, both are tried for each; the same statement applies in all documents or in none.
    fn wrong(
        &self,
        session: Session,
        cell: Cell<'_>,
        view: &View,
    ) -> Result<Option<(Wrong, bool)>, Found> {
        let applying = self.applying(cell, view);
        let unknown: BTreeSet<usize> = applying
            .iter()
            .filter(|applying| applying.truth == Truth::Unknown)
            .map(|applying| applying.number)
            .collect();
        if unknown.len() > MOST_UNKNOWN {
            let states = When::ALWAYS;
            let what = Meanwhile::Gained;
            return Ok(Some((Wrong { what, states }, false)));
        }
        for combination in 0..1_usize << unknown.len() {
            let applies = |applying: &&Applying| {
                let place = unknown.iter().position(|number| *number == applying.number);
                applying.truth == Truth::True
                    || place.is_some_and(|place| combination & (1 << place) != 0)
            };
            let times = self.times(applying.iter().filter(applies));
            if let Some(wrong) = self.wrong_at(session, cell, &times)? {
                return Ok(Some((wrong, unknown.is_empty())));
            }
        }
        Ok(None)
    }

    fn wrong_at(
        &self,
        session: Session,
        cell: Cell<'_>,
        times: &Times,
    ) -> Result<Option<Wrong>, TooComplex> {
        let Subject {
            order,
            space,
            nothing_gained,
            harmless,
            kept,
            ..
        } = self.subject;
        let mut patience = PATIENCE;
        let wrong = |what| move |states| Wrong { what, states };
        if nothing_gained.contains(&session) && !space.is_in(cell, *harmless) {
            let gained = times.gained(order, &mut patience)?;
            if gained.is_some() {
                return Ok(gained.map(wrong(Meanwhile::Gained)));
            }
        }
        let is_kept_here = |kept: &&Kept| kept.session == session && space.is_in(cell, kept.set);
        for kept in kept.iter().filter(is_kept_here) {
            let lost = if kept.afterwards {
                times.lost_afterwards(order)
            } else {
                times.lost(order, &mut patience)?
            };
            if lost.is_some() {
                return Ok(lost.map(wrong(Meanwhile::Lost)));
            }
        }
        Ok(None)
    }

    fn applying(&self, cell: Cell<'_>, view: &View) -> Vec<Applying> {
        let truths = self.subject.space.truths(cell, view);
        let applying = truths.into_iter().filter_map(|(placed, truth)| {
            let (when, part) = match placed.source.layer {
                Layer::ServiceControl(level) => (When::ALWAYS, Part::ServiceControl(level)),
                _ => {
                    let (_, when, part) = self.held(placed.source)?;
                    (when, part)
                }
            };
            Some(Applying {
                effect: placed.statement.effect(),
                when,
                part,
                truth,
                number: *self.numbers.get(&placed.source)?,
            })
        });
        applying.collect()
    }

    /// Returns the document of the course that a statement is of, with its time.
    fn held(&self, source: Source) -> Option<(Held<'p>, When, Part)> {
        let Course {
            identity, boundary, ..
        } = self.subject.course;
        if source.layer != Layer::Identity {
            return None;
        }
        if let Some((held, when)) = identity.get(source.policy) {
            return Some((*held, *when, Part::Identity));
        }
        let mut boundary = boundary
            .iter()
            .filter_map(|(held, when)| Some(((*held)?, *when, Part::Boundary)));
        boundary.nth(source.policy - identity.len())
    }

    fn times<'a>(&self, applying: impl Iterator<Item = &'a Applying>) -> Times {
        let mut times = Times::default();
        for applying in applying {
            match (applying.effect, applying.part) {
                (Effect::Deny, _) => times.denied.push(applying.when),
                (Effect::Allow, Part::Identity) => times.granted.push(applying.when),
                (Effect::Allow, Part::Boundary) => times.within.push(applying.when),
                (Effect::Allow, Part::ServiceControl(level)) => {
                    times.levels.insert(level);
                }
            }
        }
        if times.levels.len() < self.subject.service_control.len() {
            // What the organization doesn't let through is allowed at no time.
            return Times::default();
        }
        let unbounded = self.subject.course.boundary.iter();
        times.within.extend(
            unbounded
                .filter(|(held, _)| held.is_none())
                .map(|(_, when)| *when),
        );
        for times in [&mut times.granted, &mut times.within, &mut times.denied] {
            times.sort_unstable();
            times.dedup();
        }
        times
    }

    fn violated(&self, session: Session, cell: Cell<'_>, view: &View, wrong: Wrong) -> StepVerdict {
        let (cell, wrong) = self.telling(session, cell, view, wrong);
        let witness = self.witness(session, cell, view, wrong);
        if self.is_confirmed(&witness, wrong) {
            StepVerdict::Violated {
                what: wrong.what,
                done: named(
                    self.subject.order.last(wrong.states.done),
                    self.subject.steps,
                ),
                pending: named(
                    self.subject.order.first(wrong.states.pending),
                    self.subject.steps,
                ),
                witness,
            }
        } else {
            StepVerdict::CannotProve {
                obstacle: Obstacle::Unconfirmed(witness),
            }
        }
    }

    /// Returns, of the cells with the action of this one where the same is wrong, one whose resource fits the action.
    fn telling<'a>(
        &'a self,
        session: Session,
        found: Cell<'a>,
        view: &View,
        wrong: Wrong,
    ) -> (Cell<'a>, Wrong) {
        let same_action = self
            .subject
            .space
            .cells()
            .filter(|cell| cell.action() == found.action());
        let mut fitting = same_action.filter(|cell| examples::fit(cell.action(), resource(*cell)));
        let other = fitting.find_map(|cell| match self.wrong(session, cell, view) {
            Ok(Some((other, true))) if other.what == wrong.what => Some((cell, other)),
            _ => None,
        });
        other.unwrap_or((found, wrong))
    }

    fn depends(&self, session: Session, cell: Cell<'_>, view: &View, wrong: Wrong) -> Obstacle {
        let keys = open_keys(self.subject.space, cell, view);
        if keys.is_empty() && self.subject.space.is_rough() {
            return Obstacle::TooComplex;
        }
        Obstacle::Depends {
            witness: self.witness(session, cell, view, wrong),
            keys,
        }
    }

    fn witness(&self, session: Session, cell: Cell<'_>, view: &View, wrong: Wrong) -> Witness {
        let effect = match wrong.what {
            Meanwhile::Gained => Effect::Allow,
            Meanwhile::Lost => Effect::Deny,
        };
        let truths = self.subject.space.truths(cell, view);
        let statements = truths.into_iter().filter_map(|(placed, _)| {
            let (held, when, _) = self.held(placed.source)?;
            let decides = placed.statement.effect() == effect && when.is_at(wrong.states.done);
            decides.then(|| Via {
                document: held.address.clone(),
                group: held.group.cloned(),
                statement: placed.source.statement,
                sid: placed.statement.sid().cloned(),
            })
        });
        Witness {
            session,
            action: cell.action().to_owned(),
            resource: resource(cell).to_owned(),
            context: context(view.facts()),
            statements: statements.collect(),
            limits: Vec::new(),
        }
    }

    /// Asks the evaluator about the request before, after, and in the state that was found.
    fn is_confirmed(&self, witness: &Witness, wrong: Wrong) -> bool {
        let context = witness
            .context
            .iter()
            .fold(Context::default(), |context, (key, value)| {
                context.with(key, value)
            });
        let Ok(request) = Request::new(&witness.action, &witness.resource, context) else {
            return false;
        };
        let is_allowed = |done| self.evaluate(&request, done);
        let ends = [is_allowed(0), is_allowed(self.subject.order.all())];
        let meanwhile = is_allowed(wrong.states.done);
        match wrong.what {
            Meanwhile::Gained => meanwhile && ends == [false, false],
            Meanwhile::Lost => {
                let is_afterwards = wrong.states.done == self.subject.order.all();
                let [before, after] = ends;
                !meanwhile && before && (after || is_afterwards)
            }
        }
    }

    fn evaluate(&self, request: &Request, done: Steps) -> bool {
        let Course {
            identity, boundary, ..
        } = self.subject.course;
        let policies: Vec<Policy> = identity
            .iter()
            .filter(|(_, when)| when.is_at(done))
            .map(|(held, _)| Policy::new(held.document))
            .collect();
        let limit = boundary.iter().find(|(_, when)| when.is_at(done));
        let limit = limit.and_then(|(held, _)| Some(Policy::new((*held)?.document)));
        let levels = self.subject.service_control.iter();
        let levels: Vec<Vec<Policy>> = levels
            .map(|documents| documents.iter().map(Policy::new).collect())
            .collect();
        let in_force = InForce {
            identity: policies.iter().collect(),
            boundary: limit.as_ref(),
            service_control: levels.iter().map(|level| level.iter().collect()).collect(),
            ..InForce::default()
        };
        in_force.evaluate(request).is_allowed()
    }
}

/// What is found of requests.
enum Found {
    Wrong(View, Wrong),
    Open(View, Wrong),
    TooComplex,
}

impl From<TooComplex> for Found {
    fn from(TooComplex: TooComplex) -> Self {
        Self::TooComplex
    }
}
