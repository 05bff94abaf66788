//! Whether a request fulfils a condition.

use crate::condition::{Comparison, Condition, Operator, SetQualifier};
use crate::document::Version;
use crate::evaluate::comparison::ConditionValue;
use crate::evaluate::context::{Context, ContextValue};

/// Holds one test of a condition, ready to be evaluated: a key, how it is compared, and the values it is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    operator: Operator,
    /// In lower case.
    key: String,
    values: Vec<ConditionValue>,
}

impl Test {
    /// Returns the tests of a condition; all must hold for the condition to.
    pub(crate) fn all(condition: &Condition, version: Version) -> Vec<Self> {
        let read = |operator: Operator, values: &[String]| {
            let read = |value: &String| ConditionValue::read(operator.comparison(), value, version);
            values.iter().map(read).collect()
        };
        let tests = condition.tests();
        tests
            .map(|(operator, key, values)| Self {
                operator,
                key: key.as_str().to_ascii_lowercase(),
                values: read(operator, values),
            })
            .collect()
    }

    /// Tells whether the test holds for a request ("Condition operators" and "Single-valued vs. multivalued context
    /// keys" in the IAM User Guide).
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let value = context.get(&self.key);
        if self.operator.comparison() == Comparison::Null {
            return self.asks_for_absence(value.is_none());
        }
        let Some(value) = value else {
            return self.holds_without_key();
        };
        match (self.operator.qualifier(), value) {
            (None, ContextValue::Single(value)) => self.holds_for(value, context),
            // A multivalued key needs a qualifier: without one neither an operator holds nor its negation.
            (None, ContextValue::Multiple(_)) => false,
            (Some(qualifier), value) if is_null(value) => qualifier == SetQualifier::ForAllValues,
            (Some(SetQualifier::ForAllValues), value) => value
                .values()
                .iter()
                .all(|value| self.holds_for(value, context)),
            (Some(SetQualifier::ForAnyValue), value) => value
                .values()
                .iter()
                .any(|value| self.holds_for(value, context)),
        }
    }

    fn asks_for_absence(&self, absent: bool) -> bool {
        let asks = |value: &ConditionValue| match value {
            ConditionValue::Bool(asked) => *asked == absent,
            _ => false,
        };
        self.values.iter().any(asks)
    }

    fn holds_without_key(&self) -> bool {
        let by_itself = match self.operator.qualifier() {
            None => self.operator.comparison().is_negated(),
            Some(SetQualifier::ForAllValues) => true,
            Some(SetQualifier::ForAnyValue) => false,
        };
        by_itself || self.operator.if_exists()
    }

    /// Tells whether the test holds for one value of the key: one of the test's values matches, or none of them where
    /// the comparison is negated.
    fn holds_for(&self, value: &str, context: &Context) -> bool {
        let mut matches = self
            .values
            .iter()
            .map(|asked| asked.matches(value, context));
        if self.operator.comparison().is_negated() {
            matches.all(|matches| matches == Some(false))
        } else {
            matches.any(|matches| matches == Some(true))
        }
    }
}

/// Tells whether the qualifiers take a value for none: "a null dataset, such as an empty string".
fn is_null(value: &ContextValue) -> bool {
    value.values().iter().all(String::is_empty)
}

#[cfg(test)]
mod tests;
