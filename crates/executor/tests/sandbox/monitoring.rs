//! Log groups, metric filters, alarms and dashboards.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{EvaluationWindow, MetricAlarm, WallClockWindow};
use aws_sdk_cloudwatchlogs::types::MetricFilter as LiveFilter;
use model::{
    Alarm, AlarmMetric, AlarmSource, Body, Comparison, Dashboard, DashboardBody, Dimensions,
    LogGroup, Metric, MetricFilter, MissingData, Retention, Statistic,
};

use crate::support::{Aws, assert_applied, aws, create, delete, outcomes, tags, update};

const LOG_GROUP: &str = "CloudTrail/AWSLogs";
const FILTER: &str = "metric_filter/CloudTrail/AWSLogs:NonMFA";
const ALARM: &str = "alarm/Non-MFA-Console-Logins";

fn log_group(retention: Retention, pairs: &[(&str, &str)]) -> Body {
    Body::LogGroup(LogGroup {
        retention,
        tags: tags(pairs),
    })
}

fn metric() -> Metric {
    Metric {
        namespace: "AWS/CloudTrailMetrics".to_owned(),
        name: "NonMFALoginCount".to_owned(),
    }
}

fn filter(pattern: &str) -> Body {
    Body::MetricFilter(MetricFilter {
        pattern: pattern.to_owned(),
        metric: metric(),
        value: "1".to_owned(),
        default_value: Some(0.0),
        unit: Some("Count".to_owned()),
        dimensions: Dimensions::new(),
    })
}

fn alarm(threshold: f64, statistic: Statistic, pairs: &[(&str, &str)]) -> Body {
    Body::Alarm(Alarm {
        description: Some("somebody signed in without MFA".to_owned()),
        source: AlarmSource::Metric(AlarmMetric {
            metric: metric(),
            dimensions: Dimensions::new(),
            statistic,
            period: 300,
            unit: None,
        }),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold,
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        treat_missing_data: MissingData::NotBreaching,
        actions_enabled: true,
        alarm_actions: BTreeSet::from(["arn:aws:sns:us-east-1:123456789012:security".to_owned()]),
        ok_actions: BTreeSet::new(),
        insufficient_data_actions: BTreeSet::new(),
        tags: tags(pairs),
    })
}

impl Aws {
    async fn retention(&self) -> Option<i32> {
        let groups = self.clients.logs.describe_log_groups().send().await;
        groups
            .unwrap()
            .log_groups
            .unwrap()
            .remove(0)
            .retention_in_days
    }

    async fn log_group_tags(&self) -> Vec<(String, String)> {
        let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{LOG_GROUP}");
        let tags = self.clients.logs.list_tags_for_resource().resource_arn(arn);
        let tags = tags.send().await.unwrap().tags.unwrap_or_default();
        let mut tags: Vec<(String, String)> = tags.into_iter().collect();
        tags.sort();
        tags
    }

    async fn live_filter(&self) -> LiveFilter {
        let filters = self.clients.logs.describe_metric_filters();
        let filters = filters.log_group_name(LOG_GROUP).send().await.unwrap();
        filters.metric_filters.unwrap().remove(0)
    }

    async fn live_alarm(&self) -> MetricAlarm {
        let alarms = self.clients.cloudwatch.describe_alarms().send().await;
        alarms.unwrap().metric_alarms.unwrap().remove(0)
    }

    async fn alarm_tags(&self) -> Vec<(String, String)> {
        let arn = self.live_alarm().await.alarm_arn.unwrap();
        let cloudwatch = &self.clients.cloudwatch;
        let tags = cloudwatch.list_tags_for_resource().resource_arn(arn);
        let pair = |tag: &aws_sdk_cloudwatch::types::Tag| {
            (
                tag.key().unwrap().to_owned(),
                tag.value().unwrap().to_owned(),
            )
        };
        tags.send().await.unwrap().tags().iter().map(pair).collect()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[tokio::test]
async fn a_log_group_gets_and_loses_retention_and_tags_and_is_never_deleted() {
    let aws = aws().await;
    let address = format!("log_group/{LOG_GROUP}");
    let days = log_group(Retention::Days(90), &[("a", "1"), ("b", "2")]);
    assert_applied(&aws.apply(vec![create(&address, days.clone())]).await);
    assert_eq!(aws.retention().await, Some(90));
    assert_eq!(aws.log_group_tags().await, pairs(&[("a", "1"), ("b", "2")]));

    let for_ever = log_group(Retention::Never, &[("b", "3")]);
    let change = update(&address, days, for_ever.clone());
    assert_applied(&aws.apply(vec![change]).await);
    assert_eq!(aws.retention().await, None);
    assert_eq!(aws.log_group_tags().await, pairs(&[("b", "3")]));

    let again = create(&address, for_ever.clone());
    let other = create(&address, log_group(Retention::Days(1), &[]));
    let other = aws.apply(vec![other]).await;
    assert!(outcomes(&other)[0].contains("it appeared since"));
    let gone = delete(&address, for_ever);
    let (again, gone) = (aws.apply(vec![again]).await, aws.apply(vec![gone]).await);
    assert_eq!(outcomes(&again), ["already done"]);
    assert!(outcomes(&gone)[0].contains("none is ever deleted"));
}

#[tokio::test]
async fn a_filter_keeps_what_is_not_managed_when_it_changes() {
    let aws = aws().await;
    let group = create(
        &format!("log_group/{LOG_GROUP}"),
        log_group(Retention::Never, &[]),
    );
    let (before, after) = (filter("ERROR"), filter("{ $.x = 1 }"));
    assert_applied(&aws.apply(vec![group, create(FILTER, before.clone())]).await);
    let live = aws.live_filter().await;
    let put = aws.clients.logs.put_metric_filter();
    put.log_group_name(LOG_GROUP)
        .filter_name("NonMFA")
        .set_filter_pattern(live.filter_pattern)
        .set_metric_transformations(live.metric_transformations)
        .field_selection_criteria("@aws.region = \"us-east-1\"")
        .emit_system_field_dimensions("@aws.account")
        .send()
        .await
        .unwrap();

    assert_applied(&aws.apply(vec![update(FILTER, before, after.clone())]).await);
    let live = aws.live_filter().await;
    assert_eq!(live.filter_pattern(), Some("{ $.x = 1 }"));
    assert_eq!(
        live.field_selection_criteria(),
        Some("@aws.region = \"us-east-1\"")
    );
    assert_eq!(live.emit_system_field_dimensions(), ["@aws.account"]);
    let metric = &live.metric_transformations()[0];
    assert_eq!(metric.default_value(), Some(0.0));
    assert_eq!(metric.unit().unwrap().as_str(), "Count");

    let gone = aws.apply(vec![delete(FILTER, after.clone())]).await;
    assert_applied(&gone);
    let twice = aws.apply(vec![delete(FILTER, after.clone())]).await;
    assert_eq!(outcomes(&twice), ["already done"]);
    let changed = aws.apply(vec![update(FILTER, after.clone(), after)]).await;
    assert!(outcomes(&changed)[0].contains("it disappeared since"));
}

#[tokio::test]
async fn an_alarm_keeps_what_is_not_managed_when_it_changes() {
    let aws = aws().await;
    let before = alarm(1.0, Statistic::Sum, &[("a", "1"), ("b", "2")]);
    assert_applied(&aws.apply(vec![create(ALARM, before.clone())]).await);
    assert_eq!(aws.alarm_tags().await, pairs(&[("a", "1"), ("b", "2")]));
    let live = aws.live_alarm().await;
    let window = EvaluationWindow::WallClockWindow(WallClockWindow::builder().build());
    let put = aws.clients.cloudwatch.put_metric_alarm();
    put.set_alarm_name(live.alarm_name)
        .set_metric_name(live.metric_name)
        .set_namespace(live.namespace)
        .set_statistic(live.statistic)
        .set_period(live.period)
        .set_evaluation_periods(live.evaluation_periods)
        .set_threshold(live.threshold)
        .set_comparison_operator(live.comparison_operator)
        .set_alarm_description(live.alarm_description)
        .set_treat_missing_data(live.treat_missing_data)
        .set_alarm_actions(live.alarm_actions)
        .evaluation_window(window.clone())
        .send()
        .await
        .unwrap();

    let after = alarm(3.0, Statistic::Extended("p99".to_owned()), &[("b", "3")]);
    assert_applied(&aws.apply(vec![update(ALARM, before, after.clone())]).await);
    let live = aws.live_alarm().await;
    assert_eq!(live.threshold(), Some(3.0));
    assert_eq!(live.extended_statistic(), Some("p99"));
    assert_eq!(live.treat_missing_data(), Some("notBreaching"));
    assert_eq!(live.evaluation_window(), Some(&window));
    assert_eq!(live.alarm_actions().len(), 1);
    assert_eq!(aws.alarm_tags().await, pairs(&[("b", "3")]));

    let gone = aws.apply(vec![delete(ALARM, after.clone())]).await;
    assert_applied(&gone);
    // AWS may be silent about an alarm that isn't there.
    let twice = aws.apply(vec![delete(ALARM, after.clone())]).await;
    assert!(twice.is_complete(), "{:?}", outcomes(&twice));
    let changed = alarm(4.0, Statistic::Sum, &[]);
    let changed = aws.apply(vec![update(ALARM, after, changed)]).await;
    assert!(outcomes(&changed)[0].contains("it disappeared since"));
}

#[tokio::test]
async fn an_alarm_that_somebody_else_changed_is_left() {
    let aws = aws().await;
    let before = alarm(1.0, Statistic::Sum, &[]);
    let after = alarm(1.0, Statistic::Sum, &[("a", "1")]);
    let meanwhile = alarm(9.0, Statistic::Sum, &[]);
    let changes = vec![
        create(ALARM, before.clone()),
        update(ALARM, before.clone(), meanwhile),
    ];
    assert_applied(&aws.apply(changes).await);
    let report = aws.apply(vec![update(ALARM, before, after)]).await;
    assert_eq!(
        outcomes(&report),
        ["alarm/Non-MFA-Console-Logins changed since the plan was made: threshold"]
    );
    assert!(aws.alarm_tags().await.is_empty());
    assert_eq!(aws.live_alarm().await.threshold(), Some(9.0));
}

#[tokio::test]
async fn a_dashboard_is_put_and_deleted() {
    let aws = aws().await;
    let body = |text| {
        Body::Dashboard(Dashboard {
            body: DashboardBody::parse(text).unwrap(),
        })
    };
    let widget = r##"{"widgets":[{"type":"text","x":0,"y":0,"width":6,"height":3,"properties":{"markdown":"# MFA"}}]}"##;
    let (empty, full) = (body(r#"{"widgets":[]}"#), body(widget));
    let address = "dashboard/MFA-Security-Dashboard";
    let changes = vec![
        create(address, empty.clone()),
        update(address, empty, full.clone()),
    ];
    assert_applied(&aws.apply(changes).await);
    let cloudwatch = &aws.clients.cloudwatch;
    let got = cloudwatch
        .get_dashboard()
        .dashboard_name("MFA-Security-Dashboard");
    let got = got.send().await.unwrap().dashboard_body.unwrap();
    assert_eq!(body(&got), full);

    let report = aws.apply(vec![delete(address, full.clone())]).await;
    assert_applied(&report);
    let twice = aws.apply(vec![delete(address, full)]).await;
    assert_eq!(outcomes(&twice), ["already done"]);
}
