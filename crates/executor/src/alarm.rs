//! CloudWatch alarms.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, MetricAlarm as LiveAlarm, StandardUnit,
    Statistic as SdkStatistic, Tag,
};
use model::{Alarm, AlarmMetric, AlarmName, AlarmSource, Body, Metric, Statistic, Tags};

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::step::Step;
use crate::tags::{Keys, TagChanges};
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &AlarmName,
    write: Write<'_, Alarm>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, name, after).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(_) => delete(step, name).await,
    }
}

/// `PutMetricAlarm` takes tags only of a new alarm.
async fn create(step: &Step<'_>, name: &AlarmName, after: &Alarm) -> Result<Outcome, Error> {
    let tags = after.tags.iter().map(tag).collect::<Vec<Tag>>();
    let request = request(step, name, after)?.set_tags((!tags.is_empty()).then_some(tags));
    step.call("cloudwatch:PutMetricAlarm", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

async fn update(
    step: &Step<'_>,
    name: &AlarmName,
    before: &Alarm,
    after: &Alarm,
) -> Result<Outcome, Error> {
    let untagged = |alarm: &Alarm| Alarm {
        tags: Tags::default(),
        ..alarm.clone()
    };
    if untagged(before) != untagged(after) {
        replace(step, name, after).await?;
    }
    retag(step, name, &before.tags, &after.tags).await?;
    Ok(Outcome::Applied)
}

/// `PutMetricAlarm` replaces the whole alarm, so what mfactl doesn't manage is read and put back, but for
/// `EvaluationCriteria` and `EvaluationInterval`: an alarm on a metric can't have them (its API reference).
async fn replace(step: &Step<'_>, name: &AlarmName, after: &Alarm) -> Result<(), Error> {
    let live = described(step, name).await?;
    let live = live.ok_or_else(|| Error::Disappeared(step.action().address.clone()))?;
    let mut request = request(step, name, after)?
        .set_evaluation_window(live.evaluation_window)
        .set_warm_up_configuration(live.warm_up_configuration)
        .set_action_configuration(live.action_configuration);
    if watches_a_percentile(after) {
        let evaluate = live.evaluate_low_sample_count_percentile;
        request = request.set_evaluate_low_sample_count_percentile(evaluate);
    }
    step.call("cloudwatch:PutMetricAlarm", || request.clone().send())
        .await?;
    Ok(())
}

async fn described(step: &Step<'_>, name: &AlarmName) -> Result<Option<LiveAlarm>, Error> {
    let request = step.clients().cloudwatch.describe_alarms();
    let request = request.alarm_names(name.as_str());
    let output = step
        .read("cloudwatch:DescribeAlarms", || request.clone().send())
        .await?;
    let mut alarms = output.metric_alarms.unwrap_or_default().into_iter();
    Ok(alarms.find(|alarm| alarm.alarm_name() == Some(name.as_str())))
}

/// Reads the alarm. No action is about a composite one.
pub(crate) async fn live(step: &Step<'_>, name: &AlarmName) -> Result<Option<Body>, Error> {
    let Some(described) = described(step, name).await? else {
        return Ok(None);
    };
    let tags = step.concerned_tags(Keys::Exact, async || {
        let request = step.clients().cloudwatch.list_tags_for_resource();
        let request = request.resource_arn(step.arn("cloudwatch", &format!("alarm:{name}")));
        let output = step
            .read("cloudwatch:ListTagsForResource", || request.clone().send())
            .await?;
        let tags = output.tags.unwrap_or_default().into_iter();
        Ok(tags
            .filter_map(|tag| Some((tag.key?, tag.value?)))
            .collect())
    });
    Ok(Some(Body::Alarm(Alarm {
        tags: tags.await?,
        ..reader::metric_alarm(&described)
    })))
}

fn watches_a_percentile(alarm: &Alarm) -> bool {
    matches!(
        &alarm.source,
        AlarmSource::Metric(AlarmMetric {
            statistic: Statistic::Extended(_),
            ..
        })
    )
}

fn request(
    step: &Step<'_>,
    name: &AlarmName,
    after: &Alarm,
) -> Result<PutMetricAlarmFluentBuilder, Error> {
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
    let AlarmSource::Metric(metric) = source else {
        return Err(step.impossible("doesn't watch a metric, and only such alarms are written"));
    };
    let request = step
        .clients()
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(name.as_str())
        .set_alarm_description(description.clone())
        .evaluation_periods(number(step, *evaluation_periods)?)
        .set_datapoints_to_alarm(
            datapoints_to_alarm
                .map(|count| number(step, count))
                .transpose()?,
        )
        .threshold(*threshold)
        .comparison_operator(ComparisonOperator::from(comparison.as_str()))
        .treat_missing_data(treat_missing_data.as_str())
        .actions_enabled(*actions_enabled)
        .set_alarm_actions(Some(alarm_actions.iter().cloned().collect()))
        .set_ok_actions(Some(ok_actions.iter().cloned().collect()))
        .set_insufficient_data_actions(Some(insufficient_data_actions.iter().cloned().collect()));
    watching(step, request, metric)
}

fn watching(
    step: &Step<'_>,
    request: PutMetricAlarmFluentBuilder,
    metric: &AlarmMetric,
) -> Result<PutMetricAlarmFluentBuilder, Error> {
    let AlarmMetric {
        metric: Metric { namespace, name },
        dimensions,
        statistic,
        period,
        unit,
    } = metric;
    let dimensions = dimensions
        .iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let request = request
        .namespace(namespace)
        .metric_name(name)
        .set_dimensions(Some(dimensions))
        .period(number(step, *period)?)
        .set_unit(unit.as_deref().map(StandardUnit::from));
    Ok(match statistic {
        Statistic::SampleCount
        | Statistic::Average
        | Statistic::Sum
        | Statistic::Minimum
        | Statistic::Maximum => {
            request.statistic(SdkStatistic::from(statistic.to_string().as_str()))
        }
        Statistic::Extended(text) => request.extended_statistic(text),
    })
}

fn number(step: &Step<'_>, value: u32) -> Result<i32, Error> {
    i32::try_from(value).map_err(|_| step.impossible("has a number that is too large"))
}

fn tag((key, value): (&str, &str)) -> Tag {
    Tag::builder().key(key).value(value).build()
}

async fn retag(
    step: &Step<'_>,
    name: &AlarmName,
    before: &Tags,
    after: &Tags,
) -> Result<(), Error> {
    let TagChanges { set, removed } = TagChanges::between(before, after, Keys::Exact);
    let arn = step.arn("cloudwatch", &format!("alarm:{name}"));
    let cloudwatch = &step.clients().cloudwatch;
    if !set.is_empty() {
        let tags = set.iter().map(|(key, value)| tag((key, value))).collect();
        let request = cloudwatch.tag_resource().resource_arn(&arn);
        let request = request.set_tags(Some(tags));
        step.call("cloudwatch:TagResource", || request.clone().send())
            .await?;
    }
    if !removed.is_empty() {
        let request = cloudwatch.untag_resource().resource_arn(&arn);
        let request = request.set_tag_keys(Some(removed));
        step.call("cloudwatch:UntagResource", || request.clone().send())
            .await?;
    }
    Ok(())
}

async fn delete(step: &Step<'_>, name: &AlarmName) -> Result<Outcome, Error> {
    let request = step.clients().cloudwatch.delete_alarms();
    let request = request.alarm_names(name.as_str());
    step.delete("cloudwatch:DeleteAlarms", || request.clone().send())
        .await
}

/// Names the fields in which a live one isn't as planned.
pub(crate) fn differences(live: &Alarm, planned: &Alarm, fields: &mut Differences) {
    let Alarm {
        description,
        source,
        evaluation_periods,
        datapoints_to_alarm: _,
        threshold,
        comparison,
        treat_missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    } = live;
    fields.add("description", *description == planned.description);
    fields.add("metric", *source == planned.source);
    fields.add(
        "evaluation_periods",
        *evaluation_periods == planned.evaluation_periods,
    );
    fields.add(
        "datapoints_to_alarm",
        live.datapoints() == planned.datapoints(),
    );
    // The number that was read is to be the very same.
    fields.add(
        "threshold",
        threshold.to_bits() == planned.threshold.to_bits(),
    );
    fields.add("comparison", *comparison == planned.comparison);
    fields.add(
        "treat_missing_data",
        *treat_missing_data == planned.treat_missing_data,
    );
    fields.add(
        "actions_enabled",
        *actions_enabled == planned.actions_enabled,
    );
    fields.add("actions", *alarm_actions == planned.alarm_actions);
    fields.add("ok_actions", *ok_actions == planned.ok_actions);
    fields.add(
        "insufficient_data_actions",
        *insufficient_data_actions == planned.insufficient_data_actions,
    );
    fields.of_tags(tags, &planned.tags, Keys::Exact);
}
