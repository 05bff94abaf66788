//! Parses the space-delimited form.

use super::{Delimited, Field};
use crate::comparison::Comparison;
use crate::cursor::{Cursor, is_word};
use crate::error::{PatternError, Problem};
use crate::expression::{Expression, suggest_joint};

impl Delimited {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("[", "`[`")?;
        cursor.skip_whitespace();
        let mut fields = Vec::new();
        if cursor.eat("]") {
            return Ok(Self { fields });
        }
        loop {
            fields.push(parse_field(cursor)?);
            cursor.skip_whitespace();
            if cursor.eat("]") {
                return Ok(Self { fields });
            }
            if !cursor.eat(",") {
                let error = cursor.unexpected("a comparison, `&&`, `||`, `,` or `]`");
                return Err(suggest_joint(cursor, error));
            }
        }
    }
}

fn parse_field(cursor: &mut Cursor<'_>) -> Result<Field, PatternError> {
    cursor.skip_whitespace();
    if cursor.eat("...") || cursor.eat("…") {
        return Ok(Field::Ellipsis);
    }
    if matches!(cursor.peek(), Some(',' | ']')) {
        return Ok(Field::Unnamed);
    }
    let name = peek_name(cursor)?;
    let has_condition = cursor
        .rest()
        .strip_prefix(name)
        .is_some_and(|rest| rest.trim_start().starts_with(['=', '!', '<', '>']));
    let condition = if has_condition {
        let unit = |cursor: &mut Cursor<'_>| parse_condition(cursor, name).map(Expression::One);
        Some(Expression::parse(cursor, &unit)?)
    } else {
        cursor.eat(name);
        None
    };
    Ok(Field::Named {
        name: name.to_owned(),
        condition,
    })
}

/// Returns the name at the cursor and leaves it there for the first condition to take.
fn peek_name<'a>(cursor: &Cursor<'a>) -> Result<&'a str, PatternError> {
    let rest = cursor.rest();
    let end = rest
        .find(|character| !is_word(character))
        .unwrap_or(rest.len());
    match rest.get(..end) {
        Some("") | None => Err(cursor.unexpected("a field's name, `...` or `]`")),
        Some(name) => Ok(name),
    }
}

/// Parses `name = value`. Parentheses aren't part of this form, as far as the guide shows.
fn parse_condition(cursor: &mut Cursor<'_>, name: &str) -> Result<Comparison, PatternError> {
    let start = cursor.position();
    let found = peek_name(cursor)?;
    if found != name {
        let (field, other) = (name.to_owned(), found.to_owned());
        let problem = Problem::ForeignField { field, other };
        let error = cursor.error_at(start, problem);
        return Err(error.suggest(format!("put it in the place of `{found}`, after a comma")));
    }
    cursor.eat(name);
    cursor.skip_whitespace();
    Comparison::parse(cursor)
}
