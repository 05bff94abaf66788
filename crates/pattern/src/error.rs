//! What is wrong with a pattern, and where.

use std::borrow::Cow;

use crate::MAX_CHARACTERS;

/// Says where and why a filter pattern can't be parsed, in one line.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{problem}, at character {character}{}", advice(self.suggestion.as_deref()))]
pub struct PatternError {
    problem: Problem,
    position: usize,
    character: usize,
    suggestion: Option<Cow<'static, str>>,
}

fn advice(suggestion: Option<&str>) -> String {
    suggestion
        .map(|suggestion| format!("; {suggestion}"))
        .unwrap_or_default()
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("expected {expected}, found {found}")]
    Unexpected {
        expected: &'static str,
        found: String,
    },
    #[error("the pattern has {characters} characters, more than {MAX_CHARACTERS}")]
    TooLong { characters: usize },
    #[error("parentheses are nested more than {limit} deep")]
    TooDeep { limit: usize },
    #[error("a pattern may hold two regexes, this is one more")]
    TooManyRegexes,
    #[error("a property selector may hold one wildcard, this is one more")]
    TooManyWildcardsInSelector,
    #[error("a pattern may hold three wildcard selectors, this is one more")]
    TooManyWildcards,
    #[error("the regex is not valid: {reason}")]
    InvalidRegex { reason: String },
    #[error("field `{field}` has a condition on `{other}`")]
    ForeignField { field: String, other: String },
}

impl PatternError {
    pub(crate) fn new(source: &str, position: usize, problem: Problem) -> Self {
        let before = source.get(..position).unwrap_or(source);
        Self {
            problem,
            position,
            character: before.chars().count() + 1,
            suggestion: None,
        }
    }

    pub(crate) fn suggest(mut self, suggestion: impl Into<Cow<'static, str>>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Returns the byte offset into the pattern, on a character boundary, where a caret belongs;
    /// the pattern's length when it ends too early.
    pub fn position(&self) -> usize {
        self.position
    }
}

/// Returns user input in backticks, with nothing in it that a terminal would obey.
pub(crate) fn shown(input: &str) -> String {
    let mut text = String::from("`");
    for character in input.chars() {
        match character {
            '"' | '\'' | '\\' => text.push(character),
            _ => text.extend(character.escape_debug()),
        }
    }
    text.push('`');
    text
}
