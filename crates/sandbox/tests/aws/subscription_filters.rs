use aws_sdk_cloudwatchlogs::operation::put_subscription_filter::builders::PutSubscriptionFilterFluentBuilder;
use aws_sdk_cloudwatchlogs::types::{Distribution, MetricTransformation};

use crate::support::{Aws, aws, code};

const DESTINATION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

fn put(aws: &Aws, name: &str, pattern: &str) -> PutSubscriptionFilterFluentBuilder {
    let put = aws.logs.put_subscription_filter().log_group_name("app");
    put.filter_name(name)
        .filter_pattern(pattern)
        .destination_arn(DESTINATION)
}

async fn with_group() -> Aws {
    let aws = aws().await;
    let create = aws.logs.create_log_group().log_group_name("app");
    create.send().await.unwrap();
    aws
}

#[tokio::test]
async fn a_filter_comes_back_whole_and_is_replaced_in_place() {
    let aws = with_group().await;
    put(&aws, "f", "ERROR").send().await.unwrap();
    let replaced = put(&aws, "f", "WARN").role_arn("arn:aws:iam::123456789012:role/r");
    let replaced = replaced
        .distribution(Distribution::Random)
        .emit_system_fields("@source.log");
    replaced.send().await.unwrap();
    let describe = || {
        aws.logs
            .describe_subscription_filters()
            .log_group_name("app")
    };
    let filters = describe().filter_name_prefix("f").send().await.unwrap();
    let [filter] = filters.subscription_filters() else {
        panic!("not one filter")
    };
    assert_eq!(
        (
            filter.filter_pattern(),
            filter.destination_arn(),
            filter.distribution()
        ),
        (Some("WARN"), Some(DESTINATION), Some(&Distribution::Random))
    );
    assert_eq!(filter.emit_system_fields(), ["@source.log"]);
    assert!(
        describe()
            .filter_name_prefix("x")
            .send()
            .await
            .unwrap()
            .subscription_filters()
            .is_empty()
    );
    let delete = || {
        let delete = aws.logs.delete_subscription_filter().log_group_name("app");
        delete.filter_name("f").send()
    };
    delete().await.unwrap();
    assert_eq!(code(delete().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_log_group_has_two_filters_and_five_patterns_with_regular_expressions() {
    let aws = with_group().await;
    let metric_filter = |name: String| {
        let transformation = MetricTransformation::builder()
            .metric_name("m")
            .metric_namespace("n")
            .metric_value("1");
        let put = aws.logs.put_metric_filter().log_group_name("app");
        put.filter_pattern("%a+%")
            .metric_transformations(transformation.build().unwrap())
            .filter_name(name)
            .send()
    };
    for number in 0..4 {
        metric_filter(format!("m{number}")).await.unwrap();
    }
    put(&aws, "a", "%a+%").send().await.unwrap();
    put(&aws, "a", "%b+%").send().await.unwrap();
    assert_eq!(
        code(put(&aws, "b", "%a+%").send().await),
        "LimitExceededException"
    );
    assert_eq!(
        code(metric_filter("m4".to_owned()).await),
        "LimitExceededException"
    );
    put(&aws, "b", "a").send().await.unwrap();
    assert_eq!(
        code(put(&aws, "c", "a").send().await),
        "LimitExceededException"
    );
}

#[tokio::test]
async fn a_filter_that_breaks_a_rule_is_refused() {
    let aws = with_group().await;
    let refused = [
        (put(&aws, "f", "{ $.a"), "InvalidParameterException"),
        (
            put(&aws, "f", "a").destination_arn("here"),
            "InvalidParameterException",
        ),
        (put(&aws, "f:", "a"), "InvalidParameterException"),
        (
            put(&aws, "f", "a").log_group_name("none"),
            "ResourceNotFoundException",
        ),
    ];
    for (put, expected) in refused {
        let shown = format!("{put:?}");
        assert_eq!(code(put.send().await), expected, "{shown}");
    }
}
