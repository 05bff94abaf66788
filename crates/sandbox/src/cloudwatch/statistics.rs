//! Metrics are listed, and their data read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::metric_query::{self, METRIC_NAME, MetricQuery, NAMESPACE};
use super::metrics::{Metric, MetricId, Metrics, STATISTICS, Statistic, StatisticSet};
use super::promql::combination;
use super::watched_metric::required;
use crate::call::{Call, Fields};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::page::{Page, TOKEN};
use crate::state::Account;
use crate::unit::UNITS;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("ListMetrics", list).unlike("lists a metric at once; AWS takes minutes"),
    Operation::read("GetMetricStatistics", get_statistics).unlike("has no extended statistics"),
    Operation::read("GetMetricData", get_data)
        .unlike("has neither metric math nor extended statistics"),
];

const LIST_PAGE: i64 = 500;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Account {
    fn metric(&self, call: &Call<'_>, id: &MetricId) -> Option<&Metric> {
        let metrics = self.cloudwatch.metrics.get(call.region);
        metrics.and_then(|metrics| metrics.get(id))
    }
}

/// Lists the metrics that had data in the last two weeks.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let namespace = input.text("Namespace", &NAMESPACE)?;
    let name = input.text("MetricName", &METRIC_NAME)?;
    let dimensions = input.records("Dimensions")?.unwrap_or_default();
    let dimensions = dimensions
        .iter()
        .map(metric_query::dimension_filter)
        .collect::<Result<Vec<_>, _>>()?;
    let age = input.word("RecentlyActive", &["PT3H"])?;
    let since = call.now.as_second() - age.map_or(14 * DAY, |_| 3 * HOUR);
    let page = Page::after(input.text("NextToken", &TOKEN)?, LIST_PAGE)
        .ok_or_else(|| invalid("The NextToken is invalid."))?;
    let wanted = |id: &MetricId| {
        let has = |(name, value): &(&str, Option<&str>)| {
            let found = id.dimensions.get(*name);
            found.is_some_and(|it| value.is_none_or(|value| value == it))
        };
        namespace.is_none_or(|namespace| namespace == id.namespace)
            && name.is_none_or(|name| name == id.name)
            && dimensions.iter().all(has)
    };
    let metrics = account.cloudwatch.metrics.get(call.region);
    let metrics = metrics.into_iter().flat_map(Metrics::iter);
    let metrics: BTreeMap<String, Record> = metrics
        .filter(|(id, metric)| metric.last() >= Some(since) && wanted(id))
        .map(|(id, _)| (id.key(), id.record()))
        .collect();
    let (metrics, token) = page.take(metrics.into_iter());
    Ok(Record::new()
        .with("Metrics", metrics.into_iter().collect::<Value>())
        .with_some("NextToken", token))
}

impl MetricId {
    /// Returns a text that no other metric has.
    fn key(&self) -> String {
        format!("{:?}", (&self.namespace, &self.name, &self.dimensions))
    }

    fn record(&self) -> Record {
        let Self {
            namespace,
            name,
            dimensions,
        } = self;
        let dimensions: Vec<(String, String)> = dimensions.clone().into_iter().collect();
        Record::new()
            .with("Namespace", namespace)
            .with("MetricName", name)
            .with("Dimensions", metric_query::dimension_records(&dimensions))
    }
}

/// The most datapoints of a call of `GetMetricStatistics`.
const DATAPOINTS: i64 = 1_440;

/// Lists what the data of a metric comes to, period by period. There are no extended statistics.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
fn get_statistics(account: &Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let namespace = input.text("Namespace", &NAMESPACE)?;
    let name = input.text("MetricName", &METRIC_NAME)?;
    let name = name.ok_or_else(|| required("MetricName"))?;
    let id = MetricId {
        namespace: namespace.ok_or_else(|| required("Namespace"))?.to_owned(),
        name: name.to_owned(),
        dimensions: metric_query::dimensions(input)?.into_iter().collect(),
    };
    let statistics = statistics(input)?;
    let unit = input.word("Unit", UNITS)?;
    let period = input.integer("Period", 1..=i64::MAX)?;
    let period = checked_period(period.ok_or_else(|| required("Period"))?)?;
    let (start, end) = range(input, period, call.now)?;
    let count = (end - start + period - 1) / period;
    if count > DATAPOINTS {
        return Err(combination(&format!(
            "You have requested up to {count} datapoints, which exceeds the limit of {DATAPOINTS}."
        )));
    }
    let metric = account.metric(call, &id);
    let periods = metric.map(|metric| metric.periods(start, end, period));
    let datapoints = periods
        .into_iter()
        .flatten()
        .filter(|((_, it), _)| unit.is_none_or(|unit| unit == *it))
        .map(|((second, unit), set)| datapoint(second, unit, &set, &statistics));
    Ok(Record::new()
        .with("Label", name)
        .with("Datapoints", datapoints.collect::<Value>()))
}

fn statistics(input: &Fields<'_>) -> Result<Vec<Statistic>, Error> {
    let statistics = input.choices("Statistics", STATISTICS)?;
    let extended = input.texts("ExtendedStatistics", &metric_query::STATISTIC)?;
    match (statistics.as_slice(), extended) {
        ([], None) => Err(required("Statistics or ExtendedStatistics")),
        ([_, ..], None) => Ok(statistics),
        ([], Some(_)) => Err(invalid("the sandbox has no extended statistics")),
        ([_, ..], Some(_)) => Err(combination(
            "Statistics and ExtendedStatistics can't be used together.",
        )),
    }
}

/// Refuses a period that is neither 1, 5, 10, 20 or 30 seconds nor whole minutes.
fn checked_period(period: i64) -> Result<i64, Error> {
    if matches!(period, 1 | 5 | 10 | 20 | 30) || period % MINUTE == 0 {
        Ok(period)
    } else {
        Err(invalid(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ))
    }
}

/// Returns the seconds that a call asks for, the start rounded down as CloudWatch does for its age.
fn range(input: &Fields<'_>, period: i64, now: Timestamp) -> Result<(i64, i64), Error> {
    let start = input.time("StartTime")?;
    let start = start.ok_or_else(|| required("StartTime"))?.as_second();
    let end = input.time("EndTime")?;
    let end = end.ok_or_else(|| required("EndTime"))?.as_second();
    if start >= end {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let age = now.as_second() - start;
    let step = match period {
        1..MINUTE => period,
        _ if age < 15 * DAY => MINUTE,
        _ if age <= 63 * DAY => 5 * MINUTE,
        _ => HOUR,
    };
    Ok((start.div_euclid(step) * step, end))
}

fn datapoint(second: i64, unit: &str, set: &StatisticSet, statistics: &[Statistic]) -> Record {
    let record = Record::new().with("Timestamp", time(second));
    let record = statistics.iter().fold(record, |record, statistic| {
        record.with(statistic.name(), set.get(*statistic))
    });
    record.with("Unit", unit)
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// The most queries and datapoints of a call of `GetMetricData`.
const QUERIES: usize = 500;
const DATA: i64 = 100_800;

/// Lists the data of metrics, one statistic each. There is no metric math, nor are there extended statistics.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
fn get_data(account: &Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let queries = queries(input)?;
    let orders = [("TimestampDescending", true), ("TimestampAscending", false)];
    let newest_first = input.choice("ScanBy", &orders)?.unwrap_or(true);
    let limit = input.integer("MaxDatapoints", 1..=DATA)?.unwrap_or(DATA);
    let before: usize = match input.text("NextToken", &TOKEN)? {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| Error::new(Code::InvalidNextToken, "The NextToken is invalid."))?,
    };
    let mut part = Part {
        skip: before,
        room: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let (mut results, mut shown, mut is_partial) = (Vec::new(), 0, false);
    for query in queries {
        let mut data = query_data(account, call, &query)?;
        if newest_first {
            data.reverse();
        }
        let (data, is_cut) = part.of(data);
        shown += data.len();
        is_partial |= is_cut;
        results.push(result(&query, &data, is_cut));
    }
    let token = is_partial.then(|| before.saturating_add(shown).to_string());
    Ok(Record::new()
        .with("MetricDataResults", results.into_iter().collect::<Value>())
        .with_some("NextToken", token))
}

/// Says which part of all datapoints is asked for: so many are passed over, and for so many there is room.
struct Part {
    skip: usize,
    room: usize,
}

impl Part {
    /// Returns what of the next datapoints is in the part, and whether some come after it.
    fn of(&mut self, data: Vec<(i64, f64)>) -> (Vec<(i64, f64)>, bool) {
        let total = data.len();
        let skipped = total.min(self.skip);
        let data: Vec<_> = data.into_iter().skip(skipped).take(self.room).collect();
        self.skip -= skipped;
        self.room -= data.len();
        let is_cut = skipped + data.len() < total;
        (data, is_cut)
    }
}

fn queries(input: &Fields<'_>) -> Result<Vec<MetricQuery>, Error> {
    let records = input.records("MetricDataQueries")?;
    let records = records.ok_or_else(|| required("MetricDataQueries"))?;
    if records.is_empty() || records.len() > QUERIES {
        return Err(Error::validation(format!(
            "MetricDataQueries must have 1 to {QUERIES} queries."
        )));
    }
    metric_query::read_unique(&records)
}

/// Returns seconds and values, the oldest first.
fn query_data(
    account: &Account,
    call: &Call<'_>,
    query: &MetricQuery,
) -> Result<Vec<(i64, f64)>, Error> {
    let Some(stat) = &query.stat else {
        return Err(Error::validation("the sandbox evaluates no metric math"));
    };
    let Some(statistic) = Statistic::named(&stat.stat) else {
        return Err(Error::validation("the sandbox has no extended statistics"));
    };
    let period = checked_period(stat.period)?;
    let (start, end) = range(&call.input, period, call.now)?;
    let Some(metric) = account
        .metric(call, &stat.id())
        .filter(|_| query.return_data)
    else {
        return Ok(Vec::new());
    };
    let starts: BTreeSet<i64> = metric
        .periods(start, end, period)
        .into_keys()
        .map(|(second, _)| second)
        .collect();
    let values = starts.into_iter().filter_map(|from| {
        let set = metric.total(from, end.min(from + period), stat.unit.as_deref())?;
        Some((from, set.get(statistic)))
    });
    Ok(values.collect())
}

fn result(query: &MetricQuery, data: &[(i64, f64)], is_cut: bool) -> Record {
    let label = query.stat.as_ref().map(|stat| stat.metric_name.as_str());
    let label = query.label.as_deref().or(label);
    let times = data.iter().map(|(second, _)| time(*second));
    let values = data.iter().map(|(_, value)| *value);
    Record::new()
        .with("Id", &query.id)
        .with_some("Label", label)
        .with("Timestamps", times.collect::<Value>())
        .with("Values", values.collect::<Value>())
        .with(
            "StatusCode",
            if is_cut { "PartialData" } else { "Complete" },
        )
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidParameterValue, message)
}
