use aws_sdk_cloudwatchlogs::operation::start_query::builders::StartQueryFluentBuilder;
use aws_sdk_cloudwatchlogs::types::{QueryLanguage, QueryStatus};

use crate::log_events::{event, now, put, stream};
use crate::support::{Aws, aws, code};

/// Starts a query over the last hour of the log group `app`.
fn start(aws: &Aws, query: &str) -> StartQueryFluentBuilder {
    let start = aws.logs.start_query().log_group_name("app");
    let seconds = now() / 1000;
    start
        .query_string(query)
        .start_time(seconds - 3600)
        .end_time(seconds + 60)
}

async fn with_events() -> Aws {
    let aws = aws().await;
    stream(&aws, "s").await;
    let messages = [
        r#"{"user":"alice"}"#,
        r#"{"user":"bob"}"#,
        r#"{"user":"alice"}"#,
    ];
    let now = now();
    let events = (0..)
        .zip(messages)
        .map(|(index, it)| event(now - 10 + index, it));
    put(&aws, "s", events.collect()).await;
    aws
}

#[tokio::test]
async fn a_query_is_complete_at_once_and_read_in_pages() {
    let aws = with_events().await;
    let query = start(&aws, "stats count(*) as n by user | sort n desc")
        .send()
        .await
        .unwrap();
    let get = || {
        aws.logs
            .get_query_results()
            .query_id(query.query_id().unwrap())
            .max_items(1)
    };
    let first = get().send().await.unwrap();
    assert_eq!(first.status(), Some(&QueryStatus::Complete));
    let shown: Vec<(&str, &str)> = first.results()[0]
        .iter()
        .map(|it| (it.field().unwrap(), it.value().unwrap()))
        .collect();
    assert_eq!(shown, [("user", "alice"), ("n", "2")]);
    let statistics = first.statistics().unwrap();
    assert_eq!(
        (statistics.records_matched(), statistics.records_scanned()),
        (3.0, 3.0)
    );
    let second = get()
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(second.results()[0][0].value(), Some("bob"));
    assert_eq!(second.next_token(), None);
}

#[tokio::test]
async fn the_limit_of_the_query_goes_before_that_of_the_call() {
    let aws = with_events().await;
    let count = async |start: StartQueryFluentBuilder| {
        let query = start.send().await.unwrap();
        let results = aws
            .logs
            .get_query_results()
            .query_id(query.query_id().unwrap());
        results.send().await.unwrap().results().len()
    };
    assert_eq!(count(start(&aws, "fields user").limit(1)).await, 1);
    assert_eq!(
        count(start(&aws, "fields user | limit 2").limit(1)).await,
        2
    );
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:app";
    let by_arn = start(&aws, "fields user")
        .set_log_group_name(None)
        .log_group_identifiers(arn);
    assert_eq!(count(by_arn).await, 3);
    let earlier = start(&aws, "fields user").end_time(now() / 1000 - 60);
    assert_eq!(count(earlier).await, 0);
}

#[tokio::test]
async fn a_dashboards_query_names_its_log_groups_itself() {
    let aws = with_events().await;
    let sourced = |query| start(&aws, query).set_log_group_name(None);
    let query = sourced("SOURCE 'app' | stats count(*) as n by user | sort n desc");
    let query = query.send().await.unwrap();
    let results = aws.logs.get_query_results();
    let results = results.query_id(query.query_id().unwrap()).send().await;
    let results = results.unwrap();
    assert_eq!(results.results()[0][0].value(), Some("alice"));
    assert_eq!(results.statistics().unwrap().log_groups_scanned(), 1.0);
    let none = sourced("SOURCE 'none' | limit 1").send().await;
    assert_eq!(code(none), "ResourceNotFoundException");
    let both = start(&aws, "SOURCE 'app' | limit 1").send().await;
    assert_eq!(code(both), "InvalidParameterException");
}

#[tokio::test]
async fn a_query_that_cannot_be_run_is_refused() {
    let aws = with_events().await;
    let refused = [
        (start(&aws, "parse user"), "MalformedQueryException"),
        (start(&aws, "filter other != 1"), "MalformedQueryException"),
        (
            start(&aws, "fields a").log_group_names("app"),
            "InvalidParameterException",
        ),
        (
            start(&aws, "fields a").query_language(QueryLanguage::Sql),
            "InvalidParameterException",
        ),
        (
            start(&aws, "fields a").end_time(1),
            "InvalidParameterException",
        ),
        (
            start(&aws, "fields a").log_group_name("none"),
            "ResourceNotFoundException",
        ),
    ];
    for (start, expected) in refused {
        let shown = format!("{start:?}");
        assert_eq!(code(start.send().await), expected, "{shown}");
    }
    let unknown = aws.logs.get_query_results().query_id("none");
    assert_eq!(code(unknown.send().await), "ResourceNotFoundException");
}
