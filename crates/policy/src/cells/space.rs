//! All requests at once, divided into cells.

use std::collections::BTreeSet;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use super::automaton::TooComplex;
use super::facts::Facts;
use super::layers::{Entry, Home, Layers, Placed};
use super::part::{self, Part};
use super::resources::Resources;
use super::truth::Truth;
use super::{condition, split};
use crate::document::Document;
use crate::evaluate::Layer;
use crate::statement::{Effect, Statement};

/// How many cells there may be: walking through them takes well under a second.
const MOST_CELLS: usize = 500_000;

/// Holds real actions and resources that witnesses are chosen from where possible, the first before the next.
#[derive(Clone, Debug, Default)]
pub struct Examples<'a> {
    /// Actions, such as `iam:CreateUser`.
    pub actions: Vec<&'a str>,
    /// Resources: ARNs, or `*`.
    pub resources: Vec<&'a str>,
}

/// Holds all requests that a principal could make, divided into cells: requests of one cell match the same statements,
/// as far as actions and resources decide it.
///
/// Every possible text is in a cell, actions of the future and names that nobody has yet among them. Beside what is in
/// force there are *sets*: documents whose Allow statements, without their conditions, name requests that something is
/// claimed of.
#[derive(Clone, Debug)]
pub struct Space<'a> {
    statements: Vec<Entry<'a>>,
    principal: Facts,
    grants: Vec<Selection>,
    denies: Selection,
    sets: Vec<Selection>,
    actions: Arc<[Part]>,
    resources: Resources,
}

/// Holds some of the statements of a [`Space`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(FixedBitSet);

/// Holds requests that match the same statements, as far as actions and resources decide it.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'s> {
    action: &'s Part,
    resource: &'s Part,
}

impl<'s> Cell<'s> {
    /// Returns one of the cell's actions.
    pub fn action(&self) -> &'s str {
        self.action.witness(|_| true)
    }

    /// Returns one of the cell's resources: an example that is preferred, else another one, else a made-up text.
    pub fn resource(&self, is_preferred: impl Fn(&str) -> bool) -> &'s str {
        self.resource.witness(is_preferred)
    }
}

/// Holds which statements' conditions hold in requests of which the same is known.
#[derive(Clone, Debug)]
pub struct View {
    facts: Facts,
    may: FixedBitSet,
    must: FixedBitSet,
}

impl View {
    /// Returns what is known of the requests.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

impl<'a> Space<'a> {
    /// Divides all requests of a principal into cells. `principal` is what is known of the condition keys in all of its
    /// sessions, such as `aws:username`.
    ///
    /// # Errors
    ///
    /// When the patterns together are too many or too entangled.
    pub fn new(
        layers: &Layers<'a>,
        sets: &[&'a Document],
        principal: Facts,
        examples: &Examples<'_>,
    ) -> Result<Self, TooComplex> {
        Self::of_entries(layers.entries(), sets, principal, examples, None)
    }

    /// Divides all requests of another principal with the same documents in force.
    ///
    /// # Errors
    ///
    /// As [`Space::new`].
    pub fn of_another<'b>(
        &self,
        sets: &[&'b Document],
        principal: Facts,
        examples: &Examples<'_>,
    ) -> Result<Space<'b>, TooComplex>
    where
        'a: 'b,
    {
        let in_force = self
            .statements
            .iter()
            .filter(|entry| entry.layer().is_some());
        Space::of_entries(
            in_force.copied().collect(),
            sets,
            principal,
            examples,
            Some(self),
        )
    }

    fn of_entries(
        mut statements: Vec<Entry<'a>>,
        sets: &[&'a Document],
        principal: Facts,
        examples: &Examples<'_>,
        known: Option<&Space<'_>>,
    ) -> Result<Self, TooComplex> {
        for (set, document) in sets.iter().enumerate() {
            statements.extend(Entry::of_document(document, |_| Home::Set(set)));
        }
        let actions = match known {
            Some(known) if known.has_actions_of(&statements) => Arc::clone(&known.actions),
            Some(_) | None => part::of_actions(&statements, &examples.actions)?,
        };
        let known = known.map(|known| (&known.resources, known.statements.as_slice()));
        let resources = Resources::new(&statements, &principal, &examples.resources, known)?;
        if actions.len().saturating_mul(resources.parts.len()) > MOST_CELLS {
            return Err(TooComplex);
        }
        let of_set = |set| {
            select(&statements, |entry| {
                entry.home == Home::Set(set) && entry.allows()
            })
        };
        Ok(Self {
            grants: grants(&statements),
            denies: select(&statements, |entry| {
                entry.layer().is_some() && !entry.allows()
            }),
            sets: (0..sets.len()).map(of_set).collect(),
            statements,
            principal,
            actions,
            resources,
        })
    }

    fn has_actions_of(&self, statements: &[Entry<'_>]) -> bool {
        let same = |(one, other): (&Entry<'_>, &Entry<'_>)| {
            std::ptr::eq(one.statement, other.statement)
                || one.statement.actions() == other.statement.actions()
        };
        self.statements.len() == statements.len()
            && self.statements.iter().zip(statements).all(same)
    }

    /// Lists the cells, those first whose action and resource are examples.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.actions.iter().flat_map(|action| {
            self.resources
                .parts
                .iter()
                .map(move |resource| Cell { action, resource })
        })
    }

    /// Tells whether patterns for resources were too complex to be told apart. What is then not [`Truth::Unknown`] is as
    /// certain as ever, but more is unknown.
    pub fn is_rough(&self) -> bool {
        self.resources.is_rough()
    }

    /// Evaluates the conditions for requests of which this is known beside what is known of the principal.
    pub fn view(&self, session: &Facts) -> View {
        let facts = self.principal.clone().and(session);
        let mut may = FixedBitSet::with_capacity(self.statements.len());
        let mut must = may.clone();
        for (index, entry) in self.statements.iter().enumerate() {
            let holds = condition::condition_holds(entry.statement, entry.version, &facts);
            may.set(index, holds.may());
            must.set(index, holds.must());
        }
        View { facts, may, must }
    }

    /// Selects statements in force.
    pub fn select(&self, is_meant: impl Fn(&Statement) -> bool) -> Selection {
        select(&self.statements, |entry| {
            entry.layer().is_some() && is_meant(entry.statement)
        })
    }

    /// Tells whether any of some statements applies to requests.
    pub fn applies(&self, cell: Cell<'_>, view: &View, selection: &Selection) -> Truth {
        let Selection(among) = selection;
        if intersects(&cell.action.must, &cell.resource.must, &view.must, among) {
            Truth::True
        } else {
            let may = intersects(&cell.action.may, &cell.resource.may, &view.may, among);
            if may { Truth::Unknown } else { Truth::False }
        }
    }

    /// Tells whether the documents grant requests, whatever denies them: those of the principal and its groups do, the
    /// boundary if there is one, and the service control policies of each level.
    pub fn granted(&self, cell: Cell<'_>, view: &View) -> Truth {
        Truth::all(
            self.grants
                .iter()
                .map(|layer| self.applies(cell, view, layer)),
        )
    }

    /// Tells whether a statement denies requests, so that no policy of a resource can allow them either.
    pub fn denied(&self, cell: Cell<'_>, view: &View) -> Truth {
        self.applies(cell, view, &self.denies)
    }

    /// Tells whether the documents allow requests: they grant them and nothing denies them.
    pub fn allowed(&self, cell: Cell<'_>, view: &View) -> Truth {
        Truth::all([self.granted(cell, view), !self.denied(cell, view)])
    }

    /// Tells whether requests may be in a set, by its place among those given. In a set, wildcards stand for all texts.
    pub fn is_in(&self, cell: Cell<'_>, set: usize) -> bool {
        self.sets.get(set).is_some_and(|Selection(among)| {
            let all = &cell.action.may;
            intersects(all, &cell.resource.may, all, among)
        })
    }

    /// Lists the statements in force that may apply to requests, each with whether it does: [`Truth::Unknown`] or
    /// [`Truth::True`].
    pub fn truths(&self, cell: Cell<'_>, view: &View) -> Vec<(Placed<'a>, Truth)> {
        let must = [&cell.action.must, &cell.resource.must, &view.must];
        let entries = self.statements.iter().enumerate();
        let truths = entries.filter_map(|(index, entry)| {
            let placed = entry.placed().filter(|_| may_apply(cell, view, index))?;
            let truth = if must.iter().all(|statements| statements.contains(index)) {
                Truth::True
            } else {
                Truth::Unknown
            };
            Some((placed, truth))
        });
        truths.collect()
    }

    /// Lists the statements in force of an effect that may apply to requests.
    pub fn applicable(&self, cell: Cell<'_>, view: &View, effect: Effect) -> Vec<Placed<'a>> {
        let may = |index| may_apply(cell, view, index);
        let entries = self
            .statements
            .iter()
            .enumerate()
            .filter(|(index, _)| may(*index));
        let placed = entries.filter_map(|(_, entry)| entry.placed());
        placed
            .filter(|placed| placed.statement.effect() == effect)
            .collect()
    }

    /// Divides requests further, by what they have for the keys that decide whether statements apply to them: the facts
    /// returned cover all of them. None where there are too many possibilities.
    pub fn divide(&self, cell: Cell<'_>, view: &View) -> Option<Vec<Facts>> {
        let undecided = |index| may_apply(cell, view, index) && !view.must.contains(index);
        let entries = self
            .statements
            .iter()
            .enumerate()
            .filter(|(index, _)| undecided(*index));
        let statements = entries.map(|(_, entry)| (entry.statement, entry.version));
        split::divide(statements, &view.facts)
    }
}

fn may_apply(cell: Cell<'_>, view: &View, index: usize) -> bool {
    [&cell.action.may, &cell.resource.may, &view.may]
        .iter()
        .all(|statements| statements.contains(index))
}

/// Returns the Allow statements of each layer that must grant a request.
fn grants(statements: &[Entry<'_>]) -> Vec<Selection> {
    let layers: BTreeSet<Layer> = statements
        .iter()
        .filter_map(Entry::layer)
        .chain([Layer::Identity])
        .collect();
    let allows = |layer| {
        select(statements, |entry| {
            entry.layer() == Some(layer) && entry.allows()
        })
    };
    layers.into_iter().map(allows).collect()
}

fn select(statements: &[Entry<'_>], is_meant: impl Fn(&Entry<'_>) -> bool) -> Selection {
    let mut selection = FixedBitSet::with_capacity(statements.len());
    for (index, entry) in statements.iter().enumerate() {
        selection.set(index, is_meant(entry));
    }
    Selection(selection)
}

/// Tells whether four sets have an element in common.
fn intersects(
    one: &FixedBitSet,
    two: &FixedBitSet,
    three: &FixedBitSet,
    four: &FixedBitSet,
) -> bool {
    let pairs = one.as_slice().iter().zip(two.as_slice());
    let others = three.as_slice().iter().zip(four.as_slice());
    pairs
        .zip(others)
        .any(|((one, two), (three, four))| one & two & three & four != 0)
}
