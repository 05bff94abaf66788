//! `= "text*"`, `!= %regex%`, `< 5`: what a condition asks of a string or number.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::cursor::{Cursor, is_word, quoted, suggest_quotes};
use crate::error::PatternError;
use crate::regex::Regex;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Comparison {
    Equal(Operand),
    NotEqual(Operand),
    Less(Number),
    LessOrEqual(Number),
    Greater(Number),
    GreaterOrEqual(Number),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Operand {
    Text(Text),
    Number(Number),
    Regex(Regex),
}

/// A string; `*` at its start and its end stands for any text.
///
/// A `*` elsewhere is a character like any other: an earlier edition of the guide says so
/// ("`Ev*ent` will only match the actual string `Ev*ent`"), today's only "use the asterisk as a
/// wild card".
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Text {
    text: String,
    quoted: bool,
}

/// A number as written and as compared. CloudWatch's metric values are doubles, too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    text: String,
    value: f64,
}

/// The value is finite, and so equal to itself.
impl Eq for Number {}

/// A value of an event: as text, and as a number when it is one.
pub(crate) struct Scalar<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) number: Option<f64>,
}

impl<'a> Scalar<'a> {
    /// Reads text; "strings don't support scientific notation" (the guide), so `1e3` is no number.
    pub(crate) fn of_text(text: &'a str) -> Self {
        let is_plain = !text.contains(['e', 'E']);
        Self {
            number: number(text).filter(|_| is_plain),
            text: Cow::Borrowed(text),
        }
    }

    /// Reads a string, number or boolean of a JSON event.
    pub(crate) fn of_json(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::of_text(text)),
            Value::Number(number) => Some(Self {
                text: Cow::Owned(number.to_string()),
                number: number.as_f64(),
            }),
            Value::Bool(flag) => Some(Self::of_text(if *flag { "true" } else { "false" })),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl Comparison {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        refuse_foreign_operators(cursor)?;
        if cursor.eat("!=") {
            Ok(Self::NotEqual(Operand::parse(cursor)?))
        } else if cursor.eat("<=") {
            Ok(Self::LessOrEqual(Number::parse(cursor)?))
        } else if cursor.eat(">=") {
            Ok(Self::GreaterOrEqual(Number::parse(cursor)?))
        } else if cursor.eat("=") {
            Ok(Self::Equal(Operand::parse(cursor)?))
        } else if cursor.eat("<") {
            Ok(Self::Less(Number::parse(cursor)?))
        } else if cursor.eat(">") {
            Ok(Self::Greater(Number::parse(cursor)?))
        } else {
            Err(cursor.unexpected("`=`, `!=`, `<`, `<=`, `>` or `>=`"))
        }
    }

    /// Compares a value; an order doesn't hold for text that isn't a number.
    pub(crate) fn holds(&self, value: &Scalar<'_>) -> bool {
        let ordered = |order: fn(&f64, &f64) -> bool, number: &Number| {
            value
                .number
                .is_some_and(|value| order(&value, &number.value))
        };
        match self {
            Self::Equal(operand) => operand.equals(value),
            Self::NotEqual(operand) => !operand.equals(value),
            Self::Less(number) => ordered(f64::lt, number),
            Self::LessOrEqual(number) => ordered(f64::le, number),
            Self::Greater(number) => ordered(f64::gt, number),
            Self::GreaterOrEqual(number) => ordered(f64::ge, number),
        }
    }
}

fn refuse_foreign_operators(cursor: &Cursor<'_>) -> Result<(), PatternError> {
    let suggestion = if cursor.starts_with("==") {
        "equality is `=`"
    } else if cursor.starts_with("=!") || cursor.starts_with("<>") {
        "inequality is `!=`"
    } else {
        return Ok(());
    };
    Err(cursor
        .unexpected("`=`, `!=`, `<`, `<=`, `>` or `>=`")
        .suggest(suggestion))
}

impl Operand {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.skip_whitespace();
        match cursor.peek() {
            Some('"') => Ok(Self::Text(Text {
                text: cursor.take_quoted()?,
                quoted: true,
            })),
            Some('%') => Ok(Self::Regex(Regex::parse(cursor)?)),
            _ => Self::parse_unquoted(cursor),
        }
    }

    /// Parses a number or an unquoted string.
    ///
    /// The guide wants quotes around all but letters, digits and `_`, and yet leaves them out in
    /// `123.123.*`; AWS's own CIS patterns do in `kms.amazonaws.com`. So `.` and `*` need none.
    fn parse_unquoted(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.position();
        let word = cursor.take_while(is_unquoted);
        if let Some(value) = number(word) {
            let text = word.to_owned();
            return Ok(Self::Number(Number { text, value }));
        }
        let is_plain = |character| is_word(character) || matches!(character, '.' | '*');
        match word.find(|character| !is_plain(character)) {
            Some(offset) => Err(cursor
                .unexpected_at(
                    start + offset,
                    "a letter, a digit, `_`, `.` or `*` in a string without quotes",
                )
                .suggest(suggest_quotes(word))),
            None if word.is_empty() => {
                Err(cursor.unexpected("a string, a number or a regex between `%`"))
            }
            None => Ok(Self::Text(Text {
                text: word.to_owned(),
                quoted: false,
            })),
        }
    }

    /// Compares a value as a number where both are numbers, and as text.
    ///
    /// The guide doesn't say what becomes of `= 400` and `"400"`, or `= "400"` and `400`. Both are
    /// equal here: an unquoted string of digits is a string, too, and `4*` matches numbers.
    fn equals(&self, value: &Scalar<'_>) -> bool {
        match self {
            Self::Text(text) => text.matches(&value.text),
            Self::Number(number) => value.number == Some(number.value) || value.text == number.text,
            Self::Regex(regex) => regex.matches(&value.text),
        }
    }
}

/// Returns whether a character belongs to a run without quotes: all but what ends one.
fn is_unquoted(character: char) -> bool {
    !character.is_whitespace() && !"()[]{},&|\"%".contains(character)
}

impl Text {
    fn matches(&self, value: &str) -> bool {
        let (after_any, text) = match self.text.strip_prefix('*') {
            Some(text) => (true, text),
            None => (false, self.text.as_str()),
        };
        match (after_any, text.strip_suffix('*')) {
            (true, Some(text)) => value.contains(text),
            (true, None) => value.ends_with(text),
            (false, Some(text)) => value.starts_with(text),
            (false, None) => value == text,
        }
    }
}

impl Number {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.skip_whitespace();
        let start = cursor.position();
        let text = cursor.take_while(is_unquoted);
        match number(text) {
            Some(value) => Ok(Self {
                text: text.to_owned(),
                value,
            }),
            None => Err(cursor.unexpected_at(start, "a number")),
        }
    }
}

/// Reads an integer or decimal with an optional sign and exponent.
pub(crate) fn number(text: &str) -> Option<f64> {
    let is_numeric = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let value: f64 = text.chars().all(is_numeric).then(|| text.parse().ok())??;
    value.is_finite().then_some(value)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(operand) => write!(f, "= {operand}"),
            Self::NotEqual(operand) => write!(f, "!= {operand}"),
            Self::Less(number) => write!(f, "< {}", number.text),
            Self::LessOrEqual(number) => write!(f, "<= {}", number.text),
            Self::Greater(number) => write!(f, "> {}", number.text),
            Self::GreaterOrEqual(number) => write!(f, ">= {}", number.text),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if text.quoted => f.write_str(&quoted(&text.text)),
            Self::Text(text) => f.write_str(&text.text),
            Self::Number(number) => f.write_str(&number.text),
            Self::Regex(regex) => regex.fmt(f),
        }
    }
}
