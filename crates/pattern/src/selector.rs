//! `$.latency`, `$size`, `$3`: what a metric value or a dimension reads from an event.

use std::fmt;

use crate::cursor::{Cursor, is_word};
use crate::error::PatternError;
use crate::json::PropertySelector;

/// Names a value of a log event for a metric value or a dimension.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Selector {
    /// A property of a JSON event: `$.latency`.
    Property(PropertySelector),
    /// A field of a space-delimited event, by its name or its position from 1, without the `$`.
    Field(String),
}

impl Selector {
    /// Parses a selector, such as `$.latency` or `$size`.
    ///
    /// # Errors
    ///
    /// Says where the selector breaks the syntax.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(source);
        let selector = if source.starts_with("$.") {
            Self::Property(PropertySelector::parse(&mut cursor)?)
        } else {
            cursor.expect("$", "a selector such as `$.latency` or `$size`")?;
            Self::Field(take_name(&mut cursor)?)
        };
        match cursor.peek() {
            None => Ok(selector),
            Some(_) => Err(cursor.unexpected("the end of the selector")),
        }
    }
}

fn take_name(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    match cursor.take_while(is_word) {
        "" => Err(cursor.unexpected("a field's name or position")),
        name => Ok(name.to_owned()),
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(property) => property.fmt(f),
            Self::Field(name) => write!(f, "${name}"),
        }
    }
}
