//! Metric data comes in.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>

use jiff::{SignedDuration, Timestamp};

use super::metric_query::{self, METRIC_NAME, NAMESPACE};
use super::metrics::{Datum, MetricId, StatisticSet};
use super::promql::combination;
use super::watched_metric::required;
use crate::call::{Call, Fields};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::unit::UNITS;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[Operation::write("PutMetricData", put)
    .unlike("entities are passed over; data can be read at once")];

/// How many metrics a call may have, and how many values one of them.
const METRICS: usize = 1_000;
const VALUES: usize = 150;
/// Values are within this, above and below zero: two to the power of 360.
const LIMIT: f64 = 2.348_542_582_773_833_3e108;
/// How old, and how far in the future, data may be.
const OLDEST: SignedDuration = SignedDuration::from_hours(14 * 24);
const NEWEST: SignedDuration = SignedDuration::from_hours(2);

/// Adds data to metrics; all or nothing. Entities are passed over, their data not.
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let namespace = call.input.text("Namespace", &NAMESPACE)?;
    let namespace = namespace.ok_or_else(|| required("Namespace"))?;
    let mut records = call.input.records("MetricData")?.unwrap_or_default();
    for entity in call.input.records("EntityMetricData")?.unwrap_or_default() {
        records.extend(entity.records("MetricData")?.unwrap_or_default());
    }
    if records.is_empty() {
        return Err(required("MetricData"));
    }
    if records.len() > METRICS {
        return Err(invalid(format!(
            "A call can have no more than {METRICS} metrics."
        )));
    }
    let data = records
        .iter()
        .map(|record| datum(namespace, record, call.time))
        .collect::<Result<_, _>>()?;
    account
        .cloudwatch
        .put_metric_data(call.region, data, call.time);
    Ok(Record::new())
}

fn datum(namespace: &str, fields: &Fields<'_>, now: Timestamp) -> Result<Datum, Error> {
    let dimensions = metric_query::dimensions(fields)?;
    let metric = MetricId {
        namespace: namespace.to_owned(),
        name: fields.required_text("MetricName", &METRIC_NAME)?.to_owned(),
        dimensions: dimensions.iter().cloned().collect(),
    };
    if metric.dimensions.len() < dimensions.len() {
        return Err(invalid("A metric can't have a dimension twice."));
    }
    let time = fields.time("Timestamp")?.unwrap_or(now);
    if now.duration_since(time) > OLDEST || time.duration_since(now) > NEWEST {
        return Err(invalid(
            "The parameter Timestamp must be no more than two weeks before and two hours after now.",
        ));
    }
    let resolution = match fields.integer("StorageResolution", 1..=i64::MAX)? {
        None | Some(60) => 60,
        Some(1) => 1,
        Some(_) => return Err(invalid("The parameter StorageResolution must be 1 or 60.")),
    };
    let unit = fields.word("Unit", UNITS)?.unwrap_or("None");
    Ok(Datum {
        metric,
        second: time.as_second().div_euclid(resolution) * resolution,
        unit: unit.to_owned(),
        values: values(fields)?,
    })
}

/// Returns what the values of a datum come to: one value, values each so many times, or statistics.
fn values(fields: &Fields<'_>) -> Result<StatisticSet, Error> {
    let value = fields.number("Value")?;
    let values = fields
        .numbers("Values")?
        .filter(|values| !values.is_empty());
    match (value, values, fields.record("StatisticValues")?) {
        (Some(value), None, None) => Ok(StatisticSet::of_value(within(value)?)),
        (None, Some(values), None) => counted(&values, fields.numbers("Counts")?),
        (None, None, Some(set)) => statistics(&set),
        (None, None, None) => Err(required("Value, Values or StatisticValues")),
        _ => Err(combination(
            "Value, Values and StatisticValues can't be used together.",
        )),
    }
}

fn counted(values: &[f64], counts: Option<Vec<f64>>) -> Result<StatisticSet, Error> {
    let counts = counts.unwrap_or_else(|| vec![1.0; values.len()]);
    if values.len() > VALUES {
        return Err(invalid(format!(
            "A metric can have no more than {VALUES} values."
        )));
    }
    if values.len() != counts.len() {
        return Err(invalid("Values and Counts must have the same length."));
    }
    let mut sets = Vec::with_capacity(values.len());
    for (value, count) in values.iter().zip(counts) {
        if count <= 0.0 {
            return Err(invalid("Counts must be greater than zero."));
        }
        sets.push(StatisticSet::of_values(within(*value)?, count));
    }
    let all = sets.into_iter().reduce(StatisticSet::and);
    all.ok_or_else(|| required("Values"))
}

fn statistics(fields: &Fields<'_>) -> Result<StatisticSet, Error> {
    let number = |name| within(fields.number(name)?.ok_or_else(|| required(name))?);
    let set = StatisticSet {
        samples: number("SampleCount")?,
        sum: number("Sum")?,
        minimum: number("Minimum")?,
        maximum: number("Maximum")?,
    };
    if set.samples <= 0.0 || set.minimum > set.maximum {
        return Err(invalid(
            "SampleCount must be greater than zero, and Minimum not greater than Maximum.",
        ));
    }
    Ok(set)
}

fn within(value: f64) -> Result<f64, Error> {
    if value.abs() <= LIMIT {
        Ok(value)
    } else {
        Err(invalid("Values must be between -2^360 and 2^360."))
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidParameterValue, message)
}
