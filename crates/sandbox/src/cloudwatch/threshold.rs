//! What an alarm holds against a threshold, and how often it has to be passed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::metric_alarm::NAME;
use super::metric_query::{self, MetricQuery};
use super::promql::combination;
use super::watched_metric::{WatchedMetric, required};
use crate::call::Fields;
use crate::error::Error;
use crate::value::{Record, Value};

/// Holds what is watched and when it breaches.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Threshold {
    watched: Watched,
    pub(super) evaluation_periods: i64,
    pub(super) datapoints_to_alarm: Option<i64>,
    pub(super) operator: Operator,
    pub(super) threshold: Option<f64>,
    threshold_metric_id: Option<String>,
    pub(super) missing_data: Option<MissingData>,
    evaluate_low_sample_count_percentile: Option<String>,
}

/// Says what the threshold is held against.
#[derive(Serialize, Deserialize)]
enum Watched {
    Metric(WatchedMetric),
    /// The one query that returns data is watched: a metric, or metric math, which is kept and never evaluated.
    Queries(Vec<MetricQuery>),
}

/// Says how a datapoint is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Operator {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
    /// This and the rest compare with an anomaly detection band.
    BelowOrAboveBand,
    BelowBand,
    AboveBand,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("GreaterThanOrEqualToThreshold", Operator::GreaterOrEqual),
    ("GreaterThanThreshold", Operator::Greater),
    ("LessThanThreshold", Operator::Less),
    ("LessThanOrEqualToThreshold", Operator::LessOrEqual),
    (
        "LessThanLowerOrGreaterThanUpperThreshold",
        Operator::BelowOrAboveBand,
    ),
    ("LessThanLowerThreshold", Operator::BelowBand),
    ("GreaterThanUpperThreshold", Operator::AboveBand),
];

impl Operator {
    pub(super) fn name(self) -> &'static str {
        let found = OPERATORS.iter().find(|(_, operator)| *operator == self);
        found.map_or("", |(name, _)| name)
    }

    /// Returns how a breaching value is to its threshold.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Greater => "greater than",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
            Self::BelowOrAboveBand | Self::BelowBand | Self::AboveBand => "beyond",
        }
    }

    /// Returns whether more data can only bring an alarm that adds up closer to going off.
    pub(super) fn is_upper(self) -> bool {
        matches!(self, Self::GreaterOrEqual | Self::Greater)
    }

    /// Returns whether a value is beyond a threshold; beyond an anomaly detection band, which is none, nothing is.
    pub(super) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
            Self::BelowOrAboveBand | Self::BelowBand | Self::AboveBand => false,
        }
    }

    /// Returns whether it compares with a number, and not with an anomaly detection band.
    fn is_static(self) -> bool {
        match self {
            Self::GreaterOrEqual | Self::Greater | Self::Less | Self::LessOrEqual => true,
            Self::BelowOrAboveBand | Self::BelowBand | Self::AboveBand => false,
        }
    }
}

/// Says what a datapoint that is not there counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum MissingData {
    Breaching,
    NotBreaching,
    Ignore,
    Missing,
}

const MISSING_DATA: &[(&str, MissingData)] = &[
    ("breaching", MissingData::Breaching),
    ("notBreaching", MissingData::NotBreaching),
    ("ignore", MissingData::Ignore),
    ("missing", MissingData::Missing),
];

impl MissingData {
    fn name(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }
}

/// The longest time that an alarm may look back, in seconds.
const WEEK: i64 = 604_800;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

const LOW_SAMPLES: &[&str] = &["evaluate", "ignore"];

impl Threshold {
    /// Reads and checks what a call of `PutMetricAlarm` says of it.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let periods = input.integer("EvaluationPeriods", 1..=i64::MAX)?;
        let operator = input.choice("ComparisonOperator", OPERATORS)?;
        let threshold = Self {
            watched: Watched::of(input)?,
            evaluation_periods: periods.ok_or_else(|| required("EvaluationPeriods"))?,
            datapoints_to_alarm: input.integer("DatapointsToAlarm", 1..=i64::MAX)?,
            operator: operator.ok_or_else(|| required("ComparisonOperator"))?,
            threshold: input.number("Threshold")?,
            threshold_metric_id: input.text("ThresholdMetricId", &NAME)?.map(str::to_owned),
            missing_data: input.choice("TreatMissingData", MISSING_DATA)?,
            evaluate_low_sample_count_percentile: input
                .word("EvaluateLowSampleCountPercentile", LOW_SAMPLES)?
                .map(str::to_owned),
        };
        threshold.check()?;
        Ok(threshold)
    }

    /// Returns the metric that is held against the threshold, unless that is metric math.
    pub(super) fn metric(&self) -> Option<Cow<'_, WatchedMetric>> {
        match &self.watched {
            Watched::Metric(metric) => Some(Cow::Borrowed(metric)),
            Watched::Queries(queries) => {
                let watched = queries.iter().find(|query| query.return_data)?;
                Some(Cow::Owned(WatchedMetric::queried(watched.own_stat()?)))
            }
        }
    }

    /// Returns whether a call has a parameter of a threshold.
    pub(super) fn is_mentioned(input: &Fields<'_>) -> Result<bool, Error> {
        let name = input.text("MetricName", &metric_query::METRIC_NAME)?;
        let queries = input.records("Metrics")?;
        let periods = input.integer("EvaluationPeriods", 1..=i64::MAX)?;
        let datapoints = input.integer("DatapointsToAlarm", 1..=i64::MAX)?;
        Ok(name.is_some()
            || queries.is_some_and(|queries| !queries.is_empty())
            || WatchedMetric::is_mentioned(input)?
            || periods.is_some()
            || datapoints.is_some()
            || input.choice("ComparisonOperator", OPERATORS)?.is_some()
            || input.number("Threshold")?.is_some()
            || input.text("ThresholdMetricId", &NAME)?.is_some())
    }

    fn check(&self) -> Result<(), Error> {
        let is_static = self.operator.is_static();
        if is_static && self.threshold.is_none() {
            return Err(required("Threshold"));
        }
        if is_static == self.threshold_metric_id.is_some() {
            return Err(combination(
                "ThresholdMetricId goes with a comparison to an anomaly detection band, and only with it.",
            ));
        }
        if self.threshold.is_some() && !is_static {
            return Err(combination(
                "Threshold can't be used with a comparison to an anomaly detection band.",
            ));
        }
        let datapoints = self.datapoints_to_alarm;
        if datapoints.is_some_and(|datapoints| datapoints > self.evaluation_periods) {
            return Err(Error::validation(
                "DatapointsToAlarm can't be greater than EvaluationPeriods.",
            ));
        }
        self.check_periods()
    }

    /// Refuses to look back for more than a week, or than a day if a period is under an hour.
    fn check_periods(&self) -> Result<(), Error> {
        let period = match &self.watched {
            Watched::Metric(metric) => metric.period,
            Watched::Queries(queries) => {
                let periods = queries.iter().filter_map(MetricQuery::period);
                periods.max().unwrap_or(60)
            }
        };
        let limit = if period < HOUR { DAY } else { WEEK };
        if period.saturating_mul(self.evaluation_periods) > limit {
            let message = format!(
                "Metrics cannot be checked across more than {limit} seconds (Period * EvaluationPeriods)."
            );
            return Err(Error::validation(message));
        }
        Ok(())
    }

    /// Adds it to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            watched,
            evaluation_periods,
            datapoints_to_alarm,
            operator,
            threshold,
            threshold_metric_id,
            missing_data,
            evaluate_low_sample_count_percentile,
        } = self;
        let record = record
            .with("EvaluationPeriods", *evaluation_periods)
            .with_some("DatapointsToAlarm", *datapoints_to_alarm)
            .with("ComparisonOperator", operator.name())
            .with_some("Threshold", *threshold)
            .with_some("ThresholdMetricId", threshold_metric_id.as_ref())
            .with_some("TreatMissingData", missing_data.map(MissingData::name))
            .with_some(
                "EvaluateLowSampleCountPercentile",
                evaluate_low_sample_count_percentile.as_ref(),
            );
        match watched {
            Watched::Metric(metric) => metric.add_to(record),
            Watched::Queries(queries) => {
                let queries = queries.iter().map(MetricQuery::record);
                record.with("Metrics", queries.collect::<Value>())
            }
        }
    }
}

impl Watched {
    fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let queries = input.records("Metrics")?;
        let queries = queries.filter(|queries| !queries.is_empty());
        let name = input.text("MetricName", &metric_query::METRIC_NAME)?;
        match (name, queries) {
            (Some(name), None) => WatchedMetric::of(input, name).map(Self::Metric),
            (None, Some(_)) if WatchedMetric::is_mentioned(input)? => Err(combination(
                "Metrics can't be used with the parameters of a single metric.",
            )),
            (None, Some(queries)) => metric_query::read_all(&queries).map(Self::Queries),
            (Some(_), Some(_)) => Err(combination(
                "MetricName and Metrics can't be used together.",
            )),
            (None, None) => Err(required("MetricName or Metrics")),
        }
    }
}
