use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::operation::put_log_events::PutLogEventsOutput;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, OrderBy};

use crate::support::{Aws, aws, aws_with, code};

const MINUTE: i64 = 60_000;

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

pub(crate) fn event(timestamp: i64, message: &str) -> InputLogEvent {
    let event = InputLogEvent::builder().timestamp(timestamp);
    event.message(message).build().unwrap()
}

/// Creates the log group `app`, if need be, with a stream.
pub(crate) async fn stream(aws: &Aws, name: &str) {
    let _ = aws
        .logs
        .create_log_group()
        .log_group_name("app")
        .send()
        .await;
    let create = aws.logs.create_log_stream().log_group_name("app");
    create.log_stream_name(name).send().await.unwrap();
}

pub(crate) async fn put(aws: &Aws, stream: &str, events: Vec<InputLogEvent>) -> PutLogEventsOutput {
    let put = aws.logs.put_log_events().log_group_name("app");
    let put = put.log_stream_name(stream).set_log_events(Some(events));
    put.send().await.unwrap()
}

#[tokio::test]
async fn a_stream_is_created_once_in_a_group_that_exists() {
    let aws = aws().await;
    let create = || {
        let create = aws.logs.create_log_stream().log_group_name("app");
        create.log_stream_name("s").send()
    };
    assert_eq!(code(create().await), "ResourceNotFoundException");
    stream(&aws, "s").await;
    assert_eq!(code(create().await), "ResourceAlreadyExistsException");
    let delete = || {
        let delete = aws.logs.delete_log_stream().log_group_name("app");
        delete.log_stream_name("s").send()
    };
    delete().await.unwrap();
    assert_eq!(code(delete().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn streams_are_listed_by_name_or_by_their_newest_event() {
    let aws = aws().await;
    for name in ["a1", "a2", "b"] {
        stream(&aws, name).await;
    }
    let now = now();
    put(&aws, "a1", vec![event(now, "newest")]).await;
    put(
        &aws,
        "b",
        vec![event(now - MINUTE, "first"), event(now - 1, "last")],
    )
    .await;
    let describe = || aws.logs.describe_log_streams().log_group_name("app");
    let by_event = describe().order_by(OrderBy::LastEventTime).descending(true);
    let mut pages = by_event.into_paginator().page_size(2).send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        names.extend(
            page.log_streams()
                .iter()
                .map(|it| it.log_stream_name().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["a1", "b", "a2"]);
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:app";
    let by_arn = aws.logs.describe_log_streams().log_group_identifier(arn);
    let by_arn = by_arn.log_stream_name_prefix("b").send().await.unwrap();
    let [stream] = by_arn.log_streams() else {
        panic!("not one stream")
    };
    assert_eq!(stream.arn(), Some(format!("{arn}:log-stream:b").as_str()));
    assert_eq!(
        (
            stream.first_event_timestamp(),
            stream.last_event_timestamp()
        ),
        (Some(now - MINUTE), Some(now - 1))
    );
    let both = describe()
        .log_stream_name_prefix("a")
        .order_by(OrderBy::LastEventTime);
    assert_eq!(code(both.send().await), "InvalidParameterException");
    assert_eq!(
        code(describe().log_group_identifier(arn).send().await),
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn events_outside_the_window_are_rejected_and_the_rest_kept() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let retention = aws.logs.put_retention_policy().log_group_name("app");
    retention.retention_in_days(3).send().await.unwrap();
    let (now, day) = (now(), 24 * 60 * MINUTE);
    let times = [now - 15 * day, now - 4 * day, now, now + 3 * 60 * MINUTE];
    let rejected = put(&aws, "s", times.map(|time| event(time, "x")).to_vec()).await;
    let rejected = rejected.rejected_log_events_info().unwrap();
    assert_eq!(rejected.too_old_log_event_end_index(), Some(1));
    assert_eq!(rejected.expired_log_event_end_index(), Some(2));
    assert_eq!(rejected.too_new_log_event_start_index(), Some(3));
    let kept = aws
        .logs
        .filter_log_events()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.events().len(), 1);
    let groups = aws.logs.describe_log_groups().send().await.unwrap();
    assert_eq!(groups.log_groups()[0].stored_bytes(), Some(27));
}

#[tokio::test]
async fn a_batch_that_breaks_a_rule_fails_whole() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let now = now();
    let refused = [
        vec![],
        vec![event(now, "later"), event(now - 1, "earlier")],
        vec![event(now - 25 * 60 * MINUTE, "first"), event(now, "last")],
        vec![event(now, &"x".repeat(1_048_576))],
    ];
    for events in refused {
        let put = aws
            .logs
            .put_log_events()
            .log_group_name("app")
            .log_stream_name("s");
        let put = put.set_log_events(Some(events)).send();
        assert_eq!(code(put.await), "InvalidParameterException");
    }
    let put = aws
        .logs
        .put_log_events()
        .log_group_name("app")
        .log_stream_name("none");
    assert_eq!(
        code(put.log_events(event(now, "x")).send().await),
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn a_sequence_token_is_ignored() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let put = aws
        .logs
        .put_log_events()
        .log_group_name("app")
        .log_stream_name("s");
    let put = put.sequence_token("wrong").log_events(event(now(), "x"));
    assert!(put.send().await.unwrap().next_sequence_token().is_some());
}

#[tokio::test]
async fn a_stream_is_read_from_both_ends_and_the_last_page_returns_its_token() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let start = now() - MINUTE;
    // The later batch is the older.
    put(
        &aws,
        "s",
        (3..5).map(|n| event(start + n, &n.to_string())).collect(),
    )
    .await;
    put(
        &aws,
        "s",
        (0..3).map(|n| event(start + n, &n.to_string())).collect(),
    )
    .await;
    let get = || {
        let get = aws.logs.get_log_events().log_group_name("app");
        get.log_stream_name("s").limit(2)
    };
    let messages =
        |page: &aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput| {
            let messages = page.events().iter().map(|event| event.message().unwrap());
            messages.collect::<Vec<_>>().join(" ")
        };
    let newest = get().send().await.unwrap();
    assert_eq!(messages(&newest), "3 4");
    let before = get().next_token(newest.next_backward_token().unwrap());
    let before = before.send().await.unwrap();
    assert_eq!(messages(&before), "1 2");
    let again = get().next_token(before.next_forward_token().unwrap());
    assert_eq!(messages(&again.send().await.unwrap()), "3 4");

    let mut token = None;
    let mut read = Vec::new();
    loop {
        let page = get().start_from_head(true).set_next_token(token.clone());
        let page = page.send().await.unwrap();
        let next = page.next_forward_token().map(str::to_owned);
        if next == token {
            break;
        }
        read.push(messages(&page));
        token = next;
    }
    assert_eq!(read, ["0 1", "2 3", "4"]);
    let range = get().start_time(start + 1).end_time(start + 2);
    assert_eq!(messages(&range.send().await.unwrap()), "1");
    let wrong = get().next_token("f/x");
    assert_eq!(code(wrong.send().await), "InvalidParameterException");
}

#[tokio::test]
async fn events_of_several_streams_are_filtered_in_the_order_of_time() {
    let aws = aws().await;
    for name in ["a", "b"] {
        stream(&aws, name).await;
    }
    let start = now() - MINUTE;
    put(
        &aws,
        "a",
        vec![event(start, "ERROR 0"), event(start + 2, "ERROR 2")],
    )
    .await;
    put(
        &aws,
        "b",
        vec![
            event(start + 1, "ERROR 1"),
            event(start + 3, "fine\u{1b}[31m"),
        ],
    )
    .await;
    let filter = || aws.logs.filter_log_events().log_group_name("app");
    let errors = || filter().filter_pattern("ERROR");
    for (forward, expected) in [
        (true, ["0 a", "1 b", "2 a"]),
        (false, ["2 a", "1 b", "0 a"]),
    ] {
        let mut pages = errors()
            .start_from_head(forward)
            .into_paginator()
            .page_size(2)
            .send();
        let (mut found, mut counts) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            counts.push(page.events().len());
            let text = |it: &aws_sdk_cloudwatchlogs::types::FilteredLogEvent| {
                let number = it.message().unwrap().strip_prefix("ERROR ").unwrap();
                format!("{number} {}", it.log_stream_name().unwrap())
            };
            found.extend(page.events().iter().map(text));
        }
        assert_eq!(
            (found, counts),
            (expected.map(str::to_owned).to_vec(), vec![2, 1])
        );
    }
    let range = filter().start_time(start + 1).end_time(start + 2);
    assert_eq!(range.send().await.unwrap().events().len(), 2);
    let one = filter().log_stream_names("b").send().await.unwrap();
    assert_eq!(one.events()[1].message(), Some("fine\u{1b}[31m"));
    let both = filter().log_stream_names("a").log_stream_name_prefix("a");
    assert_eq!(code(both.send().await), "InvalidParameterException");
    assert_eq!(
        code(filter().log_stream_names("none").send().await),
        "ResourceNotFoundException"
    );
    assert_eq!(
        code(filter().filter_pattern("{ $.a").send().await),
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn events_are_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let aws = aws_with(Some(file.clone())).await;
    stream(&aws, "s").await;
    put(&aws, "s", vec![event(now(), "kept\u{7}")]).await;
    aws.sandbox.stop().await.unwrap();
    let aws = aws_with(Some(file)).await;
    let kept = aws
        .logs
        .filter_log_events()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.events()[0].message(), Some("kept\u{7}"));
}
