//! All resources, divided service by service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::automaton::{GlobSet, MOST_WORK, TooComplex};
use super::facts::Facts;
use super::glob::{Glob, Reach};
use super::globs::{self, ResourceGlob};
use super::layers::Entry;
use super::part::{Element, Group, Part, Parts};
use crate::statement::Resources as Listed;

/// How much work is done before resources are divided in a simpler way: it isn't worth much more.
const MOST_EXACT_WORK: usize = MOST_WORK / 4;

/// Holds all resources, divided: ARNs, and `*`, which is the resource of a request that is about none in particular.
///
/// Few patterns can match resources of several services, so each service is divided by itself. Where only a principal's
/// name makes a difference, what was found for another principal is used again.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(crate) parts: Arc<[Part]>,
    patterns: Vec<Arc<Patterns>>,
    /// By service; those of no service that a pattern names are of none.
    services: BTreeMap<Option<String>, Service>,
}

/// The resources of one service, divided.
#[derive(Clone, Debug)]
struct Service {
    group: Arc<Group>,
    examples: Vec<String>,
    /// Whether the patterns were too complex, so that all but `*` may match every resource of the service.
    is_rough: bool,
}

impl Resources {
    /// Divides all resources by statements. `known` is what was found for the same principal's statements or another's.
    pub(crate) fn new(
        statements: &[Entry<'_>],
        facts: &Facts,
        examples: &[&str],
        known: Option<(&Self, &[Entry<'_>])>,
    ) -> Result<Self, TooComplex> {
        let patterns: Vec<_> = statements
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                Patterns::known(index, entry, known)
                    .unwrap_or_else(|| Arc::new(Patterns::new(entry, facts)))
            })
            .collect();
        let named: BTreeSet<&str> = patterns
            .iter()
            .flat_map(|patterns| patterns.services())
            .collect();
        let known = known
            .map(|(known, _)| known)
            .filter(|known| known.names(&named) && known.patterns.len() == patterns.len());
        // The principal's, as the first.
        let own = examples.iter().find(|example| example.contains(':'));
        let own = own.copied().unwrap_or_default();
        let mut patience = Patience {
            exact: 4,
            simple: 2,
        };
        let mut parts = Parts::default();
        let mut services = BTreeMap::new();
        for service in named.iter().copied().map(Some).chain([None]) {
            let of_service = |example: &&str| match (service, example.split(':').nth(2)) {
                (Some(service), of) => of == Some(service),
                (None, of) => of.is_none_or(|of| !named.contains(of)),
            };
            // The others keep their places.
            let examples: Vec<String> = examples
                .iter()
                .map(|example| {
                    if of_service(example) {
                        (*example).to_owned()
                    } else {
                        String::new()
                    }
                })
                .collect();
            let divided =
                match known.and_then(|known| known.of_service(service, &patterns, &examples)) {
                    Some(divided) => divided.clone(),
                    None => Service::new(service, &named, &patterns, examples, own, &mut patience)?,
                };
            parts.add(&divided.group);
            services.insert(service.map(str::to_owned), divided);
        }
        Ok(Self {
            parts: parts.in_order(examples),
            patterns,
            services,
        })
    }

    /// Tells whether patterns were too complex to tell resources apart, so that more may match, and less must, than does.
    pub(crate) fn is_rough(&self) -> bool {
        self.services.values().any(|service| service.is_rough)
    }

    fn names(&self, services: &BTreeSet<&str>) -> bool {
        self.services
            .keys()
            .flatten()
            .map(String::as_str)
            .eq(services.iter().copied())
    }

    /// Returns how a service's resources are divided, if they are by these patterns as well.
    fn of_service(
        &self,
        service: Option<&str>,
        patterns: &[Arc<Patterns>],
        examples: &[String],
    ) -> Option<&Service> {
        let same = |(one, other): (&Arc<Patterns>, &Arc<Patterns>)| {
            Arc::ptr_eq(one, other)
                || one == other
                || (one.role() == other.role()
                    && !one.can_match(service)
                    && !other.can_match(service))
        };
        let divided = self.services.get(&service.map(str::to_owned))?;
        (divided.examples == examples && self.patterns.iter().zip(patterns).all(same))
            .then_some(divided)
    }
}

/// How many services may turn out too complex in each way before the next simpler one is used at once: the whole must
/// come to an end in time, however many services there are.
struct Patience {
    exact: usize,
    simple: usize,
}

impl Patience {
    fn try_with(
        left: &mut usize,
        divide: impl FnOnce() -> Result<Group, TooComplex>,
    ) -> Result<Group, TooComplex> {
        let fewer = left.checked_sub(1).ok_or(TooComplex)?;
        let divided = divide();
        if divided.is_err() {
            *left = fewer;
        }
        divided
    }
}

impl Service {
    fn new(
        service: Option<&str>,
        named: &BTreeSet<&str>,
        patterns: &[Arc<Patterns>],
        examples: Vec<String>,
        own: &str,
        patience: &mut Patience,
    ) -> Result<Self, TooComplex> {
        let (form, not) = match service {
            Some(service) => (GlobSet::from([arns(service)]), GlobSet::new()),
            None => (
                GlobSet::from([arns("*"), Glob::literal("*")]),
                named.iter().copied().map(arns).collect(),
            ),
        };
        let texts: Vec<&str> = examples.iter().map(String::as_str).collect();
        let likelier = |text: &str| {
            let of_service = texts.iter().find(|example| example.contains(':'));
            likelier(text, of_service.copied().unwrap_or(own))
        };
        let group = |element: &dyn Fn(&Patterns) -> Element, most_work| {
            let elements = patterns.iter().map(|patterns| element(patterns));
            Group::new(
                elements,
                form.clone(),
                not.clone(),
                &texts,
                likelier,
                most_work,
            )
        };
        let Patience { exact, simple } = patience;
        let exact = Patience::try_with(exact, || group(&|of| of.element(service), MOST_EXACT_WORK));
        let is_rough = exact.is_err();
        let group = exact
            .or_else(|TooComplex| {
                Patience::try_with(simple, || group(&|of| of.simple(service), MOST_WORK))
            })
            .or_else(|TooComplex| group(&|of| of.rough(service), MOST_WORK))?;
        Ok(Self {
            group: Arc::new(group),
            examples,
            is_rough,
        })
    }
}

/// Lists what is likelier than an ARN that a shortest text is: with the account, and the region if it has one, that an example
/// has, where the text has none.
fn likelier(text: &str, example: &str) -> Vec<String> {
    fn or<'t>(field: &'t str, known: &'t str) -> &'t str {
        if field.is_empty() { known } else { field }
    }
    let fields = |arn| <[&str; 6]>::try_from(str::splitn(arn, 6, ':').collect::<Vec<_>>());
    let (
        Ok([arn @ "arn", partition, service, region, account, rest]),
        Ok([_, _, _, known_region, known_account, _]),
    ) = (fields(text), fields(example))
    else {
        return Vec::new();
    };
    let with = |region, account| [arn, partition, service, region, account, rest].join(":");
    let account = or(account, known_account);
    let mut likelier = vec![
        with(or(region, known_region), account),
        with(region, account),
    ];
    likelier.dedup();
    likelier.retain(|likely| likely != text);
    likelier
}

/// Returns the pattern of all ARNs of a service, or of services that match a pattern.
fn arns(service: &str) -> Glob {
    let mut arn = Glob::read(&format!("arn:*:{service}:*:*:"), Reach::Part);
    arn.extend_pattern("*", Reach::Everything);
    arn
}

/// The patterns of a statement for resources.
#[derive(Debug, PartialEq, Eq)]
struct Patterns {
    globs: Vec<ResourceGlob>,
    is_negated: bool,
    is_in_force: bool,
    allows: bool,
}

impl Patterns {
    fn new(entry: &Entry<'_>, facts: &Facts) -> Self {
        let listed = entry.statement.resources();
        let patterns = listed.map_or_else(Default::default, Listed::patterns);
        Self {
            globs: patterns
                .iter()
                .map(|pattern| globs::of_resource(pattern, entry.version, facts))
                .collect(),
            is_negated: listed.is_some_and(Listed::is_negated),
            is_in_force: entry.layer().is_some(),
            allows: entry.allows(),
        }
    }

    /// Returns the patterns of a statement if they are known and the same for every principal.
    fn known(
        index: usize,
        entry: &Entry<'_>,
        known: Option<(&Resources, &[Entry<'_>])>,
    ) -> Option<Arc<Self>> {
        let (resources, entries) = known?;
        let patterns = resources.patterns.get(index)?;
        let is_same = std::ptr::eq(entries.get(index)?.statement, entry.statement);
        (is_same && patterns.globs.iter().all(|glob| glob.is_fixed)).then(|| Arc::clone(patterns))
    }

    /// Lists the services that patterns name.
    fn services(&self) -> impl Iterator<Item = &str> {
        self.globs.iter().filter_map(|glob| glob.service.as_deref())
    }

    /// Tells whether a resource of a service can match; without one, of services that no pattern names.
    fn can_match(&self, service: Option<&str>) -> bool {
        self.globs.iter().any(|glob| glob.can_match(service))
    }

    fn role(&self) -> (bool, bool, bool) {
        (self.is_negated, self.is_in_force, self.allows)
    }

    /// Returns what can match resources of a service. In the sets that something is claimed of, wildcards stand for all
    /// texts.
    fn element(&self, service: Option<&str>) -> Element {
        let globs = self.globs.iter().filter(|glob| glob.can_match(service));
        let may: GlobSet = globs.clone().filter_map(|glob| glob.may.clone()).collect();
        let must = match self.is_in_force {
            true => globs.filter_map(|glob| glob.must.clone()).collect(),
            false => may.clone(),
        };
        Element {
            may,
            must,
            is_negated: self.is_negated,
        }
    }

    /// Returns the same as [`Patterns::element`], but for statements that allow it takes what they may match for more: every
    /// ARN with more colons than a pattern. There are hardly any in requests, and what denies still tells them apart.
    fn simple(&self, service: Option<&str>) -> Element {
        let exact = self.element(service);
        if !self.is_in_force || !self.allows || self.is_negated {
            return exact;
        }
        let globs = self.globs.iter().filter(|glob| glob.can_match(service));
        let may = globs.flat_map(|glob| match &glob.simply {
            Some(simply) => simply.to_vec(),
            None => glob.may.iter().cloned().collect(),
        });
        Element {
            may: may.collect(),
            ..exact
        }
    }

    /// Returns the same as [`Patterns::element`] for a statement in force, as far as it goes without looking at its
    /// patterns: they may match everything, and only `*` must.
    fn rough(&self, service: Option<&str>) -> Element {
        let exact = self.element(service);
        if !self.is_in_force {
            return exact;
        }
        let everything = GlobSet::from([Glob::everything()]);
        Element {
            must: exact.must.intersection(&everything).cloned().collect(),
            may: if exact.may.is_empty() {
                exact.may
            } else {
                everything
            },
            is_negated: self.is_negated,
        }
    }
}

impl ResourceGlob {
    fn can_match(&self, service: Option<&str>) -> bool {
        self.service.is_none() || self.service.as_deref() == service
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_with_failures_only() {
        let everything = || {
            let form = GlobSet::from([Glob::everything()]);
            let none = |_: &str| Vec::new();
            Group::new(
                std::iter::empty(),
                form,
                GlobSet::new(),
                &[],
                none,
                MOST_WORK,
            )
        };
        let mut left = 2;
        let mut tried = 0;
        for _ in 0..4 {
            assert!(Patience::try_with(&mut left, everything).is_ok());
            let failed = Patience::try_with(&mut left, || {
                tried += 1;
                Err(TooComplex)
            });
            if failed.is_err() && left == 0 {
                break;
            }
        }
        assert_eq!((tried, left), (2, 0));
        assert!(Patience::try_with(&mut left, everything).is_err());
    }
}
