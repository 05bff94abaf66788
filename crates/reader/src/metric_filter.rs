//! Metric filters: those of the log groups in use, or all where undeclared ones are pruned.

use aws_sdk_cloudwatchlogs::operation::describe_metric_filters::DescribeMetricFiltersError;
use aws_sdk_cloudwatchlogs::types;
use model::{Address, Body, Desired, FilterName, Kind, LogGroupName, Metric, MetricFilter};

use crate::Clients;
use crate::log_group::used;
use crate::part::{Part, failure, one_by_one};
use crate::scope::{declares, prunes};

pub(crate) async fn read(clients: &Clients, desired: &Desired, parallelism: usize) -> Part {
    if prunes(desired, Kind::MetricFilter) {
        return read_group(clients, None).await;
    }
    if !declares(desired, Kind::MetricFilter) {
        return Part::default();
    }
    one_by_one(used(desired), parallelism, |name| {
        read_group(clients, Some(name))
    })
    .await
}

async fn read_group(clients: &Clients, log_group: Option<&LogGroupName>) -> Part {
    let call = clients
        .logs
        .describe_metric_filters()
        .set_log_group_name(log_group.map(ToString::to_string));
    let mut pages = call.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page.metric_filters().iter().filter_map(object)),
            // A log group that doesn't exist has no filters.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeMetricFiltersError::is_resource_not_found_exception) =>
            {
                return Part::default();
            }
            Err(error) => {
                return Part::unread(
                    &[Kind::MetricFilter],
                    &failure("logs:DescribeMetricFilters", &error),
                );
            }
        }
    }
    Part::found(found)
}

fn object(filter: &types::MetricFilter) -> Option<(Address, Body)> {
    let log_group = LogGroupName::new(filter.log_group_name()?).ok()?;
    let name = FilterName::new(filter.filter_name()?).ok()?;
    let transformation = filter.metric_transformations().first()?;
    let metric = Metric {
        namespace: transformation.metric_namespace().to_owned(),
        name: transformation.metric_name().to_owned(),
    };
    let body = MetricFilter {
        pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
        metric,
        value: transformation.metric_value().to_owned(),
        default_value: transformation.default_value(),
        // "None" is CloudWatch's word for no unit.
        unit: transformation
            .unit()
            .map(|unit| unit.as_str().to_owned())
            .filter(|unit| unit != "None"),
        dimensions: transformation
            .dimensions()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    };
    Some((
        Address::MetricFilter(log_group, name),
        Body::MetricFilter(body),
    ))
}
