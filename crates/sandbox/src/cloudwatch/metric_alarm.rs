//! What a metric alarm watches and does: read, checked and written.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use serde::{Deserialize, Serialize};

use super::alarm_actions::AlarmActions;
use super::alarm_options::AlarmOptions;
use super::promql::{PromQl, combination};
use super::threshold::Threshold;
use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::Record;

/// Holds everything that `PutMetricAlarm` sets but name and tags.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricAlarm {
    description: Option<String>,
    pub(super) actions: AlarmActions,
    pub(super) criteria: Criteria,
    #[serde(default)]
    pub(super) options: AlarmOptions,
}

/// Says when the alarm goes off.
#[derive(Serialize, Deserialize)]
pub(super) enum Criteria {
    Threshold(Threshold),
    PromQl(PromQl),
}

pub(super) const NAME: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern {
        expression: r"[^\x00-\x1F\x7F]+",
        matches: |name| !name.chars().any(|c| c.is_ascii_control()),
    },
};
pub(super) const DESCRIPTION: Shape = Shape {
    lengths: 0..=1024,
    pattern: Pattern::ANY,
};

impl MetricAlarm {
    /// Reads and checks the definition in a call of `PutMetricAlarm`.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let description = input.text("AlarmDescription", &DESCRIPTION)?;
        let criteria = match PromQl::of(input)? {
            Some(_) if Threshold::is_mentioned(input)? => {
                return Err(combination(
                    "EvaluationCriteria can't be used with the parameters of a threshold.",
                ));
            }
            Some(query) => Criteria::PromQl(query),
            None => Criteria::Threshold(Threshold::of(input)?),
        };
        Ok(Self {
            description: description.map(str::to_owned),
            actions: AlarmActions::of(input)?,
            criteria,
            options: AlarmOptions::of(input)?,
        })
    }

    /// Adds the definition to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            description,
            actions,
            criteria,
            options,
        } = self;
        let record = options.add_to(record);
        let record = record.with_some("AlarmDescription", description.as_ref());
        let record = actions.add_to(record);
        match criteria {
            Criteria::Threshold(threshold) => threshold.add_to(record),
            Criteria::PromQl(query) => query.add_to(record),
        }
    }
}
