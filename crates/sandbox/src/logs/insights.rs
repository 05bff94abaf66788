//! Logs Insights: queries that run at once, over what is there, in the part of the language that the modules know.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::query::Query;
use self::row::Source;
use self::run::Found;
use super::groups::LogGroup;
use super::{GROUP_IDENTIFIER, GROUP_NAME, identified_name, invalid, no_such_group};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::iam::random;
use crate::operation::{Answer, Operation};
use crate::page::TOKEN;
use crate::state::Account;
use crate::value::{Record, Value};

mod cell;
mod parser;
mod query;
mod row;
mod run;
#[cfg(test)]
mod tests;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("StartQuery", start)
        .unlike("has SOURCE with names, fields, filter, stats, sort and limit; runs at once"),
    Operation::read("GetQueryResults", results),
    Operation::read("StopQuery", stop),
];

/// Holds a query that has run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QueryRun {
    started: Timestamp,
    rows: Vec<Vec<(String, String)>>,
    groups: usize,
    scanned: usize,
    scanned_bytes: usize,
    matched: usize,
}

/// How long results are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
const GROUPS: usize = 50;
const PAGE: i64 = 10_000;

const QUERY: Shape = Shape {
    lengths: 0..=10_000,
    pattern: Pattern::ANY,
};
const QUERY_ID: Shape = Shape {
    lengths: 1..=256,
    pattern: Pattern::ANY,
};

/// Returns the log groups that a query names itself; none if it can't be parsed.
pub(crate) fn sources(query: &str) -> Vec<String> {
    Query::parse(query).map_or_else(|_| Vec::new(), |query| query.sources)
}

/// Runs a query over log groups that are named in the call, or in the query itself.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html>
fn start(account: &mut Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let language = input.word("queryLanguage", &["CWLI", "SQL", "PPL"])?;
    if language.is_some_and(|language| language != "CWLI") {
        return Err(invalid("the sandbox has Logs Insights QL only"));
    }
    let source = input.required_text("queryString", &QUERY)?;
    let limit = input.integer("limit", 1..=100_000)?;
    let range = seconds(call)?;
    let query = Query::parse(source).map_err(malformed)?;
    let groups = groups(account, call, &query.sources)?;
    let logs: Vec<String> = groups
        .iter()
        .map(|(name, _)| format!("{}:{name}", account.id))
        .collect();
    let mut events = Vec::new();
    for ((_, group), log) in groups.iter().zip(&logs) {
        for (stream, it) in &group.streams {
            let found = it.between((range.0, 0), (range.1, 0)).iter();
            events.extend(found.map(|event| Source { event, stream, log }));
        }
    }
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let Found { rows, matched } = run::run(&query, &events, limit).map_err(malformed)?;
    let run = QueryRun {
        started: call.time,
        rows,
        groups: groups.len(),
        scanned: events.len(),
        scanned_bytes: events.iter().map(|it| it.event.size()).sum(),
        matched,
    };
    let id = query_id()?;
    let runs = &mut account.logs_in_mut(call).queries;
    runs.retain(|_, run| call.time.duration_since(run.started) < KEPT);
    runs.insert(id.clone(), run);
    Ok(Record::new().with("queryId", id))
}

fn query_id() -> Result<String, Error> {
    let bytes = random::<16>()?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

/// Returns the time of the first event that a call asks for and the time after the last, in milliseconds.
fn seconds(call: &Call<'_>) -> Result<(i64, i64), Error> {
    let second = |name| {
        let second = call.input.integer(name, 0..=i64::MAX / 1000 - 1)?;
        second.ok_or_else(|| call.input.missing(name))
    };
    let (start, end) = (second("startTime")?, second("endTime")?);
    if start > end {
        return Err(invalid("startTime can't be after endTime."));
    }
    Ok((start * 1000, (end + 1) * 1000))
}

/// Returns the log groups that a call names in one of three ways, or that its query names.
fn groups<'a>(
    account: &'a Account,
    call: &Call<'a>,
    sources: &'a [String],
) -> Result<Vec<(&'a str, &'a LogGroup)>, Error> {
    let name = call.input.text("logGroupName", &GROUP_NAME)?;
    let names = call.input.texts("logGroupNames", &GROUP_NAME)?;
    let identifiers = call.input.texts("logGroupIdentifiers", &GROUP_IDENTIFIER)?;
    let names: Vec<&str> = match (name, names, identifiers, sources) {
        (Some(name), None, None, []) => vec![name],
        (None, Some(names), None, []) => names,
        (None, None, None, [_, ..]) => sources.iter().map(String::as_str).collect(),
        (None, None, Some(identifiers), []) => identifiers
            .into_iter()
            .map(|it| identified_name(account, call, it))
            .collect(),
        _ => {
            return Err(invalid(
                "Exactly one of logGroupName, logGroupNames, logGroupIdentifiers and SOURCE in the query is required.",
            ));
        }
    };
    if names.is_empty() || names.len() > GROUPS {
        return Err(invalid(format!("A query has 1 to {GROUPS} log groups.")));
    }
    let groups = account.log_groups(call);
    names
        .into_iter()
        .map(|name| Ok((name, groups.get(name).ok_or_else(no_such_group)?)))
        .collect()
}

fn malformed(mistake: String) -> Error {
    Error::new(Code::MalformedQuery, mistake)
}

/// Returns the rows of a query, which is always complete.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html>
fn results(account: &Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("queryId", &QUERY_ID)?;
    let size = call.input.integer("maxItems", 1..=PAGE)?.unwrap_or(PAGE);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let start: usize = match call.input.text("nextToken", &TOKEN)? {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| invalid("The specified nextToken is invalid."))?,
    };
    let run = account.logs_in(call).queries.get(id);
    let run = run.ok_or_else(|| {
        let message = "The specified query does not exist.";
        Error::new(Code::LogsResourceNotFound, message)
    })?;
    let rows = run.rows.iter().skip(start).take(size).map(|row| {
        let cells = row.iter();
        cells
            .map(|(field, value)| Record::new().with("field", field).with("value", value))
            .collect::<Value>()
    });
    let end = start.saturating_add(size);
    let token = (end < run.rows.len()).then(|| end.to_string());
    Ok(Record::new()
        .with("queryLanguage", "CWLI")
        .with("results", rows.collect::<Value>())
        .with("statistics", run.statistics())
        .with("status", "Complete")
        .with_some("nextToken", token))
}

/// Refuses to stop a query, since none is running any more.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html>
fn stop(account: &Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("queryId", &QUERY_ID)?;
    if account.logs_in(call).queries.contains_key(id) {
        return Err(invalid("The specified query is not running."));
    }
    let message = "The specified query does not exist.";
    Err(Error::new(Code::LogsResourceNotFound, message))
}

impl QueryRun {
    #[expect(clippy::cast_precision_loss, reason = "the API has them as doubles")]
    fn statistics(&self) -> Record {
        Record::new()
            .with("recordsMatched", self.matched as f64)
            .with("recordsScanned", self.scanned as f64)
            .with("bytesScanned", self.scanned_bytes as f64)
            .with("logGroupsScanned", self.groups as f64)
            .with("resultCount", self.rows.len() as f64)
    }
}
