//! Log events come in.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use std::ops::Range;

use super::streams::{LogEvent, STREAM_NAME, no_such_stream, size};
use super::{GROUP_NAME, invalid, no_such_group};
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[Operation::write("PutLogEvents", put)];

const EVENTS: usize = 10_000;
/// The most bytes of a batch, and so of an event.
const BATCH_BYTES: usize = 1_048_576;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How old, and how far in the future, an event may be, in milliseconds.
const OLDEST: i64 = 14 * DAY;
const NEWEST: i64 = 2 * HOUR;

pub(super) const MESSAGE: Shape = Shape {
    lengths: 1..=usize::MAX,
    pattern: Pattern {
        expression: ".*",
        matches: |_| true,
    },
};

/// Adds events to a stream and applies the metric filters of its group to them. Sequence tokens are ignored.
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let group_name = call.input.required_text("logGroupName", &GROUP_NAME)?;
    let stream_name = call.input.required_text("logStreamName", &STREAM_NAME)?;
    let batch = batch(&call.input)?;
    let now = call.time.as_millisecond();
    let group = account.log_groups(call).get(group_name);
    let group = group.ok_or_else(no_such_group)?;
    if !group.streams.contains_key(stream_name) {
        return Err(no_such_stream());
    }
    let retention = account.retention(call, group_name, group).days;
    let verdict = Verdict::on(&batch, now, retention);
    let accepted = batch.get(verdict.accepted()).unwrap_or_default();
    check_span(accepted)?;
    let numbered = accepted.iter().zip(group.event_count..);
    let event = |((time, message), number): (&(i64, &str), u64)| LogEvent {
        time: *time,
        number,
        ingested: now,
        message: (*message).to_owned(),
    };
    let events: Vec<LogEvent> = numbered.map(event).collect();
    account.apply_metric_filters(call, group_name, &events);
    let event_count = account.log_group_mut(call)?.add(stream_name, events);
    Ok(Record::new()
        .with("nextSequenceToken", format!("{event_count:056}"))
        .with_some("rejectedLogEventsInfo", verdict.record()))
}

impl Account {
    /// Writes an event of CloudTrail to the log groups of the call's region that are taken for a trail's: those with
    /// CloudTrail in their name, since the sandbox has no trails.
    pub(crate) fn write_to_trails(&mut self, call: &Call<'_>, message: &str) {
        let names = self.log_groups(call).keys();
        let of_trails = names.filter(|name| name.to_ascii_lowercase().contains("cloudtrail"));
        let of_trails: Vec<String> = of_trails.cloned().collect();
        let stream = format!("{}_CloudTrail_{}", self.id, call.region);
        for name in of_trails {
            let Some(group) = self.log_groups_mut(call).get_mut(&name) else {
                continue;
            };
            group.open_stream(&stream, call.time);
            let time = call.time.as_millisecond();
            let events = vec![LogEvent {
                time,
                number: group.event_count,
                ingested: time,
                message: message.to_owned(),
            }];
            self.apply_metric_filters(call, &name, &events);
            if let Some(group) = self.log_groups_mut(call).get_mut(&name) {
                group.add(&stream, events);
            }
        }
    }
}

/// Reads the events of a call, as times and messages, and checks what makes all of them fail.
fn batch<'a>(input: &Fields<'a>) -> Result<Vec<(i64, &'a str)>, Error> {
    let events = input.records("logEvents")?;
    let events = events.ok_or_else(|| input.missing("logEvents"))?;
    if events.is_empty() || events.len() > EVENTS {
        let rule = format!("Member must have length between 1 and {EVENTS}");
        return Err(input.constraint("logEvents", None, &rule));
    }
    let event = |fields: Fields<'a>| {
        let time = fields.integer("timestamp", 0..=i64::MAX)?;
        let time = time.ok_or_else(|| fields.missing("timestamp"))?;
        Ok((time, fields.required_text("message", &MESSAGE)?))
    };
    let events: Vec<(i64, &str)> = events.into_iter().map(event).collect::<Result<_, _>>()?;
    let bytes: usize = events.iter().map(|(_, message)| size(message)).sum();
    if bytes > BATCH_BYTES {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES}"
        )));
    }
    if !events.is_sorted_by_key(|(time, _)| *time) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(events)
}

fn check_span(events: &[(i64, &str)]) -> Result<(), Error> {
    match (events.first(), events.last()) {
        (Some((first, _)), Some((last, _))) if last - first > DAY => Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        )),
        _ => Ok(()),
    }
}

/// Says which events of a batch are rejected, by their places in it.
struct Verdict {
    too_old_end: usize,
    expired_end: usize,
    too_new_start: usize,
    len: usize,
}

impl Verdict {
    fn on(batch: &[(i64, &str)], now: i64, retention_in_days: Option<i64>) -> Self {
        let before = |limit: i64| batch.partition_point(|(time, _)| *time < limit);
        Self {
            too_old_end: before(now - OLDEST),
            expired_end: retention_in_days.map_or(0, |days| before(now - days * DAY)),
            too_new_start: before(now + NEWEST + 1),
            len: batch.len(),
        }
    }

    fn accepted(&self) -> Range<usize> {
        self.too_old_end.max(self.expired_end)..self.too_new_start
    }

    fn record(&self) -> Option<Record> {
        let Self {
            too_old_end,
            expired_end,
            too_new_start,
            len,
        } = *self;
        (self.accepted().len() < len).then(|| {
            Record::new()
                .with_some(
                    "tooNewLogEventStartIndex",
                    (too_new_start < len).then_some(too_new_start),
                )
                .with_some(
                    "tooOldLogEventEndIndex",
                    (too_old_end > 0).then_some(too_old_end),
                )
                .with_some(
                    "expiredLogEventEndIndex",
                    (expired_end > 0).then_some(expired_end),
                )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_expired_and_future_events_are_told_apart() {
        let now = 100 * DAY;
        let times = [
            85 * DAY,
            95 * DAY,
            99 * DAY,
            now,
            now + NEWEST,
            now + NEWEST + 1,
        ];
        let batch: Vec<(i64, &str)> = times.iter().map(|time| (*time, "x")).collect();
        let verdict = Verdict::on(&batch, now, Some(3));
        assert_eq!(verdict.accepted(), 2..5);
        assert_eq!(
            (
                verdict.too_old_end,
                verdict.expired_end,
                verdict.too_new_start
            ),
            (1, 2, 5)
        );
        let verdict = Verdict::on(&batch, now, None);
        assert_eq!(verdict.accepted(), 1..5);
        assert!(Verdict::on(&batch[2..5], now, None).record().is_none());
    }

    #[test]
    fn a_batch_spans_a_day_at_most() {
        assert!(check_span(&[(0, "a"), (DAY, "b")]).is_ok());
        assert!(check_span(&[(0, "a"), (DAY + 1, "b")]).is_err());
        assert!(check_span(&[]).is_ok());
    }
}
