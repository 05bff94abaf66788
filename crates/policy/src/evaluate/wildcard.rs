//! Matching `*` and `?`.

use std::collections::BTreeMap;
use std::ops::Range;

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
/// What follows a `*` is taken where it comes first, since a later `*` can take whatever is left over: nothing is tried
/// twice. So the time is that of reading the text once, and where a `?` follows a `*`, once for each 64 characters up to
/// the next `*`.
pub(crate) fn matches<'a>(part: impl Fn(usize) -> Option<Part<'a>>, text: &str) -> bool {
    let Some((mut star, mut rest)) = to_star(&part, 0, text) else {
        return false;
    };
    loop {
        if part(star).is_none() {
            return rest.is_empty();
        }
        let run = star + 1..end_of_run(&part, star + 1);
        if part(run.end).is_none() {
            return ends_with(&part, run, rest);
        }
        let Some(after) = after_first(&part, run.clone(), rest) else {
            return false;
        };
        (star, rest) = (run.end, after);
    }
}

/// Takes the parts up to the next `*` or the end from the start of a text, and returns where they end and what is left.
fn to_star<'a, 't>(
    part: &impl Fn(usize) -> Option<Part<'a>>,
    start: usize,
    text: &'t str,
) -> Option<(usize, &'t str)> {
    let (mut index, mut rest) = (start, text);
    loop {
        rest = match part(index) {
            None | Some(Part::AnyText) => return Some((index, rest)),
            Some(Part::Literal(literal)) => rest.strip_prefix(literal)?,
            Some(Part::AnyCharacter) => without_first(rest)?,
            Some(Part::Nothing) => return None,
        };
        index += 1;
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

/// Returns the index of the next `*`, or of the end.
fn end_of_run<'a>(part: &impl Fn(usize) -> Option<Part<'a>>, start: usize) -> usize {
    let mut end = start;
    while !matches!(part(end), None | Some(Part::AnyText)) {
        end += 1;
    }
    end
}

/// Tells whether a text ends with parts without `*`, the last of the pattern.
fn ends_with<'a>(part: &impl Fn(usize) -> Option<Part<'a>>, run: Range<usize>, text: &str) -> bool {
    let length = |part| match part {
        Part::Literal(literal) => literal.chars().count(),
        Part::AnyCharacter => 1,
        Part::AnyText | Part::Nothing => 0,
    };
    let start = run.start;
    let tail = match run.filter_map(part).map(length).sum::<usize>() {
        0 => text.len(),
        length => match text.char_indices().rev().nth(length - 1) {
            Some((at, _)) => at,
            None => return false,
        },
    };
    to_star(part, start, text.split_at(tail).1).is_some_and(|(_, rest)| rest.is_empty())
}

/// Returns the text after the first place where parts without `*` match.
fn after_first<'a, 't>(
    part: &impl Fn(usize) -> Option<Part<'a>>,
    mut run: Range<usize>,
    text: &'t str,
) -> Option<&'t str> {
    match (part(run.start), run.len()) {
        (_, 0) => Some(text),
        (Some(Part::Literal(literal)), 1) => text.split_once(literal).map(|(_, after)| after),
        _ => {
            let mut asked = Vec::new();
            run.try_for_each(|index| match part(index)? {
                Part::Literal(literal) => {
                    asked.extend(literal.chars().map(Some));
                    Some(())
                }
                Part::AnyCharacter => {
                    asked.push(None);
                    Some(())
                }
                Part::AnyText | Part::Nothing => None,
            })?;
            after_first_of(&asked, text)
        }
    }
}

/// Returns the text after the first place where it has the characters asked for, of which some can be any.
///
/// The bit at an index says whether the characters asked for up to that index are the last ones read: each character of
/// the text moves all bits on by one, and keeps those that ask for it (the algorithm is known as Shift-And).
fn after_first_of<'t>(asked: &[Option<char>], text: &'t str) -> Option<&'t str> {
    let last = asked.len().checked_sub(1)?;
    // What is longer than the text can't be in it; so the bits take no more memory than the text deserves.
    text.chars().nth(last)?;
    let mut any = vec![0_u64; last / 64 + 1];
    for index in (0..=last).filter(|index| asked.get(*index) == Some(&None)) {
        set(&mut any, index);
    }
    let mut named: BTreeMap<char, Vec<u64>> = BTreeMap::new();
    for (index, character) in asked.iter().enumerate() {
        if let Some(character) = character {
            set(
                named.entry(*character).or_insert_with(|| any.clone()),
                index,
            );
        }
    }
    let mut matched = vec![0_u64; any.len()];
    for (at, character) in text.char_indices() {
        let mut carried = 1;
        for (word, asking) in matched
            .iter_mut()
            .zip(named.get(&character).unwrap_or(&any))
        {
            let moved = *word << 1 | carried;
            carried = *word >> 63;
            *word = moved & asking;
        }
        if matched.last().is_some_and(|word| word & bit(last) != 0) {
            return Some(text.split_at(at + character.len_utf8()).1);
        }
    }
    None
}

/// Sets the bit at an index.
fn set(words: &mut [u64], index: usize) {
    if let Some(word) = words.get_mut(index / 64) {
        *word |= bit(index);
    }
}

/// Returns the bit of an index within its word.
fn bit(index: usize) -> u64 {
    1 << (index % 64)
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
            format!("*{}?b*", "a".repeat(5_000)),
            format!("*{}b*", "a?".repeat(5_000)),
            format!("*{}b", "a?".repeat(5_000)),
        ] {
            assert!(!like(&text, &pattern));
        }
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn a_long_run_behind_a_star_is_found_where_it_comes_first() {
        let run = "abcdefg?".repeat(20);
        let text = format!("xx{}{}yz", run.replace('?', "ä"), run.replace('?', "h"));
        assert!(like(&text, &format!("*{run}*{run}*z")));
        assert!(!like(&text, &format!("*{run}*{run}?*z*z")));
        assert!(!like(&text, &format!("*{run}b*")));
    }

    proptest! {
        #[test]
        fn matching_is_what_the_wildcards_mean(text in "[abä]{0,10}", pattern in "[abä*?]{0,8}") {
            let characters = |text: &str| text.chars().collect::<Vec<char>>();
            let expected = like_by_definition(&characters(&text), &characters(&pattern));
            prop_assert_eq!(like(&text, &pattern), expected);
        }
    }
}
