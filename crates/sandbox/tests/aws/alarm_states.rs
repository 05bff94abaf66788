use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::builders::MetricDataQueryBuilder;
use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, HistoryItemType, Metric, MetricDataQuery, MetricDatum,
    MetricStat, ScanBy, StateValue, Statistic, WarmUpConfiguration,
};

use aws_sdk_cloudwatchlogs::types::MetricTransformation;

use crate::log_events::{event, now, put as put_events, stream};
use crate::metrics::minutes_ago;
use crate::support::{Aws, aws, code};

/// Puts an alarm that goes off with two logins in five minutes.
fn put(aws: &Aws, name: &str) -> PutMetricAlarmFluentBuilder {
    let put = aws.cloudwatch.put_metric_alarm().alarm_name(name);
    let put = put
        .metric_name("Logins")
        .namespace("App")
        .statistic(Statistic::Sum);
    put.period(300)
        .evaluation_periods(1)
        .threshold(2.0)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
}

async fn log_in(aws: &Aws, times: f64, minutes: u64) {
    let datum = MetricDatum::builder().metric_name("Logins").value(times);
    let datum = datum.timestamp(minutes_ago(minutes)).build();
    let put = aws.cloudwatch.put_metric_data().namespace("App");
    put.metric_data(datum).send().await.unwrap();
}

async fn state(aws: &Aws, name: &str) -> StateValue {
    let alarms = aws.cloudwatch.describe_alarms().alarm_names(name);
    let alarms = alarms
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm);
    let alarms = alarms.send().await.unwrap();
    let metric = alarms
        .metric_alarms()
        .first()
        .and_then(|it| it.state_value());
    let composite = alarms
        .composite_alarms()
        .first()
        .and_then(|it| it.state_value());
    metric.or(composite).unwrap().clone()
}

async fn set(aws: &Aws, name: &str, state: StateValue) {
    let set = aws.cloudwatch.set_alarm_state().alarm_name(name);
    set.state_value(state)
        .state_reason("test")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_metric_in_a_query_is_watched_as_one_outside_is() {
    let aws = aws().await;
    let metric = Metric::builder().namespace("App").metric_name("Logins");
    let stat = |stat| {
        let stat = MetricStat::builder().stat(stat).period(300);
        stat.metric(metric.clone().build()).build()
    };
    let query = |id| MetricDataQuery::builder().id(id);
    let alarms = [
        ("sum", vec![query("m").metric_stat(stat("Sum"))]),
        ("percentile", vec![query("m").metric_stat(stat("p99"))]),
        (
            "math",
            vec![
                query("m").metric_stat(stat("Sum")).return_data(false),
                query("e").expression("m * 2"),
            ],
        ),
        (
            "elsewhere",
            vec![
                query("m")
                    .metric_stat(stat("Sum"))
                    .account_id("210987654321"),
            ],
        ),
    ];
    for (name, queries) in alarms {
        let put = aws.cloudwatch.put_metric_alarm().alarm_name(name);
        let queries = queries.into_iter().map(MetricDataQueryBuilder::build);
        let put = put.set_metrics(Some(queries.collect()));
        let put = put.evaluation_periods(1).threshold(2.0);
        let operator = ComparisonOperator::GreaterThanOrEqualToThreshold;
        put.comparison_operator(operator).send().await.unwrap();
    }
    log_in(&aws, 2.0, 0).await;
    assert_eq!(state(&aws, "sum").await, StateValue::Alarm);
    for kept in ["percentile", "math", "elsewhere"] {
        assert_eq!(
            state(&aws, kept).await,
            StateValue::InsufficientData,
            "{kept}"
        );
    }
}

#[tokio::test]
async fn an_alarm_goes_off_at_once_when_data_passes_its_threshold() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    assert_eq!(state(&aws, "a").await, StateValue::InsufficientData);
    log_in(&aws, 1.0, 0).await;
    assert_eq!(state(&aws, "a").await, StateValue::Ok);
    log_in(&aws, 1.0, 0).await;
    assert_eq!(state(&aws, "a").await, StateValue::Alarm);
    let alarms = aws
        .cloudwatch
        .describe_alarms()
        .state_value(StateValue::Alarm);
    let alarms = alarms.send().await.unwrap();
    let alarm = &alarms.metric_alarms()[0];
    assert!(alarm.state_reason().unwrap().contains("[2.0]"), "{alarm:?}");
    assert!(
        alarm
            .state_reason_data()
            .unwrap()
            .contains("\"threshold\":2.0")
    );
}

#[tokio::test]
async fn data_of_other_metrics_and_of_long_ago_leaves_an_alarm_alone() {
    let aws = aws().await;
    put(&aws, "a").metric_name("Other").send().await.unwrap();
    put(&aws, "b")
        .unit(aws_sdk_cloudwatch::types::StandardUnit::Count)
        .send()
        .await
        .unwrap();
    put(&aws, "c").send().await.unwrap();
    // The range of an alarm has two periods more than it evaluates.
    log_in(&aws, 5.0, 17).await;
    for name in ["a", "b", "c"] {
        assert_eq!(
            state(&aws, name).await,
            StateValue::InsufficientData,
            "{name}"
        );
    }
    log_in(&aws, 5.0, 11).await;
    assert_eq!(state(&aws, "c").await, StateValue::Alarm);
    assert_eq!(state(&aws, "b").await, StateValue::InsufficientData);
}

#[tokio::test]
async fn two_of_three_datapoints_have_to_breach_if_the_alarm_says_so() {
    let aws = aws().await;
    let put = put(&aws, "a")
        .period(60)
        .evaluation_periods(3)
        .datapoints_to_alarm(2);
    put.send().await.unwrap();
    log_in(&aws, 5.0, 2).await;
    log_in(&aws, 0.0, 1).await;
    assert_eq!(state(&aws, "a").await, StateValue::Ok);
    log_in(&aws, 5.0, 0).await;
    assert_eq!(state(&aws, "a").await, StateValue::Alarm);
}

#[tokio::test]
async fn an_alarm_that_warms_up_stays_without_data() {
    let aws = aws().await;
    let warm_up = WarmUpConfiguration::builder().warm_up_period_duration_in_minutes(5);
    let whole = warm_up
        .clone()
        .only_start_evaluating_after_warm_up_period_ends(true);
    put(&aws, "whole")
        .warm_up_configuration(whole.build())
        .send()
        .await
        .unwrap();
    put(&aws, "short")
        .warm_up_configuration(warm_up.build())
        .send()
        .await
        .unwrap();
    log_in(&aws, 5.0, 0).await;
    assert_eq!(state(&aws, "whole").await, StateValue::InsufficientData);
    assert_eq!(state(&aws, "short").await, StateValue::Alarm);
}

#[tokio::test]
async fn an_alarm_on_an_extended_statistic_is_kept_and_not_evaluated() {
    let aws = aws().await;
    let put = put(&aws, "a").set_statistic(None).extended_statistic("p99");
    put.send().await.unwrap();
    log_in(&aws, 5.0, 0).await;
    assert_eq!(state(&aws, "a").await, StateValue::InsufficientData);
}

#[tokio::test]
async fn a_state_is_set_until_there_is_new_data() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    set(&aws, "a", StateValue::Alarm).await;
    assert_eq!(state(&aws, "a").await, StateValue::Alarm);
    log_in(&aws, 1.0, 0).await;
    assert_eq!(state(&aws, "a").await, StateValue::Ok);
    let set = |name: &str| {
        let set = aws.cloudwatch.set_alarm_state().alarm_name(name);
        set.state_value(StateValue::Ok).state_reason("test")
    };
    assert_eq!(code(set("none").send().await), "ResourceNotFound");
    assert_eq!(
        code(set("a").state_reason_data("{").send().await),
        "InvalidFormat"
    );
}

#[tokio::test]
async fn actions_are_switched_off_and_on() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    let enabled = || async {
        let alarms = aws.cloudwatch.describe_alarms().send().await.unwrap();
        alarms.metric_alarms()[0].actions_enabled()
    };
    let disable = aws.cloudwatch.disable_alarm_actions().alarm_names("a");
    disable.alarm_names("none").send().await.unwrap();
    assert_eq!(enabled().await, Some(false));
    let enable = aws.cloudwatch.enable_alarm_actions().alarm_names("a");
    enable.send().await.unwrap();
    assert_eq!(enabled().await, Some(true));
}

#[tokio::test]
async fn the_history_tells_what_became_of_an_alarm_even_after_its_end() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    put(&aws, "b").send().await.unwrap();
    set(&aws, "a", StateValue::Alarm).await;
    let delete = aws.cloudwatch.delete_alarms().alarm_names("a");
    delete.send().await.unwrap();
    let describe = || aws.cloudwatch.describe_alarm_history().alarm_name("a");
    let all = describe()
        .scan_by(ScanBy::TimestampAscending)
        .send()
        .await
        .unwrap();
    let summaries: Vec<_> = all
        .alarm_history_items()
        .iter()
        .map(|it| it.history_summary().unwrap())
        .collect();
    let expected = [
        "Alarm \"a\" created",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm \"a\" deleted",
    ];
    assert_eq!(summaries, expected);
    let mut pages = describe().into_paginator().page_size(2).send();
    let mut newest_first = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let items = page.alarm_history_items().iter();
        newest_first.extend(items.map(|it| it.history_summary().unwrap().to_owned()));
    }
    newest_first.reverse();
    assert_eq!(newest_first, expected);
    let states = describe().history_item_type(HistoryItemType::StateUpdate);
    let states = states.send().await.unwrap();
    assert_eq!(states.alarm_history_items().len(), 1);
    let composite = describe()
        .alarm_types(AlarmType::CompositeAlarm)
        .send()
        .await
        .unwrap();
    assert!(composite.alarm_history_items().is_empty());
    let later = describe().start_date(aws_sdk_cloudwatch::primitives::DateTime::from_secs(
        4_000_000_000,
    ));
    assert!(later.send().await.unwrap().alarm_history_items().is_empty());
}

#[tokio::test]
async fn a_composite_alarm_follows_the_alarms_of_its_rule() {
    let aws = aws().await;
    for name in ["a", "b"] {
        put(&aws, name).send().await.unwrap();
    }
    let composite = |name: &str, rule: &str| {
        let put = aws.cloudwatch.put_composite_alarm().alarm_name(name);
        put.alarm_rule(rule).send()
    };
    composite("both", "ALARM(a) AND ALARM(b)").await.unwrap();
    composite("none", "NOT ALARM(both)").await.unwrap();
    assert_eq!(state(&aws, "both").await, StateValue::Ok);
    assert_eq!(state(&aws, "none").await, StateValue::Alarm);
    set(&aws, "a", StateValue::Alarm).await;
    assert_eq!(state(&aws, "both").await, StateValue::Ok);
    set(&aws, "b", StateValue::Alarm).await;
    assert_eq!(state(&aws, "both").await, StateValue::Alarm);
    assert_eq!(state(&aws, "none").await, StateValue::Ok);
}

#[tokio::test]
async fn alarms_in_a_circle_come_to_an_end() {
    let aws = aws().await;
    let composite = |name: &str, rule: &str| {
        let put = aws.cloudwatch.put_composite_alarm().alarm_name(name);
        put.alarm_rule(rule).send()
    };
    composite("a", "FALSE").await.unwrap();
    composite("b", "NOT ALARM(a)").await.unwrap();
    composite("a", "ALARM(b)").await.unwrap();
    state(&aws, "a").await;
}

#[tokio::test]
async fn a_sign_in_without_mfa_sets_off_the_alarm_on_it_and_one_with_mfa_does_not() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let pattern = r#"{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success")
        && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type != "AssumedRole") }"#;
    let transformation = MetricTransformation::builder()
        .metric_name("Logins")
        .metric_namespace("App");
    let filter = aws
        .logs
        .put_metric_filter()
        .log_group_name("app")
        .filter_name("f");
    let filter = filter.filter_pattern(pattern);
    let transformation = transformation.metric_value("1").build().unwrap();
    filter
        .metric_transformations(transformation)
        .send()
        .await
        .unwrap();
    put(&aws, "a")
        .threshold(1.0)
        .treat_missing_data("notBreaching")
        .send()
        .await
        .unwrap();
    let sign_in = |mfa: &str| {
        format!(
            r#"{{"eventName":"ConsoleLogin","userIdentity":{{"type":"IAMUser","userName":"alice"}},
            "additionalEventData":{{"MFAUsed":"{mfa}"}},"responseElements":{{"ConsoleLogin":"Success"}}}}"#
        )
    };
    put_events(&aws, "s", vec![event(now(), &sign_in("Yes"))]).await;
    assert_eq!(state(&aws, "a").await, StateValue::InsufficientData);
    put_events(&aws, "s", vec![event(now(), &sign_in("No"))]).await;
    assert_eq!(state(&aws, "a").await, StateValue::Alarm);
}
