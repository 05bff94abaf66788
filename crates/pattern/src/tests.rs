//! What holds for all forms, and the examples of the `TestMetricFilter` API.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{MAX_CHARACTERS, Pattern, PatternError, Selector};

pub(crate) fn matches(pattern: &str, event: &str) -> bool {
    match Pattern::parse(pattern) {
        Ok(pattern) => pattern.matches(event),
        Err(error) => panic!("{pattern}: {error}"),
    }
}

pub(crate) fn error(pattern: &str) -> PatternError {
    match Pattern::parse(pattern) {
        Ok(pattern) => panic!("parsed: {pattern:?}"),
        Err(error) => error,
    }
}

fn extracted(pattern: &str, event: &str) -> Option<BTreeMap<String, String>> {
    Pattern::parse(pattern).unwrap().extracted_values(event)
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

const REQUEST: &str =
    r#"192.0.2.1 - ada [10/Oct/2026:13:25:15 -0700] "GET /a/index.html HTTP/1.0" 404 1534"#;

#[test]
fn an_empty_pattern_matches_everything() {
    for pattern in ["", "  "] {
        assert!(matches(pattern, "") && matches(pattern, "anything"));
    }
}

#[test]
fn the_limit_counts_characters_and_not_bytes() {
    let longest = format!("\"{}\"", "é".repeat(MAX_CHARACTERS - 2));
    assert!(Pattern::parse(&longest).is_ok());
    let error = error(&format!("{longest} "));
    assert_eq!(error.position(), longest.len());
    assert_eq!(
        error.to_string(),
        "the pattern has 1025 characters, more than 1024, at character 1025"
    );
}

#[test]
fn a_position_is_in_bytes_and_the_message_counts_characters() {
    let error = error("\"é\" a:b");
    assert_eq!(error.position(), 6);
    assert_eq!(
        error.to_string(),
        "expected a letter, a digit or `_` in a term without quotes, found `:`, at character 6; \
         write `\"a:b\"`"
    );
}

#[test]
fn messages_show_control_characters_and_do_not_obey_them() {
    let message = error("{ $.a = \u{1b}[31m }").to_string();
    assert!(
        message.contains(r"\u{1b}") && !message.contains('\u{1b}'),
        "{message}"
    );
}

#[test]
fn named_fields_are_extracted_by_name() {
    let values = map(&[
        ("$ip", "192.0.2.1"),
        ("$identity", "-"),
        ("$user_id", "ada"),
        ("$timestamp", "10/Oct/2026:13:25:15 -0700"),
        ("$request", "GET /a/index.html HTTP/1.0"),
        ("$status_code", "404"),
        ("$size", "1534"),
    ]);
    let pattern = "[ip, identity, user_id, timestamp, request, status_code, size]";
    assert_eq!(extracted(pattern, REQUEST), Some(values));
}

#[test]
fn fields_of_an_ellipsis_are_extracted_by_position() {
    let values = map(&[
        ("$1", "192.0.2.1"),
        ("$2", "-"),
        ("$3", "ada"),
        ("$4", "10/Oct/2026:13:25:15 -0700"),
        ("$5", "GET /a/index.html HTTP/1.0"),
        ("$6", "404"),
        ("$size", "1534"),
    ]);
    assert_eq!(extracted("[..., size]", REQUEST), Some(values));
}

#[test]
fn a_pattern_without_fields_extracts_all_by_position() {
    let values = extracted("[]", REQUEST).unwrap();
    assert_eq!(values.len(), 7);
    assert_eq!(values["$7"], "1534");
}

#[test]
fn a_field_between_a_comma_and_the_bracket_has_no_name() {
    let values = extracted("[..., request=*.html*, status_code=4*,]", REQUEST).unwrap();
    assert_eq!(values["$request"], "GET /a/index.html HTTP/1.0");
    assert_eq!(
        (values["$status_code"].as_str(), values["$7"].as_str()),
        ("404", "1534")
    );
    assert_eq!(
        (values.len(), values.get("$5"), values.get("$6")),
        (7, None, None)
    );
    assert_eq!(extracted("[..., status_code=200, size]", REQUEST), None);
}

#[test]
fn terms_and_json_extract_nothing() {
    let event = "16:14:16 [ERROR] Unhandled exception: InvalidQueryException";
    assert_eq!(
        extracted(r#""[ERROR]" Exception"#, event),
        Some(BTreeMap::new())
    );
    assert_eq!(
        extracted(r#""[ERROR]" Exception"#, "[ERROR] Terminating"),
        None
    );
    assert_eq!(
        extracted("{ $.a = 1 }", r#"{"a": 1}"#),
        Some(BTreeMap::new())
    );
}

#[test]
fn a_metric_value_is_read_from_a_property_or_a_field() {
    let read = |pattern: &str, selector: &str, event: &str| {
        let selector = Selector::parse(selector).unwrap();
        let pattern = Pattern::parse(pattern).unwrap();
        (
            pattern.extract_number(event, &selector),
            pattern.extract(event, &selector),
        )
    };
    let latency = r#"{"latency": 50, "kind": "GET", "text": "7.5", "big": "1e3", "on": true}"#;
    let text = |text: &str| Some(text.to_owned());
    let any = "{ $.latency = * }";
    assert_eq!(read(any, "$.latency", latency), (Some(50.0), text("50")));
    assert_eq!(read(any, "$.text", latency), (Some(7.5), text("7.5")));
    assert_eq!(read(any, "$.big", latency), (None, text("1e3")));
    assert_eq!(read(any, "$.kind", latency), (None, text("GET")));
    assert_eq!(read(any, "$.on", latency), (None, text("true")));
    assert_eq!(read(any, "$.none", latency), (None, None));
    assert_eq!(
        read("{ $.latency > 50 }", "$.latency", latency),
        (None, None)
    );
    assert_eq!(
        read("[..., size]", "$size", REQUEST),
        (Some(1534.0), text("1534"))
    );
    assert_eq!(
        read("[..., size]", "$6", REQUEST),
        (Some(404.0), text("404"))
    );
    assert_eq!(read("[..., size]", "$.size", REQUEST), (None, None));
    assert_eq!(read("GET", "$1", REQUEST), (None, None));
}

#[test]
fn a_pattern_mentions_what_stands_in_it() {
    let mentions = |pattern: &str, selector: &str| {
        let selector = Selector::parse(selector).unwrap();
        Pattern::parse(pattern).unwrap().mentions(&selector)
    };
    let json = r#"{ ($.eventType = "*" || $.a[0].b IS NULL) && $.c != 1 }"#;
    assert!(mentions(json, "$.eventType") && mentions(json, "$.a[0].b"));
    assert!(!mentions(json, "$.a") && !mentions(json, "$eventType"));
    assert!(mentions("[ip, ..., bytes > 1000]", "$bytes"));
    assert!(mentions("[ip, ..., bytes > 1000]", "$2") && mentions("[]", "$1"));
    assert!(!mentions("[ip, bytes]", "$2") && !mentions("[]", "$ip"));
    assert!(!mentions("ip", "$ip"));
}

#[test]
fn only_json_and_delimited_patterns_support_dimensions() {
    let supports = |pattern: &str| Pattern::parse(pattern).unwrap().supports_dimensions();
    assert!(supports("{ $.a = 1 }") && supports("[]"));
    assert!(!supports("ERROR") && !supports("%ERROR%") && !supports(""));
}

#[test]
fn a_selector_prints_as_it_is_parsed() {
    for selector in ["$.a.b[0].c", "$.['a.b'][*]", "$size", "$3"] {
        assert_eq!(Selector::parse(selector).unwrap().to_string(), selector);
    }
    for (selector, position) in [
        ("size", 0),
        ("$", 1),
        ("$.", 2),
        ("$size ", 5),
        ("$.a b", 3),
    ] {
        assert_eq!(
            Selector::parse(selector).unwrap_err().position(),
            position,
            "{selector}"
        );
    }
}

/// Pieces of which random patterns often parse.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    " ",
    " ",
    ",",
    "...",
    "&&",
    "||",
    "=",
    "!=",
    "<",
    ">=",
    "$.a",
    "$.*",
    "$.b[*]",
    "$.['c.d']",
    "$.a[0].e",
    " IS ",
    "NULL",
    "TRUE",
    " NOT EXISTS",
    "w1",
    "w2",
    "abc",
    "4*",
    "*",
    "1e-3",
    "+7",
    "\"x y\"",
    "\"\\\"\\\\*\"",
    "%a[0-9]{,3}%",
    "%",
    "\"",
    "-",
    "?",
    "é",
    "\u{0}",
    "$.a = 1",
    "$.b != \"x\"",
    "w1 = 4*",
    "w1 != \"b\"",
];

fn pattern_text() -> impl Strategy<Value = String> {
    let pieces = || prop::collection::vec(prop::sample::select(PIECES), 0..16);
    prop_oneof![
        any::<String>(),
        "[{\\[(%\"$.a-c0-9=!<>&|*?\\]\\\\ ,)}-]{0,40}",
        pieces().prop_map(|pieces| pieces.concat()),
        pieces().prop_map(|pieces| format!("{{{}}}", pieces.concat())),
        pieces().prop_map(|pieces| format!("[{}]", pieces.concat())),
        json_text(),
    ]
}

/// JSON patterns that parse, with parentheses here and there.
fn json_text() -> impl Strategy<Value = String> {
    let condition = prop::sample::select(vec![
        "$.a = 1",
        "$.b[*] != \"x*\"",
        "$.['c.d'] NOT EXISTS",
        "$.e IS TRUE",
        "$.f<=2.5e1",
        "$.g=%h%",
        r#"$.h != "\\\\\"""#,
    ]);
    let condition = condition.prop_map(str::to_owned);
    let expression = condition.prop_recursive(4, 12, 3, |part| {
        let joined = |joint: &'static str| {
            prop::collection::vec(part.clone(), 1..4).prop_map(move |parts| parts.join(joint))
        };
        prop_oneof![joined(" && "), joined("||")].prop_map(|inner| format!("({inner})"))
    });
    expression.prop_map(|expression| format!("{{{expression}}}"))
}

fn event_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\[\\]\" \tab14]{0,30}",
        Just(r#"{"a": 1, "b": ["x", null, 4], "c.d": true, "e": {"f": "1e3"}}"#.to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn parsing_matching_and_extracting_never_panic(
        pattern in pattern_text(),
        event in event_text(),
    ) {
        match Pattern::parse(&pattern) {
            Ok(pattern) => {
                let values = pattern.extracted_values(&event);
                prop_assert_eq!(values.is_some(), pattern.matches(&event));
            }
            Err(error) => {
                prop_assert!(pattern.is_char_boundary(error.position()));
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }

    #[test]
    fn a_printed_pattern_parses_to_the_same(pattern in pattern_text()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let printed = pattern.to_string();
            prop_assert_eq!(Pattern::parse(&printed), Ok(pattern), "{}", printed);
        }
    }

    #[test]
    fn a_string_is_either_equal_or_not(text in "[ab*1]{0,4}", value in "[ab*1]{0,4}") {
        let event = serde_json::json!({ "a": value }).to_string();
        let holds = |operator: &str| matches(&format!("{{ $.a {operator} \"{text}\" }}"), &event);
        prop_assert_ne!(holds("="), holds("!="));
    }
}
