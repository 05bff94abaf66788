//! The context of a request: condition keys and their values.

use std::collections::BTreeMap;
use std::slice;

/// Holds the condition keys of a request with their values. Keys are compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Keys are in lower case.
    values: BTreeMap<String, ContextValue>,
}

/// Holds what a condition key of a request has as its value.
///
/// Which it is depends on the key, not on how many values a request has for it: `aws:TagKeys` with one tag is a list of
/// one ("Single-valued vs. multivalued context keys" in the IAM User Guide).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// The value of a single-valued key.
    Single(String),
    /// The values of a multivalued key.
    Multiple(Vec<String>),
}

impl Context {
    /// Sets a key to a value, in place of what it had. A multivalued key without values is absent.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let key = key.to_ascii_lowercase();
        if value.values().is_empty() {
            self.values.remove(&key);
        } else {
            self.values.insert(key, value);
        }
    }

    /// Returns the context with a single-valued key set.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, ContextValue::Single(value.into()));
        self
    }

    /// Returns the bytes that keys and values have together.
    pub(crate) fn size(&self) -> usize {
        let values = |value: &ContextValue| value.values().iter().map(String::len).sum::<usize>();
        let entries = self.values.iter();
        entries.map(|(key, value)| key.len() + values(value)).sum()
    }

    /// Returns the value of a key that is written in lower case.
    pub(crate) fn get(&self, key: &str) -> Option<&ContextValue> {
        self.values.get(key)
    }
}

impl ContextValue {
    /// Returns the value or values.
    pub fn values(&self) -> &[String] {
        match self {
            Self::Single(value) => slice::from_ref(value),
            Self::Multiple(values) => values,
        }
    }

    /// Returns the value of a single-valued key.
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::Single(value) => Some(value),
            Self::Multiple(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_a_key_makes_no_difference() {
        let context = Context::default()
            .with("aws:Username", "alice")
            .with("AWS:USERNAME", "bob");
        assert_eq!(context, Context::default().with("aws:username", "bob"));
        assert_eq!(context.get("aws:username").unwrap().single(), Some("bob"));
    }

    #[test]
    fn a_multivalued_key_is_one_even_with_one_value_and_absent_with_none() {
        let mut context = Context::default();
        context.set(
            "aws:TagKeys",
            ContextValue::Multiple(vec!["team".to_owned()]),
        );
        assert_eq!(context.get("aws:tagkeys").unwrap().single(), None);
        context.set("aws:TagKeys", ContextValue::Multiple(Vec::new()));
        assert_eq!(context.get("aws:tagkeys"), None);
    }
}
