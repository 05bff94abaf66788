//! CloudWatch alarms.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Dimensions, Metric, Tags};

/// Describes an alarm by what mfactl manages of it; `PutMetricAlarm`'s other fields are put back as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The description.
    pub description: Option<String>,
    /// What it watches.
    pub source: AlarmSource,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them must breach. None: all.
    pub datapoints_to_alarm: Option<u32>,
    /// The value compared with.
    pub threshold: f64,
    /// How it is compared.
    pub comparison: Comparison,
    /// What a missing datapoint counts as.
    pub treat_missing_data: MissingData,
    /// Whether actions run at all.
    pub actions_enabled: bool,
    /// ARNs told when it goes to ALARM. A set: AWS doesn't keep an order.
    pub alarm_actions: BTreeSet<String>,
    /// ARNs told when it goes to OK.
    pub ok_actions: BTreeSet<String>,
    /// ARNs told when it goes to `INSUFFICIENT_DATA`.
    pub insufficient_data_actions: BTreeSet<String>,
    /// The alarm's tags, read only where tags are declared.
    pub tags: Tags,
}

impl Alarm {
    /// Returns how many datapoints must breach, where AWS's default counts as what it means: all of them.
    pub fn datapoints(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }
}

/// Tells what an alarm watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmSource {
    /// One metric: the only sort that a spec declares.
    Metric(AlarmMetric),
    /// Metric math or a query. Only observed; declaring a metric replaces it.
    Expression,
    /// Other alarms. Only observed; `PutMetricAlarm` can't replace it.
    Composite,
}

/// Describes the metric an alarm watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmMetric {
    /// The metric.
    pub metric: Metric,
    /// The metric's dimensions.
    pub dimensions: Dimensions,
    /// How datapoints of a period are combined.
    pub statistic: Statistic,
    /// Seconds of one period: 10, 20, 30 or a multiple of 60.
    pub period: u32,
    /// The metric's unit, as CloudWatch names it.
    pub unit: Option<String>,
}

/// Names how the datapoints of a period are combined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Statistic {
    /// Their number.
    SampleCount,
    /// Their mean.
    Average,
    /// Their sum.
    Sum,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// A percentile or trimmed statistic, such as `p99` or `TM(10%:90%)`.
    #[serde(untagged)]
    Extended(String),
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::Extended(text) => text,
        })
    }
}

/// Names how an alarm compares a statistic with its threshold, in `PutMetricAlarm`'s words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Comparison {
    /// `>=`
    GreaterThanOrEqualToThreshold,
    /// `>`
    GreaterThanThreshold,
    /// `<`
    LessThanThreshold,
    /// `<=`
    LessThanOrEqualToThreshold,
}

impl Comparison {
    /// Returns `PutMetricAlarm`'s word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names what an alarm takes a missing datapoint for, in `PutMetricAlarm`'s words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// As missing: the default, also where AWS returns no value.
    #[default]
    Missing,
    /// As within the threshold.
    NotBreaching,
    /// As beyond the threshold.
    Breaching,
    /// As if it weren't there: the state is kept.
    Ignore,
}

impl MissingData {
    /// Returns `PutMetricAlarm`'s word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for MissingData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
