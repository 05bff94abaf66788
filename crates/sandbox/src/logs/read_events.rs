//! Log events are read: those of one stream, or those of a group that a pattern selects.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use pattern::Pattern as FilterPattern;

use super::groups::LogGroup;
use super::streams::{Key, LogEvent, LogStream, STREAM_NAME, no_such_stream};
use super::{identified_group, invalid};
use crate::call::{Call, Pattern, Shape};
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::page::TOKEN;
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("GetLogEvents", get).unlike("expired events are still there"),
    Operation::read("FilterLogEvents", filter).unlike("expired events are still there"),
];

/// The most events and bytes of a page.
const PAGE_EVENTS: i64 = 10_000;
const PAGE_BYTES: usize = 1_048_576;
const STREAMS: usize = 100;

pub(super) const FILTER_PATTERN: Shape = Shape {
    lengths: 0..=1024,
    pattern: Pattern::ANY,
};

/// Says from where on, and in which direction, events are read: from a place on, or back from before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Forward(Key),
    Backward(Key),
}

impl Cursor {
    /// Reads a token that [`Cursor::token`] wrote.
    fn of(token: &str) -> Option<Self> {
        let (direction, place) = token.split_once('/')?;
        let (time, number) = place.split_once('.')?;
        let key = (time.parse().ok()?, number.parse().ok()?);
        match direction {
            "f" => Some(Self::Forward(key)),
            "b" => Some(Self::Backward(key)),
            _ => None,
        }
    }

    fn token(self) -> String {
        match self {
            Self::Forward((time, number)) => format!("f/{time}.{number}"),
            Self::Backward((time, number)) => format!("b/{time}.{number}"),
        }
    }

    /// Returns where a call goes on, or where it begins.
    fn of_call(call: &Call<'_>, range: (Key, Key), forward: bool) -> Result<Self, Error> {
        match call.input.text("nextToken", &TOKEN)? {
            Some(token) => {
                Self::of(token).ok_or_else(|| invalid("The specified nextToken is invalid."))
            }
            None if forward => Ok(Self::Forward(range.0)),
            None => Ok(Self::Backward(range.1)),
        }
    }

    /// Returns the events of a stream that are still to be read.
    fn remaining(self, stream: &LogStream, (from, to): (Key, Key)) -> &[LogEvent] {
        match self {
            Self::Forward(place) => stream.between(from.max(place), to),
            Self::Backward(place) => stream.between(from, to.min(place)),
        }
    }

    /// Compares events in the direction of reading.
    fn order(self, a: Key, b: Key) -> Ordering {
        match self {
            Self::Forward(_) => a.cmp(&b),
            Self::Backward(_) => b.cmp(&a),
        }
    }

    /// Returns where to go on after an event.
    fn after(self, event: &LogEvent) -> Self {
        match self {
            Self::Forward(_) => Self::Forward(next(event)),
            Self::Backward(_) => Self::Backward(event.key()),
        }
    }
}

/// Returns the place right after an event.
fn next(event: &LogEvent) -> Key {
    (event.time, event.number + 1)
}

/// Takes as many events as a page holds: as many as were asked for, and a megabyte, but at least one. Returns also
/// whether there are more.
fn page<T>(
    events: impl Iterator<Item = T>,
    limit: usize,
    event: fn(&T) -> &LogEvent,
) -> (Vec<T>, bool) {
    let (mut page, mut bytes) = (Vec::new(), 0);
    for item in events {
        bytes += event(&item).size();
        if page.len() == limit || (bytes > PAGE_BYTES && !page.is_empty()) {
            return (page, true);
        }
        page.push(item);
    }
    (page, false)
}

/// Lists the events of a stream in the order of their times: the newest, the oldest, or those next to a page before.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let (_, group) = identified_group(account, call)?;
    let stream = group.stream(call)?;
    let start = call.input.integer("startTime", 0..=i64::MAX)?.unwrap_or(0);
    let end = call.input.integer("endTime", 0..=i64::MAX)?;
    let range = ((start, 0), (end.unwrap_or(i64::MAX), 0));
    let limit = limit(call)?;
    let forward = call.input.boolean("startFromHead")?.unwrap_or(false);
    let cursor = Cursor::of_call(call, range, forward)?;
    let remaining = cursor.remaining(stream, range);
    let events = match cursor {
        Cursor::Forward(_) => page(remaining.iter(), limit, |event| event).0,
        Cursor::Backward(_) => {
            let (mut events, _) = page(remaining.iter().rev(), limit, |event| event);
            events.reverse();
            events
        }
    };
    let (first, last) = match (events.first(), events.last(), cursor) {
        (Some(first), Some(last), _) => (first.key(), next(last)),
        (_, _, Cursor::Forward(place) | Cursor::Backward(place)) => (place, place),
    };
    let shown = events.into_iter().map(shown).collect::<Value>();
    Ok(Record::new()
        .with("events", shown)
        .with("nextForwardToken", Cursor::Forward(last).token())
        .with("nextBackwardToken", Cursor::Backward(first).token()))
}

fn limit(call: &Call<'_>) -> Result<usize, Error> {
    let limit = call.input.integer("limit", 1..=PAGE_EVENTS)?;
    Ok(usize::try_from(limit.unwrap_or(PAGE_EVENTS)).unwrap_or(usize::MAX))
}

fn shown(event: &LogEvent) -> Record {
    Record::new()
        .with("timestamp", event.time)
        .with("message", &event.message)
        .with("ingestionTime", event.ingested)
}

/// Lists the events of a group that a pattern selects, of all streams or of some, in the order of their times.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
fn filter(account: &Account, call: &Call<'_>) -> Answer {
    let (_, group) = identified_group(account, call)?;
    let pattern = call.input.text("filterPattern", &FILTER_PATTERN)?;
    let pattern = FilterPattern::parse(pattern.unwrap_or_default())
        .map_err(|error| invalid(format!("Invalid filter pattern: {error}")))?;
    let start = call.input.integer("startTime", 0..=i64::MAX)?.unwrap_or(0);
    let end = call.input.integer("endTime", 0..=i64::MAX)?;
    // Unlike that of `GetLogEvents`, this range has its end in it.
    let range = ((start, 0), (end.unwrap_or(i64::MAX), u64::MAX));
    let limit = limit(call)?;
    let forward = call.input.boolean("startFromHead")?.unwrap_or(true);
    let cursor = Cursor::of_call(call, range, forward)?;
    let mut remaining: Vec<(&str, &LogEvent)> = chosen_streams(group, call)?
        .into_iter()
        .flat_map(|(name, stream)| {
            cursor
                .remaining(stream, range)
                .iter()
                .map(move |it| (name, it))
        })
        .collect();
    remaining.sort_by(|(_, a), (_, b)| cursor.order(a.key(), b.key()));
    let matching = remaining
        .into_iter()
        .filter(|(_, event)| pattern.matches(&event.message));
    let (events, has_more) = page(matching, limit, |(_, event)| event);
    let last = events.last().filter(|_| has_more);
    let token = last.map(|(_, event)| cursor.after(event).token());
    let events = events.into_iter().map(|(stream, event)| {
        shown(event)
            .with("logStreamName", stream)
            .with("eventId", event.id())
    });
    Ok(Record::new()
        .with("events", events.collect::<Value>())
        // Always empty since 2020, as the API says.
        .with("searchedLogStreams", Value::List(Vec::new()))
        .with_some("nextToken", token))
}

/// Returns the streams that a call names, those with a prefix, or all.
fn chosen_streams<'a>(
    group: &'a LogGroup,
    call: &Call<'a>,
) -> Result<Vec<(&'a str, &'a LogStream)>, Error> {
    let names = call.input.texts("logStreamNames", &STREAM_NAME)?;
    let prefix = call.input.text("logStreamNamePrefix", &STREAM_NAME)?;
    match (names, prefix) {
        (Some(_), Some(_)) => Err(invalid(
            "logStreamNames and logStreamNamePrefix can't be used together.",
        )),
        (Some(names), None) if names.is_empty() || names.len() > STREAMS => {
            let rule = format!("Member must have length between 1 and {STREAMS}");
            Err(call.input.constraint("logStreamNames", None, &rule))
        }
        (Some(names), None) => {
            let names: BTreeSet<&str> = names.into_iter().collect();
            let stream = |name| Ok((name, group.streams.get(name).ok_or_else(no_such_stream)?));
            names.into_iter().map(stream).collect()
        }
        (None, prefix) => {
            let prefix = prefix.unwrap_or_default();
            let streams = group.streams.iter();
            Ok(streams
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, stream)| (name.as_str(), stream))
                .collect())
        }
    }
}
