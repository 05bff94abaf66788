//! Alarms.

use std::collections::BTreeSet;

use model::{
    Address, Alarm, AlarmMetric, AlarmName, AlarmSource, Body, Comparison, Dimensions, Metric,
    MissingData, Statistic,
};

use crate::draft::Draft;
use crate::keys;
use crate::metric::{dimensions, metric, unit};
use crate::node::{Node, Value};
use crate::reading::{Reading, Section, nearest};
use crate::tags::{Case, tags};

pub(crate) const COMPARISONS: &[(&str, Comparison)] = &[
    (
        "GreaterThanOrEqualToThreshold",
        Comparison::GreaterThanOrEqualToThreshold,
    ),
    ("GreaterThanThreshold", Comparison::GreaterThanThreshold),
    ("LessThanThreshold", Comparison::LessThanThreshold),
    (
        "LessThanOrEqualToThreshold",
        Comparison::LessThanOrEqualToThreshold,
    ),
];

pub(crate) const MISSING_DATA: &[(&str, MissingData)] = &[
    ("missing", MissingData::Missing),
    ("notBreaching", MissingData::NotBreaching),
    ("breaching", MissingData::Breaching),
    ("ignore", MissingData::Ignore),
];

/// An alarm's description has so many characters at most, and a metric so many dimensions (API reference of
/// `PutMetricAlarm`).
const LONGEST_DESCRIPTION: usize = 1_024;
const DIMENSIONS: usize = 30;

/// Each state of an alarm has so many actions at most (API reference of `PutMetricAlarm`).
const ACTIONS: usize = 5;

pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, node: &Node, draft: &mut Draft) {
    let name = reading.name(at, |text| AlarmName::new(text));
    let what = "an alarm with `metric`, `statistic`, `period`, `threshold` and `comparison`";
    let Some(section) = reading.section(node, what, keys::ALARM) else {
        return;
    };
    if let (Some(alarm), Some(name)) = (alarm(reading, at, &section, draft), name) {
        draft.declare_body(reading, at, Address::Alarm(name), Body::Alarm(alarm));
    }
}

fn alarm(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
    draft: &Draft,
) -> Option<Alarm> {
    let missing = section.get("treat_missing_data");
    let treat_missing_data = missing.map_or(Some(MissingData::default()), |node| {
        reading.word(node, MISSING_DATA)
    });
    let source = source(reading, at, section);
    let periods = periods(reading, section);
    let threshold = reading
        .required(at, section, "threshold")
        .and_then(|node| reading.number(node));
    let comparison = reading
        .required(at, section, "comparison")
        .and_then(|node| reading.word(node, COMPARISONS));
    let description = section
        .get("description")
        .and_then(|node| reading.limited(node, "a description", LONGEST_DESCRIPTION));
    let enabled = section.get("actions_enabled");
    let actions_enabled = enabled.map_or(Some(true), |node| reading.bool(node));
    let [alarm_actions, ok_actions, insufficient_data_actions] =
        ["actions", "ok_actions", "insufficient_data_actions"]
            .map(|key| actions(reading, section, key));
    let tags = tags(reading, section, &draft.tags, Case::Counts);
    let (evaluation_periods, datapoints_to_alarm) = periods?;
    let alarm = Alarm {
        description,
        source: AlarmSource::Metric(source?),
        evaluation_periods,
        datapoints_to_alarm,
        threshold: threshold?,
        comparison: comparison?,
        treat_missing_data: treat_missing_data?,
        actions_enabled: actions_enabled?,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    };
    window(reading, section, &alarm);
    Some(alarm)
}

/// Reads how many periods are looked at, one if it isn't said, and how many of them must breach.
fn periods(reading: &mut Reading<'_>, section: &Section<'_>) -> Option<(u32, Option<u32>)> {
    let mut number = |key: &str| {
        section
            .get(key)
            .map(|node| reading.integer(node, 1..=604_800).ok_or(()))
            .transpose()
    };
    let (periods, datapoints) = (number("evaluation_periods"), number("datapoints_to_alarm"));
    let (periods, datapoints) = (periods.ok()?.unwrap_or(1), datapoints.ok()?);
    if let Some(datapoints) = datapoints
        && datapoints > periods
        && let Some(node) = section.get("datapoints_to_alarm")
    {
        let message = format!(
            "{datapoints} of {periods} periods can't breach: `datapoints_to_alarm` is at most `evaluation_periods`"
        );
        reading.error(node, message);
    }
    Some((periods, datapoints))
}

fn source(reading: &mut Reading<'_>, at: &Node, section: &Section<'_>) -> Option<AlarmMetric> {
    let watched = reading
        .required(at, section, "metric")
        .and_then(|node| watched(reading, node));
    let statistic = reading
        .required(at, section, "statistic")
        .and_then(|node| statistic(reading, node));
    let period = reading
        .required(at, section, "period")
        .and_then(|node| period(reading, node));
    let (metric, dimensions, unit) = watched?;
    Some(AlarmMetric {
        metric,
        dimensions,
        statistic: statistic?,
        period: period?,
        unit,
    })
}

fn watched(reading: &mut Reading<'_>, node: &Node) -> Option<(Metric, Dimensions, Option<String>)> {
    let section = reading.section(node, "`metric`", keys::ALARM_METRIC)?;
    let metric = metric(reading, node, &section);
    let dimensions = dimensions(reading, &section);
    if dimensions.len() > DIMENSIONS {
        let message = format!(
            "{} dimensions, and CloudWatch allows {DIMENSIONS}",
            dimensions.len()
        );
        reading.error(node, message);
    }
    let unit = unit(reading, &section);
    Some((metric?, dimensions, unit))
}

fn statistic(reading: &mut Reading<'_>, node: &Node) -> Option<Statistic> {
    let words = [
        ("SampleCount", Statistic::SampleCount),
        ("Average", Statistic::Average),
        ("Sum", Statistic::Sum),
        ("Minimum", Statistic::Minimum),
        ("Maximum", Statistic::Maximum),
    ];
    let text = reading.text(node, "a statistic such as `Sum` or `p99`")?;
    if is_extended(text) {
        return Some(Statistic::Extended(text.to_owned()));
    }
    if let Some((_, statistic)) = words.iter().find(|(word, _)| *word == text) {
        return Some(statistic.clone());
    }
    let hint = match nearest(text, words.iter().map(|(word, _)| *word)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "it can be `SampleCount`, `Average`, `Sum`, `Minimum`, `Maximum`, or one such as `p99` or `TM(10%:90%)`".to_owned(),
    };
    reading.error_with_hint(node, format!("`{text}` is not a statistic"), hint);
    None
}

/// Tells whether a text is a percentile or trimmed statistic (CloudWatch guide, "CloudWatch statistics definitions"):
/// `p99.9`, `tm90`, `IQM`, `TM(10%:90%)`, `PR(:300)`.
fn is_extended(text: &str) -> bool {
    let is_number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.')
            && text.parse::<f64>().is_ok()
    };
    let is_percentage =
        |text: &str| is_number(text) && text.parse::<f64>().is_ok_and(|number| number <= 100.0);
    if let Some(range) = text.strip_suffix(')') {
        let bounds = ["TM(", "TC(", "TS(", "WM(", "PR("]
            .iter()
            .find_map(|start| range.strip_prefix(start));
        let Some((low, high)) = bounds.and_then(|bounds| bounds.split_once(':')) else {
            return false;
        };
        let is_bound = |bound: &str| match bound.strip_suffix('%') {
            Some(bound) => is_percentage(bound),
            None => bound.is_empty() || is_number(bound),
        };
        return is_bound(low) && is_bound(high) && !(low.is_empty() && high.is_empty());
    }
    let percentile = ["p", "tm", "tc", "ts", "wm"]
        .iter()
        .any(|start| text.strip_prefix(start).is_some_and(is_percentage));
    percentile || text == "IQM"
}

/// 10, 20 or 30 seconds, or a multiple of 60 (API reference of `PutMetricAlarm`).
fn period(reading: &mut Reading<'_>, node: &Node) -> Option<u32> {
    let period = match &node.value {
        Value::Integer(seconds) => u32::try_from(*seconds).ok().filter(|seconds| {
            [10, 20, 30].contains(seconds) || (*seconds > 0 && seconds % 60 == 0)
        }),
        _ => None,
    };
    if period.is_none() {
        reading.error(
            node,
            "a period is 10, 20 or 30 seconds, or a multiple of 60",
        );
    }
    period
}

/// An alarm looks back 7 days at most, or 1 day where its period is under an hour (API reference of `PutMetricAlarm`).
fn window(reading: &mut Reading<'_>, section: &Section<'_>, alarm: &Alarm) {
    let (AlarmSource::Metric(AlarmMetric { period, .. }), Some(node)) =
        (&alarm.source, section.get("period"))
    else {
        return;
    };
    let (most, words) = if *period < 3600 {
        (86_400, "1 day with a period under an hour")
    } else {
        (604_800, "7 days")
    };
    if u64::from(*period) * u64::from(alarm.evaluation_periods) > most {
        let message = format!("`period` × `evaluation_periods` is more than {words}");
        reading.error(node, message);
    }
}

fn actions(reading: &mut Reading<'_>, section: &Section<'_>, key: &str) -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    let Some(node) = section.get(key) else {
        return actions;
    };
    for item in reading.list(node, "a list of ARNs") {
        let Some(text) = reading.text(item, "an ARN") else {
            continue;
        };
        if is_arn(text) {
            actions.insert(text.to_owned());
        } else {
            let hint = "a topic is `arn:aws:sns:REGION:ACCOUNT:NAME`";
            reading.error_with_hint(item, format!("`{text}` is not an ARN"), hint);
        }
    }
    if actions.len() > ACTIONS {
        let message = format!("{} actions, and CloudWatch allows {ACTIONS}", actions.len());
        reading.error(node, message);
    }
    actions
}

/// Region and account may be empty: `arn:aws:automate:us-east-1:ec2:stop` has no account.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let form = matches!(parts.as_slice(), ["arn", partition, service, _, rest @ ..]
        if !partition.is_empty() && !service.is_empty() && rest.last().is_some_and(|last| !last.is_empty()));
    form && !text.contains(char::is_whitespace)
}
