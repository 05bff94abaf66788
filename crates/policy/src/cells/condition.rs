//! Conditions over many requests at once.

use super::facts::{Fact, Facts};
use super::globs::{Value, value};
use super::truth::Truth;
use crate::condition::{Comparison, Operator, SetQualifier};
use crate::document::Version;
use crate::evaluate::comparison::{ConditionValue, Relation};
use crate::evaluate::context::Context;
use crate::evaluate::template::{Piece, Template};
use crate::statement::Statement;

/// Tells whether the condition of a statement, of a document in this version of the language, holds in requests of
/// which this is known.
pub fn condition_holds(statement: &Statement, version: Version, facts: &Facts) -> Truth {
    let context = context(facts);
    let tests = statement
        .condition()
        .into_iter()
        .flat_map(super::super::condition::Condition::tests);
    Truth::all(tests.map(|(operator, key, values)| {
        let values = values
            .iter()
            .map(|text| ConditionValue::read(operator.comparison(), text, version));
        let test = Test {
            operator,
            values: values.collect(),
            facts,
            context: &context,
        };
        test.holds(facts.get(key.as_str()))
    }))
}

/// Returns the keys with a known value, which variables can stand for.
pub(super) fn context(facts: &Facts) -> Context {
    facts
        .iter()
        .fold(Context::default(), |context, (key, fact)| match fact {
            Fact::Value(text) => context.with(key, text),
            Fact::Absent | Fact::Between(..) | Fact::Other(_) | Fact::Present => context,
        })
}

/// One test of a condition.
struct Test<'a> {
    operator: Operator,
    values: Vec<ConditionValue>,
    facts: &'a Facts,
    context: &'a Context,
}

impl Test<'_> {
    fn holds(&self, fact: Option<&Fact>) -> Truth {
        if self.operator.comparison() == Comparison::Null {
            return self.is_absent(fact);
        }
        match fact {
            None | Some(Fact::Present) => Truth::Unknown,
            Some(Fact::Absent) => self.without_key(),
            // The qualifiers take an empty text for no value at all.
            Some(Fact::Value(text)) if text.is_empty() && self.operator.qualifier().is_some() => {
                Truth::Unknown
            }
            Some(Fact::Value(text)) => self.with_match(|value| self.matches(value, text)),
            Some(Fact::Between(least, greatest)) => {
                self.with_match(|value| matches_range(value, *least, *greatest))
            }
            Some(Fact::Other(excluded)) => {
                self.with_match(|value| match literal(value, self.facts) {
                    Some(text) if excluded.contains(&text) => Truth::False,
                    Some(_) | None => Truth::Unknown,
                })
            }
        }
    }

    /// Evaluates `Null`, which asks for the key's absence with `true` and for its presence with `false`.
    fn is_absent(&self, fact: Option<&Fact>) -> Truth {
        let is_absent = match fact {
            None => return Truth::Unknown,
            Some(Fact::Absent) => true,
            Some(Fact::Value(_) | Fact::Between(..) | Fact::Other(_) | Fact::Present) => false,
        };
        let asks = |value: &ConditionValue| match value {
            ConditionValue::Bool(asked) => Truth::from(*asked == is_absent),
            _ => Truth::Unknown,
        };
        match self.operator.qualifier() {
            None => Truth::any(self.values.iter().map(asks)),
            Some(_) => Truth::Unknown,
        }
    }

    /// Evaluates the test for requests without the key. The guide is of two minds about `ForAllValues`, and says nothing
    /// clear about `ForAnyValue` of what is negated.
    fn without_key(&self) -> Truth {
        let is_negated = self.operator.comparison().is_negated();
        match self.operator.qualifier() {
            _ if self.operator.if_exists() => Truth::True,
            Some(SetQualifier::ForAllValues) => Truth::Unknown,
            Some(SetQualifier::ForAnyValue) if is_negated => Truth::Unknown,
            Some(SetQualifier::ForAnyValue) => Truth::False,
            None => is_negated.into(),
        }
    }

    /// Evaluates the test for requests where the key has one value.
    fn with_match(&self, matches: impl Fn(&ConditionValue) -> Truth) -> Truth {
        let any = Truth::any(self.values.iter().map(matches));
        if self.operator.comparison().is_negated() {
            !any
        } else {
            any
        }
    }

    fn matches(&self, value: &ConditionValue, text: &str) -> Truth {
        if has_unknown_variable(value, self.facts) {
            return Truth::Unknown;
        }
        value
            .matches(text, self.context)
            .map_or(Truth::Unknown, Truth::from)
    }
}

/// Tells whether a number of a range is what a value asks for.
fn matches_range(value: &ConditionValue, least: u64, greatest: u64) -> Truth {
    let ConditionValue::Number(relation, number) = value else {
        return Truth::Unknown;
    };
    let (least, greatest) = (as_number(least), as_number(greatest));
    let (all, none) = match relation {
        Relation::Equal => (
            least == *number && greatest == *number,
            *number < least || *number > greatest,
        ),
        Relation::Less => (greatest < *number, least >= *number),
        Relation::LessOrEqual => (greatest <= *number, least > *number),
        Relation::Greater => (least > *number, greatest <= *number),
        Relation::GreaterOrEqual => (least >= *number, greatest < *number),
    };
    match (all, none) {
        (true, _) => Truth::True,
        (false, true) => Truth::False,
        (false, false) => Truth::Unknown,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of a session, far below 2^53"
)]
fn as_number(seconds: u64) -> f64 {
    seconds as f64
}

/// Returns the one text that a value for strings matches with regard to case, where there is only one.
pub(crate) fn literal(value: &ConditionValue, facts: &Facts) -> Option<String> {
    let ConditionValue::Text(template) = value else {
        return None;
    };
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => Some(text.as_str()),
        Piece::AnyCharacter | Piece::AnyText => None,
        Piece::Variable(variable) => match self::value(variable, facts) {
            Value::Known(text) => Some(text),
            Value::None | Value::Unknown => None,
        },
    });
    pieces.collect()
}

fn has_unknown_variable(value: &ConditionValue, facts: &Facts) -> bool {
    let unknown = |piece: &Piece| match piece {
        Piece::Variable(variable) => matches!(self::value(variable, facts), Value::Unknown),
        Piece::Literal(_) | Piece::AnyCharacter | Piece::AnyText => false,
    };
    template(value).is_some_and(|template| template.pieces.iter().any(unknown))
}

fn template(value: &ConditionValue) -> Option<&Template> {
    match value {
        ConditionValue::Text(template)
        | ConditionValue::TextIgnoringCase(template)
        | ConditionValue::Arn(template) => Some(template),
        ConditionValue::Number(..)
        | ConditionValue::Date(..)
        | ConditionValue::Bool(_)
        | ConditionValue::Binary(_)
        | ConditionValue::Address(_)
        | ConditionValue::Unreadable => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn evaluated(condition: &str, facts: &Facts) -> Truth {
        let document = Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {condition}}}}}"#
        ))
        .unwrap();
        let statement = document.statements().next().unwrap();
        condition_holds(statement, document.version(), facts)
    }

    fn without_mfa_key() -> Facts {
        Facts::default()
            .with("aws:MultiFactorAuthPresent", Fact::Absent)
            .with("aws:MultiFactorAuthAge", Fact::Absent)
    }

    fn with_mfa() -> Facts {
        Facts::default()
            .with("aws:multifactorauthpresent", Fact::Value("true".to_owned()))
            .with("aws:multifactorauthage", Fact::Between(0, 129_600))
    }

    #[test]
    fn bool_needs_the_key_and_if_exists_does_not() {
        let bool = r#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#;
        let if_exists = r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
        assert_eq!(evaluated(bool, &without_mfa_key()), Truth::False);
        assert_eq!(evaluated(if_exists, &without_mfa_key()), Truth::True);
        assert_eq!(evaluated(if_exists, &with_mfa()), Truth::False);
        assert_eq!(evaluated(if_exists, &Facts::default()), Truth::Unknown);
    }

    #[test]
    fn null_asks_whether_the_key_is_absent() {
        let absent = r#"{"Null": {"aws:MultiFactorAuthAge": "true"}}"#;
        let present = r#"{"Null": {"aws:MultiFactorAuthAge": "false"}}"#;
        assert_eq!(evaluated(absent, &without_mfa_key()), Truth::True);
        assert_eq!(evaluated(present, &without_mfa_key()), Truth::False);
        assert_eq!(evaluated(absent, &with_mfa()), Truth::False);
        assert_eq!(evaluated(present, &with_mfa()), Truth::True);
        assert_eq!(evaluated(absent, &Facts::default()), Truth::Unknown);
    }

    #[test]
    fn a_number_of_a_range_may_be_more_or_less() {
        let age = |operator, number| {
            evaluated(
                &format!(r#"{{"{operator}": {{"aws:MultiFactorAuthAge": "{number}"}}}}"#),
                &with_mfa(),
            )
        };
        assert_eq!(age("NumericLessThan", 3_600), Truth::Unknown);
        assert_eq!(age("NumericLessThanEquals", 129_600), Truth::True);
        assert_eq!(age("NumericGreaterThan", 129_600), Truth::False);
        assert_eq!(age("NumericEquals", 200_000), Truth::False);
        assert_eq!(age("NumericNotEquals", 200_000), Truth::True);
    }

    #[test]
    fn what_the_guide_leaves_open_is_unknown() {
        let absent = Facts::default().with("aws:TagKeys", Fact::Absent);
        let test = |operator| {
            evaluated(
                &format!(r#"{{"{operator}": {{"aws:TagKeys": "a"}}}}"#),
                &absent,
            )
        };
        assert_eq!(test("ForAllValues:StringEquals"), Truth::Unknown);
        assert_eq!(test("ForAnyValue:StringNotEquals"), Truth::Unknown);
        assert_eq!(test("ForAnyValue:StringEquals"), Truth::False);
        assert_eq!(test("StringNotEquals"), Truth::True);
        assert_eq!(test("ForAllValues:StringEqualsIfExists"), Truth::True);
    }

    #[test]
    fn a_variable_of_unknown_value_leaves_the_test_open() {
        let condition = r#"{"StringEquals": {"aws:username": "${aws:PrincipalTag/name}"}}"#;
        let alice = Facts::default().with("aws:username", Fact::Value("alice".to_owned()));
        assert_eq!(evaluated(condition, &alice), Truth::Unknown);
        let tagged = |name: &str| {
            alice
                .clone()
                .with("aws:PrincipalTag/Name", Fact::Value(name.to_owned()))
        };
        assert_eq!(evaluated(condition, &tagged("alice")), Truth::True);
        assert_eq!(evaluated(condition, &tagged("bob")), Truth::False);
    }

    #[test]
    fn another_value_than_those_tested_is_none_of_them() {
        let other = Facts::default().with(
            "aws:RequestedRegion",
            Fact::Other(["eu-west-1".to_owned()].into()),
        );
        let test = |operator, value| {
            evaluated(
                &format!(r#"{{"{operator}": {{"aws:RequestedRegion": "{value}"}}}}"#),
                &other,
            )
        };
        assert_eq!(test("StringEquals", "eu-west-1"), Truth::False);
        assert_eq!(test("StringNotEquals", "eu-west-1"), Truth::True);
        assert_eq!(test("StringLike", "eu-*"), Truth::Unknown);
        assert_eq!(test("StringEqualsIgnoreCase", "eu-west-1"), Truth::Unknown);
    }

    #[test]
    fn what_cannot_be_compared_is_unknown() {
        let facts = Facts::default().with("aws:CurrentTime", Fact::Value("yesterday".to_owned()));
        assert_eq!(
            evaluated(
                r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01"}}"#,
                &facts
            ),
            Truth::Unknown
        );
        assert_eq!(
            evaluated(r#"{"Bool": {"aws:CurrentTime": "yes"}}"#, &facts),
            Truth::Unknown
        );
    }
}
