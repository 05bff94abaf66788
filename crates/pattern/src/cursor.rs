//! A position in a pattern's text, and what was counted on the way there.

use crate::error::{PatternError, Problem, shown};

pub(crate) struct Cursor<'a> {
    source: &'a str,
    position: usize,
    /// Open parentheses.
    pub(crate) depth: usize,
    pub(crate) regex_count: usize,
    pub(crate) wildcard_count: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            source,
            position: 0,
            depth: 0,
            regex_count: 0,
            wildcard_count: 0,
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.source.get(self.position..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    pub(crate) fn starts_with(&self, token: &str) -> bool {
        self.rest().starts_with(token)
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.starts_with(token);
        if found {
            self.position += token.len();
        }
        found
    }

    pub(crate) fn expect(
        &mut self,
        token: &str,
        expected: &'static str,
    ) -> Result<(), PatternError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    pub(crate) fn expect_end(&mut self) -> Result<(), PatternError> {
        self.skip_whitespace();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the pattern")),
        }
    }

    /// Takes the longest run of characters to keep; it may be empty.
    pub(crate) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|character| !keep(character))
            .unwrap_or(rest.len());
        self.position += end;
        rest.get(..end).unwrap_or_default()
    }

    pub(crate) fn skip_whitespace(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Takes a string in double quotes: `\"` is a quote and `\\` a backslash in it.
    ///
    /// The guide names no escapes. These two are what users report CloudWatch Logs to take; a
    /// backslash before anything else stands for itself.
    pub(crate) fn take_quoted(&mut self) -> Result<String, PatternError> {
        self.expect("\"", "`\"`")?;
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('"') => return Ok(text),
                Some('\\') if matches!(self.peek(), Some('"' | '\\')) => text.extend(self.bump()),
                Some(character) => text.push(character),
                None => return Err(self.unexpected("a closing `\"`")),
            }
        }
    }

    pub(crate) fn unexpected(&self, expected: &'static str) -> PatternError {
        self.unexpected_at(self.position, expected)
    }

    pub(crate) fn unexpected_at(&self, position: usize, expected: &'static str) -> PatternError {
        let found = self.found(position);
        self.error_at(position, Problem::Unexpected { expected, found })
    }

    pub(crate) fn error_at(&self, position: usize, problem: Problem) -> PatternError {
        PatternError::new(self.source, position, problem)
    }

    /// Describes the word, or the character, at a position.
    fn found(&self, position: usize) -> String {
        let rest = self.source.get(position..).unwrap_or_default();
        let word = rest
            .find(|character| !is_word(character))
            .unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        match rest.get(..word.max(first)) {
            Some("") | None => "the end of the pattern".to_owned(),
            Some(found) => shown(found),
        }
    }
}

/// Returns whether a character needs no quotes anywhere: a letter, a digit or `_`.
///
/// ASCII only: the guide has text with other characters quoted.
pub(crate) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Prints text in the quotes that [`Cursor::take_quoted`] takes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Suggests to put text in double quotes, and not in single or typographic ones.
pub(crate) fn suggest_quotes(text: &str) -> String {
    let text = text.trim_matches(['\'', '‘', '’', '“', '”']);
    format!("write {}", shown(&quoted(text)))
}
