//! What a composite alarm looks at and does: read, checked and written.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use serde::{Deserialize, Serialize};

use super::alarm_actions::AlarmActions;
use super::alarm_rule::AlarmRule;
use super::metric_alarm::DESCRIPTION;
use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::Record;

/// Holds everything that `PutCompositeAlarm` sets but name and tags.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompositeAlarm {
    description: Option<String>,
    pub(super) actions: AlarmActions,
    rule: String,
    suppressor: Option<Suppressor>,
}

/// Says which alarm keeps the actions from being done, and for how many seconds around it they wait.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suppressor {
    /// A name or an ARN.
    alarm: String,
    wait_period: i64,
    extension_period: i64,
}

const RULE: Shape = Shape {
    lengths: 1..=10_240,
    pattern: Pattern::ANY,
};
const SUPPRESSOR: Shape = Shape {
    lengths: 1..=1_600,
    pattern: Pattern::ANY,
};

impl CompositeAlarm {
    /// Reads the definition in a call of `PutCompositeAlarm`, and its rule.
    pub(super) fn of(input: &Fields<'_>) -> Result<(Self, AlarmRule), Error> {
        let description = input.text("AlarmDescription", &DESCRIPTION)?;
        let rule = input.required_text("AlarmRule", &RULE)?;
        let parsed = AlarmRule::parse(rule)
            .map_err(|mistake| Error::validation(format!("Invalid AlarmRule: {mistake}")))?;
        let alarm = Self {
            description: description.map(str::to_owned),
            actions: AlarmActions::of(input)?,
            rule: rule.to_owned(),
            suppressor: Suppressor::of(input)?,
        };
        Ok((alarm, parsed))
    }

    /// Returns the rule, which was parsed before.
    pub(super) fn rule(&self) -> AlarmRule {
        AlarmRule::parse(&self.rule).unwrap_or(AlarmRule::Constant(false))
    }

    /// Returns the name or the ARN of the alarm that suppresses the actions.
    pub(super) fn suppressor(&self) -> Option<&str> {
        self.suppressor.as_ref().map(|it| it.alarm.as_str())
    }

    /// Adds the definition to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            description,
            actions,
            rule,
            suppressor,
        } = self;
        let record = record.with_some("AlarmDescription", description.as_ref());
        let record = actions.add_to(record).with("AlarmRule", rule);
        match suppressor {
            None => record,
            Some(suppressor) => suppressor.add_to(record),
        }
    }
}

impl Suppressor {
    fn of(input: &Fields<'_>) -> Result<Option<Self>, Error> {
        let alarm = input.text("ActionsSuppressor", &SUPPRESSOR)?;
        let wait = input.integer("ActionsSuppressorWaitPeriod", 0..=i64::MAX)?;
        let extension = input.integer("ActionsSuppressorExtensionPeriod", 0..=i64::MAX)?;
        match (alarm, wait, extension) {
            (None, None, None) => Ok(None),
            (Some(alarm), Some(wait_period), Some(extension_period)) => Ok(Some(Self {
                alarm: alarm.to_owned(),
                wait_period,
                extension_period,
            })),
            _ => Err(Error::validation(
                "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod go together.",
            )),
        }
    }

    fn add_to(&self, record: Record) -> Record {
        let Self {
            alarm,
            wait_period,
            extension_period,
        } = self;
        record
            .with("ActionsSuppressor", alarm)
            .with("ActionsSuppressorWaitPeriod", *wait_period)
            .with("ActionsSuppressorExtensionPeriod", *extension_period)
    }
}
