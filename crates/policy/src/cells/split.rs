//! Dividing requests by what they have for a condition key.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::literal;
use super::facts::{Fact, Facts};
use crate::condition::Comparison;
use crate::document::Version;
use crate::evaluate::comparison::ConditionValue;
use crate::statement::Statement;

/// How many combinations of facts are looked at before giving up.
const MOST_COMBINATIONS: usize = 256;

/// How statements test one condition key.
#[derive(Default)]
struct Tests {
    /// The texts that are compared with.
    texts: BTreeSet<String>,
    /// The whole numbers that are compared with.
    numbers: BTreeSet<u64>,
    /// Whether every test is of `Bool`.
    only_bool: Option<bool>,
    /// Whether a test is for keys with several values.
    has_qualifier: bool,
}

/// Divides requests with these facts by the keys that statements test: the facts returned cover all of them, each
/// request by one. None where there are too many combinations.
pub(crate) fn divide<'a>(
    statements: impl Iterator<Item = (&'a Statement, Version)>,
    facts: &Facts,
) -> Option<Vec<Facts>> {
    let mut divided = vec![facts.clone()];
    for (key, tests) in tests(statements, facts) {
        let possible = tests.possible(&key, facts.get(&key));
        if divided.len() * possible.len().max(1) > MOST_COMBINATIONS {
            return None;
        }
        if !possible.is_empty() {
            let with = |facts: Facts| {
                possible
                    .iter()
                    .map(move |fact| (facts.clone(), fact.clone()))
            };
            divided = divided
                .into_iter()
                .flat_map(with)
                .map(|(facts, fact)| facts.with(&key, fact))
                .collect();
        }
    }
    Some(divided)
}

fn tests<'a>(
    statements: impl Iterator<Item = (&'a Statement, Version)>,
    facts: &Facts,
) -> BTreeMap<String, Tests> {
    let mut tested: BTreeMap<String, Tests> = BTreeMap::new();
    for (statement, version) in statements {
        let tests = statement
            .condition()
            .into_iter()
            .flat_map(super::super::condition::Condition::tests);
        for (operator, key, values) in tests {
            let tests = tested.entry(key.as_str().to_ascii_lowercase()).or_default();
            tests.has_qualifier |= operator.qualifier().is_some();
            for text in values {
                tests.add(
                    operator.comparison(),
                    &ConditionValue::read(operator.comparison(), text, version),
                    facts,
                );
            }
        }
    }
    tested
}

impl Tests {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is checked to be whole and small"
    )]
    fn add(&mut self, comparison: Comparison, value: &ConditionValue, facts: &Facts) {
        if comparison != Comparison::Null {
            let is_bool = comparison == Comparison::Bool;
            self.only_bool = Some(self.only_bool.unwrap_or(true) && is_bool);
        }
        match value {
            ConditionValue::Number(_, number)
                if number.fract() == 0.0 && (0.0..1e15).contains(number) =>
            {
                self.numbers.insert(*number as u64);
            }
            ConditionValue::Bool(_) if comparison == Comparison::Bool => {
                self.texts.extend(["false".to_owned(), "true".to_owned()]);
            }
            other => self.texts.extend(literal(other, facts)),
        }
    }

    /// Returns the facts that divide requests of which a fact is known; none where nothing is to be divided.
    fn possible(&self, key: &str, known: Option<&Fact>) -> Vec<Fact> {
        match known {
            None => {
                let mut possible = vec![Fact::Absent];
                if is_single_valued(key) && !self.has_qualifier && !self.texts.is_empty() {
                    possible.extend(self.texts.iter().cloned().map(Fact::Value));
                    if self.only_bool != Some(true) {
                        possible.push(Fact::Other(self.texts.clone()));
                    }
                } else {
                    possible.push(Fact::Present);
                }
                possible
            }
            Some(Fact::Between(least, greatest)) => ranges(*least, *greatest, &self.numbers),
            Some(Fact::Absent | Fact::Value(_) | Fact::Other(_) | Fact::Present) => Vec::new(),
        }
    }
}

/// Divides a range at some numbers: each becomes a range of its own.
fn ranges(least: u64, greatest: u64, numbers: &BTreeSet<u64>) -> Vec<Fact> {
    let mut ranges = Vec::new();
    let mut from = least;
    for number in numbers
        .iter()
        .copied()
        .filter(|number| (least..=greatest).contains(number))
    {
        if from < number {
            ranges.push(Fact::Between(from, number - 1));
        }
        ranges.push(Fact::Between(number, number));
        from = number + 1;
    }
    if from <= greatest {
        ranges.push(Fact::Between(from, greatest));
    }
    ranges
}

/// Tells whether a key, in lower case, can't have several values: the global keys but for a few ("AWS global condition
/// context keys").
fn is_single_valued(key: &str) -> bool {
    const SEVERAL: [&str; 8] = [
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:sourcevpcorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    ];
    key.starts_with("aws:") && !SEVERAL.contains(&key)
}
