//! What is wrong with a document, and where.

use std::fmt;
use std::ops::Range;

use crate::location::{Location, Locator};

/// Reports every mistake found in a document: at least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ParseError {
    pub(crate) mistakes: Vec<Mistake>,
}

impl ParseError {
    /// Returns the mistakes in the order of the text, or of reading where there is no text.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            f.write_str(if index > 0 { "\n" } else { "" })?;
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

/// Says what is wrong with one value of a document.
///
/// Its texts quote the document with control characters escaped and long values cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where the value is in the document, such as `Statement[1].Condition.Bool`; empty for the document itself.
    pub path: String,
    /// Where the value is in the text; `None` when the document wasn't read from text.
    pub location: Option<Location>,
    /// What is wrong and what was expected.
    pub message: String,
    /// What was probably meant: the text to write instead.
    pub suggestion: Option<String>,
}

impl fmt::Display for Mistake {
    /// Writes `LINE:COLUMN: PATH: MESSAGE; did you mean …?` in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            location,
            message,
            suggestion,
        } = self;
        if let Some(Location { line, column, .. }) = location {
            write!(f, "{line}:{column}: ")?;
        }
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        f.write_str(message)?;
        suggestion.as_ref().map_or(Ok(()), |suggestion| {
            write!(f, "; did you mean `{suggestion}`?")
        })
    }
}

/// Sorts mistakes with their ranges by place and tells their lines and columns.
pub(crate) fn locate(text: &str, mut found: Vec<(Range<usize>, Mistake)>) -> Vec<Mistake> {
    found.sort_by_key(|(range, _)| range.start);
    let mut locator = Locator::new(text);
    let located = found.into_iter().map(|(range, mistake)| Mistake {
        location: Some(locator.locate(range)),
        ..mistake
    });
    located.collect()
}

/// Returns a text of the document fit to be quoted in a message: control and format characters escaped, its end cut off
/// when it is long.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 100;
    let mut quoted = String::new();
    for (index, character) in text.chars().enumerate() {
        match character {
            _ if index == LONGEST => {
                quoted.push('…');
                break;
            }
            '"' | '\'' | '\\' => quoted.push(character),
            _ => quoted.extend(character.escape_debug()),
        }
    }
    quoted
}

/// Returns the candidate nearest to what was written, if one is near.
pub(crate) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if written.len() > LONGEST {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    let distance = |candidate: &str| strsim::osa_distance(&lower, &candidate.to_ascii_lowercase());
    let (distance, candidate) = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= candidate.len() / 3).then_some(candidate)
}
