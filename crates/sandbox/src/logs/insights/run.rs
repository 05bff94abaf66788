//! A query over log events.
//!
//! What CloudWatch makes of a negated test of a field that an event hasn't, and of booleans, is not documented: such a
//! query is refused where it matters, rather than guessed at.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use super::cell::{Cell, order};
use super::query::{Aggregate, Column, Command, Direction, Expression, Query, Summary};
use super::row::{Evaluated, Row, Source};

/// Holds what a query finds.
pub(super) struct Found {
    /// The rows, each with the fields that it has, in the order of the query.
    pub(super) rows: Vec<Vec<(String, String)>>,
    /// How many events passed the filters.
    pub(super) matched: usize,
}

/// The most rows of an answer, unless the query says otherwise.
const ROWS: usize = 10_000;

/// Runs a query over events. `limit` is what the call asks for, which counts if the query itself does not say.
pub(super) fn run(query: &Query, events: &[Source<'_>], limit: Option<usize>) -> Evaluated<Found> {
    let mut run = Run {
        rows: events.iter().map(Row::of).collect(),
        columns: None,
        matched: events.len(),
        is_grouped: false,
        is_limited: false,
    };
    // Unless it is sorted, the newest is first.
    run.rows.sort_by_key(|row| Reverse(row.key()));
    for command in &query.commands {
        run.apply(command)?;
    }
    if !run.is_limited {
        run.rows.truncate(limit.unwrap_or(ROWS));
    }
    let default = || vec!["@timestamp".to_owned(), "@message".to_owned()];
    let columns = run.columns.unwrap_or_else(default);
    let rows = run.rows.iter().map(|row| row.shown(&columns));
    Ok(Found {
        rows: rows.collect::<Evaluated<_>>()?,
        matched: run.matched,
    })
}

/// Holds what has become of the events after some of the commands.
struct Run<'a> {
    rows: Vec<Row<'a>>,
    /// The columns to show, once a command has said so.
    columns: Option<Vec<String>>,
    matched: usize,
    is_grouped: bool,
    is_limited: bool,
}

impl Run<'_> {
    fn apply(&mut self, command: &Command) -> Evaluated<()> {
        match command {
            Command::Fields(fields) => {
                self.rows.iter_mut().try_for_each(|row| row.add(fields))?;
                let names = fields.iter().map(|column| column.name.clone());
                self.columns.get_or_insert_default().extend(names);
            }
            Command::Filter(test) => {
                self.rows = filtered(take(&mut self.rows), test)?;
                if !self.is_grouped {
                    self.matched = self.rows.len();
                }
            }
            Command::Stats { aggregates, by } => {
                let names = by.iter().map(|column| column.name.clone());
                let names = names.chain(aggregates.iter().map(|(_, name)| name.clone()));
                self.columns = Some(names.collect());
                self.rows = grouped(take(&mut self.rows), aggregates, by)?;
                self.is_grouped = true;
            }
            Command::Sort(keys) => self.rows = sorted(take(&mut self.rows), keys)?,
            Command::Limit(limit) => {
                self.rows.truncate(*limit);
                self.is_limited = true;
            }
        }
        Ok(())
    }
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

/// Holds the rows that are to become one, and what they have in common.
#[derive(Default)]
struct Group<'a> {
    cells: BTreeMap<String, Cell>,
    rows: Vec<Row<'a>>,
}

/// Makes one row of all that have the same values of `by`.
fn grouped<'a>(
    rows: Vec<Row<'a>>,
    aggregates: &[(Aggregate, String)],
    by: &[Column],
) -> Evaluated<Vec<Row<'a>>> {
    let mut groups: BTreeMap<Vec<Option<String>>, Group<'a>> = BTreeMap::new();
    for row in rows {
        let mut cells = BTreeMap::new();
        let mut key = Vec::new();
        for Column { expression, name } in by {
            let cell = row.cell(expression)?;
            key.push(cell.as_ref().map(|cell| cell.shown().into_owned()));
            cells.extend(cell.map(|cell| (name.clone(), cell)));
        }
        let group = groups.entry(key).or_default();
        group.cells = cells;
        group.rows.push(row);
    }
    let mut result = Vec::with_capacity(groups.len());
    for Group { mut cells, rows } in groups.into_values() {
        for (aggregate, name) in aggregates {
            let cell = summary(aggregate, &rows)?;
            cells.extend(cell.map(|cell| (name.clone(), cell)));
        }
        let source = None;
        result.push(Row { source, cells });
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
