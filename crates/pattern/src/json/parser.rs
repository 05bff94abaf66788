//! Parses the JSON form.

use super::property::PropertySelector;
use super::{Condition, Json, Test};
use crate::comparison::Comparison;
use crate::cursor::{Cursor, is_word};
use crate::error::{PatternError, Problem};
use crate::expression::{Expression, suggest_joint};

/// How deep parentheses may nest: far more than patterns in use, and no danger to the stack. AWS
/// names no limit but the pattern's length.
const MAX_DEPTH: usize = 64;

impl Json {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("{", "`{`")?;
        let expression = parse_expression(cursor)?;
        if !cursor.eat("}") {
            return Err(suggest_joint(
                cursor,
                cursor.unexpected("`&&`, `||` or `}`"),
            ));
        }
        Ok(Self { expression })
    }
}

fn parse_expression(cursor: &mut Cursor<'_>) -> Result<Expression<Condition>, PatternError> {
    cursor.skip_whitespace();
    Expression::parse(cursor, &parse_unit)
}

fn parse_unit(cursor: &mut Cursor<'_>) -> Result<Expression<Condition>, PatternError> {
    let start = cursor.position();
    if !cursor.eat("(") {
        return parse_condition(cursor).map(Expression::One);
    }
    if cursor.depth == MAX_DEPTH {
        return Err(cursor.error_at(start, Problem::TooDeep { limit: MAX_DEPTH }));
    }
    cursor.depth += 1;
    let expression = parse_expression(cursor)?;
    cursor.depth -= 1;
    if !cursor.eat(")") {
        return Err(suggest_joint(
            cursor,
            cursor.unexpected("`&&`, `||` or `)`"),
        ));
    }
    Ok(expression)
}

fn parse_condition(cursor: &mut Cursor<'_>) -> Result<Condition, PatternError> {
    let property = PropertySelector::parse(cursor)?;
    cursor.skip_whitespace();
    let start = cursor.position();
    let test = match cursor.take_while(is_word) {
        "" => Test::Compare(Comparison::parse(cursor)?),
        "IS" => parse_is(cursor, &property)?,
        "NOT" => parse_not(cursor, &property)?,
        word => return Err(no_test(cursor, start, word, &property)),
    };
    Ok(Condition { property, test })
}

fn parse_is(cursor: &mut Cursor<'_>, property: &PropertySelector) -> Result<Test, PatternError> {
    cursor.skip_whitespace();
    let start = cursor.position();
    let word = cursor.take_while(is_word);
    match word {
        "NULL" => return Ok(Test::IsNull),
        "TRUE" => return Ok(Test::IsTrue),
        "FALSE" => return Ok(Test::IsFalse),
        _ => {}
    }
    let error = cursor.unexpected_at(start, "`NULL`, `TRUE` or `FALSE` after `IS`");
    if word == "NOT" {
        cursor.skip_whitespace();
        return Err(error.suggest(without_is_not(cursor.take_while(is_word), property)));
    }
    Err(suggest_capitals(error, word, &["NULL", "TRUE", "FALSE"]))
}

/// Says what stands for `IS NOT …`, which CloudWatch Logs doesn't support.
fn without_is_not(negated: &str, property: &PropertySelector) -> String {
    match negated {
        "TRUE" => format!("write `({property} IS FALSE || {property} NOT EXISTS)`"),
        "FALSE" => format!("write `({property} IS TRUE || {property} NOT EXISTS)`"),
        "NULL" => format!("write `{property} = *` for any string or number"),
        "EXISTS" => format!("write `{property} NOT EXISTS`"),
        _ => "there is no `IS NOT`".to_owned(),
    }
}

fn parse_not(cursor: &mut Cursor<'_>, property: &PropertySelector) -> Result<Test, PatternError> {
    cursor.skip_whitespace();
    let start = cursor.position();
    match cursor.take_while(is_word) {
        "EXISTS" => Ok(Test::NotExists),
        _ => Err(cursor
            .unexpected_at(start, "`EXISTS` after `NOT`")
            .suggest(format!("write `{property} NOT EXISTS`"))),
    }
}

fn no_test(
    cursor: &Cursor<'_>,
    start: usize,
    word: &str,
    property: &PropertySelector,
) -> PatternError {
    let error = cursor.unexpected_at(start, "a comparison such as `=`, `IS` or `NOT EXISTS`");
    if word.eq_ignore_ascii_case("EXISTS") {
        return error.suggest(format!("write `{property} = *` for any string or number"));
    }
    suggest_capitals(error, word, &["IS", "NOT"])
}

fn suggest_capitals(error: PatternError, word: &str, keywords: &[&str]) -> PatternError {
    match keywords
        .iter()
        .find(|keyword| keyword.eq_ignore_ascii_case(word))
    {
        Some(keyword) => error.suggest(format!("write `{keyword}` in capitals")),
        None => error,
    }
}
