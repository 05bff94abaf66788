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
mod tests;
