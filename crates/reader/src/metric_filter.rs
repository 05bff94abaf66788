//! Metric filters: those of the log groups in use, or all where undeclared ones are pruned.

use std::collections::BTreeSet;
use std::error::Error;

use aws_sdk_cloudwatchlogs::error::SdkError;
use aws_sdk_cloudwatchlogs::operation::describe_metric_filters::DescribeMetricFiltersError;
use aws_sdk_cloudwatchlogs::types;
use model::{
    Address, Body, Desired, FilterName, Kind, LogGroupName, Metric, MetricFilter, ReadFailure,
};

use crate::Clients;
use crate::part::{Limit, Part, failure, unexpected};
use crate::scope::{declares, prunes};

const OPERATION: &str = "logs:DescribeMetricFilters";

pub(crate) async fn read(clients: &Clients, desired: &Desired, limit: &Limit) -> Part {
    if prunes(desired, Kind::MetricFilter) {
        return read_group(clients, None).await;
    }
    if !declares(desired, Kind::MetricFilter) {
        return Part::default();
    }
    limit
        .one_by_one(filtered(desired), |name| read_group(clients, Some(name)))
        .await
}

/// Lists the log groups that a spec declares filters of.
fn filtered(desired: &Desired) -> BTreeSet<&LogGroupName> {
    let declared = desired.objects.keys().filter_map(|address| match address {
        Address::MetricFilter(name, _) => Some(name),
        _ => None,
    });
    declared.collect()
}

async fn read_group(clients: &Clients, log_group: Option<&LogGroupName>) -> Part {
    match filters(clients, log_group).await {
        Ok(objects) => Part::found(objects),
        Err(failure) => Part::unread(&[Kind::MetricFilter], &failure),
    }
}

/// Reads a log group's filters; without a group, those of all groups.
async fn filters(
    clients: &Clients,
    log_group: Option<&LogGroupName>,
) -> Result<Vec<(Address, Body)>, ReadFailure> {
    let name = log_group.map(ToString::to_string);
    let call = clients
        .logs
        .describe_metric_filters()
        .set_log_group_name(name);
    let mut pages = call.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = match page {
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            page => page.map_err(|error| failure(OPERATION, &error))?,
        };
        for filter in page.metric_filters() {
            found.push(object(filter).map_err(|error| unexpected(OPERATION, &error))?);
        }
    }
    Ok(found)
}

/// A log group that doesn't exist has no filters.
fn is_missing(error: &SdkError<DescribeMetricFiltersError>) -> bool {
    error
        .as_service_error()
        .is_some_and(DescribeMetricFiltersError::is_resource_not_found_exception)
}

fn object(filter: &types::MetricFilter) -> Result<(Address, Body), Box<dyn Error + Send + Sync>> {
    let log_group = LogGroupName::new(filter.log_group_name().unwrap_or_default())?;
    let name = FilterName::new(filter.filter_name().unwrap_or_default())?;
    let body = metric_filter(filter)
        .ok_or_else(|| format!("the filter `{name}` of `{log_group}` emits no metric"))?;
    Ok((
        Address::MetricFilter(log_group, name),
        Body::MetricFilter(body),
    ))
}

/// Returns a metric filter as it is planned on; none where it emits no metric.
pub fn metric_filter(filter: &types::MetricFilter) -> Option<MetricFilter> {
    let transformation = filter.metric_transformations().first()?;
    let metric = Metric {
        namespace: transformation.metric_namespace().to_owned(),
        name: transformation.metric_name().to_owned(),
    };
    Some(MetricFilter {
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
    })
}
