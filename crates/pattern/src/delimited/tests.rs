use proptest::prelude::*;

use super::{Field, event};
use crate::tests::{error, matches};
use crate::{Form, Pattern};

const REQUEST: &str =
    r#"192.0.2.7 Prod ada [10/Oct/2026:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

#[test]
fn conditions_hold_for_their_own_field() {
    let named = |last: &str| format!("[ip, user, username, timestamp, request, {last}]");
    for last in [
        "status_code, bytes",
        "status_code = 404, bytes",
        "status_code = 4*, bytes > 1000",
        "status_code = 4* && status_code != 403, bytes",
        "status_code = 404 || status_code = 410, bytes",
        "status_code = 5* || status_code >= 404 && status_code < 405, bytes <= 1534",
    ] {
        assert!(matches(&named(last), REQUEST), "{last}");
    }
    for last in [
        "status_code = 200, bytes",
        "status_code = 4* && status_code != 404, bytes",
        "status_code, bytes > 1534",
        "status_code, bytes, more",
    ] {
        assert!(!matches(&named(last), REQUEST), "{last}");
    }
}

#[test]
fn wildcards_and_regexes_work_in_fields() {
    let pattern = r"[ip=%^192\.0\.2\.[1-9]$%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]";
    assert!(matches(pattern, REQUEST));
    assert!(!matches(pattern, &REQUEST.replace("2.7", "2.70")));
    assert!(!matches(pattern, &REQUEST.replace("html", "gif")));
}

#[test]
fn an_ellipsis_stands_anywhere_for_any_number_of_fields() {
    for pattern in [
        "[..., request =*.html*, status_code = 4*, bytes]",
        "[ip, ..., bytes = 1534]",
        "[ip = 192*, ...]",
        "[..., user = ada, ...]",
        "[..., user = ada, ..., code = 404, bytes]",
        "[a, b, c, d, e, f, ..., g]",
        "[...]",
        "[]",
        "[ip, …, bytes]",
    ] {
        assert!(matches(pattern, REQUEST), "{pattern}");
    }
    for pattern in [
        "[..., status_code = 200, bytes]",
        "[..., a, b, c, d, e, f, g, h]",
        "[..., user = bob, ...]",
        "[..., code = 404, ..., user = ada, ...]",
    ] {
        assert!(!matches(pattern, REQUEST), "{pattern}");
    }
}

#[test]
fn the_last_field_takes_the_rest_of_the_event() {
    let event = "ERROR 09/25/2026 12:00:02 Failed to [process] request ";
    assert!(matches("[w1=ERROR, w2]", event) && !matches("[w1=ERROR]", event));
    let pattern = Pattern::parse("[w1, w2, w3]").unwrap();
    let values = pattern.extracted_values(event).unwrap();
    assert_eq!(values["$w3"], "12:00:02 Failed to [process] request");
    assert!(matches("[w1, ...]", event) && !matches("[w1, w2]", "ERROR"));
}

#[test]
fn the_first_word_is_matched_or_excluded() {
    let (error, warning, info) = ("ERROR a b c", "WARNING a b c", "INFO a b c");
    assert!(matches("[w1=ERROR || w1=WARNING, w2]", error));
    assert!(matches("[w1=ERROR || w1=%WARN%, w2]", warning));
    assert!(!matches("[w1=ERROR || w1=WARNING, w2]", info));
    assert!(matches("[w1!=ERROR && w1!=WARNING, w2]", info));
    assert!(!matches("[w1!=ERROR && w1!=WARNING, w2]", error));
}

#[test]
fn items_of_a_path_are_told_apart() {
    let top = "INFO 09/25/2026 12:00:00 GET /service/resource/67 1200";
    let child = "INFO 09/25/2026 12:00:01 POST /service/resource/67/part/111 1310";
    let fields = |url: &str| format!("[logLevel, date, time, method, url={url}, response_time]");
    let (tops, children) = (
        fields("%/service/resource/[0-9]+$%"),
        fields("%/service/resource/[0-9]+/part/[0-9]+$%"),
    );
    assert!(matches(&tops, top) && !matches(&tops, child));
    assert!(matches(&children, child) && !matches(&children, top));
    assert!(!matches(
        &tops,
        "WARNING 09/25/2026 12:00:02 Invalid user request"
    ));
}

#[test]
fn text_that_is_no_number_has_no_order() {
    assert!(!matches("[a > 1, b]", "x y") && !matches("[a <= 1, b]", "x y"));
    assert!(matches("[a != 1, b]", "x y") && !matches("[a = 1000, b]", "1e3 y"));
}

fn split(event: &str) -> Vec<&str> {
    event::fields(event)
        .into_iter()
        .map(|value| value.text)
        .collect()
}

#[test]
fn brackets_and_quotes_hold_a_field_together() {
    assert_eq!(
        split(r#" a [b c] "d [e" "" [] f"#),
        ["a", "b c", "d [e", "", "", "f"]
    );
    assert_eq!(split("a\tb\n c"), ["a", "b", "c"]);
    assert_eq!(split(r#"x[y z] "a"b"#), ["x[y", "z]", "a", "b"]);
}

#[test]
fn what_is_never_closed_is_ordinary_text() {
    assert_eq!(split(r#"[a "b c"#), ["[a", "\"b", "c"]);
    assert_eq!(split(r#"[a "b c" ["#), ["[a", "b c", "["]);
    // The largest event there is, and minutes if the end were looked for at every bracket.
    assert_eq!(split(&"[ ".repeat(500_000)).len(), 500_000);
}

#[test]
fn what_breaks_the_syntax_is_an_error_where_it_does() {
    let cases = [
        ("[", 1),
        ("[a", 2),
        ("[a b]", 3),
        ("[a] b", 4),
        ("[a = ]", 5),
        ("[\"a\"]", 1),
        ("[a-b]", 2),
        ("[(a = 1)]", 1),
        ("[a = 1 && ]", 10),
        ("[a ! 1]", 3),
        ("[..]", 1),
        ("[... a]", 5),
        ("[a > x]", 5),
        ("[a = 1 || (a = 2)]", 10),
    ];
    for (pattern, position) in cases {
        let error = error(pattern);
        assert_eq!(error.position(), position, "{pattern}: {error}");
    }
}

#[test]
fn a_condition_on_another_field_is_an_error() {
    assert_eq!(
        error("[status_code = 4* && bytes > 1000]").to_string(),
        "field `status_code` has a condition on `bytes`, at character 22; put it in the place of \
         `bytes`, after a comma"
    );
}

#[test]
fn a_pattern_prints_with_its_unnamed_fields() {
    let print = |pattern: &str| Pattern::parse(pattern).unwrap().to_string();
    assert_eq!(
        print("[ip,,...,a>1&&a!=\"x\"||a=4*,]"),
        "[ip, , ..., a > 1 && a != \"x\" || a = 4*, ]"
    );
    assert_eq!(print("[ ]"), "[]");
}

/// The obvious search: an ellipsis takes nothing, or one value and then again.
fn holds_by_search(fields: &[Field], values: &[&str]) -> bool {
    match (fields.split_first(), values.split_first()) {
        (None, values) => values.is_none(),
        (Some((Field::Ellipsis, fields)), None) => holds_by_search(fields, &[]),
        (Some((Field::Ellipsis, rest)), Some((_, others))) => {
            holds_by_search(rest, values) || holds_by_search(fields, others)
        }
        (Some((field, fields)), Some((value, values))) => {
            field.holds(value) && holds_by_search(fields, values)
        }
        (Some(_), None) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn ellipses_match_what_a_search_finds(
        fields in prop::collection::vec(prop::sample::select(vec!["...", "w=a", "w=b", "w"]), 0..6),
        values in prop::collection::vec(prop::sample::select(vec!["a", "b"]), 0..8),
    ) {
        let pattern = Pattern::parse(&format!("[..., {}]", fields.join(","))).unwrap();
        let Form::Delimited(delimited) = &pattern.form else { panic!("{pattern}") };
        let event = values.join(" ");
        let bound = delimited.assign(&event);
        prop_assert_eq!(bound.is_some(), holds_by_search(&delimited.fields, &values));
        if let Some(bound) = bound {
            let texts: Vec<&str> = bound.iter().map(|(_, text)| *text).collect();
            prop_assert_eq!(texts, values);
            let named = |field: &&Field| **field != Field::Ellipsis;
            let assigned = bound.iter().filter_map(|(field, _)| *field);
            prop_assert!(assigned.eq(delimited.fields.iter().filter(named)));
            prop_assert!(bound.iter().all(|(field, text)| field.is_none_or(|f| f.holds(text))));
        }
    }
}
