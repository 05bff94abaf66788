//! Who made objects as they were found, by the log group that a trail of CloudTrail delivers to.
//!
//! One query of Logs Insights over a time that the caller chooses, since it costs by the bytes that it scans ("Amazon
//! CloudWatch Pricing"). It reaches back as far as the log group keeps its events, and needs no `LookupEvents`.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_cloudwatchlogs::types::{QueryStatistics, QueryStatus, ResultField};
use jiff::Timestamp;
use model::{Drift, LogGroupName, ReadFailure, Trail, TrailSource};

use super::event::Record;
use super::operations::{Operation, is_about};
use super::{Wanted, keep_latest, wanted};
use crate::Clients;
use crate::part::{failure, unexpected};

const START: &str = "logs:StartQuery";
const RESULTS: &str = "logs:GetQueryResults";

/// The most rows that one answer has (`limit` in "Logs Insights query syntax").
const ROWS: usize = 10_000;

/// How often the results are asked for at most: two minutes at two calls a second.
const ASKED: usize = 240;

/// Asks a log group for the calls of a time that made things as drift found them, and waits `pause` before each time that it
/// asks for the results again.
///
/// What can't be asked or isn't told is said in the trail; this never fails as a whole. Without anything to ask for, no
/// query is made.
pub async fn trail_of_log_group(
    clients: &Clients,
    drift: &Drift,
    log_group: &LogGroupName,
    (since, until): (Timestamp, Timestamp),
    pause: Duration,
) -> Trail {
    let mut trail = Trail::default();
    let mut bytes_scanned = None;
    let wanted = wanted(drift);
    if !wanted.is_empty() {
        match query(clients, &wanted, log_group, (since, until), pause).await {
            Ok(found) => {
                let scanned = found.statistics().map(QueryStatistics::bytes_scanned);
                bytes_scanned = scanned.map(whole);
                take(&wanted, &found, &mut trail);
            }
            Err(failure) => trail.failure = Some(failure),
        }
    }
    trail.source = TrailSource::LogGroup {
        name: log_group.clone(),
        since,
        bytes_scanned,
    };
    trail
}

/// The API has numbers of bytes as doubles.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what isn't a number of bytes becomes the nearest one"
)]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

async fn query(
    clients: &Clients,
    wanted: &Wanted<'_>,
    log_group: &LogGroupName,
    (since, until): (Timestamp, Timestamp),
    pause: Duration,
) -> Result<GetQueryResultsOutput, ReadFailure> {
    let started = clients
        .logs
        .start_query()
        .log_group_name(log_group.as_str())
        .start_time(since.as_second())
        .end_time(until.as_second())
        .query_string(query_string(wanted))
        .send()
        .await
        .map_err(|error| failure(START, &error))?;
    let id = started
        .query_id()
        .ok_or_else(|| unexpected(START, &"no id"))?;
    for _ in 0..ASKED {
        let found = clients.logs.get_query_results().query_id(id).send().await;
        let found = found.map_err(|error| failure(RESULTS, &error))?;
        match found.status() {
            Some(QueryStatus::Complete) => return Ok(found),
            Some(QueryStatus::Running | QueryStatus::Scheduled) => tokio::time::sleep(pause).await,
            other => {
                let status = other.map_or("nothing", QueryStatus::as_str);
                return Err(unexpected(RESULTS, &format!("the query is {status}")));
            }
        }
    }
    Err(unexpected(RESULTS, &"the query isn't complete in time"))
}

/// Returns a query for the calls that were done. All of these fields are among the first of an event, and Insights finds only
/// so many in one.
fn query_string(wanted: &Wanted<'_>) -> String {
    let list = |items: Vec<&str>| {
        let mut items: Vec<String> = items.into_iter().map(|it| format!("'{it}'")).collect();
        items.dedup();
        items.join(", ")
    };
    let sources = list(wanted.keys().map(|it| it.service.source()).collect());
    let names = list(wanted.keys().map(|it| it.name).collect());
    format!(
        "fields @message | filter eventSource in [{sources}] and eventName in [{names}] and not ispresent(errorCode) \
         | sort @timestamp desc | limit {ROWS}"
    )
}

fn take(wanted: &Wanted<'_>, found: &GetQueryResultsOutput, trail: &mut Trail) {
    let rows = found.results();
    let records = rows.iter().filter_map(|row| Record::read(message(row)?));
    for record in records {
        let made = |(operation, _): &(&Operation, _)| record.is_done(**operation);
        for address in wanted
            .iter()
            .filter(made)
            .flat_map(|(_, addresses)| addresses)
        {
            if is_about(address, record.parameters()) {
                keep_latest(trail, address, &record);
            }
        }
    }
    let objects = wanted.values().flatten();
    let is_told = objects
        .into_iter()
        .all(|address| trail.calls.contains_key(*address));
    trail.is_cut_short = !is_told && (rows.len() == ROWS || found.next_token().is_some());
}

fn message(row: &[ResultField]) -> Option<&str> {
    let field = row.iter().find(|it| it.field() == Some("@message"))?;
    field.value()
}

#[cfg(test)]
mod tests {
    use super::super::operations::Service;
    use super::*;

    #[test]
    fn a_query_names_each_service_once_and_every_operation() {
        let operation = |service, name| Operation { service, name };
        let wanted = Wanted::from([
            (operation(Service::Iam, "DeleteUser"), Vec::new()),
            (operation(Service::Iam, "UpdateUser"), Vec::new()),
            (operation(Service::Logs, "DeleteLogGroup"), Vec::new()),
        ]);
        assert_eq!(
            query_string(&wanted),
            "fields @message | filter eventSource in ['iam.amazonaws.com', 'logs.amazonaws.com'] and eventName in ['DeleteUser', 'UpdateUser', 'DeleteLogGroup'] and not ispresent(errorCode) | sort @timestamp desc | limit 10000"
        );
    }
}
