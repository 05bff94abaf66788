use aws_sdk_cloudwatchlogs::operation::put_metric_filter::builders::PutMetricFilterFluentBuilder;
use aws_sdk_cloudwatchlogs::types::builders::MetricTransformationBuilder;
use aws_sdk_cloudwatchlogs::types::{LogGroupClass, MetricTransformation, StandardUnit};

use crate::support::{Aws, aws, code};

const JSON: &str = r#"{ ($.eventName = "ConsoleLogin") && ($.userType = *) }"#;

fn transformation() -> MetricTransformationBuilder {
    MetricTransformation::builder()
        .metric_name("Logins")
        .metric_namespace("App")
        .metric_value("1")
}

fn put(
    aws: &Aws,
    name: &str,
    pattern: &str,
    transformation: MetricTransformationBuilder,
) -> PutMetricFilterFluentBuilder {
    let put = aws
        .logs
        .put_metric_filter()
        .log_group_name("app")
        .filter_name(name)
        .filter_pattern(pattern);
    put.metric_transformations(transformation.build().unwrap())
}

async fn with_group() -> Aws {
    let aws = aws().await;
    aws.logs
        .create_log_group()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    aws
}

#[tokio::test]
async fn a_filter_is_created_and_replaced_in_place() {
    let aws = with_group().await;
    put(&aws, "f", JSON, transformation().default_value(0.0))
        .send()
        .await
        .unwrap();
    let replaced = transformation()
        .unit(StandardUnit::Count)
        .dimensions("type", "$.userType");
    put(&aws, "f", JSON, replaced).send().await.unwrap();
    let filters = aws
        .logs
        .describe_metric_filters()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    let [filter] = filters.metric_filters() else {
        panic!("not one filter")
    };
    assert_eq!(
        (filter.filter_pattern(), filter.log_group_name()),
        (Some(JSON), Some("app"))
    );
    let [transformation] = filter.metric_transformations() else {
        panic!("not one transformation")
    };
    assert_eq!(
        (transformation.metric_name(), transformation.metric_value()),
        ("Logins", "1")
    );
    assert_eq!(
        (transformation.unit(), transformation.default_value()),
        (Some(&StandardUnit::Count), None)
    );
    assert_eq!(transformation.dimensions().unwrap()["type"], "$.userType");
    let groups = aws.logs.describe_log_groups().send().await.unwrap();
    assert_eq!(groups.log_groups()[0].metric_filter_count(), Some(1));
}

#[tokio::test]
async fn a_filter_needs_its_log_group_and_goes_with_it() {
    let aws = with_group().await;
    put(&aws, "f", "", transformation()).send().await.unwrap();
    let elsewhere = put(&aws, "f", "", transformation()).log_group_name("none");
    assert_eq!(code(elsewhere.send().await), "ResourceNotFoundException");
    aws.logs
        .delete_log_group()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    aws.logs
        .create_log_group()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    assert!(
        aws.logs
            .describe_metric_filters()
            .send()
            .await
            .unwrap()
            .metric_filters()
            .is_empty()
    );
}

#[tokio::test]
async fn a_pattern_that_breaks_the_syntax_is_refused() {
    let aws = with_group().await;
    for pattern in ["{ $.a = 1", "{ $.a IS NOT NULL }", "{ $.a EXISTS }"] {
        let put = put(&aws, "f", pattern, transformation());
        assert_eq!(
            code(put.send().await),
            "InvalidParameterException",
            "{pattern}"
        );
    }
}

#[tokio::test]
async fn a_transformation_goes_with_its_pattern() {
    let aws = with_group().await;
    let refused = [
        (
            JSON,
            transformation()
                .default_value(0.0)
                .dimensions("type", "$.userType"),
        ),
        ("ERROR", transformation().dimensions("type", "$.userType")),
        ("ERROR", transformation().metric_value("$.latency")),
        (JSON, transformation().metric_value("many")),
        (JSON, transformation().metric_value("NaN")),
        (JSON, transformation().dimensions("type", "$.other")),
        (JSON, transformation().dimensions("type", "other")),
        (JSON, transformation().metric_namespace("App:x")),
    ];
    for (pattern, transformation) in refused {
        let put = put(&aws, "f", pattern, transformation.clone());
        assert_eq!(
            code(put.send().await),
            "InvalidParameterException",
            "{transformation:?}"
        );
    }
    put(&aws, "f", JSON, transformation().metric_value("$.latency"))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_log_group_has_a_hundred_filters_at_most_five_with_regular_expressions() {
    let aws = with_group().await;
    for number in 0..5 {
        put(&aws, &format!("r{number}"), "%a+%", transformation())
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        code(put(&aws, "r5", "%a+%", transformation()).send().await),
        "LimitExceededException"
    );
    put(&aws, "r4", "%b+%", transformation())
        .send()
        .await
        .unwrap();
    for number in 5..100 {
        put(&aws, &format!("f{number}"), "a", transformation())
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        code(put(&aws, "f100", "a", transformation()).send().await),
        "LimitExceededException"
    );
}

#[tokio::test]
async fn only_groups_of_the_standard_class_have_filters() {
    let aws = aws().await;
    let create = aws.logs.create_log_group().log_group_name("app");
    create
        .log_group_class(LogGroupClass::InfrequentAccess)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(put(&aws, "f", "a", transformation()).send().await),
        "InvalidOperationException"
    );
}

#[tokio::test]
async fn filters_are_listed_by_name_and_by_metric_in_pages() {
    let aws = with_group().await;
    aws.logs
        .create_log_group()
        .log_group_name("other")
        .send()
        .await
        .unwrap();
    for name in ["b", "a1", "a2"] {
        put(&aws, name, "", transformation()).send().await.unwrap();
    }
    let other = transformation().metric_name("Other");
    put(&aws, "a1", "", other)
        .log_group_name("other")
        .send()
        .await
        .unwrap();

    let mut pages = aws
        .logs
        .describe_metric_filters()
        .into_paginator()
        .page_size(3)
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let names = page
            .metric_filters()
            .iter()
            .map(|it| (it.filter_name().unwrap(), it.log_group_name().unwrap()));
        found.extend(names.map(|(name, group)| format!("{name} {group}")));
    }
    assert_eq!(found, ["a1 app", "a1 other", "a2 app", "b app"]);
    let describe = || aws.logs.describe_metric_filters();
    let prefixed = describe()
        .log_group_name("app")
        .filter_name_prefix("a")
        .send()
        .await
        .unwrap();
    assert_eq!(prefixed.metric_filters().len(), 2);
    let ignored = describe().filter_name_prefix("a").send().await.unwrap();
    assert_eq!(ignored.metric_filters().len(), 4);
    let metric = describe()
        .metric_name("Other")
        .metric_namespace("App")
        .send()
        .await
        .unwrap();
    assert_eq!(metric.metric_filters().len(), 1);
    assert_eq!(
        code(describe().metric_name("Other").send().await),
        "InvalidParameterException"
    );
    assert_eq!(
        code(describe().log_group_name("none").send().await),
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn a_filter_is_deleted_once() {
    let aws = with_group().await;
    put(&aws, "f", "", transformation()).send().await.unwrap();
    let delete = || {
        aws.logs
            .delete_metric_filter()
            .log_group_name("app")
            .filter_name("f")
            .send()
    };
    delete().await.unwrap();
    assert_eq!(code(delete().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_pattern_is_tested_on_messages() {
    let aws = aws().await;
    let test = |pattern: &str| aws.logs.test_metric_filter().filter_pattern(pattern);
    let delimited = test("[ip, user, status = 4*]")
        .log_event_messages("127.0.0.1 frank 200")
        .log_event_messages("127.0.0.1 alice 404");
    let matches = delimited.send().await.unwrap();
    let [found] = matches.matches() else {
        panic!("not one match")
    };
    assert_eq!(
        (found.event_number(), found.event_message()),
        (2, Some("127.0.0.1 alice 404"))
    );
    assert_eq!(found.extracted_values().unwrap()["$user"], "alice");
    let wrong = test("{ $.a").log_event_messages("x").send().await;
    assert_eq!(code(wrong), "InvalidParameterException");
    let none = test("a").set_log_event_messages(Some(vec![])).send().await;
    assert_eq!(code(none), "InvalidParameterException");
}
