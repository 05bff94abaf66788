//! Comparing one value of a condition with one value of a request's key.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use jiff::Timestamp;

use crate::condition::Comparison;
use crate::document::Version;
use crate::evaluate::arn;
use crate::evaluate::context::Context;
use crate::evaluate::template::Template;

/// Holds one value of a condition, read as its comparison reads it.
///
/// A negated comparison is held as what it negates: see [`Comparison::is_negated`].
#[derive(Clone, Debug)]
pub(crate) enum ConditionValue {
    /// `StringEquals`, `StringLike`.
    Text(Template),
    /// `StringEqualsIgnoreCase`.
    TextIgnoringCase(Template),
    /// `ArnLike`, `ArnEquals`.
    Arn(Template),
    /// `NumericEquals`, …
    Number(Relation, f64),
    /// `DateEquals`, …
    Date(Relation, Timestamp),
    /// `Bool`, `Null`.
    Bool(bool),
    /// `BinaryEquals`.
    Binary(Vec<u8>),
    /// `IpAddress`.
    Address(IpNet),
    /// A value that its comparison can't read, such as `yes` for `Bool`.
    Unreadable,
}

/// Says how a value of a request must lie to that of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Tells whether the comparison asks that no value matches, and so holds when the request doesn't have the key.
    pub fn is_negated(self) -> bool {
        match self {
            Self::StringNotEquals
            | Self::StringNotEqualsIgnoreCase
            | Self::StringNotLike
            | Self::NumericNotEquals
            | Self::DateNotEquals
            | Self::NotIpAddress
            | Self::ArnNotEquals
            | Self::ArnNotLike => true,
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::StringLike
            | Self::NumericEquals
            | Self::NumericLessThan
            | Self::NumericLessThanEquals
            | Self::NumericGreaterThan
            | Self::NumericGreaterThanEquals
            | Self::DateEquals
            | Self::DateLessThan
            | Self::DateLessThanEquals
            | Self::DateGreaterThan
            | Self::DateGreaterThanEquals
            | Self::Bool
            | Self::BinaryEquals
            | Self::IpAddress
            | Self::ArnEquals
            | Self::ArnLike
            | Self::Null => false,
        }
    }
}

impl ConditionValue {
    /// Reads a value. Variables are possible with the operators for strings and ARNs only ("Condition element" of "IAM
    /// policy elements: Variables and tags").
    pub(crate) fn read(comparison: Comparison, text: &str, version: Version) -> Self {
        let number = |relation| number(text).map(|number| Self::Number(relation, number));
        let date = |relation| date(text).map(|date| Self::Date(relation, date));
        let read = match comparison {
            Comparison::StringEquals | Comparison::StringNotEquals => {
                Some(Self::Text(Template::of_text(text, version)))
            }
            Comparison::StringEqualsIgnoreCase | Comparison::StringNotEqualsIgnoreCase => {
                Some(Self::TextIgnoringCase(Template::of_text(text, version)))
            }
            Comparison::StringLike | Comparison::StringNotLike => {
                Some(Self::Text(Template::of_pattern(text, version)))
            }
            Comparison::ArnEquals
            | Comparison::ArnLike
            | Comparison::ArnNotEquals
            | Comparison::ArnNotLike => Some(Self::Arn(Template::of_pattern(text, version))),
            Comparison::NumericEquals | Comparison::NumericNotEquals => number(Relation::Equal),
            Comparison::NumericLessThan => number(Relation::Less),
            Comparison::NumericLessThanEquals => number(Relation::LessOrEqual),
            Comparison::NumericGreaterThan => number(Relation::Greater),
            Comparison::NumericGreaterThanEquals => number(Relation::GreaterOrEqual),
            Comparison::DateEquals | Comparison::DateNotEquals => date(Relation::Equal),
            Comparison::DateLessThan => date(Relation::Less),
            Comparison::DateLessThanEquals => date(Relation::LessOrEqual),
            Comparison::DateGreaterThan => date(Relation::Greater),
            Comparison::DateGreaterThanEquals => date(Relation::GreaterOrEqual),
            Comparison::Bool | Comparison::Null => boolean(text).map(Self::Bool),
            Comparison::BinaryEquals => STANDARD.decode(text).ok().map(Self::Binary),
            Comparison::IpAddress | Comparison::NotIpAddress => range(text).map(Self::Address),
        };
        read.unwrap_or(Self::Unreadable)
    }

    /// Tells whether a value of a request's key is what this value asks for; none when one of the two isn't what is
    /// compared, such as a date that isn't one: then neither the comparison holds nor its negation.
    pub(crate) fn matches(&self, value: &str, context: &Context) -> Option<bool> {
        match self {
            Self::Text(template) => Some(template.matches(value, context)),
            Self::TextIgnoringCase(template) => {
                Some(template.matches_ignoring_case(value, context))
            }
            Self::Arn(template) => arn::matches(template, value, context),
            Self::Number(relation, number) => {
                Some(relation.holds(self::number(value)?.partial_cmp(number)?))
            }
            Self::Date(relation, date) => Some(relation.holds(self::date(value)?.cmp(date))),
            Self::Bool(boolean) => Some(self::boolean(value)? == *boolean),
            Self::Binary(bytes) => Some(STANDARD.decode(value).ok()? == *bytes),
            Self::Address(range) => Some(range.contains(&value.parse::<IpAddr>().ok()?)),
            Self::Unreadable => None,
        }
    }
}

impl Relation {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// Reads an integer or a decimal number ("Numeric condition operators").
fn number(text: &str) -> Option<f64> {
    let written = |byte: u8| byte.is_ascii_digit() || b"+-.".contains(&byte);
    if text.bytes().all(written) {
        text.parse().ok()
    } else {
        None
    }
}

/// Reads a date in a form of ISO 8601 (<https://www.w3.org/TR/NOTE-datetime>) or in seconds since 1970 ("Date condition
/// operators"). A date without a time is its first instant in UTC.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    match text.len() {
        7 => format!("{text}-01T00:00Z").parse().ok(),
        10 => format!("{text}T00:00Z").parse().ok(),
        _ => text.parse().ok(),
    }
}

fn boolean(text: &str) -> Option<bool> {
    let is = |word| text.eq_ignore_ascii_case(word);
    is("true").then_some(true).or(is("false").then_some(false))
}

/// Reads a range of addresses in CIDR notation; an address alone is a range of one ("IP address condition operators").
fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| {
        text.parse()
            .ok()
            .map(|address: IpAddr| IpNet::from(address))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn compare(comparison: &str, asked: &str, value: &str) -> Option<bool> {
        let comparison = *Comparison::ALL
            .iter()
            .find(|one| one.as_str() == comparison)
            .unwrap();
        let context = Context::default()
            .with("aws:username", "alice")
            .with("aws:Star", "*");
        ConditionValue::read(comparison, asked, Version::V2012_10_17).matches(value, &context)
    }

    #[test]
    fn string_equals_has_no_wildcards_and_minds_case() {
        assert_eq!(compare("StringEquals", "a*", "a*"), Some(true));
        assert_eq!(compare("StringEquals", "a*", "ab"), Some(false));
        assert_eq!(compare("StringEquals", "a", "A"), Some(false));
        assert_eq!(
            compare("StringEquals", "${aws:username}${*}", "alice*"),
            Some(true)
        );
    }

    #[test]
    fn string_equals_ignore_case_ignores_it_in_every_alphabet() {
        assert_eq!(
            compare("StringEqualsIgnoreCase", "x-${aws:username}-Ä", "X-ALICE-ä"),
            Some(true)
        );
        assert_eq!(
            compare("StringEqualsIgnoreCase", "alice", "alic"),
            Some(false)
        );
        assert_eq!(
            compare("StringEqualsIgnoreCase", "alic", "alice"),
            Some(false)
        );
        assert_eq!(compare("StringEqualsIgnoreCase", "a*", "ab"), Some(false));
    }

    #[test]
    fn string_like_has_wildcards_but_a_variable_brings_none() {
        assert_eq!(
            compare("StringLike", "home/${aws:username}/*", "home/alice/x"),
            Some(true)
        );
        assert_eq!(compare("StringLike", "${aws:Star}", "x"), Some(false));
        assert_eq!(compare("StringLike", "${aws:Star}", "*"), Some(true));
        assert_eq!(compare("StringLike", "${*}?", "*x"), Some(true));
    }

    #[test]
    fn a_variable_without_value_is_like_nothing_unless_it_has_a_default() {
        assert_eq!(compare("StringLike", "*${aws:userid}", ""), Some(false));
        assert_eq!(
            compare("StringEquals", "${aws:userid, 'nobody'}", "nobody"),
            Some(true)
        );
        assert_eq!(
            compare("StringEqualsIgnoreCase", "${aws:userid}", ""),
            Some(false)
        );
    }

    #[test]
    fn variables_are_text_in_the_old_language_and_in_other_operators() {
        let old = |comparison, asked, value: &str| {
            ConditionValue::read(comparison, asked, Version::V2008_10_17)
                .matches(value, &Context::default())
        };
        assert_eq!(
            old(Comparison::StringEquals, "${a:b}", "${a:b}"),
            Some(true)
        );
        assert_eq!(
            old(Comparison::StringLike, "${*}", "${anything}"),
            Some(true)
        );
        assert_eq!(compare("NumericEquals", "${aws:username}", "1"), None);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert_eq!(compare("NumericEquals", "1.0", "1"), Some(true));
        assert_eq!(compare("NumericLessThan", "10", "9"), Some(true));
        assert_eq!(compare("NumericLessThan", "10", "10"), Some(false));
        assert_eq!(compare("NumericLessThanEquals", "10", "10"), Some(true));
        assert_eq!(compare("NumericGreaterThan", "-1", "0"), Some(true));
        assert_eq!(
            compare("NumericGreaterThanEquals", "3600", "3599"),
            Some(false)
        );
        assert_eq!(compare("NumericNotEquals", "1", "1"), Some(true));
    }

    #[test]
    fn what_is_no_number_is_not_compared() {
        for text in ["", "one", "inf", "NaN", "0x10", "1e1", "1 ", "1,0", "."] {
            assert_eq!(compare("NumericEquals", text, "1"), None, "{text}");
            assert_eq!(compare("NumericEquals", "1", text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_iso_8601_or_seconds_since_1970() {
        for text in [
            "2024-01-01",
            "2024-01",
            "2024-01-01T00:00:00Z",
            "2024-01-01T01:00+01:00",
            "1704067200",
        ] {
            assert_eq!(
                compare("DateEquals", "2024-01-01T00:00:00.000Z", text),
                Some(true),
                "{text}"
            );
        }
        assert_eq!(
            compare(
                "DateLessThan",
                "2024-01-01T00:00:00Z",
                "2023-12-31T23:59:59Z"
            ),
            Some(true)
        );
        assert_eq!(
            compare("DateGreaterThan", "2024-01-01T00:00:00Z", "2024-01-01"),
            Some(false)
        );
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-01-01T00:00:00",
            "99999999999999999",
        ] {
            assert_eq!(compare("DateEquals", text, "2024-01-01"), None, "{text}");
        }
    }

    #[test]
    fn booleans_are_true_and_false_in_any_case() {
        assert_eq!(compare("Bool", "true", "True"), Some(true));
        assert_eq!(compare("Bool", "FALSE", "true"), Some(false));
        assert_eq!(compare("Bool", "yes", "true"), None);
        assert_eq!(compare("Bool", "true", "1"), None);
    }

    #[test]
    fn binary_values_are_compared_as_bytes() {
        assert_eq!(compare("BinaryEquals", "QmluYXJ5", "QmluYXJ5"), Some(true));
        assert_eq!(compare("BinaryEquals", "QmluYXJ5", "QUJD"), Some(false));
        assert_eq!(compare("BinaryEquals", "not base64", "QUJD"), None);
    }

    #[test]
    fn addresses_are_in_a_range_or_the_address_itself() {
        assert_eq!(
            compare("IpAddress", "203.0.113.0/24", "203.0.113.255"),
            Some(true)
        );
        assert_eq!(
            compare("IpAddress", "203.0.113.7/24", "203.0.113.9"),
            Some(true)
        );
        assert_eq!(
            compare("IpAddress", "203.0.113.7", "203.0.113.9"),
            Some(false)
        );
        assert_eq!(
            compare(
                "IpAddress",
                "2001:DB8:1234:5678::/64",
                "2001:db8:1234:5678:0:0:0:1"
            ),
            Some(true)
        );
        assert_eq!(compare("IpAddress", "0.0.0.0/0", "::1"), Some(false));
        assert_eq!(compare("IpAddress", "203.0.113.0/33", "203.0.113.1"), None);
        assert_eq!(compare("IpAddress", "203.0.113.0/24", "localhost"), None);
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let user = "arn:aws:iam::123456789012:user/alice";
        assert_eq!(
            compare("ArnLike", "arn:aws:iam::*:user/${aws:username}", user),
            Some(true)
        );
        assert_eq!(
            compare("ArnEquals", "arn:*:iam::12345678901?:*", user),
            Some(true)
        );
        assert_eq!(compare("ArnLike", "arn:aws:*:user/alice", user), None);
        assert_eq!(
            compare("ArnLike", "arn:aws:iam:*:x:user/alice", user),
            Some(false)
        );
        assert_eq!(
            compare(
                "ArnLike",
                "arn:aws:sns:*:*:*",
                "arn:aws:sns:eu-west-1:1:topic:subscription"
            ),
            Some(true)
        );
        assert_eq!(compare("ArnLike", "arn:aws:iam::*:user/*", "alice"), None);
    }

    #[test]
    fn a_variable_can_stand_for_a_whole_arn() {
        let arn = "arn:aws:iam::123456789012:role/a";
        let context = Context::default().with("aws:PrincipalArn", arn);
        let value = ConditionValue::read(
            Comparison::ArnLike,
            "${aws:PrincipalArn}",
            Version::V2012_10_17,
        );
        assert_eq!(value.matches(arn, &context), Some(true));
        assert_eq!(
            value.matches("arn:aws:iam::123456789012:role/b", &context),
            Some(false)
        );
        assert_eq!(value.matches(arn, &Context::default()), Some(false));
    }
}
