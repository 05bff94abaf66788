//! Actions, and resources, divided by the statements that they match.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use super::automaton::{Class, GlobSet, MOST_WORK, TooComplex, classes};
use super::glob::{Glob, Reach};
use super::globs;
use super::layers::Entry;

/// Actions, or resources, that match the same statements.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The statements that they may match.
    pub(crate) may: FixedBitSet,
    /// The statements that they match for certain.
    pub(crate) must: FixedBitSet,
    /// The examples among them, or else a made-up one.
    pub(crate) witnesses: Vec<String>,
}

impl Part {
    /// Returns a witness that is preferred, or else the first one.
    pub(crate) fn witness(&self, is_preferred: impl Fn(&str) -> bool) -> &str {
        let witnesses = || self.witnesses.iter().map(String::as_str);
        witnesses()
            .find(|witness| is_preferred(witness))
            .or_else(|| witnesses().next())
            .unwrap_or_default()
    }
}

/// Divides all actions: texts with one colon, and something before and behind it.
pub(crate) fn of_actions(
    statements: &[Entry<'_>],
    examples: &[&str],
) -> Result<Arc<[Part]>, TooComplex> {
    let lower: Vec<String> = examples
        .iter()
        .map(|example| example.to_ascii_lowercase())
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let elements = statements.iter().map(|entry| {
        let actions = entry.statement.actions();
        let globs = globs::of_actions(actions.patterns());
        Element {
            may: globs.clone(),
            must: globs,
            is_negated: actions.is_negated(),
        }
    });
    let form = GlobSet::from([Glob::read("?*:?*", Reach::Part)]);
    let group = Group::new(
        elements,
        form,
        GlobSet::new(),
        &lower,
        |_| Vec::new(),
        MOST_WORK,
    )?;
    let mut parts = Parts::default();
    parts.add(&group);
    Ok(parts.in_order(examples))
}

/// The actions, or the resources, of a statement.
pub(crate) struct Element {
    pub(crate) may: GlobSet,
    pub(crate) must: GlobSet,
    pub(crate) is_negated: bool,
}

/// Texts of one form, divided by the patterns that they match.
#[derive(Debug)]
pub(crate) struct Group {
    /// For each statement the places of its sets, may and must, and whether it is about what doesn't match.
    elements: Vec<(usize, usize, bool)>,
    classes: Vec<Class>,
}

impl Group {
    /// Divides all texts that match `form` and don't match `not`.
    pub(crate) fn new(
        elements: impl Iterator<Item = Element>,
        form: GlobSet,
        not: GlobSet,
        examples: &[&str],
        likelier: impl Fn(&str) -> Vec<String>,
        most_work: usize,
    ) -> Result<Self, TooComplex> {
        let mut places = Places::default();
        let (form, not) = (places.of(form), places.of(not));
        let elements = elements.map(|element| {
            let Element {
                may,
                must,
                is_negated,
            } = element;
            (places.of(may), places.of(must), is_negated)
        });
        let elements = elements.collect();
        let mut classes = classes(&places.into_sets(), form, examples, likelier, most_work)?;
        classes.retain(|class| !class.matched.contains(not));
        Ok(Self { elements, classes })
    }

    /// Returns the statements that the texts of a class may and must match.
    fn statements(&self, class: &Class) -> (FixedBitSet, FixedBitSet) {
        let mut may = FixedBitSet::with_capacity(self.elements.len());
        let mut must = may.clone();
        for (index, (may_match, must_match, is_negated)) in
            self.elements.iter().copied().enumerate()
        {
            let may_match = class.matched.contains(may_match);
            let must_match = class.matched.contains(must_match);
            may.set(index, if is_negated { !must_match } else { may_match });
            must.set(index, if is_negated { !may_match } else { must_match });
        }
        (may, must)
    }
}

/// Parts found so far, by the statements that they may and must match.
#[derive(Default)]
pub(crate) struct Parts(BTreeMap<(FixedBitSet, FixedBitSet), Found>);

struct Found {
    /// The places of the examples in the part.
    examples: BTreeSet<usize>,
    order: usize,
    made_up: String,
}

impl Parts {
    pub(crate) fn add(&mut self, group: &Group) {
        for class in &group.classes {
            let order = self.0.len();
            let part = self
                .0
                .entry(group.statements(class))
                .or_insert_with(|| Found {
                    examples: BTreeSet::new(),
                    order,
                    made_up: class.made_up.clone(),
                });
            part.examples.extend(&class.examples);
        }
    }

    /// Returns the parts, those first that the first examples are in. The examples are given as they are to be written.
    pub(crate) fn in_order(self, examples: &[&str]) -> Arc<[Part]> {
        let mut parts: Vec<_> = self.0.into_iter().collect();
        parts.sort_by_key(|(_, found)| {
            (
                found.examples.first().copied().unwrap_or(usize::MAX),
                found.order,
            )
        });
        let part = |((may, must), found): ((FixedBitSet, FixedBitSet), Found)| {
            let named = found
                .examples
                .iter()
                .filter_map(|index| examples.get(*index));
            let mut witnesses: Vec<String> = named.map(|example| (*example).to_owned()).collect();
            if witnesses.is_empty() {
                witnesses.push(found.made_up);
            }
            Part {
                may,
                must,
                witnesses,
            }
        };
        parts.into_iter().map(part).collect()
    }
}

/// Sets of patterns, each with one place.
#[derive(Default)]
struct Places(BTreeMap<GlobSet, usize>);

impl Places {
    fn of(&mut self, set: GlobSet) -> usize {
        let next = self.0.len();
        *self.0.entry(set).or_insert(next)
    }

    fn into_sets(self) -> Vec<GlobSet> {
        let mut sets: Vec<_> = self
            .0
            .into_iter()
            .map(|(set, place)| (place, set))
            .collect();
        sets.sort_unstable_by_key(|(place, _)| *place);
        sets.into_iter().map(|(_, set)| set).collect()
    }
}
