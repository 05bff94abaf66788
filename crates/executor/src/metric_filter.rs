//! Metric filters.

use aws_sdk_cloudwatchlogs::types::{
    MetricFilter as LiveFilter, MetricTransformation, StandardUnit,
};
use model::{Body, FilterName, LogGroupName, Metric, MetricFilter};

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
    write: Write<'_, MetricFilter>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => put(step, log_group, name, after, None).await,
        Write::Update { before: _, after } => update(step, log_group, name, after).await,
        Write::Delete(_) => delete(step, log_group, name).await,
    }
}

/// `PutMetricFilter` replaces the whole filter, so what mfactl doesn't manage is read and put back.
async fn update(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
    after: &MetricFilter,
) -> Result<Outcome, Error> {
    let live = described(step, log_group, name).await?;
    let live = live.ok_or_else(|| Error::Disappeared(step.action().address.clone()))?;
    put(step, log_group, name, after, Some(live)).await
}

/// Reads the filter.
pub(crate) async fn live(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
) -> Result<Option<Body>, Error> {
    let Some(live) = described(step, log_group, name).await? else {
        return Ok(None);
    };
    let filter = reader::metric_filter(&live);
    let filter = filter.ok_or_else(|| step.changed("metric"))?;
    Ok(Some(Body::MetricFilter(filter)))
}

async fn described(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
) -> Result<Option<LiveFilter>, Error> {
    let request = step
        .clients()
        .logs
        .describe_metric_filters()
        .log_group_name(log_group.as_str())
        .filter_name_prefix(name.as_str());
    let filters = step
        .find("logs:DescribeMetricFilters", || {
            let pages = request.clone().into_paginator().items().send();
            pages.collect::<Result<Vec<LiveFilter>, _>>()
        })
        .await?;
    let mut filters = filters.into_iter().flatten();
    Ok(filters.find(|filter| filter.filter_name() == Some(name.as_str())))
}

async fn put(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
    after: &MetricFilter,
    live: Option<LiveFilter>,
) -> Result<Outcome, Error> {
    let mut request = step
        .clients()
        .logs
        .put_metric_filter()
        .log_group_name(log_group.as_str())
        .filter_name(name.as_str())
        .filter_pattern(&after.pattern)
        .metric_transformations(transformation(after)?);
    if let Some(live) = live {
        request = request
            .apply_on_transformed_logs(live.apply_on_transformed_logs)
            .set_field_selection_criteria(live.field_selection_criteria)
            .set_emit_system_field_dimensions(live.emit_system_field_dimensions);
    }
    step.call("logs:PutMetricFilter", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

fn transformation(after: &MetricFilter) -> Result<MetricTransformation, Error> {
    let MetricFilter {
        pattern: _,
        metric: Metric { namespace, name },
        value,
        default_value,
        unit,
        dimensions,
    } = after;
    let dimensions = dimensions.clone().into_iter().collect();
    MetricTransformation::builder()
        .metric_namespace(namespace)
        .metric_name(name)
        .metric_value(value)
        .set_default_value(*default_value)
        .set_unit(unit.as_deref().map(StandardUnit::from))
        .set_dimensions((!after.dimensions.is_empty()).then_some(dimensions))
        .build()
        .map_err(|error| Error::Internal(error.to_string()))
}

async fn delete(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
) -> Result<Outcome, Error> {
    let request = step.clients().logs.delete_metric_filter();
    let request = request
        .log_group_name(log_group.as_str())
        .filter_name(name.as_str());
    step.delete("logs:DeleteMetricFilter", || request.clone().send())
        .await
}

/// Names the fields in which a live one isn't as planned.
pub(crate) fn differences(live: &MetricFilter, planned: &MetricFilter, fields: &mut Differences) {
    let MetricFilter {
        pattern,
        metric,
        value,
        default_value,
        unit,
        dimensions,
    } = live;
    fields.add("pattern", *pattern == planned.pattern);
    fields.add("metric", *metric == planned.metric);
    fields.add("value", *value == planned.value);
    fields.add("default_value", *default_value == planned.default_value);
    fields.add("unit", *unit == planned.unit);
    fields.add("dimensions", *dimensions == planned.dimensions);
}
