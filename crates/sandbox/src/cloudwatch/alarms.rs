//! Alarms are put, set, switched and deleted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::alarm_actions::AlarmActions;
use super::alarm_history::Configuration;
use super::alarm_rule::alarm_name;
use super::composite_alarm::CompositeAlarm;
use super::metric_alarm::{Criteria, MetricAlarm, NAME};
use super::{Tags, tags};
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::page::{Page, TOKEN};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutMetricAlarm", put_metric_alarm).unlike("alarms on metric math, anomaly detection bands, extended statistics or another account's metric, with PromQL or a wall clock window are kept, not evaluated; actions are not done"),
    Operation::write("PutCompositeAlarm", put_composite_alarm).unlike("knows no AT_LEAST; actions are not done"),
    Operation::write("SetAlarmState", set_state).unlike("holds for a minute, or until new data; actions are not done"),
    Operation::write("EnableAlarmActions", enable_actions),
    Operation::write("DisableAlarmActions", disable_actions),
    Operation::write("DeleteAlarms", delete),
];

/// Holds an alarm.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alarm {
    pub(super) definition: Definition,
    pub(super) created: Timestamp,
    pub(super) defined: Timestamp,
    pub(super) state: State,
    pub(super) state_reason: String,
    /// JSON.
    pub(super) state_reason_data: Option<String>,
    /// When the state was set.
    pub(super) state_updated: Timestamp,
    /// When the state became another.
    pub(super) state_changed: Timestamp,
    /// When it was last seen whether the state is still right.
    pub(super) evaluated: Timestamp,
    pub(super) tags: Tags,
}

/// Says what an alarm is about.
#[derive(Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all alarms are of the large variant"
)]
pub(super) enum Definition {
    Metric(MetricAlarm),
    Composite(CompositeAlarm),
}

/// Says what kinds of alarms there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AlarmType {
    Metric,
    Composite,
    /// There are none in the sandbox.
    Log,
}

const TYPES: &[(&str, AlarmType)] = &[
    ("MetricAlarm", AlarmType::Metric),
    ("CompositeAlarm", AlarmType::Composite),
    ("LogAlarm", AlarmType::Log),
];

impl AlarmType {
    /// Returns the types that a call asks for: metric alarms if it doesn't say.
    pub(super) fn asked_for(input: &Fields<'_>) -> Result<Vec<Self>, Error> {
        let types = input.choices("AlarmTypes", TYPES)?;
        Ok(if types.is_empty() {
            vec![Self::Metric]
        } else {
            types
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Metric => "MetricAlarm",
            Self::Composite => "CompositeAlarm",
            Self::Log => "LogAlarm",
        }
    }
}

/// Says what an alarm has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    Ok,
    Alarm,
    InsufficientData,
}

pub(super) const STATES: &[(&str, State)] = &[
    ("OK", State::Ok),
    ("ALARM", State::Alarm),
    ("INSUFFICIENT_DATA", State::InsufficientData),
];

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// Holds a state with why it is so.
pub(super) struct Finding {
    pub(super) state: State,
    pub(super) reason: String,
    pub(super) data: Option<String>,
}

/// How many alarms a region of an account may have.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>
const ALARMS: usize = 5_000;
/// How many names a call may have.
const NAMES: usize = 100;

static NO_ALARMS: BTreeMap<String, Alarm> = BTreeMap::new();

impl Alarm {
    /// Returns an alarm as it is right after it was created: `PromQL` alarms are OK, all others without data.
    fn new(definition: Definition, tags: Tags, now: Timestamp) -> Self {
        let is_promql = match &definition {
            Definition::Metric(alarm) => matches!(alarm.criteria, Criteria::PromQl(_)),
            Definition::Composite(_) => false,
        };
        let state = if is_promql {
            State::Ok
        } else {
            State::InsufficientData
        };
        Self {
            definition,
            created: now,
            defined: now,
            state,
            state_reason: "Unchecked: Initial alarm creation".to_owned(),
            state_reason_data: None,
            state_updated: now,
            state_changed: now,
            evaluated: now,
            tags,
        }
    }

    pub(super) fn alarm_type(&self) -> AlarmType {
        match self.definition {
            Definition::Metric(_) => AlarmType::Metric,
            Definition::Composite(_) => AlarmType::Composite,
        }
    }

    pub(super) fn actions(&self) -> &AlarmActions {
        match &self.definition {
            Definition::Metric(alarm) => &alarm.actions,
            Definition::Composite(alarm) => &alarm.actions,
        }
    }

    fn actions_mut(&mut self) -> &mut AlarmActions {
        match &mut self.definition {
            Definition::Metric(alarm) => &mut alarm.actions,
            Definition::Composite(alarm) => &mut alarm.actions,
        }
    }

    /// Sets the state, and returns the one before, with its reason, if that was another.
    pub(super) fn set(&mut self, finding: Finding, now: Timestamp) -> Option<(State, String)> {
        let Finding {
            state,
            reason,
            data,
        } = finding;
        let old = (
            self.state,
            std::mem::replace(&mut self.state_reason, reason),
        );
        self.state = state;
        self.state_reason_data = data;
        self.state_updated = now;
        self.evaluated = now;
        (old.0 != state).then(|| {
            self.state_changed = now;
            old
        })
    }
}

impl Account {
    /// Returns the alarms of the call's region.
    pub(super) fn alarms(&self, call: &Call<'_>) -> &BTreeMap<String, Alarm> {
        let alarms = self.cloudwatch.alarms.get(call.region);
        alarms.unwrap_or(&NO_ALARMS)
    }

    fn alarms_mut(&mut self, call: &Call<'_>) -> &mut BTreeMap<String, Alarm> {
        let alarms = &mut self.cloudwatch.alarms;
        alarms.entry(call.region.to_owned()).or_default()
    }

    pub(super) fn alarm_arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", self.id)
    }
}

/// Creates an alarm, or replaces all of its definition; its state and tags stay then.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn put_metric_alarm(account: &mut Account, call: &Call<'_>) -> Answer {
    let definition = Definition::Metric(MetricAlarm::of(&call.input)?);
    put(account, call, definition)
}

/// Creates a composite alarm, or replaces all of its definition, and evaluates it.
///
/// That it needs the alarms of its rule is known from use only.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
fn put_composite_alarm(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("AlarmName", &NAME)?;
    let (alarm, rule) = CompositeAlarm::of(&call.input)?;
    let named = rule.children().into_iter();
    let named = named.chain(alarm.suppressor().map(alarm_name));
    let alarms = account.alarms(call);
    let unknown: Vec<&str> = named.filter(|name| !alarms.contains_key(*name)).collect();
    if !unknown.is_empty() {
        return Err(Error::validation(format!(
            "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
            unknown.join(", ")
        )));
    }
    let answer = put(account, call, Definition::Composite(alarm))?;
    let cloudwatch = &mut account.cloudwatch;
    cloudwatch.evaluate_composites(call.region, [name.to_owned()].into(), call.time);
    Ok(answer)
}

fn put(account: &mut Account, call: &Call<'_>, definition: Definition) -> Answer {
    let name = call.input.required_text("AlarmName", &NAME)?;
    let sent = tags::sent(&call.input)?.unwrap_or_default();
    let mut new_tags = Tags::new();
    tags::add(&mut new_tags, &sent)?;
    let new = Alarm::new(definition, new_tags, call.time);
    let alarm_type = new.alarm_type();
    let alarms = account.alarms_mut(call);
    let is_full = alarms.len() >= ALARMS;
    let done = match alarms.get_mut(name) {
        Some(old) if old.alarm_type() != alarm_type => {
            let other = old.alarm_type().name();
            let message = format!("The alarm {name} exists already, as a {other}.");
            return Err(Error::validation(message));
        }
        Some(old) => {
            old.definition = new.definition;
            old.defined = call.time;
            Configuration::Updated
        }
        None if is_full => {
            let message = format!("The maximum limit of {ALARMS} alarms is exceeded.");
            return Err(Error::new(Code::AlarmLimitExceeded, message));
        }
        None => {
            alarms.insert(name.to_owned(), new);
            Configuration::Created
        }
    };
    let history = account.cloudwatch.alarm_history(call.region);
    history.configured(name, alarm_type, done, call.time);
    Ok(Record::new())
}

const REASON: Shape = Shape {
    lengths: 0..=1023,
    pattern: Pattern::ANY,
};
const REASON_DATA: Shape = Shape {
    lengths: 0..=4000,
    pattern: Pattern::ANY,
};

/// Sets the state of an alarm until it is evaluated again: after a minute, or with new data.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>
fn set_state(account: &mut Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let name = input.required_text("AlarmName", &NAME)?;
    let state = input.choice("StateValue", STATES)?;
    let state = state.ok_or_else(|| input.missing("StateValue"))?;
    let reason = input.required_text("StateReason", &REASON)?;
    let data = input.text("StateReasonData", &REASON_DATA)?;
    if data.is_some_and(|data| serde_json::from_str::<Json>(data).is_err()) {
        let message = "StateReasonData was not syntactically valid JSON.";
        return Err(Error::new(Code::InvalidFormat, message));
    }
    if !account.alarms(call).contains_key(name) {
        let message = format!("The alarm {name} does not exist.");
        return Err(Error::new(Code::AlarmNotFound, message));
    }
    let finding = Finding {
        state,
        reason: reason.to_owned(),
        data: data.map(str::to_owned),
    };
    let cloudwatch = &mut account.cloudwatch;
    cloudwatch.set_states(call.region, vec![(name.to_owned(), finding)], call.time);
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>
fn enable_actions(account: &mut Account, call: &Call<'_>) -> Answer {
    switch_actions(account, call, true)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html>
fn disable_actions(account: &mut Account, call: &Call<'_>) -> Answer {
    switch_actions(account, call, false)
}

/// Switches the actions of alarms on or off; names of no alarm are passed over.
fn switch_actions(account: &mut Account, call: &Call<'_>, enabled: bool) -> Answer {
    let names = alarm_names(call)?.ok_or_else(|| call.input.missing("AlarmNames"))?;
    for name in names {
        let Some(alarm) = account.alarms_mut(call).get_mut(name) else {
            continue;
        };
        alarm.actions_mut().enabled = enabled;
        let alarm_type = alarm.alarm_type();
        let history = account.cloudwatch.alarm_history(call.region);
        history.configured(name, alarm_type, Configuration::Updated, call.time);
    }
    Ok(Record::new())
}

/// Deletes alarms, one composite among them at most; names of no alarm are passed over.
///
/// None is deleted if one is in the rule of a composite alarm; the code for that is known from use only.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let names = alarm_names(call)?.ok_or_else(|| call.input.missing("AlarmNames"))?;
    let alarms = account.alarms(call);
    let found = names.iter().filter_map(|name| alarms.get(*name));
    if found
        .filter(|it| it.alarm_type() == AlarmType::Composite)
        .count()
        > 1
    {
        let message = "No more than one composite alarm can be deleted at once.";
        return Err(Error::validation(message));
    }
    for (parent, alarm) in alarms {
        if let Definition::Composite(composite) = &alarm.definition
            && let Some(child) = composite.rule().children().intersection(&names).next()
        {
            return Err(Error::validation(format!(
                "Cannot delete {child} as the composite alarm {parent} depends on it"
            )));
        }
    }
    for name in names {
        if let Some(alarm) = account.alarms_mut(call).remove(name) {
            let history = account.cloudwatch.alarm_history(call.region);
            history.configured(name, alarm.alarm_type(), Configuration::Deleted, call.time);
        }
    }
    Ok(Record::new())
}

/// Returns the names that a call sends, 100 at most.
pub(super) fn alarm_names<'a>(call: &Call<'a>) -> Result<Option<BTreeSet<&'a str>>, Error> {
    let names = call.input.texts("AlarmNames", &NAME)?;
    if names.as_ref().is_some_and(|names| names.len() > NAMES) {
        let rule = format!("Member must have length less than or equal to {NAMES}");
        return Err(call.input.constraint("AlarmNames", None, &rule));
    }
    Ok(names.map(|names| names.into_iter().collect()))
}

/// Returns the page that a call asks for: 100 items at most.
pub(super) fn page(call: &Call<'_>) -> Result<Page, Error> {
    let size = call.input.integer("MaxRecords", 1..=100)?.unwrap_or(100);
    let token = call.input.text("NextToken", &TOKEN)?;
    let invalid_token = || Error::new(Code::InvalidNextToken, "The NextToken is invalid.");
    Page::after(token, size).ok_or_else(invalid_token)
}
