//! Alarms.

use aws_sdk_cloudwatch::types;
use model::{Alarm, AlarmMetric, AlarmName, AlarmSource, Statistic, Tags};

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
        Write::Create(after) => put(step, name, after, None).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(_) => {
            let request = step
                .clients()
                .cloudwatch
                .delete_alarms()
                .alarm_names(name.as_str());
            step.delete("cloudwatch:DeleteAlarms", || request.clone().send())
                .await
        }
    }
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
        let Some(found) = found(step, name).await? else {
            return Err(Error::Disappeared(step.action().address.clone()));
        };
        put(step, name, after, Some(found)).await?;
    }
    retag(
        step,
        name,
        &TagChanges::between(&before.tags, &after.tags, Keys::Exact),
    )
    .await?;
    Ok(Outcome::Applied)
}

/// `PutMetricAlarm` replaces the whole, so what mfactl doesn't manage is read and put back.
async fn found(step: &Step<'_>, name: &AlarmName) -> Result<Option<types::MetricAlarm>, Error> {
    let request = step
        .clients()
        .cloudwatch
        .describe_alarms()
        .alarm_names(name.as_str());
    let answer = step
        .call("cloudwatch:DescribeAlarms", || request.clone().send())
        .await?;
    Ok(answer.metric_alarms.unwrap_or_default().into_iter().next())
}

/// Tags are taken only when an alarm is new (API reference of `PutMetricAlarm`).
async fn put(
    step: &Step<'_>,
    name: &AlarmName,
    after: &Alarm,
    found: Option<types::MetricAlarm>,
) -> Result<Outcome, Error> {
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
        tags,
    } = after;
    let AlarmSource::Metric(AlarmMetric {
        metric,
        dimensions,
        statistic,
        period,
        unit,
    }) = source
    else {
        return Err(step.impossible("watches no single metric, and only such alarms are declared"));
    };
    let is_new = found.is_none();
    let (statistic, extended) = match statistic {
        Statistic::Extended(extended) => (None, Some(extended.clone())),
        plain => (
            Some(types::Statistic::from(plain.to_string().as_str())),
            None,
        ),
    };
    let dimensions = dimensions
        .iter()
        .map(|(name, value)| types::Dimension::builder().name(name).value(value).build());
    let mut request = step
        .clients()
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(name.as_str())
        .set_alarm_description(description.clone())
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(
            Some(dimensions.collect::<Vec<_>>()).filter(|dimensions| !dimensions.is_empty()),
        )
        .set_statistic(statistic)
        .set_extended_statistic(extended)
        .period(number(*period))
        .set_unit(unit.as_deref().map(types::StandardUnit::from))
        .evaluation_periods(number(*evaluation_periods))
        .set_datapoints_to_alarm(datapoints_to_alarm.map(number))
        .threshold(*threshold)
        .comparison_operator(types::ComparisonOperator::from(comparison.as_str()))
        .treat_missing_data(treat_missing_data.as_str())
        .actions_enabled(*actions_enabled)
        .set_alarm_actions(Some(alarm_actions.iter().cloned().collect()))
        .set_ok_actions(Some(ok_actions.iter().cloned().collect()))
        .set_insufficient_data_actions(Some(insufficient_data_actions.iter().cloned().collect()));
    if let Some(found) = found {
        request = request
            .set_evaluation_window(found.evaluation_window)
            .set_warm_up_configuration(found.warm_up_configuration)
            .set_evaluation_interval(found.evaluation_interval)
            .set_action_configuration(found.action_configuration)
            .set_evaluate_low_sample_count_percentile(found.evaluate_low_sample_count_percentile);
    }
    if is_new && !tags.is_empty() {
        request = request.set_tags(Some(
            tags.iter().map(|(key, value)| tag(key, value)).collect(),
        ));
    }
    step.call("cloudwatch:PutMetricAlarm", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn tag(key: &str, value: &str) -> types::Tag {
    types::Tag::builder().key(key).value(value).build()
}

async fn retag(step: &Step<'_>, name: &AlarmName, changes: &TagChanges) -> Result<(), Error> {
    let (cloudwatch, arn) = (
        &step.clients().cloudwatch,
        step.arn("cloudwatch", &format!("alarm:{name}")),
    );
    if !changes.set.is_empty() {
        let tags = changes
            .set
            .iter()
            .map(|(key, value)| tag(key, value))
            .collect();
        let request = cloudwatch
            .tag_resource()
            .resource_arn(&arn)
            .set_tags(Some(tags));
        step.call("cloudwatch:TagResource", || request.clone().send())
            .await?;
    }
    if !changes.removed.is_empty() {
        let request = cloudwatch
            .untag_resource()
            .resource_arn(&arn)
            .set_tag_keys(Some(changes.removed.clone()));
        step.call("cloudwatch:UntagResource", || request.clone().send())
            .await?;
    }
    Ok(())
}
