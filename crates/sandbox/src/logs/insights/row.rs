//! The rows of a query, and what expressions make of them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::cell::{Cell, compares};
use super::query::{Column, Comparison, Expression};
use crate::logs::streams::LogEvent;

/// Holds an event of a query with where it comes from.
pub(super) struct Source<'a> {
    pub(super) event: &'a LogEvent,
    pub(super) stream: &'a str,
    /// The account, a colon and the log group.
    pub(super) log: &'a str,
}

/// Holds a row between two commands.
pub(super) struct Row<'a> {
    pub(super) source: Option<(&'a Source<'a>, Json)>,
    pub(super) cells: BTreeMap<String, Cell>,
}

/// What is evaluated, or why it can't be.
pub(super) type Evaluated<T> = Result<T, String>;

impl<'a> Row<'a> {
    pub(super) fn of(source: &'a Source<'a>) -> Self {
        let json = serde_json::from_str(&source.event.message).unwrap_or(Json::Null);
        Self {
            source: Some((source, json)),
            cells: BTreeMap::new(),
        }
    }

    pub(super) fn key(&self) -> Option<(i64, u64)> {
        self.source.as_ref().map(|(source, _)| source.event.key())
    }

    pub(super) fn add(&mut self, fields: &[Column]) -> Evaluated<()> {
        for Column { expression, name } in fields {
            if let Some(cell) = self.cell(expression)? {
                self.cells.insert(name.clone(), cell);
            }
        }
        Ok(())
    }

    pub(super) fn shown(&self, columns: &[String]) -> Evaluated<Vec<(String, String)>> {
        let mut shown = Vec::new();
        for column in columns {
            if let Some(cell) = self.field(column)? {
                shown.push((column.clone(), cell.shown().into_owned()));
            }
        }
        if let Some((source, _)) = &self.source {
            shown.push(("@ptr".to_owned(), source.event.id()));
        }
        Ok(shown)
    }

    /// Returns a field: one that a command made, one of the event's own, or one found in its JSON by its path.
    fn field(&self, name: &str) -> Evaluated<Option<Cell>> {
        if let Some(cell) = self.cells.get(name) {
            return Ok(Some(cell.clone()));
        }
        let Some((source, json)) = &self.source else {
            return Ok(None);
        };
        let text = |text: &str| Ok(Some(Cell::Text(text.to_owned())));
        match name {
            "@timestamp" => Ok(Some(Cell::Time(source.event.time))),
            "@ingestionTime" => Ok(Some(Cell::Time(source.event.ingested))),
            "@message" => text(&source.event.message),
            "@logStream" => text(source.stream),
            "@log" => text(source.log),
            _ => discovered(json, name),
        }
    }

    pub(super) fn cell(&self, expression: &Expression) -> Evaluated<Option<Cell>> {
        match expression {
            Expression::Field(name) => self.field(name),
            Expression::Text(text) => Ok(Some(Cell::Text(text.clone()))),
            Expression::Number(number) => Ok(Some(Cell::Number(*number))),
            Expression::Coalesce(items) => {
                for item in items {
                    let cell = self.cell(item)?;
                    if cell.is_some() {
                        return Ok(cell);
                    }
                }
                Ok(None)
            }
            Expression::Bin(period) => {
                let event = self.source.as_ref().map(|(source, _)| source.event);
                Ok(event.map(|event| Cell::Time(event.time.div_euclid(*period) * period)))
            }
            Expression::Compare(..)
            | Expression::Like(..)
            | Expression::In(..)
            | Expression::Not(_)
            | Expression::All(_)
            | Expression::Any(_)
            | Expression::IsPresent(_) => {
                Err("the sandbox has conditions in filter only".to_owned())
            }
        }
    }

    /// Returns whether a condition holds. Nothing holds of a field that is not there; what then becomes of the
    /// opposite, which `negated` says is asked for, nobody knows.
    pub(super) fn holds(&self, condition: &Expression, negated: bool) -> Evaluated<bool> {
        match condition {
            Expression::Compare(left, comparison, right) => {
                let negated = negated || *comparison == Comparison::NotEqual;
                match (self.cell(left)?, self.cell(right)?) {
                    (Some(left), Some(right)) => Ok(compares(&left, *comparison, &right)),
                    _ => without_field(negated),
                }
            }
            Expression::Like(operand, regex) => match self.cell(operand)? {
                Some(cell) => Ok(regex.is_match(&cell.shown())),
                None => without_field(negated),
            },
            Expression::In(operand, items) => match self.cell(operand)? {
                Some(cell) => self.is_in(&cell, items),
                None => without_field(negated),
            },
            Expression::Not(condition) => Ok(!self.holds(condition, true)?),
            Expression::All(conditions) => Ok(!self.any(conditions, negated, false)?),
            Expression::Any(conditions) => self.any(conditions, negated, true),
            Expression::IsPresent(operand) => Ok(self.cell(operand)?.is_some()),
            Expression::Field(_)
            | Expression::Text(_)
            | Expression::Number(_)
            | Expression::Coalesce(_)
            | Expression::Bin(_) => Err("a filter needs a condition, such as `a = 1`".to_owned()),
        }
    }

    /// Returns whether one of the conditions holds, or doesn't, as `wanted`; later ones are not looked at then.
    fn any(&self, conditions: &[Expression], negated: bool, wanted: bool) -> Evaluated<bool> {
        for condition in conditions {
            if self.holds(condition, negated)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_in(&self, cell: &Cell, items: &[Expression]) -> Evaluated<bool> {
        for item in items {
            let item = self.cell(item)?;
            if item.is_some_and(|item| compares(cell, Comparison::Equal, &item)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns what a test comes to where an event has no such field.
fn without_field(negated: bool) -> Evaluated<bool> {
    if !negated {
        return Ok(false);
    }
    Err(
        "the sandbox does not know what becomes of a negated test where an event has no such field; \
         add ispresent(…) before it"
            .to_owned(),
    )
}

/// Finds a field in an event's JSON by its path: `userIdentity.userName`, or `items.0` in an array.
fn discovered(json: &Json, path: &str) -> Evaluated<Option<Cell>> {
    let mut found = Some(json);
    for name in path.split('.') {
        found = match found {
            Some(Json::Array(items)) => name.parse().ok().and_then(|at: usize| items.get(at)),
            Some(json) => json.get(name),
            None => None,
        };
    }
    match found {
        Some(Json::String(text)) => Ok(Some(Cell::Text(text.clone()))),
        Some(Json::Number(number)) => Ok(number.as_f64().map(Cell::Number)),
        Some(Json::Bool(_)) => Err(format!(
            "the sandbox does not know how CloudWatch shows the boolean `{path}`"
        )),
        Some(Json::Null | Json::Array(_) | Json::Object(_)) | None => Ok(None),
    }
}
