//! Alarms.

use std::collections::BTreeSet;

use model::{
    Address, Alarm, AlarmMetric, AlarmName, AlarmSource, Body, Comparison, MissingData, Statistic,
};

use crate::keys;
use crate::metric_filter::{dimensions, metric, required, unit};
use crate::node::{Node, Value};
use crate::reading::{Reading, Section};
use crate::spec::{Draft, tags};

const COMPARISONS: &[(&str, Comparison)] = &[
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

const MISSING_DATA: &[(&str, MissingData)] = &[
    ("missing", MissingData::Missing),
    ("notBreaching", MissingData::NotBreaching),
    ("breaching", MissingData::Breaching),
    ("ignore", MissingData::Ignore),
];

const STATISTICS: &[&str] = &["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    draft: &mut Draft,
) {
    let name = reading.ok(at, AlarmName::new(name));
    let Some(section) = reading.section(node, "an alarm", keys::ALARM) else {
        return reading.error(
            at,
            "an alarm needs `metric`, `statistic`, `period`, `threshold` and `comparison`",
        );
    };
    let Some(alarm) = alarm(reading, at, &section, draft) else {
        return;
    };
    if let Some(name) = name {
        draft.declare_body(reading, at, Address::Alarm(name), Body::Alarm(alarm));
    }
}

fn alarm(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
    draft: &Draft,
) -> Option<Alarm> {
    let source = source(reading, at, section);
    let evaluation_periods = section
        .get("evaluation_periods")
        .map_or(Some(1), |node| reading.integer(node, 1..=2016));
    let datapoints_to_alarm = section
        .get("datapoints_to_alarm")
        .and_then(|node| reading.integer(node, 1..=2016));
    let threshold =
        required(reading, at, section, "threshold").and_then(|node| reading.number(node));
    let comparison = required(reading, at, section, "comparison")
        .and_then(|node| reading.word(node, COMPARISONS));
    let treat_missing_data = section
        .get("treat_missing_data")
        .map_or(Some(MissingData::Missing), |node| {
            reading.word(node, MISSING_DATA)
        });
    let actions_enabled = section
        .get("actions_enabled")
        .map_or(Some(true), |node| reading.bool(node));
    let description = section
        .get("description")
        .and_then(|node| reading.text(node, "a description"))
        .map(str::to_owned);
    let [alarm_actions, ok_actions, insufficient_data_actions] =
        ["actions", "ok_actions", "insufficient_data_actions"]
            .map(|key| actions(reading, section, key));
    let tags = tags(reading, section, &draft.tags);
    let alarm = Alarm {
        description,
        source: AlarmSource::Metric(source?),
        evaluation_periods: evaluation_periods?,
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
    windows(reading, at, &alarm);
    Some(alarm)
}

fn source(reading: &mut Reading<'_>, at: &Node, section: &Section<'_>) -> Option<AlarmMetric> {
    let watched = required(reading, at, section, "metric")
        .and_then(|node| Some((node, reading.section(node, "`metric`", keys::ALARM_METRIC)?)))
        .and_then(|(node, section)| {
            Some((
                metric(reading, node, &section)?,
                dimensions(reading, &section),
                unit(reading, &section),
            ))
        });
    let statistic =
        required(reading, at, section, "statistic").and_then(|node| statistic(reading, node));
    let period = required(reading, at, section, "period").and_then(|node| period(reading, node));
    let (metric, dimensions, unit) = watched?;
    Some(AlarmMetric {
        metric,
        dimensions,
        statistic: statistic?,
        period: period?,
        unit,
    })
}

fn statistic(reading: &mut Reading<'_>, node: &Node) -> Option<Statistic> {
    let text = reading.text(node, "a statistic such as `Sum`")?;
    Some(match text {
        "SampleCount" => Statistic::SampleCount,
        "Average" => Statistic::Average,
        "Sum" => Statistic::Sum,
        "Minimum" => Statistic::Minimum,
        "Maximum" => Statistic::Maximum,
        extended if extended.contains(|c: char| c.is_ascii_digit()) => {
            Statistic::Extended(extended.to_owned())
        }
        _ => {
            let words: Vec<(&str, ())> = STATISTICS.iter().map(|word| (*word, ())).collect();
            reading.word(node, &words);
            return None;
        }
    })
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
fn windows(reading: &mut Reading<'_>, at: &Node, alarm: &Alarm) {
    let AlarmSource::Metric(AlarmMetric { period, .. }) = &alarm.source else {
        return;
    };
    let (most, words) = if *period < 3600 {
        (86_400, "1 day with a period under an hour")
    } else {
        (604_800, "7 days")
    };
    if u64::from(*period) * u64::from(alarm.evaluation_periods) > most {
        reading.error(
            at,
            format!("`period` × `evaluation_periods` is more than {words}"),
        );
    }
    if alarm
        .datapoints_to_alarm
        .is_some_and(|datapoints| datapoints > alarm.evaluation_periods)
    {
        reading.error(
            at,
            "`datapoints_to_alarm` is more than `evaluation_periods`",
        );
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
        if text.starts_with("arn:") && text.splitn(6, ':').count() == 6 {
            actions.insert(text.to_owned());
        } else {
            reading.error_with_hint(
                item,
                format!("`{}` is not an ARN", text.escape_debug()),
                "a topic is arn:aws:sns:REGION:ACCOUNT:NAME",
            );
        }
    }
    if actions.len() > 5 {
        reading.error(
            node,
            format!("{} actions, and CloudWatch allows 5", actions.len()),
        );
    }
    actions
}
