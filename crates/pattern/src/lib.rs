//! The CloudWatch Logs filter pattern language: parsed and matched, without I/O.
//!
//! The reference is the CloudWatch Logs user guide, "Filter pattern syntax for metric filters,
//! subscription filters, filter log events, and Live Tail" and "Filter pattern syntax for metric
//! filters"; comments call it *the guide*. Where it is silent, the comment says what was chosen.
//!
//! ```
//! use mfactl_pattern::Pattern;
//!
//! let pattern = Pattern::parse(r#"{ $.eventName = ConsoleLogin && $.sourceIPAddress != 10.* }"#)?;
//! assert!(pattern.matches(r#"{"eventName": "ConsoleLogin", "sourceIPAddress": "192.0.2.1"}"#));
//! # Ok::<(), mfactl_pattern::PatternError>(())
//! ```

mod comparison;
mod cursor;
mod delimited;
mod error;
mod expression;
mod json;
mod regex;
mod selector;
mod terms;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use comparison::Scalar;
use cursor::Cursor;
use delimited::Delimited;
pub use error::PatternError;
use error::Problem;
use json::Json;
pub use json::PropertySelector;
use regex::Regex;
pub use selector::Selector;
use terms::Terms;

/// The most characters a filter pattern may have (`PutMetricFilter`, `filterPattern`).
pub const MAX_CHARACTERS: usize = 1024;

/// Holds a filter pattern that CloudWatch Logs would accept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    form: Form,
    regex_count: usize,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Form {
    Terms(Terms),
    Regex(Regex),
    Json(Json),
    Delimited(Delimited),
}

impl Pattern {
    /// Parses a filter pattern; its first character decides its form.
    ///
    /// # Errors
    ///
    /// Says where the pattern breaks the syntax or one of its limits.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(source);
        check_length(source, &cursor)?;
        cursor.skip_whitespace();
        let form = match cursor.peek() {
            Some('{') => Form::Json(Json::parse(&mut cursor)?),
            Some('[') => Form::Delimited(Delimited::parse(&mut cursor)?),
            Some('%') => Form::Regex(Regex::parse(&mut cursor)?),
            _ => Form::Terms(Terms::parse(&mut cursor)?),
        };
        cursor.expect_end().map_err(|error| match form {
            Form::Json(_) | Form::Delimited(_) => {
                error.suggest("put text with brackets or braces in double quotes to search for it")
            }
            Form::Terms(_) | Form::Regex(_) => error,
        })?;
        Ok(Self {
            form,
            regex_count: cursor.regex_count,
        })
    }

    /// Returns whether the pattern selects a log event, given its message.
    pub fn matches(&self, event: &str) -> bool {
        match &self.form {
            Form::Terms(terms) => terms.matches(event),
            Form::Regex(regex) => regex.matches(event),
            Form::Json(json) => json.matches(event),
            Form::Delimited(delimited) => delimited.matches(event),
        }
    }

    /// Returns the text a metric value or dimension selects in an event.
    ///
    /// `None` when the pattern doesn't match the event or the event has no string, number or
    /// boolean there. Terms and regexes select nothing.
    pub fn extract(&self, event: &str, selector: &Selector) -> Option<String> {
        self.with_scalar(event, selector, |scalar| Some(scalar.text.to_string()))
    }

    /// Returns the number a metric value selects in an event.
    ///
    /// As [`extract`](Self::extract); `None` also for text that isn't a number. Text in scientific
    /// notation isn't one ("strings don't support scientific notation", the guide).
    pub fn extract_number(&self, event: &str, selector: &Selector) -> Option<f64> {
        self.with_scalar(event, selector, |scalar| scalar.number)
    }

    fn with_scalar<T>(
        &self,
        event: &str,
        selector: &Selector,
        read: impl Fn(Scalar<'_>) -> Option<T>,
    ) -> Option<T> {
        match (&self.form, selector) {
            (Form::Json(json), Selector::Property(property)) => {
                let event = json.read(event)?;
                property
                    .select(&event)
                    .into_iter()
                    .find_map(Scalar::of_json)
                    .and_then(read)
            }
            (Form::Delimited(delimited), Selector::Field(name)) => {
                let values = delimited.bind(event)?;
                values
                    .get(&format!("${name}"))
                    .and_then(|text| read(Scalar::of_text(text)))
            }
            (Form::Terms(_) | Form::Regex(_) | Form::Json(_) | Form::Delimited(_), _) => None,
        }
    }

    /// Returns `TestMetricFilter`'s `extractedValues` for an event, or `None` without a match.
    ///
    /// The fields of a space-delimited pattern by `$name`, unnamed ones by `$position` from 1.
    /// Empty for the other forms, as the guide says.
    pub fn extracted_values(&self, event: &str) -> Option<BTreeMap<String, String>> {
        match &self.form {
            Form::Delimited(delimited) => Some(owned(delimited.bind(event)?)),
            Form::Terms(_) | Form::Regex(_) | Form::Json(_) => {
                self.matches(event).then(BTreeMap::new)
            }
        }
    }

    /// Returns whether the pattern itself mentions what a metric value or dimension selects.
    ///
    /// A dimension must be one of the properties or fields of the pattern (the guide).
    pub fn mentions(&self, selector: &Selector) -> bool {
        match (&self.form, selector) {
            (Form::Json(json), Selector::Property(property)) => json.mentions(property),
            (Form::Delimited(delimited), Selector::Field(name)) => delimited.mentions(name),
            (Form::Terms(_) | Form::Regex(_) | Form::Json(_) | Form::Delimited(_), _) => false,
        }
    }

    /// Returns whether a metric filter with this pattern may have dimensions: JSON and
    /// space-delimited patterns only.
    pub fn supports_dimensions(&self) -> bool {
        match self.form {
            Form::Json(_) | Form::Delimited(_) => true,
            Form::Terms(_) | Form::Regex(_) => false,
        }
    }

    /// Returns whether the pattern counts towards the five patterns with a regex a log group may
    /// have.
    pub fn is_regex(&self) -> bool {
        self.regex_count > 0
    }

    /// Returns how many regexes the pattern holds: two at most.
    pub fn regex_count(&self) -> usize {
        self.regex_count
    }
}

/// Prints the pattern with canonical spaces and parentheses; strings stay quoted as written.
///
/// Parsing the print gives the same pattern back, unless the added spaces take it over
/// [`MAX_CHARACTERS`]: send AWS what the user wrote.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Terms(terms) => terms.fmt(f),
            Form::Regex(regex) => regex.fmt(f),
            Form::Json(json) => json.fmt(f),
            Form::Delimited(delimited) => delimited.fmt(f),
        }
    }
}

fn owned(values: BTreeMap<String, &str>) -> BTreeMap<String, String> {
    values
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

fn check_length(source: &str, cursor: &Cursor<'_>) -> Result<(), PatternError> {
    match source.char_indices().nth(MAX_CHARACTERS) {
        Some((position, _)) => {
            let characters = source.chars().count();
            Err(cursor.error_at(position, Problem::TooLong { characters }))
        }
        None => Ok(()),
    }
}
