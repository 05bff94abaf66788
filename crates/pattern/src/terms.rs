//! `ERROR -WARN "two words" ?either ?or`: terms in unstructured log events.

use std::fmt;

use crate::cursor::{Cursor, is_word, quoted, suggest_quotes};
use crate::error::PatternError;

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
            .suggest(suggest_quotes(word))),
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

#[cfg(test)]
mod tests {
    use crate::Pattern;
    use crate::tests::{error, matches};

    const EVENTS: [&str; 4] = [
        "[ERROR 400] BAD REQUEST",
        "[ERROR 401] UNAUTHORIZED REQUEST",
        "[ERROR 419] MISSING ARGUMENTS",
        "[INFO 200] REQUEST DONE",
    ];

    fn hits(pattern: &str) -> Vec<usize> {
        (0..EVENTS.len())
            .filter(|&index| matches(pattern, EVENTS[index]))
            .collect()
    }

    #[test]
    fn all_terms_must_be_in_the_event() {
        assert_eq!(hits("ERROR"), [0, 1, 2]);
        assert_eq!(hits("ERROR ARGUMENTS"), [2]);
        assert!(hits("error").is_empty());
    }

    #[test]
    fn a_term_may_be_part_of_a_word() {
        assert!(matches("ERROR", "Exiting with ERRORCODE: -1"));
        assert_eq!(hits("AUTHORIZED"), [1]);
    }

    #[test]
    fn one_optional_term_is_enough() {
        assert_eq!(hits("?BAD ?ARGUMENTS"), [0, 2]);
        assert!(hits("?NONE").is_empty());
    }

    #[test]
    fn optional_terms_are_ignored_beside_others() {
        assert_eq!(hits("?ERROR ?ARGUMENTS REQUEST"), [0, 1, 3]);
        assert_eq!(hits("?BAD -INFO"), [0, 1, 2]);
    }

    #[test]
    fn excluded_terms_must_not_be_in_the_event() {
        assert_eq!(hits("ERROR -ARGUMENTS"), [0, 1]);
        assert_eq!(hits("-ERROR"), [3]);
        assert_eq!(hits(r#""ERROR" - "BAD REQUEST""#), [1, 2]);
    }

    #[test]
    fn a_phrase_in_quotes_matches_exactly() {
        assert_eq!(hits(r#""BAD REQUEST""#), [0]);
        assert!(hits(r#""REQUEST BAD""#).is_empty());
        assert_eq!(hits(r#""[ERROR 4" REQUEST"#), [0, 1]);
        assert!(matches(r#""\"level\":\"a\\b\"""#, r#"{"level":"a\b"}"#));
    }

    #[test]
    fn a_quoted_space_matches_everything() {
        assert!(matches(r#"" ""#, "oneword") && matches(r#"" ""#, ""));
    }

    #[test]
    fn an_asterisk_in_quotes_is_no_wildcard() {
        assert!(matches(r#""a*c""#, "a*c") && !matches(r#""a*c""#, "abc"));
    }

    #[test]
    fn other_characters_need_quotes() {
        let cases = [
            ("Status: timeout", 6, "write `\"Status:\"`"),
            ("?my-term", 3, "write `\"my-term\"`"),
            ("“ERROR”", 0, "write `\"ERROR\"`"),
            ("ERROR*", 5, "write `\"ERROR*\"`"),
            ("\"\"", 0, "`\" \"` or an empty pattern matches everything"),
            (
                "a %b%",
                2,
                "a regex stands alone, or in a JSON or space-delimited pattern",
            ),
            (
                "[ERROR] x",
                8,
                "put text with brackets or braces in double quotes to search for it",
            ),
            ("\"a\"b", 3, "found `b`, at character 4"),
            ("%a% b", 4, "found `b`, at character 5"),
            (
                "\"a",
                2,
                "expected a closing `\"`, found the end of the pattern, at character 3",
            ),
            (
                "a -",
                3,
                "expected a term, found the end of the pattern, at character 4",
            ),
            ("? a", 1, "expected a term, found ` `, at character 2"),
        ];
        for (pattern, position, end) in cases {
            let error = error(pattern);
            assert_eq!(error.position(), position, "{pattern}: {error}");
            assert!(error.to_string().ends_with(end), "{pattern}: {error}");
        }
    }

    #[test]
    fn terms_print_with_the_quotes_they_need() {
        let print = |pattern: &str| Pattern::parse(pattern).unwrap().to_string();
        assert_eq!(
            print("  \"ERROR\"   -  \"a b\" ?\"c\""),
            "ERROR -\"a b\" ?c"
        );
        assert_eq!(print(""), "");
    }
}
