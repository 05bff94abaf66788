//! `ERROR -WARN "two words" ?either ?or`: terms in unstructured log events.

use std::fmt;

use crate::cursor::{Cursor, is_word, quoted};
use crate::error::{PatternError, shown};

/// Terms; none at all, an empty pattern, match every event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Terms {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Term {
    role: Role,
    text: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
    Include,
    Exclude,
    /// `?term`: one of these is enough; ignored when other terms stand beside it.
    Optional,
}

impl Terms {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let mut terms = Vec::new();
        cursor.skip_whitespace();
        while cursor.peek().is_some() {
            terms.push(Term::parse(cursor)?);
            cursor.skip_whitespace();
        }
        Ok(Self { terms })
    }

    pub(crate) fn matches(&self, event: &str) -> bool {
        if self.terms.iter().all(|term| term.role == Role::Optional) {
            return self.terms.is_empty() || self.terms.iter().any(|term| term.is_in(event));
        }
        self.terms.iter().all(|term| match term.role {
            Role::Include => term.is_in(event),
            Role::Exclude => !term.is_in(event),
            Role::Optional => true,
        })
    }
}

impl Term {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let role = Role::parse(cursor);
        let text = match cursor.peek() {
            Some('"') => take_phrase(cursor)?,
            Some('%') => {
                let error = cursor.unexpected("a term");
                return Err(
                    error.suggest("a regex stands alone, or in a JSON or space-delimited pattern")
                );
            }
            _ => take_word(cursor)?.to_owned(),
        };
        Ok(Self { role, text })
    }

    /// Returns whether the event contains the term, letter by letter.
    ///
    /// `" "` is how the guide matches everything.
    fn is_in(&self, event: &str) -> bool {
        self.text.trim().is_empty() || event.contains(&self.text)
    }
}

impl Role {
    fn parse(cursor: &mut Cursor<'_>) -> Self {
        if cursor.eat("-") {
            // An earlier edition of the guide writes `"ERROR" - "Exiting"`.
            cursor.skip_whitespace();
            Self::Exclude
        } else if cursor.eat("?") {
            Self::Optional
        } else {
            Self::Include
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Include => "",
            Self::Exclude => "-",
            Self::Optional => "?",
        }
    }
}

fn take_phrase(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    let start = cursor.position();
    let text = cursor.take_quoted()?;
    if text.is_empty() {
        let error = cursor.unexpected_at(start, "text between the quotes");
        return Err(error.suggest("`\" \"` or an empty pattern matches everything"));
    }
    match cursor.peek() {
        Some(character) if !character.is_whitespace() => {
            Err(cursor.unexpected("a space after the closing quote"))
        }
        _ => Ok(text),
    }
}

fn take_word<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, PatternError> {
    let start = cursor.position();
    let word = cursor.take_while(|character| !character.is_whitespace());
    match word.find(|character| !is_word(character)) {
        Some(offset) => Err(cursor
            .unexpected_at(
                start + offset,
                "a letter, a digit or `_` in a term without quotes",
            )
            .suggest(format!("write {}", shown(&quoted(word))))),
        None if word.is_empty() => Err(cursor.unexpected("a term")),
        None => Ok(word),
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.role.prefix();
        if self.text.chars().all(is_word) {
            write!(f, "{prefix}{}", self.text)
        } else {
            write!(f, "{prefix}{}", quoted(&self.text))
        }
    }
}
