//! Metric alarms.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alarm_definition::{AlarmDefinition, NAME};
use super::{Tags, tags};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::page::{Page, TOKEN};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutMetricAlarm", put),
    Operation::read("DescribeAlarms", describe),
    Operation::write("DeleteAlarms", delete),
];

/// Holds a metric alarm.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alarm {
    definition: AlarmDefinition,
    defined: Timestamp,
    state: State,
    state_reason: String,
    /// When the state was set.
    state_updated: Timestamp,
    /// When the state became another.
    state_changed: Timestamp,
    pub(super) tags: Tags,
}

/// Says what an alarm has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Ok,
    Alarm,
    InsufficientData,
}

const STATES: &[(&str, State)] = &[
    ("OK", State::Ok),
    ("ALARM", State::Alarm),
    ("INSUFFICIENT_DATA", State::InsufficientData),
];

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// How many alarms a region of an account may have.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>
const ALARMS: usize = 5_000;
/// How many names a call may have.
const NAMES: usize = 100;
const PREFIX: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};

static NO_ALARMS: BTreeMap<String, Alarm> = BTreeMap::new();

impl Account {
    /// Returns the alarms of the call's region.
    pub(super) fn alarms(&self, call: &Call<'_>) -> &BTreeMap<String, Alarm> {
        self.cloudwatch
            .alarms
            .get(call.region)
            .unwrap_or(&NO_ALARMS)
    }

    fn alarms_mut(&mut self, call: &Call<'_>) -> &mut BTreeMap<String, Alarm> {
        self.cloudwatch
            .alarms
            .entry(call.region.to_owned())
            .or_default()
    }

    pub(super) fn alarm_arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", self.id)
    }
}

/// Creates an alarm, without data at first, or replaces all of its definition; its state and tags stay then.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("AlarmName", &NAME)?;
    let definition = AlarmDefinition::of(&call.input)?;
    let new_tags = tags::sent(&call.input)?.unwrap_or_default();
    let alarms = account.alarms_mut(call);
    if let Some(alarm) = alarms.get_mut(name) {
        alarm.definition = definition;
        alarm.defined = call.now;
        return Ok(Record::new());
    }
    let mut tags = Tags::new();
    tags::add(&mut tags, &new_tags)?;
    if alarms.len() >= ALARMS {
        let message = format!("The maximum limit of {ALARMS} alarms is exceeded.");
        return Err(Error::new(Code::AlarmLimitExceeded, message));
    }
    let alarm = Alarm {
        definition,
        defined: call.now,
        state: State::InsufficientData,
        state_reason: "Unchecked: Initial alarm creation".to_owned(),
        state_updated: call.now,
        state_changed: call.now,
        tags,
    };
    alarms.insert(name.to_owned(), alarm);
    Ok(Record::new())
}

/// Says which alarms are asked for.
#[derive(Clone, Copy, PartialEq)]
enum AlarmType {
    Metric,
    Composite,
}

/// Lists metric alarms by name; there are no composite ones.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let types = [
        ("MetricAlarm", AlarmType::Metric),
        ("CompositeAlarm", AlarmType::Composite),
    ];
    let types = call.input.choices("AlarmTypes", &types)?;
    let names = call.input.texts("AlarmNames", &NAME)?.unwrap_or_default();
    let prefix = call
        .input
        .text("AlarmNamePrefix", &NAME)?
        .unwrap_or_default();
    let state = call.input.choice("StateValue", STATES)?;
    let action = call.input.text("ActionPrefix", &PREFIX)?;
    check_filters(call, &names)?;
    let size = call.input.integer("MaxRecords", 1..=100)?.unwrap_or(100);
    let invalid_token = || Error::new(Code::InvalidNextToken, "The NextToken is invalid.");
    let page =
        Page::after(call.input.text("NextToken", &TOKEN)?, size).ok_or_else(invalid_token)?;
    let wanted = |(name, alarm): &(&String, &Alarm)| {
        (types.is_empty() || types.contains(&AlarmType::Metric))
            && (names.is_empty() || names.contains(&name.as_str()))
            && state.is_none_or(|state| alarm.state == state)
            && action.is_none_or(|prefix| alarm.definition.has_action(prefix))
    };
    let start = match page.start() {
        Bound::Unbounded => Bound::Included(prefix),
        start => start,
    };
    let alarms = account
        .alarms(call)
        .range::<str, _>((start, Bound::Unbounded));
    let alarms = alarms
        .take_while(|(name, _)| name.starts_with(prefix))
        .filter(wanted);
    let (alarms, token) =
        page.take(alarms.map(|(name, alarm)| (name, record(account, call, name, alarm))));
    Ok(Record::new()
        .with("MetricAlarms", alarms.into_iter().collect::<Value>())
        .with("CompositeAlarms", Value::List(Vec::new()))
        .with_some("NextToken", token))
}

fn check_filters(call: &Call<'_>, names: &[&str]) -> Result<(), Error> {
    if names.len() > NAMES {
        return Err(too_many_names(call));
    }
    if !names.is_empty() && call.input.text("AlarmNamePrefix", &NAME)?.is_some() {
        let message = "AlarmNames and AlarmNamePrefix can't be used together.";
        return Err(Error::new(Code::InvalidParameterCombination, message));
    }
    for name in ["ChildrenOfAlarmName", "ParentsOfAlarmName"] {
        if call.input.text(name, &NAME)?.is_some() {
            return Err(Error::validation(format!(
                "the sandbox has no composite alarms, and so no {name}"
            )));
        }
    }
    Ok(())
}

fn too_many_names(call: &Call<'_>) -> Error {
    call.input.constraint(
        "AlarmNames",
        None,
        &format!("Member must have length less than or equal to {NAMES}"),
    )
}

fn record(account: &Account, call: &Call<'_>, name: &str, alarm: &Alarm) -> Record {
    let Alarm {
        definition,
        defined,
        state,
        state_reason,
        state_updated,
        state_changed,
        tags: _,
    } = alarm;
    let record = Record::new()
        .with("AlarmName", name)
        .with("AlarmArn", account.alarm_arn(call.region, name))
        .with("AlarmConfigurationUpdatedTimestamp", *defined)
        .with("StateValue", state.name())
        .with("StateReason", state_reason)
        .with("StateUpdatedTimestamp", *state_updated)
        .with("StateTransitionedTimestamp", *state_changed);
    definition.add_to(record)
}

/// Deletes alarms; names of no alarm are passed over.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let names = call
        .input
        .texts("AlarmNames", &NAME)?
        .ok_or_else(|| call.input.missing("AlarmNames"))?;
    if names.len() > NAMES {
        return Err(too_many_names(call));
    }
    let alarms = account.alarms_mut(call);
    for name in names {
        alarms.remove(name);
    }
    Ok(Record::new())
}
