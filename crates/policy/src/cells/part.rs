//! Actions, and resources, divided by the statements that they match.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use super::automaton::{Class, GlobSet, TooComplex, classes};
use super::facts::Facts;
use super::glob::{Glob, Reach};
use super::globs::{self, ResourceGlob};
use super::layers::Entry;
use crate::statement;

/// Actions, or resources, that match the same statements.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The statements that they may match.
    pub(crate) may: FixedBitSet,
    /// The statements that they match for certain.
    pub(crate) must: FixedBitSet,
    /// The examples among them, or else a shortest one.
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
    let group = Group::new(elements, form, GlobSet::new(), &lower, None)?;
    let mut parts = Parts::default();
    parts.add(&group);
    Ok(parts.in_order(examples))
}

/// Holds all resources, divided.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(crate) parts: Arc<[Part]>,
    groups: Vec<Arc<Group>>,
}

impl Resources {
    /// Divides all resources: ARNs, and `*`, which is the resource of a request that is about none in particular.
    ///
    /// They are divided service by service, since few patterns can match resources of several; what is known already
    /// of a service is used again.
    pub(crate) fn new(
        statements: &[Entry<'_>],
        facts: &Facts,
        examples: &[&str],
        known: Option<&Self>,
    ) -> Result<Self, TooComplex> {
        let elements: Vec<(Vec<ResourceGlob>, &Entry<'_>)> = statements
            .iter()
            .map(|entry| {
                let patterns = entry
                    .statement
                    .resources()
                    .map_or(&[][..], |resources| resources.patterns());
                let glob = |pattern| globs::of_resource(pattern, entry.version, facts);
                (patterns.iter().map(glob).collect(), entry)
            })
            .collect();
        let globs = elements.iter().flat_map(|(globs, _)| globs);
        let services: BTreeSet<&str> = globs.filter_map(|glob| glob.service.as_deref()).collect();
        let others: GlobSet = services.iter().copied().map(arns).collect();
        let mut parts = Parts::default();
        let mut groups = Vec::new();
        for (index, service) in services.iter().map(Some).chain([None]).enumerate() {
            let (form, not) = match service {
                Some(service) => (GlobSet::from([arns(service)]), GlobSet::new()),
                None => (
                    GlobSet::from([arns("*"), Glob::literal("*")]),
                    others.clone(),
                ),
            };
            let of_service = elements
                .iter()
                .map(|(globs, entry)| Element::of_resources(globs, entry, service.copied()));
            let known = known.and_then(|known| known.groups.get(index));
            // Those of other services keep their places.
            let is_of = |example: &str| {
                let part = example.split(':').nth(2);
                match service {
                    Some(service) => part == Some(service),
                    None => part.is_none_or(|part| !services.contains(part)),
                }
            };
            let of_group: Vec<&str> = examples
                .iter()
                .map(|example| if is_of(example) { example } else { "" })
                .collect();
            let group = Group::new(of_service, form, not, &of_group, known)?;
            parts.add(&group);
            groups.push(group);
        }
        Ok(Self {
            parts: parts.in_order(examples),
            groups,
        })
    }
}

/// Returns the pattern of all ARNs of a service, or of services that match a pattern.
fn arns(service: &str) -> Glob {
    let mut arn = Glob::read(&format!("arn:*:{service}:*:*:"), Reach::Part);
    arn.extend_pattern("*", Reach::Everything);
    arn
}

/// The actions, or the resources, of a statement.
struct Element {
    may: GlobSet,
    must: GlobSet,
    is_negated: bool,
}

impl Element {
    /// Returns what can match resources of a service; without one, of services that no pattern is for. In the sets that
    /// something is claimed of, wildcards stand for all texts.
    fn of_resources(globs: &[ResourceGlob], entry: &Entry<'_>, service: Option<&str>) -> Self {
        let globs = globs
            .iter()
            .filter(|glob| glob.service.is_none() || glob.service.as_deref() == service);
        let may: GlobSet = globs.clone().filter_map(|glob| glob.may.clone()).collect();
        let must = match entry.layer() {
            None => may.clone(),
            Some(_) => globs.filter_map(|glob| glob.must.clone()).collect(),
        };
        let is_negated = entry
            .statement
            .resources()
            .is_some_and(statement::Resources::is_negated);
        Self {
            may,
            must,
            is_negated,
        }
    }
}

/// Texts of one form, divided by the patterns that they match.
#[derive(Debug)]
struct Group {
    sets: Vec<GlobSet>,
    examples: Vec<String>,
    /// For each statement the places of its sets, may and must, and whether it is about what doesn't match.
    elements: Vec<(usize, usize, bool)>,
    classes: Arc<[Class]>,
}

impl Group {
    /// Divides all texts that match `form` and don't match `not`.
    fn new(
        elements: impl Iterator<Item = Element>,
        form: GlobSet,
        not: GlobSet,
        examples: &[&str],
        known: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, TooComplex> {
        let mut places = Places::default();
        let (form, not) = (places.of(form), places.of(not));
        let elements = elements
            .map(
                |Element {
                     may,
                     must,
                     is_negated,
                 }| (places.of(may), places.of(must), is_negated),
            )
            .collect();
        let sets = places.into_sets();
        let classes = match known {
            Some(known) if known.sets == sets && known.examples == examples => {
                Arc::clone(&known.classes)
            }
            Some(_) | None => {
                let mut found = classes(&sets, form, examples)?;
                found.retain(|class| !class.matched.contains(not));
                found.into()
            }
        };
        let examples = examples
            .iter()
            .map(|example| (*example).to_owned())
            .collect();
        Ok(Arc::new(Self {
            sets,
            examples,
            elements,
            classes,
        }))
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
struct Parts(BTreeMap<(FixedBitSet, FixedBitSet), Found>);

struct Found {
    /// The places of the examples in the part.
    examples: BTreeSet<usize>,
    order: usize,
    shortest: String,
}

impl Parts {
    fn add(&mut self, group: &Group) {
        for class in group.classes.iter() {
            let order = self.0.len();
            let part = self
                .0
                .entry(group.statements(class))
                .or_insert_with(|| Found {
                    examples: BTreeSet::new(),
                    order,
                    shortest: class.shortest.clone(),
                });
            part.examples.extend(&class.examples);
        }
    }

    /// Returns the parts, those first that the first examples are in. The examples are given as they are to be written.
    fn in_order(self, examples: &[&str]) -> Arc<[Part]> {
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
                witnesses.push(found.shortest);
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
