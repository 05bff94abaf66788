//! A query over log events.
//!
//! What CloudWatch makes of a negated test of a field that an event hasn't, and of booleans, is not documented: such a
//! query is refused where it matters, rather than guessed at.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value as Json;

use super::query::{Aggregate, Column, Command, Comparison, Direction, Expression, Query, Summary};
use crate::logs::streams::LogEvent;

/// Holds what a query finds.
pub(super) struct Found {
    /// The rows, each with the fields that it has, in the order of the query.
    pub(super) rows: Vec<Vec<(String, String)>>,
    /// How many events passed the filters.
    pub(super) matched: usize,
}

/// Holds an event of a query with where it comes from.
pub(super) struct Source<'a> {
    pub(super) event: &'a LogEvent,
    pub(super) stream: &'a str,
    /// The account, a colon and the log group.
    pub(super) log: &'a str,
}

/// A value that a field or an expression has.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Text(String),
    Number(f64),
    /// In milliseconds since 1970.
    Time(i64),
}

/// Holds a row between two commands.
struct Row<'a> {
    source: Option<(&'a Source<'a>, Json)>,
    cells: BTreeMap<String, Cell>,
}

type Evaluated<T> = Result<T, String>;

/// The most rows of an answer, unless the query says otherwise.
const ROWS: usize = 10_000;

/// Runs a query over events. `limit` is what the call asks for, which counts if the query itself does not say.
pub(super) fn run(query: &Query, events: &[Source<'_>], limit: Option<usize>) -> Evaluated<Found> {
    let mut rows: Vec<Row<'_>> = events.iter().map(Row::of).collect();
    // Unless it is sorted, the newest is first.
    rows.sort_by_key(|row| std::cmp::Reverse(row.key()));
    let mut columns: Option<Vec<String>> = None;
    let mut matched = rows.len();
    let mut is_limited = false;
    let mut is_grouped = false;
    for command in &query.commands {
        match command {
            Command::Fields(fields) => {
                for row in &mut rows {
                    row.add(fields)?;
                }
                let names = fields.iter().map(|column| column.name.clone());
                columns.get_or_insert_default().extend(names);
            }
            Command::Filter(test) => {
                rows = filtered(rows, test)?;
                if !is_grouped {
                    matched = rows.len();
                }
            }
            Command::Stats { aggregates, by } => {
                let names = by.iter().map(|column| column.name.clone());
                let names = names.chain(aggregates.iter().map(|(_, name)| name.clone()));
                columns = Some(names.collect());
                rows = grouped(rows, aggregates, by)?;
                is_grouped = true;
            }
            Command::Sort(keys) => rows = sorted(rows, keys)?,
            Command::Limit(limit) => {
                rows.truncate(*limit);
                is_limited = true;
            }
        }
    }
    if !is_limited {
        rows.truncate(limit.unwrap_or(ROWS));
    }
    let default = || vec!["@timestamp".to_owned(), "@message".to_owned()];
    let columns = columns.unwrap_or_else(default);
    let rows = rows.iter().map(|row| row.shown(&columns));
    Ok(Found {
        rows: rows.collect::<Evaluated<_>>()?,
        matched,
    })
}

fn filtered<'a>(rows: Vec<Row<'a>>, test: &Expression) -> Evaluated<Vec<Row<'a>>> {
    let mut kept = Vec::new();
    for row in rows {
        if row.holds(test, false)? {
            kept.push(row);
        }
    }
    Ok(kept)
}

fn sorted<'a>(rows: Vec<Row<'a>>, keys: &[(Expression, Direction)]) -> Evaluated<Vec<Row<'a>>> {
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows {
        let key = keys.iter().map(|(expression, _)| row.cell(expression));
        keyed.push((key.collect::<Evaluated<Vec<Option<Cell>>>>()?, row));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let orders = a.iter().zip(b).zip(keys).map(|((a, b), (_, direction))| {
            let order = order(a.as_ref(), b.as_ref());
            match direction {
                Direction::Up => order,
                Direction::Down => order.reverse(),
            }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    });
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// Orders numbers by size and texts by letters; what is not there comes first.
fn order(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.shown().cmp(&b.shown()),
        },
        _ => a.is_some().cmp(&b.is_some()),
    }
}

/// Makes one row of all that have the same values of `by`.
fn grouped<'a>(
    rows: Vec<Row<'a>>,
    aggregates: &[(Aggregate, String)],
    by: &[Column],
) -> Evaluated<Vec<Row<'a>>> {
    let mut groups: BTreeMap<Vec<Option<String>>, (BTreeMap<String, Cell>, Vec<Row<'a>>)> =
        BTreeMap::new();
    for row in rows {
        let mut cells = BTreeMap::new();
        let mut key = Vec::new();
        for Column { expression, name } in by {
            let cell = row.cell(expression)?;
            key.push(cell.as_ref().map(|cell| cell.shown().into_owned()));
            cells.extend(cell.map(|cell| (name.clone(), cell)));
        }
        let (_, members) = groups.entry(key).or_insert_with(|| (cells, Vec::new()));
        members.push(row);
    }
    let mut result = Vec::with_capacity(groups.len());
    for (mut cells, members) in groups.into_values() {
        for (aggregate, name) in aggregates {
            let cell = summary(aggregate, &members)?;
            cells.extend(cell.map(|cell| (name.clone(), cell)));
        }
        result.push(Row {
            source: None,
            cells,
        });
    }
    Ok(result)
}

fn summary(aggregate: &Aggregate, rows: &[Row<'_>]) -> Evaluated<Option<Cell>> {
    let (summary, expression) = match aggregate {
        Aggregate::CountAll => return Ok(Some(count(rows.len()))),
        Aggregate::Of(summary, expression) => (summary, expression),
    };
    let cells = rows.iter().map(|row| row.cell(expression));
    let cells: Vec<Option<Cell>> = cells.collect::<Evaluated<_>>()?;
    let cells: Vec<Cell> = cells.into_iter().flatten().collect();
    let numbers: Vec<f64> = cells.iter().filter_map(Cell::number).collect();
    let sum: f64 = numbers.iter().sum();
    Ok(match summary {
        Summary::Count => Some(count(cells.len())),
        Summary::CountDistinct => {
            let distinct: BTreeSet<Cow<'_, str>> = cells.iter().map(Cell::shown).collect();
            Some(count(distinct.len()))
        }
        _ if numbers.is_empty() => None,
        Summary::Sum => Some(Cell::Number(sum)),
        #[expect(clippy::cast_precision_loss, reason = "no query has so many rows")]
        Summary::Average => Some(Cell::Number(sum / numbers.len() as f64)),
        Summary::Minimum => numbers.into_iter().reduce(f64::min).map(Cell::Number),
        Summary::Maximum => numbers.into_iter().reduce(f64::max).map(Cell::Number),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no query has so many rows")]
fn count(count: usize) -> Cell {
    Cell::Number(count as f64)
}

impl Cell {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Number(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "times of our age are exact")]
            Self::Time(time) => Some(*time as f64),
        }
    }

    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(time) => {
                let time = Timestamp::from_millisecond(*time).unwrap_or_default();
                Cow::Owned(time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string())
            }
        }
    }
}

impl<'a> Row<'a> {
    fn of(source: &'a Source<'a>) -> Self {
        let json = serde_json::from_str(&source.event.message).unwrap_or(Json::Null);
        Self {
            source: Some((source, json)),
            cells: BTreeMap::new(),
        }
    }

    fn key(&self) -> Option<(i64, u64)> {
        self.source.as_ref().map(|(source, _)| source.event.key())
    }

    fn add(&mut self, fields: &[Column]) -> Evaluated<()> {
        for Column { expression, name } in fields {
            if let Some(cell) = self.cell(expression)? {
                self.cells.insert(name.clone(), cell);
            }
        }
        Ok(())
    }

    fn shown(&self, columns: &[String]) -> Evaluated<Vec<(String, String)>> {
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

    fn cell(&self, expression: &Expression) -> Evaluated<Option<Cell>> {
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
    fn holds(&self, condition: &Expression, negated: bool) -> Evaluated<bool> {
        let known = |operand: &Expression, test: &dyn Fn(&Cell) -> bool| match self.cell(operand)? {
            Some(cell) => Ok(test(&cell)),
            None if negated => Err(unknown()),
            None => Ok(false),
        };
        match condition {
            Expression::Compare(left, comparison, right) => {
                let negated = negated || *comparison == Comparison::NotEqual;
                match (self.cell(left)?, self.cell(right)?) {
                    (Some(left), Some(right)) => Ok(compares(&left, *comparison, &right)),
                    _ if negated => Err(unknown()),
                    _ => Ok(false),
                }
            }
            Expression::Like(operand, regex) => {
                known(operand, &|cell| regex.is_match(&cell.shown()))
            }
            Expression::In(operand, items) => {
                let items = items.iter().map(|item| self.cell(item));
                let items: Vec<Option<Cell>> = items.collect::<Evaluated<_>>()?;
                let is_in = |cell: &Cell| {
                    let mut items = items.iter().flatten();
                    items.any(|item| compares(cell, Comparison::Equal, item))
                };
                known(operand, &is_in)
            }
            Expression::Not(condition) => Ok(!self.holds(condition, true)?),
            Expression::All(conditions) => {
                for condition in conditions {
                    if !self.holds(condition, negated)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expression::Any(conditions) => {
                for condition in conditions {
                    if self.holds(condition, negated)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expression::IsPresent(operand) => Ok(self.cell(operand)?.is_some()),
            Expression::Field(_)
            | Expression::Text(_)
            | Expression::Number(_)
            | Expression::Coalesce(_)
            | Expression::Bin(_) => Err("a filter needs a condition, such as `a = 1`".to_owned()),
        }
    }
}

fn unknown() -> String {
    "the sandbox does not know what becomes of a negated test where an event has no such field; \
     add ispresent(…) before it"
        .to_owned()
}

/// Compares as numbers if both are, else as texts.
fn compares(left: &Cell, comparison: Comparison, right: &Cell) -> bool {
    let order = order(Some(left), Some(right));
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
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
