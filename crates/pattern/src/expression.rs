//! Conditions joined with `&&` and `||`; `&&` binds tighter.

use std::fmt;

use crate::cursor::Cursor;
use crate::error::PatternError;

/// Conditions of type `T`. `All` holds no `All` and `Any` no `Any`: both are flattened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expression<T> {
    All(Vec<Expression<T>>),
    Any(Vec<Expression<T>>),
    One(T),
}

type Parse<'p, T> = &'p dyn Fn(&mut Cursor<'_>) -> Result<T, PatternError>;

impl<T> Expression<T> {
    /// Parses units joined with `&&` and `||`, up to what is neither.
    pub(crate) fn parse(
        cursor: &mut Cursor<'_>,
        unit: Parse<'_, Self>,
    ) -> Result<Self, PatternError> {
        let all = |cursor: &mut Cursor<'_>| joined(cursor, "&&", unit).map(Self::all);
        joined(cursor, "||", &all).map(Self::any)
    }

    fn all(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All(parts) => parts,
            Self::Any(_) | Self::One(_) => vec![part],
        });
        only(flat.collect()).unwrap_or_else(Self::All)
    }

    fn any(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Any(parts) => parts,
            Self::All(_) | Self::One(_) => vec![part],
        });
        only(flat.collect()).unwrap_or_else(Self::Any)
    }

    pub(crate) fn holds(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(test)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Self::One(one) => test(one),
        }
    }

    /// Returns whether one of the conditions passes a test, wherever it stands.
    pub(crate) fn has(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.has(test)),
            Self::One(one) => test(one),
        }
    }

    pub(crate) fn print(
        &self,
        f: &mut fmt::Formatter<'_>,
        print: &impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let (parts, joint) = match self {
            Self::One(one) => return print(one, f),
            Self::All(parts) => (parts, " && "),
            Self::Any(parts) => (parts, " || "),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(joint)?;
            }
            if matches!(part, Self::Any(_)) {
                f.write_str("(")?;
                part.print(f, print)?;
                f.write_str(")")?;
            } else {
                part.print(f, print)?;
            }
        }
        Ok(())
    }
}

/// Returns the only part there is, or all of them.
fn only<T>(mut parts: Vec<T>) -> Result<T, Vec<T>> {
    match parts.pop() {
        Some(part) if parts.is_empty() => Ok(part),
        Some(part) => {
            parts.push(part);
            Err(parts)
        }
        None => Err(parts),
    }
}

fn joined<T>(
    cursor: &mut Cursor<'_>,
    joint: &str,
    part: Parse<'_, T>,
) -> Result<Vec<T>, PatternError> {
    let mut parts = vec![part(cursor)?];
    cursor.skip_whitespace();
    while cursor.eat(joint) {
        cursor.skip_whitespace();
        parts.push(part(cursor)?);
        cursor.skip_whitespace();
    }
    Ok(parts)
}

/// Suggests what joins conditions here to those who know it from elsewhere.
pub(crate) fn suggest_joint(cursor: &Cursor<'_>, error: PatternError) -> PatternError {
    let word = |word: &str| {
        let found = cursor.rest().get(..word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    if word("and") || cursor.starts_with("&") {
        error.suggest("conditions are joined with `&&`")
    } else if word("or") || cursor.starts_with("|") {
        error.suggest("conditions are joined with `||`")
    } else {
        error
    }
}
