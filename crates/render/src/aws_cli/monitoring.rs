//! Log groups, metric filters, alarms and dashboards.

use model::{
    Account, Alarm, AlarmMetric, AlarmName, AlarmSource, Dashboard, DashboardName, FilterName,
    LogGroup, LogGroupName, Metric, MetricFilter, Plan, Retention, Statistic, Tags,
};
use serde_json::{Map, Value, json};

use super::shell::{call, call_with, words};
use super::{Write, impossible, key_value, tag_changes};

/// Returns the ARN of an object in the plan's region.
fn arn(plan: &Plan, service: &str, resource: &str) -> String {
    let Account { id, partition, .. } = &plan.account;
    format!("arn:{partition}:{service}:{}:{id}:{resource}", plan.region)
}

pub(super) fn log_group(
    plan: &Plan,
    name: &LogGroupName,
    write: &Write<'_, LogGroup>,
) -> Vec<String> {
    match write {
        Write::Create(LogGroup { retention, tags }) => {
            let input = json!({"logGroupName": name.as_str(), "tags": by_key(tags.iter())});
            let create = call("logs create-log-group", &input);
            let keep = match retention {
                // A new log group keeps its events for ever.
                Retention::Undeclared | Retention::Never | Retention::AccountPolicy(_) => None,
                Retention::Days(_) => keep(name, retention),
            };
            [create].into_iter().chain(keep).collect()
        }
        Write::Update {
            before,
            after,
            fields,
        } => {
            let is_kept_otherwise = after.retention != before.retention;
            let keep = is_kept_otherwise.then(|| keep(name, &after.retention));
            let arn = arn(plan, "logs", &format!("log-group:{name}"));
            let tags = tag_changes(
                fields,
                |tags| {
                    let input = json!({"resourceArn": arn, "tags": by_key(tags)});
                    call("logs tag-resource", &input)
                },
                |keys| {
                    let input = json!({"resourceArn": arn, "tagKeys": keys});
                    call("logs untag-resource", &input)
                },
            );
            keep.flatten().into_iter().chain(tags).collect()
        }
        Write::Delete(_) => vec![impossible("a log group is never deleted")],
    }
}

/// Returns tags as CloudWatch Logs takes them.
fn by_key<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Map<String, Value>> {
    let tags: Map<String, Value> = tags
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    (!tags.is_empty()).then_some(tags)
}

fn keep(name: &LogGroupName, retention: &Retention) -> Option<String> {
    let name = name.as_str();
    match retention {
        Retention::Undeclared | Retention::AccountPolicy(_) => None,
        Retention::Never => Some(call(
            "logs delete-retention-policy",
            &json!({"logGroupName": name}),
        )),
        Retention::Days(days) => Some(call(
            "logs put-retention-policy",
            &json!({"logGroupName": name, "retentionInDays": days}),
        )),
    }
}

/// `PutMetricFilter` replaces the whole filter, and a script can't put back what a plan doesn't know.
pub(super) fn metric_filter(
    log_group: &LogGroupName,
    name: &FilterName,
    write: &Write<'_, MetricFilter>,
) -> Vec<String> {
    let (log_group, name) = (log_group.as_str(), name.as_str());
    match write {
        Write::Create(after) => vec![put_metric_filter(log_group, name, after)],
        Write::Update { after, .. } => {
            let input = json!({"logGroupName": log_group, "filterNamePrefix": name});
            let describe = words("logs describe-metric-filters", &input);
            // The filter itself sorts first among those that begin with its name.
            let unknown = "metricFilters[:1][] | [?applyOnTransformedLogs || fieldSelectionCriteria || emitSystemFieldDimensions]";
            vec![
                only_known(&describe, unknown),
                put_metric_filter(log_group, name, after),
            ]
        }
        Write::Delete(_) => {
            let input = json!({"logGroupName": log_group, "filterName": name});
            vec![call("logs delete-metric-filter", &input)]
        }
    }
}

/// Returns the line that stops the script where an object has settings that a plan doesn't know.
fn only_known(describe: &str, unknown: &str) -> String {
    format!("only_known {describe} --no-paginate --query 'length({unknown})'")
}

fn put_metric_filter(log_group: &str, name: &str, after: &MetricFilter) -> String {
    let MetricFilter {
        pattern,
        metric: Metric {
            namespace,
            name: metric,
        },
        value,
        default_value,
        unit,
        dimensions,
    } = after;
    let transformation = json!({
        "metricNamespace": namespace,
        "metricName": metric,
        "metricValue": value,
        "defaultValue": default_value,
        "unit": unit,
        "dimensions": (!dimensions.is_empty()).then_some(dimensions),
    });
    let input = json!({
        "logGroupName": log_group,
        "filterName": name,
        "filterPattern": pattern,
        "metricTransformations": [transformation],
    });
    call("logs put-metric-filter", &input)
}

/// `PutMetricAlarm` takes tags only of a new alarm, and replaces the whole of one that is there.
pub(super) fn alarm(plan: &Plan, name: &AlarmName, write: &Write<'_, Alarm>) -> Vec<String> {
    let names = json!({"AlarmNames": [name.as_str()]});
    match write {
        Write::Create(after) => vec![put_metric_alarm(name, after, &after.tags)],
        Write::Update {
            before,
            after,
            fields,
        } => {
            let untagged = |alarm: &Alarm| Alarm {
                tags: Tags::default(),
                ..alarm.clone()
            };
            let mut lines = Vec::new();
            if untagged(before) != untagged(after) {
                let describe = words("cloudwatch describe-alarms", &names);
                lines.push(only_known(&describe, unknown(after)));
                lines.push(put_metric_alarm(name, after, &Tags::default()));
            }
            let arn = arn(plan, "cloudwatch", &format!("alarm:{name}"));
            lines.extend(tag_changes(
                fields,
                |tags| {
                    let input = json!({"ResourceARN": arn, "Tags": key_value(tags)});
                    call("cloudwatch tag-resource", &input)
                },
                |keys| {
                    let input = json!({"ResourceARN": arn, "TagKeys": keys});
                    call("cloudwatch untag-resource", &input)
                },
            ));
            lines
        }
        Write::Delete(_) => vec![call("cloudwatch delete-alarms", &names)],
    }
}

/// Selects the alarm if it has settings that an apply would read and put back.
fn unknown(after: &Alarm) -> &'static str {
    let of_a_percentile = matches!(
        &after.source,
        AlarmSource::Metric(AlarmMetric {
            statistic: Statistic::Extended(_),
            ..
        })
    );
    if of_a_percentile {
        "MetricAlarms[?EvaluationWindow || WarmUpConfiguration || ActionConfiguration || EvaluateLowSampleCountPercentile]"
    } else {
        "MetricAlarms[?EvaluationWindow || WarmUpConfiguration || ActionConfiguration]"
    }
}

fn put_metric_alarm(name: &AlarmName, after: &Alarm, tags: &Tags) -> String {
    let Alarm {
        description,
        source,
        evaluation_periods,
        datapoints_to_alarm,
        threshold,
        comparison,
        treat_missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags: _,
    } = after;
    let AlarmSource::Metric(AlarmMetric {
        metric: Metric {
            namespace,
            name: metric,
        },
        dimensions,
        statistic,
        period,
        unit,
    }) = source
    else {
        return impossible("only an alarm that watches a metric is written");
    };
    let (statistic, extended) = match statistic {
        Statistic::SampleCount
        | Statistic::Average
        | Statistic::Sum
        | Statistic::Minimum
        | Statistic::Maximum => (Some(statistic.to_string()), None),
        Statistic::Extended(text) => (None, Some(text)),
    };
    let dimension = |(name, value): (&String, &String)| json!({"Name": name, "Value": value});
    let input = json!({
        "AlarmName": name.as_str(),
        "AlarmDescription": description,
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": dimensions.iter().map(dimension).collect::<Vec<_>>(),
        "Statistic": statistic,
        "ExtendedStatistic": extended,
        "Period": period,
        "Unit": unit,
        "EvaluationPeriods": evaluation_periods,
        "DatapointsToAlarm": datapoints_to_alarm,
        "Threshold": threshold,
        "ComparisonOperator": comparison.as_str(),
        "TreatMissingData": treat_missing_data.as_str(),
        "ActionsEnabled": actions_enabled,
        "AlarmActions": alarm_actions,
        "OKActions": ok_actions,
        "InsufficientDataActions": insufficient_data_actions,
        "Tags": key_value(tags.iter()),
    });
    call("cloudwatch put-metric-alarm", &input)
}

pub(super) fn dashboard(name: &DashboardName, write: &Write<'_, Dashboard>) -> Vec<String> {
    let name = name.as_str();
    vec![match write {
        Write::Create(Dashboard { body })
        | Write::Update {
            after: Dashboard { body },
            ..
        } => {
            let input = json!({"DashboardName": name});
            let body = format!("{:#}", body.value());
            call_with(
                "cloudwatch put-dashboard",
                &input,
                "--dashboard-body",
                &body,
            )
        }
        Write::Delete(_) => call(
            "cloudwatch delete-dashboards",
            &json!({"DashboardNames": [name]}),
        ),
    }]
}
