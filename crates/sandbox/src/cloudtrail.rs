//! CloudTrail's event history: who called what, and what came of it.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::page::TOKEN;
use crate::state::Account;
use crate::value::{Record, Value};

mod event;

pub(crate) use event::{Happened, Sender, SignIn};

pub(crate) const OPERATIONS: &[Operation] = &[Operation::read("LookupEvents", lookup_events)
    .unlike(
        "tells at once of the last 1,000 calls that change something in IAM, CloudWatch and Logs, without what they answered; not of reads and STS, and of sign-ins only to the console",
    )];

/// How many events are kept of an account.
const KEPT: usize = 1_000;
/// How many events a page has at most, and by default.
const PAGE: i64 = 50;

const ATTRIBUTE_VALUE: Shape = Shape {
    lengths: 1..=2_000,
    pattern: Pattern::ANY,
};

const EVENT_CATEGORY: Shape = Shape {
    lengths: 0..=2_000,
    pattern: Pattern::ANY,
};

/// Holds an account's event history, the oldest first, each event as CloudTrail writes it.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CloudTrail(VecDeque<Json>);

impl CloudTrail {
    /// Adds an event, and forgets the oldest where there are too many.
    pub(crate) fn add(&mut self, event: Json) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }
}

/// What events are looked for by.
#[derive(Clone, Copy, Hash)]
enum Attribute {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

const ATTRIBUTES: &[(&str, Attribute)] = &[
    ("EventId", Attribute::EventId),
    ("EventName", Attribute::EventName),
    ("ReadOnly", Attribute::ReadOnly),
    ("Username", Attribute::Username),
    ("ResourceType", Attribute::ResourceType),
    ("ResourceName", Attribute::ResourceName),
    ("EventSource", Attribute::EventSource),
    ("AccessKeyId", Attribute::AccessKeyId),
];

/// Lists events of the request's region, the newest first.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
fn lookup_events(account: &Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let attribute = attribute(call)?;
    let (start, end) = (input.time("StartTime")?, input.time("EndTime")?);
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        let message = "The start time must be before the end time.";
        return Err(Error::new(Code::InvalidTimeRange, message));
    }
    let size = size(call)?;
    // Insights events are a category of their own, and there are none.
    let is_insight = match input.text("EventCategory", &EVENT_CATEGORY)? {
        None => false,
        Some("insight") => true,
        Some(_) => {
            let message = "The event category that was specified is not valid.";
            return Err(Error::new(Code::InvalidEventCategory, message));
        }
    };
    let asked = asked(&(attribute, start, end));
    let skipped = skipped(call, &asked)?;
    let is_asked_for = |event: &&Json| {
        let time = event::time(event);
        let is_in_time =
            start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
        let matches = attribute.is_none_or(|(key, value)| has(event, key, value));
        !is_insight && event::text(event, "awsRegion") == call.region && is_in_time && matches
    };
    let mut found = account
        .cloudtrail
        .0
        .iter()
        .rev()
        .filter(is_asked_for)
        .skip(skipped);
    let page: Value = found.by_ref().take(size).map(summary).collect();
    let token = found.next().map(|_| format!("{}-{asked}", skipped + size));
    Ok(Record::new()
        .with("Events", page)
        .with_some("NextToken", token))
}

fn attribute<'a>(call: &Call<'a>) -> Result<Option<(Attribute, &'a str)>, Error> {
    let attributes = call.input.records("LookupAttributes")?.unwrap_or_default();
    let [attribute] = attributes.as_slice() else {
        return match attributes.len() {
            0 => Ok(None),
            _ => {
                let message = "You can specify only one lookup attribute.";
                Err(Error::new(Code::InvalidLookupAttributes, message))
            }
        };
    };
    let key = attribute.choice("AttributeKey", ATTRIBUTES)?;
    let key = key.ok_or_else(|| attribute.missing("AttributeKey"))?;
    let value = attribute.required_text("AttributeValue", &ATTRIBUTE_VALUE)?;
    Ok(Some((key, value)))
}

fn size(call: &Call<'_>) -> Result<usize, Error> {
    let size = call.input.integer("MaxResults", i64::MIN..=i64::MAX)?;
    let size = size.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&size) {
        let message = format!("The maximum number of results must be from 1 to {PAGE}.");
        return Err(Error::new(Code::InvalidMaxResults, message));
    }
    Ok(usize::try_from(size).unwrap_or_default())
}

/// Returns a few letters that stand for what is looked for.
fn asked(parameters: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    parameters.hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// A token is good for the parameters only with which it was given.
fn skipped(call: &Call<'_>, asked: &str) -> Result<usize, Error> {
    let Some(token) = call.input.text("NextToken", &TOKEN)? else {
        return Ok(0);
    };
    let skipped = token.split_once('-').filter(|(_, given)| *given == asked);
    skipped
        .and_then(|(skipped, _)| skipped.parse().ok())
        .ok_or_else(|| {
            let message = "The token that was specified is not valid.";
            Error::new(Code::InvalidTrailToken, message)
        })
}

fn has(event: &Json, key: Attribute, value: &str) -> bool {
    match key {
        Attribute::EventId => event::text(event, "eventID") == value,
        Attribute::EventName => event::text(event, "eventName") == value,
        Attribute::ReadOnly => value == "false",
        Attribute::Username => event::username(event) == value,
        Attribute::ResourceType => event::resources(event).any(|(of_type, _)| of_type == value),
        Attribute::ResourceName => event::resources(event).any(|(_, name)| name == value),
        Attribute::EventSource => event::text(event, "eventSource") == value,
        Attribute::AccessKeyId => event::access_key_id(event) == value,
    }
}

/// Returns an event as an answer has it.
fn summary(event: &Json) -> Record {
    let resources = event::resources(event).map(|(of_type, name)| {
        Record::new()
            .with("ResourceType", of_type)
            .with("ResourceName", name)
    });
    // Whole seconds, as the API tells them.
    let time = Timestamp::from_second(event::time(event).as_second()).unwrap_or_default();
    Record::new()
        .with("EventId", event::text(event, "eventID"))
        .with("EventName", event::text(event, "eventName"))
        .with("ReadOnly", "false")
        .with("AccessKeyId", event::access_key_id(event))
        .with("EventTime", time)
        .with("EventSource", event::text(event, "eventSource"))
        .with("Username", event::username(event))
        .with("Resources", resources.collect::<Value>())
        .with("CloudTrailEvent", event.to_string())
}
