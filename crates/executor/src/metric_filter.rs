//! Metric filters.

use aws_sdk_cloudwatchlogs::types;
use model::{FilterName, LogGroupName, MetricFilter};

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
        Write::Update { before: _, after } => {
            let found = found(step, log_group, name).await?;
            put(step, log_group, name, after, found).await
        }
        Write::Delete(_) => {
            let request = step.clients().logs.delete_metric_filter();
            let request = request
                .log_group_name(log_group.as_str())
                .filter_name(name.as_str());
            step.delete("logs:DeleteMetricFilter", || request.clone().send())
                .await
        }
    }
}

/// `PutMetricFilter` replaces the whole, so what mfactl doesn't manage is read and put back.
async fn found(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
) -> Result<Option<types::MetricFilter>, Error> {
    let request = step.clients().logs.describe_metric_filters();
    let request = request
        .log_group_name(log_group.as_str())
        .filter_name_prefix(name.as_str());
    let answer = step
        .call("logs:DescribeMetricFilters", || request.clone().send())
        .await?;
    Ok(answer
        .metric_filters
        .unwrap_or_default()
        .into_iter()
        .find(|filter| filter.filter_name() == Some(name.as_str())))
}

async fn put(
    step: &Step<'_>,
    log_group: &LogGroupName,
    name: &FilterName,
    after: &MetricFilter,
    found: Option<types::MetricFilter>,
) -> Result<Outcome, Error> {
    let request = step.clients().logs.put_metric_filter();
    let mut request = request
        .log_group_name(log_group.as_str())
        .filter_name(name.as_str())
        .filter_pattern(&after.pattern)
        .metric_transformations(transformation(after)?);
    if let Some(found) = found {
        request = request
            .apply_on_transformed_logs(found.apply_on_transformed_logs)
            .set_field_selection_criteria(found.field_selection_criteria)
            .set_emit_system_field_dimensions(found.emit_system_field_dimensions);
    }
    step.call("logs:PutMetricFilter", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

fn transformation(after: &MetricFilter) -> Result<types::MetricTransformation, Error> {
    let MetricFilter {
        pattern: _,
        metric,
        value,
        default_value,
        unit,
        dimensions,
    } = after;
    let dimensions = (!dimensions.is_empty()).then(|| dimensions.clone().into_iter().collect());
    types::MetricTransformation::builder()
        .metric_namespace(&metric.namespace)
        .metric_name(&metric.name)
        .metric_value(value)
        .set_default_value(*default_value)
        .set_unit(unit.as_deref().map(types::StandardUnit::from))
        .set_dimensions(dimensions)
        .build()
        .map_err(|error| Error::Internal(error.to_string()))
}
