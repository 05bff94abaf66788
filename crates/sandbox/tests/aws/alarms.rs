use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    ActionConfiguration, AlarmTagsPropagation, AlarmType, ComparisonOperator, Dimension,
    EvaluationWindow, Metric, MetricAlarm, MetricDataQuery, MetricStat, SlidingWindow, StateValue,
    Statistic, Tag, WallClockWindow, WarmUpConfiguration,
};

use crate::support::{Aws, aws, aws_with, cloudwatch_in, code};

fn put(aws: &Aws, name: &str) -> PutMetricAlarmFluentBuilder {
    let put = aws
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(name)
        .metric_name("Logins")
        .namespace("App");
    put.statistic(Statistic::Sum)
        .period(300)
        .evaluation_periods(1)
        .threshold(1.0)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
}

async fn alarm(aws: &Aws, name: &str) -> MetricAlarm {
    let alarms = aws
        .cloudwatch
        .describe_alarms()
        .alarm_names(name)
        .send()
        .await
        .unwrap();
    alarms.metric_alarms()[0].clone()
}

#[tokio::test]
async fn a_new_alarm_has_insufficient_data() {
    let aws = aws().await;
    let dimension = Dimension::builder().name("user").value("alice").build();
    let created = put(&aws, "Logins über 1")
        .dimensions(dimension.clone())
        .alarm_description("too many");
    created
        .alarm_actions("arn:aws:sns:us-east-1:123456789012:ops")
        .threshold(1.5)
        .send()
        .await
        .unwrap();
    let alarm = alarm(&aws, "Logins über 1").await;
    assert_eq!(alarm.state_value(), Some(&StateValue::InsufficientData));
    assert_eq!(
        alarm.alarm_arn(),
        Some("arn:aws:cloudwatch:us-east-1:123456789012:alarm:Logins über 1")
    );
    assert_eq!(alarm.dimensions(), [dimension]);
    assert_eq!(
        (
            alarm.threshold(),
            alarm.period(),
            alarm.evaluation_periods()
        ),
        (Some(1.5), Some(300), Some(1))
    );
    assert_eq!(
        (alarm.actions_enabled(), alarm.alarm_actions().len()),
        (Some(true), 1)
    );
    assert_eq!(
        (alarm.treat_missing_data(), alarm.datapoints_to_alarm()),
        (None, None)
    );
    assert!(
        alarm
            .alarm_configuration_updated_timestamp()
            .unwrap()
            .secs()
            > 1_700_000_000
    );
}

/// Returns settings that notifications carry tags of the alarm by.
fn propagation(included: &[&str], excluded: &[&str]) -> ActionConfiguration {
    let keys = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        (!keys.is_empty()).then_some(keys)
    };
    let tags = AlarmTagsPropagation::builder()
        .enabled(true)
        .set_included_tag_keys(keys(included))
        .set_excluded_tag_keys(keys(excluded));
    ActionConfiguration::builder()
        .alarm_tags_propagation(tags.build())
        .build()
}

/// A number that comes back as its neighbour from a parser of JSON that goes for speed.
const DRIFTS: f64 = 0.985_690_694_632_869_5;

#[tokio::test]
async fn window_warm_up_actions_and_threshold_come_back_after_a_restart_too() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let aws = aws_with(Some(file.clone())).await;
    let wall_clock = WallClockWindow::builder().timezone("Europe/Berlin").build();
    let window = EvaluationWindow::WallClockWindow(wall_clock);
    let warm_up = WarmUpConfiguration::builder()
        .warm_up_period_duration_in_minutes(5)
        .only_start_evaluating_after_warm_up_period_ends(true)
        .build();
    let create = put(&aws, "Logins")
        .threshold(DRIFTS)
        .evaluation_window(window.clone())
        .warm_up_configuration(warm_up.clone())
        .action_configuration(propagation(&["team"], &[]));
    create.send().await.unwrap();
    let before = alarm(&aws, "Logins").await;
    assert_eq!(before.evaluation_window(), Some(&window));
    assert_eq!(before.warm_up_configuration(), Some(&warm_up));
    let expected = propagation(&["team"], &[]);
    assert_eq!(before.action_configuration(), Some(&expected));
    assert_eq!(before.threshold(), Some(DRIFTS));
    aws.sandbox.stop().await.unwrap();
    let aws = aws_with(Some(file)).await;
    assert_eq!(alarm(&aws, "Logins").await, before);
}

#[tokio::test]
async fn an_update_without_window_warm_up_and_action_configuration_takes_them_away() {
    let aws = aws().await;
    let sliding = EvaluationWindow::SlidingWindow(SlidingWindow::builder().build());
    let create = put(&aws, "Logins")
        .evaluation_window(sliding.clone())
        .action_configuration(propagation(&[], &["team"]));
    create.send().await.unwrap();
    let created = alarm(&aws, "Logins").await;
    assert_eq!(created.evaluation_window(), Some(&sliding));
    put(&aws, "Logins").send().await.unwrap();
    let updated = alarm(&aws, "Logins").await;
    assert_eq!(updated.evaluation_window(), None);
    assert_eq!(updated.action_configuration(), None);
}

#[tokio::test]
async fn warm_up_without_minutes_and_tag_keys_both_ways_are_refused() {
    let aws = aws().await;
    let warm_up = WarmUpConfiguration::builder().build();
    let endless = put(&aws, "Logins").warm_up_configuration(warm_up);
    assert_eq!(code(endless.send().await), "ValidationError");
    let both = put(&aws, "Logins").action_configuration(propagation(&["a"], &["b"]));
    assert_eq!(code(both.send().await), "ValidationError");
}

#[tokio::test]
async fn an_update_replaces_the_definition_and_keeps_the_tags() {
    let aws = aws().await;
    let tag = |value: &str| Tag::builder().key("team").value(value).build();
    put(&aws, "a")
        .alarm_description("old")
        .tags(tag("ops"))
        .send()
        .await
        .unwrap();
    put(&aws, "a")
        .treat_missing_data("notBreaching")
        .tags(tag("dev"))
        .send()
        .await
        .unwrap();
    let alarm = alarm(&aws, "a").await;
    assert_eq!(
        (alarm.alarm_description(), alarm.treat_missing_data()),
        (None, Some("notBreaching"))
    );
    let tags = aws
        .cloudwatch
        .list_tags_for_resource()
        .resource_arn(alarm.alarm_arn().unwrap());
    assert_eq!(tags.send().await.unwrap().tags(), [tag("ops")]);
}

#[tokio::test]
async fn an_alarm_that_breaks_a_rule_is_refused() {
    let aws = aws().await;
    let refused = [
        (put(&aws, "a").period(15), "ValidationError"),
        (put(&aws, "a").period(90), "ValidationError"),
        (
            put(&aws, "a").period(300).evaluation_periods(289),
            "ValidationError",
        ),
        (
            put(&aws, "a").period(3600).evaluation_periods(169),
            "ValidationError",
        ),
        (put(&aws, "a").datapoints_to_alarm(2), "ValidationError"),
        (
            put(&aws, "a").treat_missing_data("perhaps"),
            "ValidationError",
        ),
        (put(&aws, "a\n"), "ValidationError"),
        (put(&aws, "a").alarm_actions("ops"), "ValidationError"),
        (put(&aws, "a").namespace(":x"), "ValidationError"),
        (put(&aws, "a").set_threshold(None), "MissingParameter"),
        (put(&aws, "a").set_period(None), "MissingParameter"),
        (put(&aws, "a").set_metric_name(None), "MissingParameter"),
        (
            put(&aws, "a").extended_statistic("p99"),
            "InvalidParameterCombination",
        ),
        (
            put(&aws, "a").set_statistic(None),
            "InvalidParameterCombination",
        ),
        (
            put(&aws, "a").threshold_metric_id("band"),
            "InvalidParameterCombination",
        ),
    ];
    for (put, expected) in refused {
        let shown = format!("{put:?}");
        assert_eq!(code(put.send().await), expected, "{shown}");
    }
    put(&aws, "a")
        .period(300)
        .evaluation_periods(288)
        .send()
        .await
        .unwrap();
    put(&aws, "a")
        .period(3600)
        .evaluation_periods(168)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_metric_math_alarm_comes_back_whole() {
    let aws = aws().await;
    let metric = Metric::builder()
        .namespace("App")
        .metric_name("Logins")
        .build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(300)
        .stat("Sum")
        .build();
    let queries = vec![
        MetricDataQuery::builder()
            .id("m1")
            .metric_stat(stat)
            .return_data(false)
            .build(),
        MetricDataQuery::builder()
            .id("e1")
            .expression("m1 * 2")
            .label("twice")
            .return_data(true)
            .build(),
    ];
    let math = aws
        .cloudwatch
        .put_metric_alarm()
        .alarm_name("a")
        .evaluation_periods(1)
        .threshold(1.0);
    let math = math.comparison_operator(ComparisonOperator::GreaterThanThreshold);
    math.clone()
        .set_metrics(Some(queries.clone()))
        .send()
        .await
        .unwrap();
    let alarm = alarm(&aws, "a").await;
    let [m1, e1] = alarm.metrics() else {
        panic!("not two queries")
    };
    assert_eq!((m1.id(), m1.return_data()), (Some("m1"), Some(false)));
    assert_eq!(
        m1.metric_stat().unwrap().metric().unwrap().metric_name(),
        Some("Logins")
    );
    assert_eq!(
        (e1.expression(), e1.label()),
        (Some("m1 * 2"), Some("twice"))
    );
    assert_eq!(
        code(
            put(&aws, "a")
                .set_metrics(Some(queries.clone()))
                .send()
                .await
        ),
        "InvalidParameterCombination"
    );
    let both_return = MetricDataQuery::builder().id("e2").expression("m1").build();
    let two = math.set_metrics(Some([queries, vec![both_return]].concat()));
    assert_eq!(code(two.send().await), "ValidationError");
}

#[tokio::test]
async fn alarms_are_listed_by_type_name_and_prefix_in_pages() {
    let aws = aws().await;
    for name in ["a1", "a2", "a3", "b1"] {
        put(&aws, name).send().await.unwrap();
    }
    let mut pages = aws
        .cloudwatch
        .describe_alarms()
        .alarm_name_prefix("a")
        .into_paginator()
        .page_size(2)
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        names.extend(
            page.unwrap()
                .metric_alarms()
                .iter()
                .map(|alarm| alarm.alarm_name().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["a1", "a2", "a3"]);
    let describe = || aws.cloudwatch.describe_alarms();
    let composite = describe()
        .alarm_types(AlarmType::CompositeAlarm)
        .send()
        .await
        .unwrap();
    assert!(composite.metric_alarms().is_empty());
    let named = describe()
        .alarm_names("b1")
        .alarm_names("none")
        .send()
        .await
        .unwrap();
    assert_eq!(named.metric_alarms().len(), 1);
    assert_eq!(
        code(describe().next_token("*").send().await),
        "InvalidNextToken"
    );
    let elsewhere = cloudwatch_in(&aws.sandbox, "eu-west-1")
        .describe_alarms()
        .send()
        .await
        .unwrap();
    assert!(elsewhere.metric_alarms().is_empty());
}

#[tokio::test]
async fn a_hundred_alarms_are_deleted_at_most_and_unknown_names_passed_over() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    let names = |count| Some((0..count).map(|number| format!("x{number}")).collect());
    let delete = aws.cloudwatch.delete_alarms().set_alarm_names(names(101));
    assert_eq!(code(delete.send().await), "ValidationError");
    aws.cloudwatch
        .delete_alarms()
        .set_alarm_names(names(99))
        .alarm_names("a")
        .send()
        .await
        .unwrap();
    assert!(
        aws.cloudwatch
            .describe_alarms()
            .send()
            .await
            .unwrap()
            .metric_alarms()
            .is_empty()
    );
}

#[tokio::test]
async fn tags_of_an_alarm_go_by_its_arn() {
    let aws = aws().await;
    put(&aws, "a").send().await.unwrap();
    let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";
    let tag = |key: &str| Tag::builder().key(key).value("x").build();
    aws.cloudwatch
        .tag_resource()
        .resource_arn(arn)
        .tags(tag("a"))
        .tags(tag("b"))
        .send()
        .await
        .unwrap();
    aws.cloudwatch
        .untag_resource()
        .resource_arn(arn)
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = aws
        .cloudwatch
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("b")]);
    let none = aws
        .cloudwatch
        .tag_resource()
        .resource_arn(format!("{arn}x"))
        .tags(tag("a"));
    assert_eq!(code(none.send().await), "ResourceNotFoundException");
}
