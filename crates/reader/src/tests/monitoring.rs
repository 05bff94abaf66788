//! Log groups, metric filters, alarms and dashboards.

use model::{
    Alarm, AlarmMetric, AlarmSource, Body, Comparison, Dashboard, DashboardBody, Desired,
    Dimensions, Kind, LogGroup, LogGroupName, Metric, MetricFilter, MissingData, Retention,
    Statistic, Tags,
};
use serde_json::{Value, json};

use super::aws::Aws;
use super::desired::{Wishes, address, made, nothing, origin, snapshot};

const GROUP: &str = "CloudTrail/AWSLogs";

fn metric() -> Metric {
    Metric {
        namespace: "AWS/CloudTrailMetrics".into(),
        name: "NonMFALoginCount".into(),
    }
}

fn filter() -> Body {
    Body::MetricFilter(MetricFilter {
        pattern: "{ $.eventName = ConsoleLogin }".into(),
        metric: metric(),
        value: "1".into(),
        default_value: Some(0.0),
        unit: None,
        dimensions: Dimensions::new(),
    })
}

fn alarm() -> Alarm {
    Alarm {
        description: None,
        source: AlarmSource::Metric(AlarmMetric {
            metric: metric(),
            dimensions: Dimensions::new(),
            statistic: Statistic::Sum,
            period: 300,
            unit: None,
        }),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: 1.0,
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        treat_missing_data: MissingData::Missing,
        actions_enabled: true,
        alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:alerts".to_owned()].into(),
        ok_actions: [].into(),
        insufficient_data_actions: [].into(),
        tags: Tags::default(),
    }
}

fn dashboard() -> Body {
    let body = DashboardBody::parse(r#"{"widgets":[]}"#).unwrap();
    Body::Dashboard(Dashboard { body })
}

/// The recipe's monitoring section, its log group to exist already.
pub(super) fn declared() -> Desired {
    let mut desired = nothing()
        .with("metric_filter/CloudTrail/AWSLogs:NonMFALogins", filter())
        .with("alarm/Non-MFA-Console-Logins", Body::Alarm(alarm()))
        .with("dashboard/MFA-Security-Dashboard", dashboard());
    desired
        .required_log_groups
        .insert(LogGroupName::new(GROUP).unwrap(), origin());
    desired
}

fn live_alarm() -> Value {
    json!({
        "AlarmName": "Non-MFA-Console-Logins", "ActionsEnabled": true, "Namespace": "AWS/CloudTrailMetrics",
        "MetricName": "NonMFALoginCount", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:alerts"],
    })
}

fn live_filter(name: &str) -> Value {
    json!({
        "filterName": name, "logGroupName": GROUP, "filterPattern": "{ $.eventName = ConsoleLogin }",
        "metricTransformations": [{
            "metricNamespace": "AWS/CloudTrailMetrics", "metricName": "NonMFALoginCount",
            "metricValue": "1", "defaultValue": 0.0, "unit": "None",
        }],
    })
}

/// Adds the recipe's monitoring to an account.
pub(super) fn recipe(aws: Aws) -> Aws {
    let groups = json!({ "logGroups": [
        { "logGroupName": GROUP, "retentionInDays": 365 },
        { "logGroupName": "CloudTrail/AWSLogs-old" },
    ]});
    aws.json("logs:DescribeLogGroups", &groups)
        .json(
            "logs:DescribeMetricFilters",
            &json!({ "metricFilters": [live_filter("NonMFALogins")] }),
        )
        .cbor(
            "cloudwatch:DescribeAlarms",
            &json!({ "MetricAlarms": [live_alarm()], "CompositeAlarms": [] }),
        )
        .cbor(
            "cloudwatch:ListDashboards",
            &json!({ "DashboardEntries": [
                { "DashboardName": "MFA-Security-Dashboard" }, { "DashboardName": "somebody-elses" },
            ]}),
        )
        .cbor(
            "cloudwatch:GetDashboard",
            &json!({ "DashboardBody": r#"{ "widgets": [] }"# }),
        )
}

fn account() -> Aws {
    Aws::default().xml(
        "iam:GetAccountAuthorizationDetails",
        "<IsTruncated>false</IsTruncated>",
    )
}

#[tokio::test]
async fn the_recipe_reads_as_it_was_declared() {
    let (live, calls) = snapshot(&recipe(account()), &declared()).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let read = |text| live.get(&address(text)).cloned();
    assert_eq!(
        read("metric_filter/CloudTrail/AWSLogs:NonMFALogins"),
        Some(filter())
    );
    assert_eq!(
        read("alarm/Non-MFA-Console-Logins"),
        Some(Body::Alarm(alarm()))
    );
    assert_eq!(read("dashboard/MFA-Security-Dashboard"), Some(dashboard()));
    assert_eq!(read("dashboard/somebody-elses"), None);
    assert_eq!(read("log_group/CloudTrail/AWSLogs-old"), None);
    assert_eq!(
        read("log_group/CloudTrail/AWSLogs"),
        Some(Body::LogGroup(LogGroup {
            retention: Retention::Days(365),
            tags: Tags::default()
        }))
    );
    assert_eq!(calls.total(), 8);
}

#[tokio::test]
async fn a_retention_that_comes_from_a_policy_of_the_account_is_told_apart() {
    let groups = json!({ "logGroups": [
        { "logGroupName": GROUP, "retentionInDays": 30, "retentionPolicyName": "org-retention" },
    ]});
    let aws = recipe(account().json("logs:DescribeLogGroups", &groups));
    let (live, _) = snapshot(&aws, &declared()).await;
    assert_eq!(
        live.get(&address("log_group/CloudTrail/AWSLogs")),
        Some(&Body::LogGroup(LogGroup {
            retention: Retention::AccountPolicy("org-retention".into()),
            tags: Tags::default()
        }))
    );
}

#[tokio::test]
async fn a_service_is_not_asked_for_what_nobody_declared() {
    let (live, calls) = snapshot(&account(), &nothing()).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(made(&calls).len(), 3);
}

#[tokio::test]
async fn filters_of_a_log_group_that_does_not_exist_are_absent_and_known() {
    let aws = account()
        .json("logs:DescribeLogGroups", &json!({ "logGroups": [] }))
        .refuse(
            "logs:DescribeMetricFilters",
            400,
            "ResourceNotFoundException",
            "no such group",
        );
    let desired = nothing().with("metric_filter/CloudTrail/AWSLogs:NonMFALogins", filter());
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(live.iter().count(), 0);
}

#[tokio::test]
async fn alarms_are_asked_for_by_name_a_hundred_at_a_time() {
    let aws = account().cbor("cloudwatch:DescribeAlarms", &json!({}));
    let desired = (0..150).fold(nothing(), |desired, index| {
        desired.with(&format!("alarm/a{index}"), Body::Alarm(alarm()))
    });
    let (live, calls) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(calls.counts()["cloudwatch:DescribeAlarms"].calls, 2);
}

#[tokio::test]
async fn pruning_reads_alarms_of_every_sort_and_filters_of_every_group() {
    let math = json!({
        "AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": [{ "Id": "e1", "Expression": "m1*2" }],
    });
    let aws = account()
        .cbor(
            "cloudwatch:DescribeAlarms",
            &json!({ "MetricAlarms": [math], "CompositeAlarms": [], "NextToken": "more" }),
        )
        .cbor(
            "cloudwatch:DescribeAlarms",
            &json!({ "MetricAlarms": [], "CompositeAlarms": [{ "AlarmName": "any", "AlarmRule": "ALARM(math)" }] }),
        )
        .json(
            "logs:DescribeMetricFilters",
            &json!({ "metricFilters": [live_filter("one")], "nextToken": "more" }),
        )
        .json(
            "logs:DescribeMetricFilters",
            &json!({ "metricFilters": [live_filter("two")] }),
        );
    let desired = nothing()
        .pruning(Kind::Alarm, "*")
        .pruning(Kind::MetricFilter, "*");
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let source = |text| match live.get(&address(text)) {
        Some(Body::Alarm(alarm)) => alarm.source.clone(),
        _ => panic!("{text} is an alarm"),
    };
    assert_eq!(source("alarm/math"), AlarmSource::Expression);
    assert_eq!(source("alarm/any"), AlarmSource::Composite);
    assert!(
        live.get(&address("metric_filter/CloudTrail/AWSLogs:one"))
            .is_some()
    );
    assert!(
        live.get(&address("metric_filter/CloudTrail/AWSLogs:two"))
            .is_some()
    );
}

#[tokio::test]
async fn a_filter_that_can_not_be_told_is_unread_and_not_absent() {
    let mut odd = live_filter("odd");
    odd["metricTransformations"] = json!([]);
    let aws = recipe(account().json(
        "logs:DescribeMetricFilters",
        &json!({ "metricFilters": [odd] }),
    ));
    let (live, _) = snapshot(&aws, &declared()).await;
    assert!(live.unread()[&Kind::MetricFilter].message.contains("`odd`"));
    assert!(!live.unread().contains_key(&Kind::LogGroup));
}

#[tokio::test]
async fn a_dashboard_that_is_not_json_is_unread() {
    let aws = recipe(account().cbor("cloudwatch:GetDashboard", &json!({ "DashboardBody": "{" })));
    let (live, _) = snapshot(&aws, &declared()).await;
    assert!(
        live.unread()[&Kind::Dashboard]
            .message
            .contains("MFA-Security-Dashboard")
    );
}

#[tokio::test]
async fn tags_are_read_by_arn_where_they_are_declared() {
    let mut tags = Tags::default();
    tags.set("owner", "sec").unwrap();
    let tagged_alarm = Body::Alarm(Alarm {
        tags: tags.clone(),
        ..alarm()
    });
    let tagged_group = Body::LogGroup(LogGroup {
        retention: Retention::Days(365),
        tags,
    });
    let desired = declared()
        .with("alarm/Non-MFA-Console-Logins", tagged_alarm.clone())
        .with("log_group/CloudTrail/AWSLogs", tagged_group.clone());
    let aws = recipe(account())
        .cbor_to(
            "cloudwatch:ListTagsForResource",
            "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:Non-MFA-Console-Logins\"",
            &json!({ "Tags": [{ "Key": "owner", "Value": "sec" }] }),
        )
        .json_to(
            "logs:ListTagsForResource",
            "arn:aws:logs:eu-central-1:123456789012:log-group:CloudTrail/AWSLogs\"",
            &json!({ "tags": { "owner": "sec" } }),
        );
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(
        live.get(&address("alarm/Non-MFA-Console-Logins")),
        Some(&tagged_alarm)
    );
    assert_eq!(
        live.get(&address("log_group/CloudTrail/AWSLogs")),
        Some(&tagged_group)
    );
}
