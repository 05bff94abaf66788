//! What is known of the condition keys of requests that are looked at together.

use std::collections::{BTreeMap, BTreeSet};

/// Says what is known of one condition key in all of the requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// No request has it.
    Absent,
    /// Every request has it, with this one value.
    Value(String),
    /// Every request has it, with a whole number of this range as its value, both ends included.
    Between(u64, u64),
    /// Every request has it, with one value that is none of these.
    Other(BTreeSet<String>),
    /// Every request has it, with one value or several.
    Present,
}

/// Holds what is known of condition keys; of the others nothing is known, not even whether requests have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// Returns the facts with one more, which takes the place of what was known of the key.
    #[must_use]
    pub fn with(mut self, key: &str, fact: Fact) -> Self {
        self.0.insert(key.to_ascii_lowercase(), fact);
        self
    }

    /// Returns all facts of both; where both know of a key, those of `other`.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.extend(
            other
                .0
                .iter()
                .map(|(key, fact)| (key.clone(), fact.clone())),
        );
        self
    }

    /// Returns what is known of a key, whose case makes no difference.
    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.0.get(&key.to_ascii_lowercase())
    }

    /// Lists the keys, in lower case, with what is known of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(key, fact)| (key.as_str(), fact))
    }
}
