//! What a metric alarm watches and does: read, checked and written.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use serde::{Deserialize, Serialize};

use super::alarm_options::AlarmOptions;
use super::metric_query::{self, MetricQuery};
use crate::call::{Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::unit::UNITS;
use crate::value::{Record, Value};

/// Holds everything that `PutMetricAlarm` sets but name and tags.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmDefinition {
    description: Option<String>,
    actions_enabled: bool,
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    watched: Watched,
    evaluation_periods: i64,
    datapoints_to_alarm: Option<i64>,
    comparison_operator: String,
    threshold: Option<f64>,
    threshold_metric_id: Option<String>,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    #[serde(default)]
    options: AlarmOptions,
}

/// Says what the threshold is held against.
#[derive(Serialize, Deserialize)]
enum Watched {
    Metric(Metric),
    /// Metric math: the one query that returns data is watched.
    Queries(Vec<MetricQuery>),
}

/// Holds a metric and what is made of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    name: String,
    namespace: String,
    dimensions: Vec<(String, String)>,
    period: i64,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    unit: Option<String>,
}

pub(super) const NAME: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern {
        expression: r"[^\x00-\x1F\x7F]+",
        matches: |name| !name.chars().any(|c| c.is_ascii_control()),
    },
};
const DESCRIPTION: Shape = Shape {
    lengths: 0..=1024,
    pattern: Pattern::ANY,
};
const ACTION: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};
const ACTIONS: usize = 5;

/// The longest time that an alarm may look back, in seconds.
const WEEK: i64 = 604_800;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

const STATISTICS: &[&str] = &["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const MISSING_DATA: &[&str] = &["breaching", "notBreaching", "ignore", "missing"];
const LOW_SAMPLES: &[&str] = &["evaluate", "ignore"];
const STATIC_OPERATORS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
];
const OPERATORS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];

impl AlarmDefinition {
    /// Reads and checks the definition in a call of `PutMetricAlarm`. `PromQL` alarms are left out.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        if input.record("EvaluationCriteria")?.is_some()
            || input.integer("EvaluationInterval", 10..=3600)?.is_some()
        {
            return Err(Error::validation("the sandbox has no PromQL alarms"));
        }
        let required = |name| {
            move || {
                Error::new(
                    Code::MissingParameter,
                    format!("The parameter {name} is required."),
                )
            }
        };
        let periods = input.integer("EvaluationPeriods", 1..=i64::MAX)?;
        let operator = input.word("ComparisonOperator", OPERATORS)?;
        let definition = Self {
            description: input
                .text("AlarmDescription", &DESCRIPTION)?
                .map(str::to_owned),
            actions_enabled: input.boolean("ActionsEnabled")?.unwrap_or(true),
            ok_actions: actions(input, "OKActions")?,
            alarm_actions: actions(input, "AlarmActions")?,
            insufficient_data_actions: actions(input, "InsufficientDataActions")?,
            watched: Watched::of(input)?,
            evaluation_periods: periods.ok_or_else(required("EvaluationPeriods"))?,
            datapoints_to_alarm: input.integer("DatapointsToAlarm", 1..=i64::MAX)?,
            comparison_operator: operator
                .ok_or_else(required("ComparisonOperator"))?
                .to_owned(),
            threshold: input.number("Threshold")?,
            threshold_metric_id: input.text("ThresholdMetricId", &NAME)?.map(str::to_owned),
            treat_missing_data: input
                .word("TreatMissingData", MISSING_DATA)?
                .map(str::to_owned),
            evaluate_low_sample_count_percentile: input
                .word("EvaluateLowSampleCountPercentile", LOW_SAMPLES)?
                .map(str::to_owned),
            options: AlarmOptions::of(input)?,
        };
        definition.check()?;
        Ok(definition)
    }

    fn check(&self) -> Result<(), Error> {
        let is_static = STATIC_OPERATORS.contains(&self.comparison_operator.as_str());
        if is_static && self.threshold.is_none() {
            return Err(Error::new(
                Code::MissingParameter,
                "The parameter Threshold is required.",
            ));
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
        if self
            .datapoints_to_alarm
            .is_some_and(|datapoints| datapoints > self.evaluation_periods)
        {
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
            Watched::Queries(queries) => queries
                .iter()
                .filter_map(MetricQuery::period)
                .max()
                .unwrap_or(60),
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

    /// Returns whether an action begins with `prefix`.
    pub(super) fn has_action(&self, prefix: &str) -> bool {
        let all = [
            &self.ok_actions,
            &self.alarm_actions,
            &self.insufficient_data_actions,
        ];
        all.into_iter()
            .flatten()
            .any(|action| action.starts_with(prefix))
    }

    /// Adds the definition to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            description,
            actions_enabled,
            ok_actions,
            alarm_actions,
            insufficient_data_actions,
            watched,
            evaluation_periods,
            datapoints_to_alarm,
            comparison_operator,
            threshold,
            threshold_metric_id,
            treat_missing_data,
            evaluate_low_sample_count_percentile,
            options,
        } = self;
        let record = options
            .add_to(record)
            .with_some("AlarmDescription", description.as_ref())
            .with("ActionsEnabled", *actions_enabled)
            .with("OKActions", ok_actions.iter().collect::<Value>())
            .with("AlarmActions", alarm_actions.iter().collect::<Value>())
            .with(
                "InsufficientDataActions",
                insufficient_data_actions.iter().collect::<Value>(),
            )
            .with("EvaluationPeriods", *evaluation_periods)
            .with_some("DatapointsToAlarm", *datapoints_to_alarm)
            .with("ComparisonOperator", comparison_operator)
            .with_some("Threshold", *threshold)
            .with_some("ThresholdMetricId", threshold_metric_id.as_ref())
            .with_some("TreatMissingData", treat_missing_data.as_ref())
            .with_some(
                "EvaluateLowSampleCountPercentile",
                evaluate_low_sample_count_percentile.as_ref(),
            );
        match watched {
            Watched::Metric(metric) => metric.add_to(record),
            Watched::Queries(queries) => record.with(
                "Metrics",
                queries.iter().map(MetricQuery::record).collect::<Value>(),
            ),
        }
    }
}

fn combination(message: &str) -> Error {
    Error::new(Code::InvalidParameterCombination, message)
}

fn actions(input: &Fields<'_>, name: &str) -> Result<Vec<String>, Error> {
    let actions = input.texts(name, &ACTION)?.unwrap_or_default();
    if actions.len() > ACTIONS {
        return Err(input.constraint(
            name,
            None,
            &format!("Member must have length less than or equal to {ACTIONS}"),
        ));
    }
    if let Some(action) = actions.iter().find(|action| !action.starts_with("arn:")) {
        return Err(Error::validation(format!("Invalid arn syntax: {action}")));
    }
    Ok(actions.into_iter().map(str::to_owned).collect())
}

impl Watched {
    fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let queries = input
            .records("Metrics")?
            .filter(|queries| !queries.is_empty());
        let name = input.text("MetricName", &metric_query::METRIC_NAME)?;
        match (name, queries) {
            (Some(name), None) => Metric::of(input, name).map(Self::Metric),
            (None, Some(queries)) => {
                if Metric::is_mentioned(input)? {
                    return Err(combination(
                        "Metrics can't be used with the parameters of a single metric.",
                    ));
                }
                metric_query::read_all(&queries).map(Self::Queries)
            }
            (Some(_), Some(_)) => Err(combination(
                "MetricName and Metrics can't be used together.",
            )),
            (None, None) => Err(Error::new(
                Code::MissingParameter,
                "Either MetricName or Metrics is required.",
            )),
        }
    }
}

impl Metric {
    fn of(input: &Fields<'_>, name: &str) -> Result<Self, Error> {
        let required = |name| {
            move || {
                Error::new(
                    Code::MissingParameter,
                    format!("The parameter {name} is required."),
                )
            }
        };
        let namespace = input
            .text("Namespace", &metric_query::NAMESPACE)?
            .ok_or_else(required("Namespace"))?;
        let period = metric_query::period(input)?.ok_or_else(required("Period"))?;
        let statistic = input.word("Statistic", STATISTICS)?;
        let extended_statistic = input.text("ExtendedStatistic", &metric_query::STATISTIC)?;
        if statistic.is_some() == extended_statistic.is_some() {
            return Err(combination(
                "Either Statistic or ExtendedStatistic is required, and not both.",
            ));
        }
        if extended_statistic.is_some_and(|it| STATISTICS.contains(&it)) {
            return Err(Error::validation(
                "The value for ExtendedStatistic must be a percentile or another extended statistic.",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            dimensions: metric_query::dimensions(input)?,
            period,
            statistic: statistic.map(str::to_owned),
            extended_statistic: extended_statistic.map(str::to_owned),
            unit: input.word("Unit", UNITS)?.map(str::to_owned),
        })
    }

    /// Returns whether a call has a parameter of a single metric.
    fn is_mentioned(input: &Fields<'_>) -> Result<bool, Error> {
        Ok(input.text("Namespace", &metric_query::NAMESPACE)?.is_some()
            || input
                .records("Dimensions")?
                .is_some_and(|dimensions| !dimensions.is_empty())
            || metric_query::period(input)?.is_some()
            || input.word("Unit", UNITS)?.is_some()
            || input.word("Statistic", STATISTICS)?.is_some()
            || input
                .text("ExtendedStatistic", &metric_query::STATISTIC)?
                .is_some())
    }

    fn add_to(&self, record: Record) -> Record {
        let Self {
            name,
            namespace,
            dimensions,
            period,
            statistic,
            extended_statistic,
            unit,
        } = self;
        record
            .with("MetricName", name)
            .with("Namespace", namespace)
            .with("Dimensions", metric_query::dimension_records(dimensions))
            .with("Period", *period)
            .with_some("Statistic", statistic.as_ref())
            .with_some("ExtendedStatistic", extended_statistic.as_ref())
            .with_some("Unit", unit.as_ref())
    }
}
