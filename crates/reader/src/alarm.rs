//! Alarms: the declared ones by name, or all where undeclared ones are pruned.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, CompositeAlarm, MetricAlarm};
use model::{
    Address, Alarm, AlarmMetric, AlarmName, AlarmSource, Body, Comparison, Desired, Kind, Metric,
    MissingData, ReadFailure, Statistic, Tags,
};

use crate::Clients;
use crate::part::{Part, failure, unexpected};
use crate::scope::prunes;

const OPERATION: &str = "cloudwatch:DescribeAlarms";

/// `DescribeAlarms` takes so many names (its API reference).
const MOST_NAMES: usize = 100;

pub(crate) async fn read(clients: &Clients, desired: &Desired) -> Part {
    if prunes(desired, Kind::Alarm) {
        return found(alarms(clients, &[]).await);
    }
    let declared = desired.objects.keys().filter_map(|address| match address {
        Address::Alarm(name) => Some(name.to_string()),
        _ => None,
    });
    let declared: Vec<String> = declared.collect();
    let mut part = Part::default();
    for names in declared.chunks(MOST_NAMES) {
        part.add(found(alarms(clients, names).await));
    }
    part
}

fn found(alarms: Result<Vec<(Address, Body)>, ReadFailure>) -> Part {
    match alarms {
        Ok(objects) => Part::found(objects),
        Err(failure) => Part::unread(&[Kind::Alarm], &failure),
    }
}

/// Reads the alarms of these names that exist; without names, all alarms.
async fn alarms(clients: &Clients, names: &[String]) -> Result<Vec<(Address, Body)>, ReadFailure> {
    // Without types, DescribeAlarms leaves composite alarms out.
    let names = (!names.is_empty()).then(|| names.to_vec());
    let call = clients
        .cloudwatch
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .set_alarm_names(names);
    let mut pages = call.max_records(100).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(OPERATION, &error))?;
        for alarm in page.metric_alarms() {
            found.push(object(alarm.alarm_name(), metric_alarm(alarm))?);
        }
        for alarm in page.composite_alarms() {
            found.push(object(alarm.alarm_name(), composite_alarm(alarm))?);
        }
    }
    Ok(found)
}

fn object(name: Option<&str>, alarm: Alarm) -> Result<(Address, Body), ReadFailure> {
    let name = AlarmName::new(name.unwrap_or_default());
    let name = name.map_err(|error| unexpected(OPERATION, &error))?;
    Ok((Address::Alarm(name), Body::Alarm(alarm)))
}

/// Returns a metric alarm as it is planned on, without its tags, which no description has.
pub fn metric_alarm(alarm: &MetricAlarm) -> Alarm {
    Alarm {
        description: alarm.alarm_description().map(str::to_owned),
        source: source(alarm).map_or(AlarmSource::Expression, AlarmSource::Metric),
        evaluation_periods: number(alarm.evaluation_periods()).unwrap_or(1),
        datapoints_to_alarm: number(alarm.datapoints_to_alarm()),
        threshold: alarm.threshold().unwrap_or_default(),
        comparison: comparison(alarm.comparison_operator()),
        treat_missing_data: missing_data(alarm.treat_missing_data()),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: set(alarm.alarm_actions()),
        ok_actions: set(alarm.ok_actions()),
        insufficient_data_actions: set(alarm.insufficient_data_actions()),
        tags: Tags::default(),
    }
}

/// Returns what a metric alarm watches; none for metric math, anomaly detection and queries.
fn source(alarm: &MetricAlarm) -> Option<AlarmMetric> {
    if !alarm.metrics().is_empty()
        || alarm.evaluation_criteria().is_some()
        || comparison_of(alarm.comparison_operator()).is_none()
    {
        return None;
    }
    let metric = Metric {
        namespace: alarm.namespace()?.to_owned(),
        name: alarm.metric_name()?.to_owned(),
    };
    let dimensions = alarm.dimensions().iter();
    let dimensions = dimensions
        .filter_map(|dimension| Some((dimension.name()?.to_owned(), dimension.value()?.to_owned())))
        .collect();
    let statistic = statistic(
        alarm
            .statistic()
            .map(aws_sdk_cloudwatch::types::Statistic::as_str)
            .or(alarm.extended_statistic())?,
    );
    let unit = alarm.unit().map(|unit| unit.as_str().to_owned());
    Some(AlarmMetric {
        metric,
        dimensions,
        statistic,
        period: number(alarm.period())?,
        unit,
    })
}

/// A composite alarm has none of a metric alarm's fields; it is only known by its name.
fn composite_alarm(alarm: &CompositeAlarm) -> Alarm {
    Alarm {
        description: alarm.alarm_description().map(str::to_owned),
        source: AlarmSource::Composite,
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: 0.0,
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        treat_missing_data: MissingData::Missing,
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: set(alarm.alarm_actions()),
        ok_actions: set(alarm.ok_actions()),
        insufficient_data_actions: set(alarm.insufficient_data_actions()),
        tags: Tags::default(),
    }
}

fn number(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

fn set(arns: &[String]) -> BTreeSet<String> {
    arns.iter().cloned().collect()
}

fn statistic(word: &str) -> Statistic {
    match word {
        "SampleCount" => Statistic::SampleCount,
        "Average" => Statistic::Average,
        "Sum" => Statistic::Sum,
        "Minimum" => Statistic::Minimum,
        "Maximum" => Statistic::Maximum,
        extended => Statistic::Extended(extended.to_owned()),
    }
}

fn comparison(operator: Option<&ComparisonOperator>) -> Comparison {
    comparison_of(operator).unwrap_or(Comparison::GreaterThanOrEqualToThreshold)
}

/// Returns a comparison with a threshold; none for those of anomaly detection, which compare with a band.
fn comparison_of(operator: Option<&ComparisonOperator>) -> Option<Comparison> {
    match operator? {
        ComparisonOperator::GreaterThanOrEqualToThreshold => {
            Some(Comparison::GreaterThanOrEqualToThreshold)
        }
        ComparisonOperator::GreaterThanThreshold => Some(Comparison::GreaterThanThreshold),
        ComparisonOperator::LessThanThreshold => Some(Comparison::LessThanThreshold),
        ComparisonOperator::LessThanOrEqualToThreshold => {
            Some(Comparison::LessThanOrEqualToThreshold)
        }
        _ => None,
    }
}

fn missing_data(word: Option<&str>) -> MissingData {
    match word {
        Some("notBreaching") => MissingData::NotBreaching,
        Some("breaching") => MissingData::Breaching,
        Some("ignore") => MissingData::Ignore,
        Some(_) | None => MissingData::Missing,
    }
}
