//! `{ $.eventName = ConsoleLogin && $.errorCode NOT EXISTS }`: properties of JSON log events.

mod parser;
mod property;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use crate::comparison::{Comparison, Scalar};
use crate::expression::Expression;

pub use property::PropertySelector;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Json {
    expression: Expression<Condition>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Condition {
    property: PropertySelector,
    test: Test,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Test {
    Compare(Comparison),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

impl Json {
    pub(crate) fn matches(&self, event: &str) -> bool {
        self.read(event).is_some()
    }

    /// Reads an event that is a JSON object and matches.
    ///
    /// The guide doesn't say what becomes of other JSON, such as `[1]`; without properties it can't
    /// match here, not even `NOT EXISTS`.
    pub(crate) fn read(&self, event: &str) -> Option<Value> {
        let event: Value = serde_json::from_str(event).ok()?;
        let matches = |condition: &Condition| condition.holds(&event);
        (event.is_object() && self.expression.holds(&matches)).then_some(event)
    }

    pub(crate) fn mentions(&self, property: &PropertySelector) -> bool {
        self.expression
            .has(&|condition| condition.property == *property)
    }
}

impl Condition {
    /// Tests what the selector points to; with a wildcard, one hit is enough.
    fn holds(&self, event: &Value) -> bool {
        let values = self.property.select(event);
        match &self.test {
            Test::NotExists => values.is_empty(),
            Test::IsNull => values.iter().any(|value| value.is_null()),
            Test::IsTrue => values.contains(&&Value::Bool(true)),
            Test::IsFalse => values.contains(&&Value::Bool(false)),
            Test::Compare(comparison) => values.iter().any(|value| compares(comparison, value)),
        }
    }
}

/// Compares a string or number.
///
/// Nothing else compares, with `!=` neither: the guide says so of arrays and objects ("the filter
/// pattern won't match"), and only has strings and numbers for value nodes, so that null and
/// booleans go the same way. A property that is missing doesn't match `!=` in use.
fn compares(comparison: &Comparison, value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Number(_) => {
            Scalar::of_json(value).is_some_and(|value| comparison.holds(&value))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ ")?;
        self.expression.print(f, &|condition, f| condition.fmt(f))?;
        f.write_str(" }")
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { property, test } = self;
        match test {
            Test::Compare(comparison) => write!(f, "{property} {comparison}"),
            Test::IsNull => write!(f, "{property} IS NULL"),
            Test::IsTrue => write!(f, "{property} IS TRUE"),
            Test::IsFalse => write!(f, "{property} IS FALSE"),
            Test::NotExists => write!(f, "{property} NOT EXISTS"),
        }
    }
}
