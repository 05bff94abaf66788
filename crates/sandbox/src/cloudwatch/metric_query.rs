//! Metrics and expressions as alarms and queries name them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html>

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::metrics::MetricId;
use crate::call::{Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::unit::UNITS;
use crate::value::{Record, Value};

/// Holds a query of an alarm or of `GetMetricData`: a metric, or an expression over the others.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricQuery {
    pub(super) id: String,
    pub(super) stat: Option<MetricStat>,
    expression: Option<String>,
    pub(super) label: Option<String>,
    pub(super) return_data: bool,
    period: Option<i64>,
    account_id: Option<String>,
}

/// Holds a metric and what is made of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricStat {
    namespace: String,
    pub(super) metric_name: String,
    dimensions: Vec<(String, String)>,
    pub(super) period: i64,
    pub(super) stat: String,
    pub(super) unit: Option<String>,
}

pub(super) const METRIC_NAME: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
pub(super) const NAMESPACE: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern {
        expression: "[^:].*",
        matches: |namespace| !namespace.starts_with(':'),
    },
};
pub(super) const STATISTIC: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
const ID: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern {
        expression: "[a-z][a-zA-Z0-9_]*",
        matches: |id| {
            id.starts_with(|c: char| c.is_ascii_lowercase())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        },
    },
};
const EXPRESSION: Shape = Shape {
    lengths: 1..=2048,
    pattern: Pattern::ANY,
};
const LABEL: Shape = Shape {
    lengths: 0..=usize::MAX,
    pattern: Pattern::ANY,
};
const ACCOUNT_ID: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
const DIMENSION_NAME: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
const DIMENSION_VALUE: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};
const DIMENSIONS: usize = 30;

/// Reads the queries of an alarm. Exactly one of them returns data. Expressions are kept and not checked.
pub(super) fn read_all(fields: &[Fields<'_>]) -> Result<Vec<MetricQuery>, Error> {
    let queries = read_unique(fields)?;
    if queries.iter().filter(|query| query.return_data).count() != 1 {
        return Err(Error::validation(
            "Exactly one element of the metrics list should return data.",
        ));
    }
    Ok(queries)
}

/// Reads queries, each with an id of its own.
pub(super) fn read_unique(fields: &[Fields<'_>]) -> Result<Vec<MetricQuery>, Error> {
    let queries = fields.iter().map(MetricQuery::of);
    let queries: Vec<MetricQuery> = queries.collect::<Result<_, _>>()?;
    let ids: BTreeSet<&str> = queries.iter().map(|query| query.id.as_str()).collect();
    if ids.len() < queries.len() {
        return Err(Error::validation("The ids of queries must be unique."));
    }
    Ok(queries)
}

/// Returns the period of a metric in seconds: 10, 20, 30 or a multiple of 60.
pub(super) fn period(fields: &Fields<'_>) -> Result<Option<i64>, Error> {
    let period = fields.integer("Period", 1..=i64::MAX)?;
    match period {
        Some(seconds) if !matches!(seconds, 10 | 20 | 30) && seconds % 60 != 0 => Err(
            Error::validation("Period must be 10, 20, 30 or a multiple of 60"),
        ),
        _ => Ok(period),
    }
}

/// Returns the dimensions of a metric.
pub(super) fn dimensions(fields: &Fields<'_>) -> Result<Vec<(String, String)>, Error> {
    let records = fields.records("Dimensions")?.unwrap_or_default();
    if records.len() > DIMENSIONS {
        let rule = format!("Member must have length less than or equal to {DIMENSIONS}");
        return Err(fields.constraint("Dimensions", None, &rule));
    }
    let dimension = |record: &Fields<'_>| {
        let name = record.required_text("Name", &DIMENSION_NAME)?;
        Ok((
            name.to_owned(),
            record.required_text("Value", &DIMENSION_VALUE)?.to_owned(),
        ))
    };
    records.iter().map(dimension).collect()
}

/// Returns the name of a dimension to look for, and its value if that matters.
pub(super) fn dimension_filter<'a>(
    record: &Fields<'a>,
) -> Result<(&'a str, Option<&'a str>), Error> {
    let name = record.required_text("Name", &DIMENSION_NAME)?;
    Ok((name, record.text("Value", &DIMENSION_VALUE)?))
}

/// Returns dimensions as answers list them.
pub(super) fn dimension_records(dimensions: &[(String, String)]) -> Value {
    dimensions
        .iter()
        .map(|(name, value)| Record::new().with("Name", name).with("Value", value))
        .collect()
}

impl MetricQuery {
    fn of(fields: &Fields<'_>) -> Result<Self, Error> {
        let query = Self {
            id: fields.required_text("Id", &ID)?.to_owned(),
            stat: fields
                .record("MetricStat")?
                .map(|stat| MetricStat::of(&stat))
                .transpose()?,
            expression: fields.text("Expression", &EXPRESSION)?.map(str::to_owned),
            label: fields.text("Label", &LABEL)?.map(str::to_owned),
            return_data: fields.boolean("ReturnData")?.unwrap_or(true),
            period: period(fields)?,
            account_id: fields.text("AccountId", &ACCOUNT_ID)?.map(str::to_owned),
        };
        if query.stat.is_some() == query.expression.is_some() {
            let message = format!(
                "The query {} must have either MetricStat or Expression.",
                query.id
            );
            return Err(Error::new(Code::InvalidParameterCombination, message));
        }
        Ok(query)
    }

    /// Returns the metric that is asked for, unless that is an expression or another account's.
    pub(super) fn own_stat(&self) -> Option<&MetricStat> {
        self.stat.as_ref().filter(|_| self.account_id.is_none())
    }

    /// Returns the period in seconds, if the query has one.
    pub(super) fn period(&self) -> Option<i64> {
        self.stat.as_ref().map(|stat| stat.period).or(self.period)
    }

    /// Returns the query as answers show it.
    pub(super) fn record(&self) -> Record {
        let Self {
            id,
            stat,
            expression,
            label,
            return_data,
            period,
            account_id,
        } = self;
        Record::new()
            .with("Id", id)
            .with_some("MetricStat", stat.as_ref().map(MetricStat::record))
            .with_some("Expression", expression.as_ref())
            .with_some("Label", label.as_ref())
            .with("ReturnData", *return_data)
            .with_some("Period", *period)
            .with_some("AccountId", account_id.as_ref())
    }
}

impl MetricStat {
    fn of(fields: &Fields<'_>) -> Result<Self, Error> {
        let metric = fields
            .record("Metric")?
            .ok_or_else(|| fields.missing("Metric"))?;
        Ok(Self {
            namespace: metric.required_text("Namespace", &NAMESPACE)?.to_owned(),
            metric_name: metric.required_text("MetricName", &METRIC_NAME)?.to_owned(),
            dimensions: dimensions(&metric)?,
            period: period(fields)?.ok_or_else(|| fields.missing("Period"))?,
            stat: fields.required_text("Stat", &STATISTIC)?.to_owned(),
            unit: fields.word("Unit", UNITS)?.map(str::to_owned),
        })
    }

    pub(super) fn id(&self) -> MetricId {
        MetricId {
            namespace: self.namespace.clone(),
            name: self.metric_name.clone(),
            dimensions: self.dimensions.iter().cloned().collect(),
        }
    }

    fn record(&self) -> Record {
        let Self {
            namespace,
            metric_name,
            dimensions,
            period,
            stat,
            unit,
        } = self;
        let metric = Record::new()
            .with("Namespace", namespace)
            .with("MetricName", metric_name)
            .with("Dimensions", dimension_records(dimensions));
        Record::new()
            .with("Metric", metric)
            .with("Period", *period)
            .with("Stat", stat)
            .with_some("Unit", unit.as_ref())
    }
}
