use crate::tests::{error, matches};

const EVENT: &str = r#"{
    "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
    "tags": ["value", "another value"],
    "objects": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "nothing": null, "yes": true, "no": false, "cluster.name": "c", "empty": "",
    "latency": 50, "ratio": 0.25, "account": "012345678901", "code": "400", "exponent": "4e2",
    "user": {"id": 1, "email": "john@example.com"}, "coordinates": [[0, 1, 2], [4, 5, 6]]
}"#;

fn holds(expression: &str) -> bool {
    matches(&format!("{{ {expression} }}"), EVENT)
}

#[test]
fn strings_compare_with_and_without_quotes() {
    assert!(holds(r#"$.eventType = "UpdateTrail""#) && holds("$.eventType=UpdateTrail"));
    assert!(!holds("$.eventType = updatetrail") && !holds("$.eventType = Update"));
    assert!(holds("$.eventType != DeleteTrail") && !holds("$.eventType != UpdateTrail"));
}

#[test]
fn an_asterisk_at_an_end_matches_any_text() {
    for text in [
        "Update*",
        "*Trail",
        "*date*",
        "*",
        "\"*\"",
        "UpdateTrail*",
        "*UpdateTrail",
    ] {
        assert!(holds(&format!("$.eventType = {text}")), "{text}");
    }
    for text in ["*Update", "Trail*", "Up*Trail", "\"* Trail\""] {
        assert!(!holds(&format!("$.eventType = {text}")), "{text}");
    }
    assert!(holds("$.empty = *"));
    assert!(matches("{ $.a = Ev*ent }", r#"{"a": "Ev*ent"}"#));
}

#[test]
fn addresses_compare_with_a_wildcard_and_no_quotes() {
    assert!(holds("$.sourceIPAddress != 123.123.*") && holds("$.sourceIPAddress = 111.111.*"));
    assert!(matches(
        "{ $.s = kms.amazonaws.com }",
        r#"{"s": "kms.amazonaws.com"}"#
    ));
}

#[test]
fn elements_count_from_zero_and_need_an_array() {
    assert!(holds(r#"$.tags[0] = "value""#) && holds("$.objects[1].id = 2"));
    assert!(holds("$.coordinates[1][2] = 6"));
    assert!(!holds("$.tags[2] = *") && !holds("$.eventType[0] = *") && !holds("$.user[0] = *"));
}

#[test]
fn wildcards_select_any_element_or_property() {
    assert!(holds("$.tags[*] = %^val.{2}$%") && holds("$.objects[*].id = 2"));
    assert!(holds(r"$.* = %111\.111\.111\.1[0-9]{1,2}%") && holds("$.user.* = 1"));
    assert!(!holds("$.tags.* = value") && !holds("$.user[*] = 1") && !holds("$.objects[*].id = 3"));
}

#[test]
fn with_a_wildcard_one_value_that_differs_is_enough() {
    assert!(holds("$.tags[*] != value") && holds("$.objects[*].name != a"));
}

#[test]
fn a_regex_matches_within_a_string_or_number() {
    assert!(holds("$.eventType = %Trail%") && holds("$.eventType != %Delete%"));
    assert!(holds("$.latency = %^5.$%"));
}

#[test]
fn a_name_with_other_characters_stands_in_brackets() {
    assert!(holds("$.['cluster.name'] = c") && holds(r#"$.["cluster.name"] = c"#));
    assert!(holds("$.['user'].['id'] = 1") && holds("$.['tags'][0] = value"));
    assert!(!holds("$.cluster.name = c"));
    assert!(matches("{ $.a-b_c = 1 }", r#"{"a-b_c": 1}"#));
}

#[test]
fn numbers_compare_as_numbers() {
    let yes = [
        "> 49", "< 50.5", ">= 50", "<= 50", "= 50", "!= 51", "= 5e+1", "= 500e-1", "> -1", "= +50",
        "= 50.0", "= 5*", "= \"50\"",
    ];
    for comparison in yes {
        assert!(holds(&format!("$.latency {comparison}")), "{comparison}");
    }
    for comparison in [
        "> 50", "< 50", ">= 50.1", "<= 4.9e1", "!= 50", "= 5", "= 6*",
    ] {
        assert!(!holds(&format!("$.latency {comparison}")), "{comparison}");
    }
    assert!(holds("$.ratio < 0.3") && holds("$.ratio = 25e-2"));
}

#[test]
fn text_is_a_number_unless_in_scientific_notation() {
    assert!(holds("$.code = 400") && holds("$.code >= 400") && holds("$.account = 012345678901"));
    assert!(!holds("$.exponent = 400") && !holds("$.exponent > 1") && holds("$.exponent = 4e2"));
    assert!(!holds("$.eventType > 1") && !holds("$.eventType < 1"));
}

#[test]
fn is_looks_at_the_very_value() {
    assert!(holds("$.nothing IS NULL") && holds("$.yes IS TRUE") && holds("$.no IS FALSE"));
    assert!(!holds("$.missing IS NULL") && !holds("$.yes IS FALSE") && !holds("$.no IS TRUE"));
    assert!(!holds("$.empty IS NULL") && !holds("$.missing IS FALSE"));
    assert!(!matches("{ $.a IS TRUE }", r#"{"a": "true"}"#));
}

#[test]
fn not_exists_is_about_the_property_and_not_its_value() {
    assert!(holds("$.missing NOT EXISTS") && holds("$.user.name NOT EXISTS"));
    assert!(holds("$.tags[2] NOT EXISTS") && holds("$.objects[*].size NOT EXISTS"));
    assert!(!holds("$.nothing NOT EXISTS") && !holds("$.user NOT EXISTS"));
}

#[test]
fn what_is_no_string_or_number_never_compares() {
    for property in [
        "missing",
        "nothing",
        "yes",
        "tags",
        "user",
        "coordinates[0]",
    ] {
        for comparison in [
            "= 1", "!= 1", "= true", "!= true", "= *", "!= %x%", "< 1", "> 1",
        ] {
            assert!(
                !holds(&format!("$.{property} {comparison}")),
                "{property} {comparison}"
            );
        }
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let (yes, no) = ("$.latency = 50", "$.latency = 51");
    assert!(holds(&format!("{yes} || {no} && {no}")));
    assert!(!holds(&format!("({yes} || {no}) && {no}")));
    assert!(!holds(&format!("({no} && {yes}) || {no}")));
    assert!(holds(&format!("(({no})||{yes})&&{yes}")));
}

#[test]
fn the_documented_compound_expressions_hold() {
    assert!(holds(r#"($.user.id = 1) && ($.objects[0].name = "a")"#));
    assert!(holds(
        r#"$.eventType = "*" && $.sourceIPAddress != 123.123.*"#
    ));
    assert!(!holds(
        r#"($.user.id = 2 && $.objects[0].name = "nonmatch") || $.tags[2] = "GET""#
    ));
}

#[test]
fn a_console_login_without_mfa_is_found() {
    let pattern = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")
        && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#;
    let event = |mfa: &str| {
        format!(
            r#"{{"eventName": "ConsoleLogin", "additionalEventData": {{"MFAUsed": "{mfa}"}},
            "userIdentity": {{"type": "IAMUser"}}, "responseElements": {{"ConsoleLogin": "Success"}}}}"#
        )
    };
    assert!(matches(pattern, &event("No")) && !matches(pattern, &event("Yes")));
}

#[test]
fn only_a_json_object_matches() {
    for event in [
        "",
        "plain text",
        "[1]",
        "5",
        "null",
        "\"a\"",
        "{\"a\": 1",
        "{\"a\": 1} x",
    ] {
        assert!(!matches("{ $.b NOT EXISTS }", event), "{event}");
    }
    assert!(matches("{ $.b NOT EXISTS }", " {\"a\": 1}\n"));
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(!matches("{ $.b NOT EXISTS }", &deep));
}

#[test]
fn three_wildcards_a_pattern_and_one_a_selector_are_allowed() {
    assert!(!holds("$.a[*] = 1 && $.b.* = 1 && $.* = 1"));
    assert_eq!(
        error("{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }").position(),
        47
    );
    assert_eq!(error("{ $.a[*].b.* = 1 }").position(), 11);
}

#[test]
fn parentheses_nest_to_a_limit() {
    let nested = |depth: usize| format!("{{{}$.a=1{}}}", "(".repeat(depth), ")".repeat(depth));
    assert!(matches(&nested(64), r#"{"a": 1}"#));
    let error = error(&nested(65));
    assert_eq!(error.position(), 65);
    assert!(
        error
            .to_string()
            .starts_with("parentheses are nested more than 64 deep")
    );
    crate::tests::error(&"{(".repeat(500));
    let beside = vec!["($.a=1)"; 65].join("||");
    assert!(matches(&format!("{{{beside}}}"), r#"{"a": 1}"#));
}

/// Position and end of the message, for slips people make.
#[test]
fn slips_are_errors_with_advice() {
    let cases = [
        (
            "{ $.a IS NOT TRUE }",
            9,
            "write `($.a IS FALSE || $.a NOT EXISTS)`",
        ),
        (
            "{ $.a IS NOT FALSE }",
            9,
            "write `($.a IS TRUE || $.a NOT EXISTS)`",
        ),
        (
            "{ $.a IS NOT NULL }",
            9,
            "write `$.a = *` for any string or number",
        ),
        ("{ $.a IS NOT EXISTS }", 9, "write `$.a NOT EXISTS`"),
        (
            "{ $.a EXISTS }",
            6,
            "write `$.a = *` for any string or number",
        ),
        ("{ $.a NOT NULL }", 10, "write `$.a NOT EXISTS`"),
        ("{ $.a is null }", 6, "write `IS` in capitals"),
        ("{ $.a IS null }", 9, "write `NULL` in capitals"),
        ("{ $.a == 1 }", 6, "equality is `=`"),
        ("{ $.a <> 1 }", 6, "inequality is `!=`"),
        ("{ $.a =! 1 }", 6, "inequality is `!=`"),
        ("{ $.a = 'Root' }", 8, "write `\"Root\"`"),
        ("{ $.a = “Root” }", 8, "write `\"Root\"`"),
        ("{ $.a = us-east-1 }", 10, "write `\"us-east-1\"`"),
        (
            "{ $.a = 1 and $.b = 2 }",
            10,
            "conditions are joined with `&&`",
        ),
        (
            "{ ($.a = 1 | $.b = 2) }",
            11,
            "conditions are joined with `||`",
        ),
        (
            "{ $.@message = 1 }",
            4,
            "write a name with other characters as `$.['cluster.name']`",
        ),
        (
            "{ $.a:b = 1 }",
            5,
            "write a name with other characters as `$.['cluster.name']`",
        ),
        (
            "{ $['a'] = 1 }",
            3,
            "put a `.` before the bracket: `$.['…']`",
        ),
        (
            "{ $.a['b'] = 1 }",
            6,
            "put a `.` before the bracket: `.['…']`",
        ),
    ];
    for (pattern, position, advice) in cases {
        let error = error(pattern);
        assert_eq!(error.position(), position, "{pattern}: {error}");
        assert!(error.to_string().ends_with(advice), "{pattern}: {error}");
    }
}

#[test]
fn what_breaks_the_syntax_is_an_error_where_it_does() {
    let cases = [
        ("{}", 1),
        ("{ }", 2),
        ("{", 1),
        ("{ $.a", 5),
        ("{ $.a }", 6),
        ("{ $.a = }", 8),
        ("{ $.a = 1", 9),
        ("{ $.a = 1 ]", 10),
        ("{ ($.a = 1 }", 11),
        ("{ $.a = 1) }", 9),
        ("{ $.a = 1 && }", 13),
        ("{ $.a = 1 } x", 12),
        ("{ a = 1 }", 2),
        ("{ $ = 1 }", 3),
        ("{ $[0] = 1 }", 3),
        ("{ $.a. = 1 }", 6),
        ("{ $.a[-1] = 1 }", 6),
        ("{ $.a[ = 1 }", 6),
        ("{ $.a[99999999999999999999] = 1 }", 6),
        ("{ $.a[1 = 1 }", 7),
        ("{ $.[] = 1 }", 5),
        ("{ $.[''] = 1 }", 6),
        ("{ $.['a = 1 }", 13),
        ("{ $.['a' = 1 }", 8),
        ("{ $.a > abc }", 8),
        ("{ $.a > 4* }", 8),
        ("{ $.a < \"5\" }", 8),
        ("{ $.a > }", 8),
        ("{ $.a = \"b }", 12),
        ("{ $.a = \"b\" $.c = 1 }", 12),
        ("{ $.a ~ 1 }", 6),
        ("{ $.a IS }", 9),
        ("{ $.a < 1e999 }", 8),
    ];
    for (pattern, position) in cases {
        let error = error(pattern);
        assert_eq!(error.position(), position, "{pattern}: {error}");
    }
}

#[test]
fn quotes_and_backslashes_in_strings_are_escaped() {
    assert!(matches(
        r#"{ $.a = "say \"hi\"" }"#,
        r#"{"a": "say \"hi\""}"#
    ));
    assert!(matches(
        r#"{ $.a = "C:\\d" && $.a = "C:\d" }"#,
        r#"{"a": "C:\\d"}"#
    ));
}

#[test]
fn a_printed_pattern_has_only_the_parentheses_it_needs() {
    let pattern = "{((($.a=1)||$.b  IS NULL) && ($.['c d']=\"x\"&&($.['e']!=4*)))}";
    let printed = r#"{ ($.a = 1 || $.b IS NULL) && $.['c d'] = "x" && $.e != 4* }"#;
    assert_eq!(crate::Pattern::parse(pattern).unwrap().to_string(), printed);
}
