//! Log streams and the events in them.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::groups::LogGroup;
use super::{identified_group, invalid, page};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateLogStream", create),
    Operation::read("DescribeLogStreams", describe),
    Operation::write("DeleteLogStream", delete),
];

/// Holds a log stream.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogStream {
    /// In milliseconds since 1970, as all times here.
    created: i64,
    last_ingestion: Option<i64>,
    bytes: usize,
    /// Sorted by time, those of one time by number.
    events: Vec<LogEvent>,
}

/// Holds a log event.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogEvent {
    pub(super) time: i64,
    /// How many events of the log group came before it.
    pub(super) number: u64,
    pub(super) ingested: i64,
    pub(super) message: String,
}

/// Where an event stands among those of its log group: its time and number.
pub(super) type Key = (i64, u64);

impl LogEvent {
    pub(super) fn key(&self) -> Key {
        (self.time, self.number)
    }

    /// Returns the id of the event. Ids of one log group sort as its events do.
    pub(super) fn id(&self) -> String {
        format!("{:020}{:036}", self.time, self.number)
    }

    /// Returns how many bytes the event counts for.
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
    pub(super) fn size(&self) -> usize {
        size(&self.message)
    }
}

/// Returns how many bytes an event with this message counts for.
pub(super) fn size(message: &str) -> usize {
    message.len() + 26
}

pub(super) const STREAM_NAME: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: "[^:*]*",
        matches: |name| !name.contains([':', '*']),
    },
};

impl LogStream {
    fn new(now: Timestamp) -> Self {
        Self {
            created: now.as_millisecond(),
            last_ingestion: None,
            bytes: 0,
            events: Vec::new(),
        }
    }

    fn add(&mut self, events: Vec<LogEvent>) {
        let Some(first) = events.first() else {
            return;
        };
        self.last_ingestion = Some(first.ingested);
        self.bytes += events.iter().map(LogEvent::size).sum::<usize>();
        let is_later = self.events.last().map(LogEvent::key) < Some(first.key());
        self.events.extend(events);
        if !is_later {
            self.events.sort_by_key(LogEvent::key);
        }
    }

    /// Returns the events from one place on and before another.
    pub(super) fn between(&self, from: Key, to: Key) -> &[LogEvent] {
        let start = self.events.partition_point(|event| event.key() < from);
        let end = self.events.partition_point(|event| event.key() < to);
        self.events.get(start..end).unwrap_or_default()
    }

    pub(super) fn stored_bytes(&self) -> usize {
        self.bytes
    }
}

impl LogGroup {
    /// Adds events that are sorted by time and returns how many have come in.
    /// Creates a stream if there is none of this name.
    pub(super) fn open_stream(&mut self, name: &str, now: Timestamp) {
        let stream = self.streams.entry(name.to_owned());
        stream.or_insert_with(|| LogStream::new(now));
    }

    pub(super) fn add(&mut self, stream: &str, events: Vec<LogEvent>) -> u64 {
        self.event_count += events.len() as u64;
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.add(events);
        }
        self.event_count
    }

    pub(super) fn stream(&self, call: &Call<'_>) -> Result<&LogStream, Error> {
        let name = call.input.required_text("logStreamName", &STREAM_NAME)?;
        self.streams.get(name).ok_or_else(no_such_stream)
    }
}

pub(super) fn no_such_stream() -> Error {
    Error::new(
        Code::LogsResourceNotFound,
        "The specified log stream does not exist.",
    )
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("logStreamName", &STREAM_NAME)?;
    let streams = &mut account.log_group_mut(call)?.streams;
    if streams.contains_key(name) {
        return Err(Error::new(
            Code::ResourceAlreadyExists,
            "The specified log stream already exists",
        ));
    }
    streams.insert(name.to_owned(), LogStream::new(call.time));
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("logStreamName", &STREAM_NAME)?;
    let removed = account.log_group_mut(call)?.streams.remove(name);
    removed.map(|_| Record::new()).ok_or_else(no_such_stream)
}

/// Says what log streams are sorted by.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Name,
    LastEvent,
}

/// Lists the log streams of a group, by name or by their newest event.
///
/// Where streams without events stand in the order by event isn't documented: here before all others.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let orders = [
        ("LogStreamName", Order::Name),
        ("LastEventTime", Order::LastEvent),
    ];
    let order = call.input.choice("orderBy", &orders)?;
    let order = order.unwrap_or(Order::Name);
    let prefix = call.input.text("logStreamNamePrefix", &STREAM_NAME)?;
    let descending = call.input.boolean("descending")?.unwrap_or(false);
    let page = page(call)?;
    let (group_name, group) = identified_group(account, call)?;
    if prefix.is_some() && order == Order::LastEvent {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let arn = |name: &str| {
        let group = account.log_group_arn(call, group_name);
        format!("{group}:log-stream:{name}")
    };
    let prefix = prefix.unwrap_or_default();
    let streams = group
        .streams
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(prefix))
        .map(|(name, stream)| (order.key(name, stream), record(name, stream, arn(name))));
    let streams: BTreeMap<String, Record> = streams.collect();
    let (streams, token) = if descending {
        page.take_down(streams.into_iter().rev())
    } else {
        page.take(streams.into_iter())
    };
    Ok(Record::new()
        .with("logStreams", streams.into_iter().collect::<Value>())
        .with_some("nextToken", token))
}

impl Order {
    /// Returns a text that sorts as the streams do.
    fn key(self, name: &str, stream: &LogStream) -> String {
        match (self, stream.events.last()) {
            (Self::Name, _) => name.to_owned(),
            (Self::LastEvent, None) => format!(" {name}"),
            (Self::LastEvent, Some(event)) => format!("{:020} {name}", event.time),
        }
    }
}

fn record(name: &str, stream: &LogStream, arn: String) -> Record {
    let LogStream {
        created,
        last_ingestion,
        bytes: _,
        events,
    } = stream;
    Record::new()
        .with("logStreamName", name)
        .with("creationTime", *created)
        .with_some(
            "firstEventTimestamp",
            events.first().map(|event| event.time),
        )
        .with_some("lastEventTimestamp", events.last().map(|event| event.time))
        .with_some("lastIngestionTime", *last_ingestion)
        .with("arn", arn)
        // Always zero since 2019, as the API says.
        .with("storedBytes", 0_i64)
}
