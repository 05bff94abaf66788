//! The metric that an alarm watches when it watches a single one.

use serde::{Deserialize, Serialize};

use super::metric_query::{self, MetricStat};
use super::metrics::{MetricId, STATISTICS, Statistic};
use super::promql::combination;
use super::threshold::MissingData;
use crate::call::Fields;
use crate::error::{Code, Error};
use crate::unit::UNITS;
use crate::value::Record;

/// Holds a metric and what is made of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WatchedMetric {
    name: String,
    namespace: String,
    /// In the order they were sent in.
    dimensions: Vec<(String, String)>,
    pub(super) period: i64,
    pub(super) statistic: Option<Statistic>,
    extended_statistic: Option<String>,
    pub(super) unit: Option<String>,
}

impl WatchedMetric {
    /// Reads the metric of a call of `PutMetricAlarm`.
    pub(super) fn of(input: &Fields<'_>, name: &str) -> Result<Self, Error> {
        let namespace = input.text("Namespace", &metric_query::NAMESPACE)?;
        let namespace = namespace.ok_or_else(|| required("Namespace"))?;
        let period = metric_query::period(input)?.ok_or_else(|| required("Period"))?;
        let statistic = input.choice("Statistic", STATISTICS)?;
        let extended_statistic = input.text("ExtendedStatistic", &metric_query::STATISTIC)?;
        if statistic.is_some() == extended_statistic.is_some() {
            return Err(combination(
                "Either Statistic or ExtendedStatistic is required, and not both.",
            ));
        }
        if extended_statistic.is_some_and(|it| Statistic::named(it).is_some()) {
            return Err(Error::validation(
                "The value for ExtendedStatistic must be a percentile or another extended statistic.",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            dimensions: metric_query::dimensions(input)?,
            period,
            statistic,
            extended_statistic: extended_statistic.map(str::to_owned),
            unit: input.word("Unit", UNITS)?.map(str::to_owned),
        })
    }

    /// Returns the metric of an alarm that names it by a query.
    pub(super) fn queried(stat: &MetricStat) -> Self {
        let MetricId {
            namespace,
            name,
            dimensions,
        } = stat.id();
        let statistic = Statistic::named(&stat.stat);
        Self {
            name,
            namespace,
            dimensions: dimensions.into_iter().collect(),
            period: stat.period,
            statistic,
            extended_statistic: statistic.is_none().then(|| stat.stat.clone()),
            unit: stat.unit.clone(),
        }
    }

    /// Returns whether a call has a parameter of a single metric but its name.
    pub(super) fn is_mentioned(input: &Fields<'_>) -> Result<bool, Error> {
        let dimensions = input.records("Dimensions")?;
        let extended_statistic = input.text("ExtendedStatistic", &metric_query::STATISTIC)?;
        Ok(input.text("Namespace", &metric_query::NAMESPACE)?.is_some()
            || dimensions.is_some_and(|dimensions| !dimensions.is_empty())
            || metric_query::period(input)?.is_some()
            || input.word("Unit", UNITS)?.is_some()
            || input.choice("Statistic", STATISTICS)?.is_some()
            || extended_statistic.is_some())
    }

    pub(super) fn id(&self) -> MetricId {
        MetricId {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            dimensions: self.dimensions.iter().cloned().collect(),
        }
    }

    /// Returns whether this is the metric.
    pub(super) fn is(&self, id: &MetricId) -> bool {
        let MetricId {
            namespace,
            name,
            dimensions,
        } = id;
        self.namespace == *namespace
            && self.name == *name
            && self.dimensions.len() == dimensions.len()
            && self
                .dimensions
                .iter()
                .all(|(name, value)| dimensions.get(name) == Some(value))
    }

    /// Returns what missing data counts as: missing unless the alarm says otherwise, and always ignored for `DynamoDB`.
    pub(super) fn missing_data(&self, set: Option<MissingData>) -> MissingData {
        if self.namespace == "AWS/DynamoDB" {
            return MissingData::Ignore;
        }
        set.unwrap_or(MissingData::Missing)
    }

    pub(super) fn extended_statistic(&self) -> Option<&str> {
        self.extended_statistic.as_deref()
    }

    /// Adds the metric to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
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
            .with_some("Statistic", statistic.map(Statistic::name))
            .with_some("ExtendedStatistic", extended_statistic.as_ref())
            .with_some("Unit", unit.as_ref())
    }
}

/// Returns the refusal of a call without a parameter that CloudWatch itself, and not the model, asks for.
pub(super) fn required(name: &str) -> Error {
    let message = format!("The parameter {name} is required.");
    Error::new(Code::MissingParameter, message)
}
