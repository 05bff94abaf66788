//! Matching `*` and `?`.

/// Holds a part of a pattern: what a piece of a policy's text stands for in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// This text.
    Literal(&'a str),
    /// Any one character.
    AnyCharacter,
    /// Any characters, or none.
    AnyText,
    /// What no text matches.
    Nothing,
}

/// Tells whether a text matches a pattern whose part at an index is what `part` returns.
///
/// There is no recursion: when a part doesn't match, only the last `*` takes more, since what an earlier one could take
/// more the last one can take as well. What follows a `*` is searched for, so the text is read about once; only where a
/// `?` or another literal follows that is it gone back to, by no more than what is between two `*`.
pub(crate) fn matches<'a>(part: impl Fn(usize) -> Option<Part<'a>>, text: &str) -> bool {
    let (mut index, mut rest) = (0, text);
    // What follows the last `*`, and the text from where it may be.
    let mut star: Option<(usize, &str)> = None;
    loop {
        let after = match part(index) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Part::Nothing) => return false,
            Some(Part::Literal(literal)) => rest.strip_prefix(literal),
            Some(Part::AnyCharacter) => without_first(rest),
            Some(Part::AnyText) => match (part(index + 1), part(index + 2)) {
                (None, _) => return true,
                (Some(Part::Literal(literal)), None) => return rest.ends_with(literal),
                _ => {
                    star = Some((index + 1, rest));
                    Some(rest)
                }
            },
        };
        if let Some(after) = after {
            (index, rest) = (index + 1, after);
            continue;
        }
        let Some((behind, from)) = star else {
            return false;
        };
        let Some(from) = later(part(behind), from) else {
            return false;
        };
        star = Some((behind, from));
        (index, rest) = (behind, from);
    }
}

/// Returns the text from where a part can match, at least one character on.
fn later<'t>(part: Option<Part<'_>>, text: &'t str) -> Option<&'t str> {
    let next = without_first(text)?;
    match part {
        Some(Part::Literal(literal)) => next.find(literal).map(|at| next.split_at(at).1),
        _ => Some(next),
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    /// Returns a pattern's parts as a template would have them.
    fn parts(pattern: &str) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        for piece in pattern.split_inclusive(['*', '?']) {
            let literal = piece.trim_end_matches(['*', '?']);
            parts.extend((!literal.is_empty()).then_some(Part::Literal(literal)));
            parts.extend(piece.ends_with('*').then_some(Part::AnyText));
            parts.extend(piece.ends_with('?').then_some(Part::AnyCharacter));
        }
        parts
    }

    fn like(text: &str, pattern: &str) -> bool {
        let parts = parts(pattern);
        matches(|index| parts.get(index).copied(), text)
    }

    /// Says the same, straight from what the wildcards mean.
    fn like_by_definition(text: &[char], pattern: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            (['*', pattern @ ..], text) => {
                (0..=text.len()).any(|taken| like_by_definition(&text[taken..], pattern))
            }
            (['?', pattern @ ..], [_, text @ ..]) => like_by_definition(text, pattern),
            ([one, pattern @ ..], [other, text @ ..]) if one == other => {
                like_by_definition(text, pattern)
            }
            _ => false,
        }
    }

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (text, pattern) in [
            ("", "*"),
            ("abc", "a*"),
            ("abc", "*c"),
            ("abc", "a?c"),
            ("äöü", "?ö?"),
            ("abab", "*ab"),
        ] {
            assert!(like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("", "?"),
            ("abc", "ab"),
            ("abc", "a?"),
            ("abc", "*b"),
            ("aba", "ab*ba"),
            ("abc", ""),
        ] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn a_part_that_nothing_matches_is_not_skipped() {
        let parts = [Part::AnyText, Part::Nothing, Part::AnyText];
        assert!(!matches(|index| parts.get(index).copied(), "abc"));
    }

    #[test]
    fn patterns_made_to_be_slow_are_not() {
        let text = "a".repeat(20_000);
        let start = Instant::now();
        for pattern in [
            format!("{}b", "*a".repeat(5_000)),
            format!("{}b*", "*a".repeat(5_000)),
            format!("*{}b", "a".repeat(5_000)),
            format!("*{}?b", "a".repeat(50)),
        ] {
            assert!(!like(&text, &pattern));
        }
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
    }

    proptest! {
        #[test]
        fn matching_is_what_the_wildcards_mean(text in "[ab]{0,8}", pattern in "[ab*?]{0,6}") {
            let characters = |text: &str| text.chars().collect::<Vec<char>>();
            let expected = like_by_definition(&characters(&text), &characters(&pattern));
            prop_assert_eq!(like(&text, &pattern), expected);
        }
    }
}
