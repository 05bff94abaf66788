use std::cmp::Ordering;

use super::cell::{Cell, order};
use super::query::Query;
use super::row::Source;
use super::run::run;
use crate::logs::streams::LogEvent;

const EVENTS: [&str; 5] = [
    r#"{"eventName":"ConsoleLogin","userIdentity":{"userName":"alice"},"additionalEventData":{"MFAUsed":"Yes"},"ms":7}"#,
    r#"{"eventName":"ConsoleLogin","userIdentity":{"type":"Root"},"additionalEventData":{"MFAUsed":"No"},"ms":10}"#,
    r#"{"eventName":"CreateUser","userIdentity":{"userName":"alice"},"items":["a","b"],"ok":true}"#,
    r#"{"eventName":"ConsoleLogin","userIdentity":{"userName":"alice"},"additionalEventData":{"MFAUsed":"Yes"},"ms":"9"}"#,
    "plain text",
];

/// Returns the rows of a query over the events, one a minute, without their pointers.
fn rows(query: &str) -> Result<Vec<String>, String> {
    let event = |(message, number): (&&str, u64)| LogEvent {
        time: i64::try_from(number).unwrap() * 60_000,
        number,
        ingested: 0,
        message: (*message).to_owned(),
    };
    let events: Vec<LogEvent> = EVENTS.iter().zip(0..).map(event).collect();
    let sources: Vec<Source<'_>> = events
        .iter()
        .map(|event| Source {
            event,
            stream: "s",
            log: "123456789012:app",
        })
        .collect();
    let found = run(&Query::parse(query)?, &sources, None)?;
    let row = |row: Vec<(String, String)>| {
        let cells = row.into_iter().filter(|(field, _)| field != "@ptr");
        let cells = cells.map(|(field, value)| format!("{field}={value}"));
        cells.collect::<Vec<_>>().join(" ")
    };
    Ok(found.rows.into_iter().map(row).collect())
}

#[test]
fn the_dashboards_query_counts_sign_ins_by_user_and_mfa() {
    let query = "filter eventName = 'ConsoleLogin' \
        | fields coalesce(userIdentity.userName, userIdentity.arn, userIdentity.type) as user, \
          additionalEventData.MFAUsed as mfa, responseElements.ConsoleLogin as result \
        | stats count(*) as signIns, max(@timestamp) as lastSeen by user, mfa, result \
        | sort signIns desc";
    let expected = [
        "user=alice mfa=Yes signIns=2 lastSeen=180000",
        "user=Root mfa=No signIns=1 lastSeen=60000",
    ];
    assert_eq!(rows(query).unwrap(), expected);
}

#[test]
fn the_list_of_sign_ins_and_the_count_of_them_are_had() {
    let list = "fields @timestamp, userIdentity.userName as user, additionalEventData.MFAUsed as mfa \
        | filter eventSource = 'signin.amazonaws.com' or eventName = \"ConsoleLogin\" \
        | sort @timestamp desc | limit 2";
    let expected = [
        "@timestamp=1970-01-01 00:03:00.000 user=alice mfa=Yes",
        "@timestamp=1970-01-01 00:01:00.000 mfa=No",
    ];
    assert_eq!(rows(list).unwrap(), expected);
    let count = "filter eventName=\"ConsoleLogin\" \
        | stats count(*) as n, min(@timestamp) as first by userIdentity.userName, additionalEventData.MFAUsed \
        | sort n desc | limit 1";
    let expected = ["userIdentity.userName=alice additionalEventData.MFAUsed=Yes n=2 first=0"];
    assert_eq!(rows(count).unwrap(), expected);
}

#[test]
fn a_query_may_begin_with_its_log_groups() {
    let query = Query::parse("SOURCE 'CloudTrail/AWSLogs' | source \"b\" | limit 1").unwrap();
    assert_eq!(query.sources, ["CloudTrail/AWSLogs", "b"]);
}

#[test]
fn events_come_with_time_and_message_and_the_newest_first() {
    let found = rows("filter @message like /^plain/ or eventName = \"CreateUser\"").unwrap();
    assert_eq!(
        found[0],
        "@timestamp=1970-01-01 00:04:00.000 @message=plain text"
    );
    assert_eq!(found.len(), 2);
    let oldest = rows("fields @logStream, @log | sort @timestamp asc | limit 1").unwrap();
    assert_eq!(oldest, ["@logStream=s @log=123456789012:app"]);
}

#[test]
fn numbers_compare_by_size_even_in_texts() {
    let names = |test: &str| rows(&format!("fields ms | filter {test} | sort ms")).unwrap();
    assert_eq!(names("ms > 7"), ["ms=9", "ms=10"]);
    assert_eq!(names("ms >= 7 and ms < 10"), ["ms=7", "ms=9"]);
    assert_eq!(names("ms in [9, 7]"), ["ms=7", "ms=9"]);
    assert_eq!(names("ispresent(ms) and ms != 9"), ["ms=7", "ms=10"]);
    assert_eq!(names("ispresent(ms) and not (ms = 9 or ms = 7)"), ["ms=10"]);
}

#[test]
fn rows_are_sorted_even_where_numbers_and_texts_are_mixed() {
    let cell = |text: &str| Cell::Text(text.to_owned());
    let mut cells = [cell("5x"), cell("9"), cell("10"), cell("-0"), cell("a")];
    cells.sort_by(|a, b| order(Some(a), Some(b)));
    let expected = ["-0", "9", "10", "5x", "a"].map(cell);
    assert_eq!(cells, expected);
    assert_eq!(
        order(Some(&cell("-0")), Some(&Cell::Number(0.0))),
        Ordering::Equal
    );
    assert_eq!(order(None, Some(&cell("9"))), Ordering::Less);
}

#[test]
fn statistics_pass_over_what_is_not_there() {
    let query =
        "stats count(ms), sum(ms) as s, avg(ms) as a, min(ms) as l, count_distinct(eventName) as d";
    assert_eq!(
        rows(query).unwrap(),
        ["count(ms)=3 s=26 a=8.666666666666666 l=7 d=2"]
    );
    let by_time = "stats count() as n by bin(2m) as t | sort t desc | limit 2";
    let expected = [
        "t=1970-01-01 00:04:00.000 n=1",
        "t=1970-01-01 00:02:00.000 n=2",
    ];
    assert_eq!(rows(by_time).unwrap(), expected);
}

#[test]
fn arrays_have_numbered_fields_and_backticks_quote_names() {
    assert_eq!(
        rows("fields items.1 | filter `items.0` = 'a'").unwrap(),
        ["items.1=b"]
    );
}

#[test]
fn what_cloudwatch_does_is_not_guessed() {
    for query in [
        "filter ms != 7",
        "filter not (ms = 7)",
        "filter additionalEventData.MFAUsed not like 'Yes'",
        "filter ms not in [7]",
        "fields ok",
    ] {
        let refusal = rows(query).unwrap_err();
        assert!(refusal.contains("does not know"), "{query}: {refusal}");
    }
}

#[test]
fn a_query_that_breaks_the_grammar_or_goes_beyond_it_is_refused() {
    let deep = format!("filter {}a = 1{}", "(".repeat(100), ")".repeat(100));
    for query in [
        "",
        "|",
        "fields",
        "fields a |",
        "filter",
        "filter a",
        "filter a =",
        "filter a = 'x",
        "filter a like b",
        "stats count(*) by",
        "stats median(a)",
        "limit 0",
        "sort",
        "parse a",
        "fields a + 1",
        "fields strlen(a)",
        "filter a = '\\''",
        "fields a as",
        "SOURCE",
        "SOURCE 'a'",
        "SOURCE a | limit 1",
        "SOURCE logGroups(namePrefix: ['a']) | limit 1",
        "limit 1 | SOURCE 'a'",
        &deep,
    ] {
        assert!(rows(query).is_err(), "{query}");
    }
}
