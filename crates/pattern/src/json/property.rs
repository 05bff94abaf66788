//! `$.users[0].name`: what of a JSON log event a condition looks at.

use std::fmt;

use serde_json::Value;

use crate::cursor::{Cursor, is_word};
use crate::error::{PatternError, Problem};

/// The most wildcard selectors a pattern may hold.
const MAX_WILDCARDS: usize = 3;

/// Holds a property selector, such as `$.user.roles[*]` or `$.['cluster.name']`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PropertySelector {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Step {
    Property(String),
    AnyProperty,
    Element(usize),
    AnyElement,
}

impl PropertySelector {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("$", "a property selector such as `$.eventName`")?;
        let mut steps = Vec::new();
        if cursor.starts_with("['") || cursor.starts_with("[\"") {
            let error = cursor.unexpected("`.` after `$`");
            return Err(error.suggest("put a `.` before the bracket: `$.['…']`"));
        }
        cursor.expect(".", "`.` after `$`")?;
        loop {
            push(cursor, &mut steps, parse_property)?;
            while cursor.starts_with("[") {
                push(cursor, &mut steps, parse_element)?;
            }
            if !cursor.eat(".") {
                refuse_glued(cursor)?;
                return Ok(Self { steps });
            }
        }
    }

    /// Returns everything the selector points to: several values only with a wildcard.
    pub(crate) fn select<'v>(&self, event: &'v Value) -> Vec<&'v Value> {
        self.steps.iter().fold(vec![event], |values, step| {
            values
                .into_iter()
                .flat_map(|value| step.select(value))
                .collect()
        })
    }
}

impl Step {
    fn is_wildcard(&self) -> bool {
        match self {
            Self::AnyProperty | Self::AnyElement => true,
            Self::Property(_) | Self::Element(_) => false,
        }
    }

    fn select<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match (self, value) {
            (Self::Property(name), Value::Object(map)) => map.get(name).into_iter().collect(),
            (Self::AnyProperty, Value::Object(map)) => map.values().collect(),
            (Self::Element(index), Value::Array(values)) => {
                values.get(*index).into_iter().collect()
            }
            (Self::AnyElement, Value::Array(values)) => values.iter().collect(),
            (Self::Property(_) | Self::AnyProperty | Self::Element(_) | Self::AnyElement, _) => {
                Vec::new()
            }
        }
    }
}

fn push(
    cursor: &mut Cursor<'_>,
    steps: &mut Vec<Step>,
    parse: fn(&mut Cursor<'_>) -> Result<Step, PatternError>,
) -> Result<(), PatternError> {
    let start = cursor.position();
    let step = parse(cursor)?;
    if step.is_wildcard() {
        if steps.iter().any(Step::is_wildcard) {
            return Err(cursor.error_at(start, Problem::TooManyWildcardsInSelector));
        }
        if cursor.wildcard_count == MAX_WILDCARDS {
            return Err(cursor.error_at(start, Problem::TooManyWildcards));
        }
        cursor.wildcard_count += 1;
    }
    steps.push(step);
    Ok(())
}

fn parse_property(cursor: &mut Cursor<'_>) -> Result<Step, PatternError> {
    if cursor.eat("*") {
        return Ok(Step::AnyProperty);
    }
    if cursor.eat("[") {
        return parse_bracketed(cursor).map(Step::Property);
    }
    let name = cursor.take_while(|character| is_word(character) || character == '-');
    if name.is_empty() {
        let error = cursor.unexpected("a property name");
        return Err(suggest_brackets(error));
    }
    Ok(Step::Property(name.to_owned()))
}

/// Parses `['cluster.name']` after its `[`; in double quotes, too, which the guide doesn't show.
///
/// There is no escape in it.
fn parse_bracketed(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    let Some(quote @ ('\'' | '"')) = cursor.peek() else {
        return Err(cursor.unexpected("a property name in single quotes"));
    };
    cursor.bump();
    let name = cursor.take_while(|character| character != quote).to_owned();
    if name.is_empty() {
        return Err(cursor.unexpected("a property name between the quotes"));
    }
    match cursor.bump() {
        Some(_) => cursor.expect("]", "`]` after the property name")?,
        None => return Err(cursor.unexpected("a closing quote and `]`")),
    }
    Ok(name)
}

fn parse_element(cursor: &mut Cursor<'_>) -> Result<Step, PatternError> {
    cursor.expect("[", "`[`")?;
    if matches!(cursor.peek(), Some('\'' | '"')) {
        let error = cursor.unexpected("an element's number or `*`");
        return Err(error.suggest("put a `.` before the bracket: `.['…']`"));
    }
    let element = if cursor.eat("*") {
        Step::AnyElement
    } else {
        let start = cursor.position();
        let digits = cursor.take_while(|character| character.is_ascii_digit());
        let index = digits.parse();
        Step::Element(index.map_err(|_| cursor.unexpected_at(start, "an element's number or `*`"))?)
    };
    cursor.expect("]", "`]`")?;
    Ok(element)
}

/// Refuses a character that is no part of a name but stands right after one: `$.a:b`.
fn refuse_glued(cursor: &Cursor<'_>) -> Result<(), PatternError> {
    match cursor.peek() {
        Some(character) if !character.is_whitespace() && !"=!<>)}&|".contains(character) => {
            let expected = "a letter, a digit, `-` or `_` in a property name";
            Err(suggest_brackets(cursor.unexpected(expected)))
        }
        _ => Ok(()),
    }
}

fn suggest_brackets(error: PatternError) -> PatternError {
    error.suggest("write a name with other characters as `$.['cluster.name']`")
}

impl fmt::Display for PropertySelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &str| name.chars().all(|c| is_word(c) || c == '-');
        match self {
            Self::Property(name) if is_plain(name) => write!(f, ".{name}"),
            Self::Property(name) if name.contains('\'') => write!(f, ".[\"{name}\"]"),
            Self::Property(name) => write!(f, ".['{name}']"),
            Self::AnyProperty => f.write_str(".*"),
            Self::Element(index) => write!(f, "[{index}]"),
            Self::AnyElement => f.write_str("[*]"),
        }
    }
}
