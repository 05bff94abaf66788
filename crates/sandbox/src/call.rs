//! One call of an operation: who calls, when, and the parameters, read with AWS's constraints.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};

use crate::caller::Caller;
use crate::error::Error;
use crate::operation::Service;
use crate::sts::Session;
use crate::value::Value;

/// Holds what an operation may know about the request it answers.
pub(crate) struct Call<'a> {
    pub(crate) input: Fields<'a>,
    pub(crate) caller: &'a Caller,
    /// The caller's temporary credentials, if that is what it has.
    pub(crate) session: Option<&'a Session>,
    pub(crate) rules: Rules,
    /// The time of the call in whole seconds, as IAM keeps its dates.
    pub(crate) now: Timestamp,
    /// The time of the call in milliseconds, as Logs and CloudWatch keep theirs.
    pub(crate) time: Timestamp,
    /// The region of the request's signature.
    pub(crate) region: &'a str,
}

/// Says in what the sandbox differs from what it is by default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Whether users and roles are held to their policies.
    pub(crate) enforce: bool,
    /// Whether a credential report is made even if there is one of the last four hours.
    pub(crate) fresh_credential_reports: bool,
}

/// Holds the members of a request, or of one structure in it.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    service: Service,
    /// Where the structure is, as AWS writes it in messages (`tags.1.member.`); empty at the top.
    at: String,
    members: &'a [(String, Value)],
}

/// Holds the length and the characters that a text parameter may have.
pub(crate) struct Shape {
    pub(crate) lengths: RangeInclusive<usize>,
    pub(crate) pattern: Pattern,
}

/// Holds a regular expression of the API model, for messages, and what it means.
pub(crate) struct Pattern {
    pub(crate) expression: &'static str,
    pub(crate) matches: fn(&str) -> bool,
}

impl Pattern {
    /// Any text that an XML answer can carry.
    pub(crate) const ANY: Self = Self {
        expression: r"[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]*",
        matches: |text| text.chars().all(is_xml),
    };
}

/// Returns whether XML 1.0 has the character.
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

impl<'a> Fields<'a> {
    pub(crate) fn new(service: Service, members: &'a [(String, Value)]) -> Self {
        Self {
            service,
            at: String::new(),
            members,
        }
    }

    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns a text parameter as it was sent, before it is checked.
    pub(crate) fn any_text(&self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the texts of a list parameter as they were sent, before they are checked.
    pub(crate) fn any_texts(&self, name: &str) -> Vec<&'a str> {
        let Some(Value::List(items)) = self.get(name) else {
            return Vec::new();
        };
        let texts = items.iter().filter_map(|item| match item {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Returns a parameter that is bytes.
    pub(crate) fn bytes(&self, name: &str) -> Option<&'a [u8]> {
        match self.get(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Returns whether a parameter was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns a text parameter, or nothing if it was not sent.
    pub(crate) fn text(&self, name: &str, shape: &Shape) -> Result<Option<&'a str>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Value::Text(text) = value else {
            return Err(self.wrong_type(name, "a string"));
        };
        self.check(name, text, shape)?;
        Ok(Some(text))
    }

    /// Returns a text parameter that has to be there.
    pub(crate) fn required_text(&self, name: &str, shape: &Shape) -> Result<&'a str, Error> {
        self.text(name, shape)?.ok_or_else(|| self.missing(name))
    }

    /// Returns a parameter that is one of the words of `choices`, as what the word stands for.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Value::Text(text) = value else {
            return Err(self.wrong_type(name, "a string"));
        };
        self.chosen(name, text, choices).map(Some)
    }

    /// Returns a parameter that is one of `words`.
    pub(crate) fn word(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Error> {
        let choices: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
        self.choice(name, &choices)
    }

    /// Returns a list parameter whose items are words of `choices`; an absent list is empty.
    pub(crate) fn choices<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Vec<T>, Error> {
        self.texts(name, &ANY_TEXT)?
            .unwrap_or_default()
            .into_iter()
            .map(|text| self.chosen(name, text, choices))
            .collect()
    }

    fn chosen<T: Copy>(&self, name: &str, text: &str, choices: &[(&str, T)]) -> Result<T, Error> {
        let found = choices
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            self.constraint(
                name,
                Some(text),
                &format!("Member must satisfy enum value set: [{}]", words.join(", ")),
            )
        })
    }

    /// Returns a whole number within the model's bounds.
    pub(crate) fn integer(
        &self,
        name: &str,
        within: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Error> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::Integer(number)) => *number,
            Some(Value::Text(text)) => text
                .parse()
                .map_err(|_| self.wrong_type(name, "an integer"))?,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number beyond i64 saturates, and no bound reaches that far"
            )]
            Some(Value::Number(number)) if number.fract() == 0.0 => *number as i64,
            Some(_) => return Err(self.wrong_type(name, "an integer")),
        };
        if number < *within.start() {
            let rule = format!(
                "Member must have value greater than or equal to {}",
                within.start()
            );
            return Err(self.constraint(name, Some(&number.to_string()), &rule));
        }
        if number > *within.end() {
            let rule = format!(
                "Member must have value less than or equal to {}",
                within.end()
            );
            return Err(self.constraint(name, Some(&number.to_string()), &rule));
        }
        Ok(Some(number))
    }

    /// Returns a truth value.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(*flag)),
            Some(Value::Text(text)) if text == "true" => Ok(Some(true)),
            Some(Value::Text(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(self.wrong_type(name, "a boolean")),
        }
    }

    /// Returns a finite number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>, Error> {
        self.get(name)
            .map(|value| self.finite(name, value))
            .transpose()
    }

    fn finite(&self, name: &str, value: &Value) -> Result<f64, Error> {
        let number = match value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a number that is not exact as a float is what the API's double is"
            )]
            Value::Integer(number) => *number as f64,
            Value::Number(number) => *number,
            Value::Text(text) => text
                .parse()
                .map_err(|_| self.wrong_type(name, "a number"))?,
            _ => return Err(self.wrong_type(name, "a number")),
        };
        if number.is_finite() {
            Ok(number)
        } else {
            Err(self.wrong_type(name, "a finite number"))
        }
    }

    /// Returns numbers, or nothing if they were not sent.
    pub(crate) fn numbers(&self, name: &str) -> Result<Option<Vec<f64>>, Error> {
        let Some(items) = self.items(name)? else {
            return Ok(None);
        };
        let number = |item| self.finite(name, item);
        items.iter().map(number).collect::<Result<_, _>>().map(Some)
    }

    /// Returns a time: seconds since 1970, or a date and time as ISO 8601 writes it.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let time = match value {
            Value::Text(text) => text.parse().ok(),
            _ => SignedDuration::try_from_secs_f64(self.finite(name, value)?)
                .ok()
                .and_then(|since| Timestamp::from_duration(since).ok()),
        };
        time.map(Some)
            .ok_or_else(|| self.wrong_type(name, "a time"))
    }

    /// Returns a map of texts, or nothing if it was not sent.
    pub(crate) fn text_map(&self, name: &str) -> Result<Option<Vec<(&'a str, &'a str)>>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Value::Map(entries) = value else {
            return Err(self.wrong_type(name, "a map"));
        };
        let entry = |(key, value): &'a (String, Value)| match value {
            Value::Text(value) => Ok((key.as_str(), value.as_str())),
            _ => Err(self.wrong_type(name, "a map of strings")),
        };
        entries
            .iter()
            .map(entry)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Returns a structure, or nothing if it was not sent.
    pub(crate) fn record(&self, name: &str) -> Result<Option<Fields<'a>>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Map(members)) => Ok(Some(Fields {
                service: self.service,
                at: format!("{}.", self.path(name)),
                members,
            })),
            Some(_) => Err(self.wrong_type(name, "a structure")),
        }
    }

    /// Returns a list of texts, or nothing if it was not sent.
    pub(crate) fn texts(&self, name: &str, shape: &Shape) -> Result<Option<Vec<&'a str>>, Error> {
        let Some(items) = self.items(name)? else {
            return Ok(None);
        };
        let text = |item: &'a Value| match item {
            Value::Text(text) => self.check(name, text, shape).map(|()| text.as_str()),
            _ => Err(self.wrong_type(name, "a list of strings")),
        };
        items.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Returns a list of structures, or nothing if it was not sent.
    pub(crate) fn records(&self, name: &str) -> Result<Option<Vec<Fields<'a>>>, Error> {
        let Some(items) = self.items(name)? else {
            return Ok(None);
        };
        let record = |(index, item): (usize, &'a Value)| match item {
            Value::Map(members) => {
                let at = format!("{}.{}.member.", self.path(name), index + 1);
                Ok(Fields {
                    service: self.service,
                    at,
                    members,
                })
            }
            _ => Err(self.wrong_type(name, "a list of structures")),
        };
        items
            .iter()
            .enumerate()
            .map(record)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn items(&self, name: &str) -> Result<Option<&'a [Value]>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::List(items)) => Ok(Some(items)),
            // What awsQuery clients send for an empty list.
            Some(Value::Text(text)) if text.is_empty() => Ok(Some(&[])),
            Some(_) => Err(self.wrong_type(name, "a list")),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    fn check(&self, name: &str, text: &str, shape: &Shape) -> Result<(), Error> {
        let length = text.chars().count();
        let rule = if length < *shape.lengths.start() {
            format!(
                "Member must have length greater than or equal to {}",
                shape.lengths.start()
            )
        } else if length > *shape.lengths.end() {
            format!(
                "Member must have length less than or equal to {}",
                shape.lengths.end()
            )
        } else if !(shape.pattern.matches)(text) {
            format!(
                "Member must satisfy regular expression pattern: {}",
                shape.pattern.expression
            )
        } else {
            return Ok(());
        };
        let shown = (!SECRET.contains(&name)).then_some(text);
        Err(self.constraint(name, shown, &rule))
    }

    /// Returns the refusal of a call without a parameter that it needs.
    pub(crate) fn missing(&self, name: &str) -> Error {
        let path = self.path(name);
        self.invalid(format!("1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"))
    }

    /// Returns the refusal of a parameter that breaks `rule`.
    pub(crate) fn constraint(&self, name: &str, value: Option<&str>, rule: &str) -> Error {
        let path = self.path(name);
        let value = value.map_or_else(String::new, |value| format!(" '{value}'"));
        self.invalid(format!("1 validation error detected: Value{value} at '{path}' failed to satisfy constraint: {rule}"))
    }

    fn wrong_type(&self, name: &str, expected: &str) -> Error {
        self.invalid(format!(
            "the value at '{}' is not {expected}",
            self.path(name)
        ))
    }

    fn invalid(&self, message: String) -> Error {
        Error::new(self.service.invalid_parameter(), message)
    }

    fn path(&self, name: &str) -> String {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        self.at.chars().chain(first).chain(letters).collect()
    }
}

const ANY_TEXT: Shape = Shape {
    lengths: 0..=usize::MAX,
    pattern: Pattern::ANY,
};

/// Parameters whose value no message and no log repeats.
pub(crate) const SECRET: &[&str] = &[
    "Password",
    "OldPassword",
    "NewPassword",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "TokenCode",
];
