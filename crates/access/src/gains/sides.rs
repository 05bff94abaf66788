//! The documents of a principal before a plan and after it, side by side.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Extent, Gained, Means, Session};
use policy::cells::{Cell, Layers, Selection, Space, Truth, View};
use policy::{Actions, Document, Effect, Resources, Statement, Version};

use crate::check::Closer;
use crate::claim::facts;
use crate::in_force::{Held, Holds};
use crate::requests::{HARMLESS, SELF_SERVICE};

/// The place of the set of IAM's requests, behind those of [`crate::requests`].
const CONTROL: usize = 3;

/// Holds what a principal has before and after.
pub(super) struct Sides<'k, 's> {
    had: &'k Holds<'s>,
    has: &'k Holds<'s>,
}

/// Names statements by where they are in memory.
type Places = BTreeSet<*const Statement>;

/// What a statement says, in its version of the language: two that say the same decide alike.
type Meaning = (Version, Statement);

impl<'k, 's> Sides<'k, 's> {
    pub(super) fn new(had: &'k Holds<'s>, has: &'k Holds<'s>) -> Self {
        Self { had, has }
    }

    /// Returns all documents of both sides, boundaries too, as if they all granted: when they do is told by their side.
    pub(super) fn layers(&self) -> Layers<'s> {
        let levels = self.has.service_control.iter();
        Layers {
            identity: self.had.own().chain(self.has.own()).collect(),
            service_control: levels.map(|level| level.iter().collect()).collect(),
            ..Layers::default()
        }
    }

    /// Says what can be done in some sessions after that can't be done before.
    pub(super) fn gained(&self, space: &Space<'_>, sessions: &[Session]) -> Gained {
        let mut gained = Gained::default();
        for session in sessions {
            let Gained { extent, by } = self.gained_in(space, *session);
            gained.extent = gained.extent.max(extent);
            for (address, means) in by {
                add(&mut gained.by, &address, means);
            }
        }
        gained
    }

    fn gained_in(&self, space: &Space<'_>, session: Session) -> Gained {
        let check = Check::new(self, space);
        let view = space.view(&facts(session));
        let mut closer = Closer::default();
        let mut gained = Gained::default();
        for cell in space.cells() {
            let is_own = session != Session::Role
                && (space.is_in(cell, HARMLESS) || space.is_in(cell, SELF_SERVICE));
            let extent = match check.decide(cell, &view, &mut closer, &mut |view| {
                if !is_own {
                    check.name_means(cell, view, &mut gained.by);
                }
            }) {
                Truth::False => Extent::Nothing,
                Truth::Unknown | Truth::True if is_own => Extent::SelfService,
                Truth::Unknown => Extent::Unknown,
                Truth::True => Extent::Rights,
            };
            gained.extent = gained.extent.max(extent);
        }
        if gained.extent == Extent::Rights {
            gained.extent = check.extent(&view);
        }
        gained
    }

    /// Tells whether something beyond self-service can certainly be done after, in a session.
    pub(super) fn has_rights(&self, space: &Space<'_>, session: Session) -> bool {
        let check = Check::new(self, space);
        let view = space.view(&facts(session));
        space.cells().any(|cell| {
            !(space.is_in(cell, HARMLESS) || space.is_in(cell, SELF_SERVICE))
                && check.after.allows(space, cell, &view).must()
        })
    }
}

/// What is in force at one time, of all statements of a space.
struct State {
    grants: Selection,
    /// None where there is no boundary.
    within: Option<Selection>,
    denies: Selection,
}

impl State {
    /// `other` is what is in force at the other time: what the organization denies is in neither, and always is.
    fn new(holds: &Holds<'_>, other: &Holds<'_>, space: &Space<'_>) -> Self {
        let identity = places(holds.identity.iter().map(|held| held.document));
        let boundary = places(holds.boundary.iter().map(|held| held.document));
        let all = places(holds.own());
        let elsewhere = places(other.own());
        let allows_in = |places: &Places| {
            space.select(|statement| {
                statement.effect() == Effect::Allow
                    && places.contains(&std::ptr::from_ref(statement))
            })
        };
        Self {
            grants: allows_in(&identity),
            within: holds.boundary.map(|_| allows_in(&boundary)),
            denies: space.select(|statement| {
                let place = std::ptr::from_ref(statement);
                statement.effect() == Effect::Deny
                    && (all.contains(&place) || !elsewhere.contains(&place))
            }),
        }
    }

    fn allows(&self, space: &Space<'_>, cell: Cell<'_>, view: &View) -> Truth {
        let within = self.within.as_ref();
        Truth::all([
            space.applies(cell, view, &self.grants),
            within.map_or(Truth::True, |within| space.applies(cell, view, within)),
            // That each level of the organization lets it through.
            space.granted(cell, view),
            !space.applies(cell, view, &self.denies),
        ])
    }
}

/// A document that lets more through than before, the group or policy that it is named by, and the statements that do.
struct Opening {
    address: Address,
    means: Means,
    statements: Selection,
}

struct Check<'k, 'c> {
    space: &'k Space<'c>,
    before: State,
    after: State,
    openings: Vec<Opening>,
    /// The boundary that is lifted.
    lifted: Option<Address>,
}

impl<'k, 'c> Check<'k, 'c> {
    fn new(sides: &Sides<'_, '_>, space: &'k Space<'c>) -> Self {
        let Sides { had, has } = sides;
        let boundary = |holds: &Holds<'_>| holds.boundary.map(|held| held.address.clone());
        Self {
            space,
            before: State::new(had, has, space),
            after: State::new(has, had, space),
            openings: openings(had, has, space),
            lifted: boundary(had).filter(|_| has.boundary.is_none()),
        }
    }

    /// Tells whether requests can be made after and can't before. Whatever is gained is gained by an opening, or by a
    /// boundary that is lifted: so what isn't known and didn't change is no gain.
    fn gains(&self, cell: Cell<'_>, view: &View) -> Truth {
        let openings = self.openings.iter();
        let opens = openings.map(|opening| self.space.applies(cell, view, &opening.statements));
        Truth::all([
            Truth::any(opens.chain([self.lifted.is_some().into()])),
            self.after.allows(self.space, cell, view),
            !self.before.allows(self.space, cell, view),
        ])
    }

    /// Tells the same, looking more closely where the session alone doesn't tell: true where some of the requests are gained.
    fn decide(
        &self,
        cell: Cell<'_>,
        view: &View,
        closer: &mut Closer,
        gained: &mut impl FnMut(&View),
    ) -> Truth {
        match self.gains(cell, view) {
            Truth::False => return Truth::False,
            Truth::True => {
                gained(view);
                return Truth::True;
            }
            Truth::Unknown => {}
        }
        let Some(divided) = closer.divide(self.space, cell, view) else {
            return Truth::Unknown;
        };
        let mut found = Truth::False;
        for facts in divided {
            let view = closer.view(self.space, facts);
            let gains = self.gains(cell, view);
            if gains.must() {
                gained(view);
            }
            found = found.max(gains);
        }
        found
    }

    fn name_means(&self, cell: Cell<'_>, view: &View, by: &mut BTreeMap<Address, Means>) {
        for opening in &self.openings {
            if self.space.applies(cell, view, &opening.statements).must() {
                add(by, &opening.address, opening.means);
            }
        }
        let is_within = |within| self.space.applies(cell, view, within).must();
        if let Some(boundary) = &self.lifted
            && !self.before.within.as_ref().is_some_and(is_within)
        {
            add(by, boundary, Means::Limits);
        }
    }

    /// Says how much it is that is gained, where something is.
    fn extent(&self, view: &View) -> Extent {
        let space = self.space;
        let all = |state: &State| {
            space
                .cells()
                .all(|cell| state.allows(space, cell, view).must())
        };
        let control = |state: &State| {
            let mut cells = space.cells().filter(|cell| space.is_in(*cell, CONTROL));
            cells.all(|cell| state.allows(space, cell, view).must())
        };
        if all(&self.after) && !all(&self.before) {
            Extent::Everything
        } else if control(&self.after) && !control(&self.before) {
            Extent::Administration
        } else {
            Extent::Rights
        }
    }
}

fn add(by: &mut BTreeMap<Address, Means>, address: &Address, means: Means) {
    let known = by.entry(address.clone()).or_insert(means);
    *known = means.max(*known);
}

/// Lists the documents with statements that let more through: Allows that weren't there, and Denies that no longer are.
fn openings(had: &Holds<'_>, has: &Holds<'_>, space: &Space<'_>) -> Vec<Opening> {
    let identity = |holds: &Holds<'_>| meanings(holds.identity.iter().map(|held| held.document));
    let boundary = |holds: &Holds<'_>| meanings(holds.boundary.iter().map(|held| held.document));
    let (allowed, within) = (identity(had), boundary(had));
    let denied = meanings(has.own());
    let granted = has
        .identity
        .iter()
        .map(|held| (held, Effect::Allow, &allowed, None));
    let limited = has.boundary.iter();
    let limited = limited.map(|held| (held, Effect::Allow, &within, Some(Means::Limits)));
    let lost = had.identity.iter().chain(&had.boundary);
    let lost = lost.map(|held| (held, Effect::Deny, &denied, Some(Means::Denies)));
    let openings = granted
        .chain(limited)
        .chain(lost)
        .filter_map(|(held, effect, known, means)| {
            let new = of_effect(held.document, effect, known);
            let address = || match held.group {
                Some(group) => Address::Group(group.clone()),
                None => held.address.clone(),
            };
            let places: Places = new
                .iter()
                .map(|statement| std::ptr::from_ref(*statement))
                .collect();
            (!new.is_empty()).then(|| Opening {
                address: address(),
                means: means.unwrap_or_else(|| breadth(&new)),
                statements: space
                    .select(|statement| places.contains(&std::ptr::from_ref(statement))),
            })
        });
    openings.collect()
}

/// Lists the statements of an effect that others don't say already.
fn of_effect<'d>(
    document: &'d Document,
    effect: Effect,
    known: &BTreeSet<Meaning>,
) -> Vec<&'d Statement> {
    let statements = document.statements();
    statements
        .filter(|statement| statement.effect() == effect)
        .filter(|statement| !known.contains(&meaning(document, statement)))
        .collect()
}

fn meanings<'d>(documents: impl Iterator<Item = &'d Document>) -> BTreeSet<Meaning> {
    documents
        .flat_map(|document| {
            document
                .statements()
                .map(|statement| meaning(document, statement))
        })
        .collect()
}

fn meaning(document: &Document, statement: &Statement) -> Meaning {
    (document.version(), statement.meaning())
}

fn places<'d>(documents: impl Iterator<Item = &'d Document>) -> Places {
    documents
        .flat_map(Document::statements)
        .map(std::ptr::from_ref)
        .collect()
}

/// Says how much Allow statements allow.
fn breadth(statements: &[&Statement]) -> Means {
    let allows = |all: &str| {
        statements.iter().any(|statement| {
            let is_all = |action: &str| action == "*" || action.eq_ignore_ascii_case(all);
            let actions = match statement.actions() {
                Actions::Action(list) => list.iter().any(|action| is_all(action.as_str())),
                Actions::NotAction(_) => false,
            };
            let resources = match statement.resources() {
                Some(Resources::Resource(list)) => {
                    list.iter().any(|resource| resource.as_str() == "*")
                }
                Some(Resources::NotResource(_)) | None => false,
            };
            actions && resources && statement.condition().is_none()
        })
    };
    if allows("*:*") {
        Means::AllowsEverything
    } else if allows("iam:*") {
        Means::AllowsAdministration
    } else {
        Means::Allows
    }
}

impl<'s> Holds<'s> {
    /// Lists its own documents, its boundary's among them.
    fn own(&self) -> impl Iterator<Item = &'s Document> {
        self.identity
            .iter()
            .chain(&self.boundary)
            .map(|held: &Held<'s>| held.document)
    }

    /// Lists all documents that decide its requests.
    pub(super) fn documents(&self) -> impl Iterator<Item = &'s Document> {
        self.own().chain(self.service_control.iter().flatten())
    }
}
