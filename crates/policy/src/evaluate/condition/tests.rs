use super::*;
use crate::document::Document;

/// Tells whether a condition holds.
#[track_caller]
fn holds(condition: &str, context: &Context) -> bool {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {condition}}}}}"#
    );
    let document = Document::parse(&text).unwrap();
    let statement = document.statements().next().unwrap();
    let tests = Test::all(statement.condition().unwrap(), document.version());
    tests.iter().all(|test| test.holds(context))
}

fn absent() -> Context {
    Context::default()
}

fn mfa(value: &str) -> Context {
    absent().with("aws:MultiFactorAuthPresent", value)
}

fn tags(tags: &[&str]) -> Context {
    let mut context = absent();
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    context.set("aws:TagKeys", ContextValue::Multiple(tags));
    context
}

#[test]
fn bool_does_not_hold_for_an_absent_key_and_bool_if_exists_does() {
    for asked in ["true", "false"] {
        let bool = format!(r#"{{"Bool": {{"aws:MultiFactorAuthPresent": "{asked}"}}}}"#);
        assert!(!holds(&bool, &absent()));
        assert!(holds(&bool, &mfa(asked)));
        let if_exists = bool.replace("Bool", "BoolIfExists");
        assert!(holds(&if_exists, &absent()));
        assert!(holds(&if_exists, &mfa(asked)));
    }
    let if_exists = r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
    assert!(!holds(if_exists, &mfa("true")));
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    let null = |asked| format!(r#"{{"Null": {{"aws:MultiFactorAuthPresent": {asked}}}}}"#);
    assert!(holds(&null("true"), &absent()));
    assert!(!holds(&null("true"), &mfa("false")));
    assert!(holds(&null("\"False\""), &mfa("false")));
    assert!(!holds(&null("false"), &absent()));
    assert!(holds(&null("[true, false]"), &absent()));
    assert!(!holds(&null("\"yes\""), &absent()));
}

#[test]
fn the_case_of_keys_and_operators_makes_no_difference() {
    assert!(holds(
        r#"{"bool": {"AWS:multifactorauthpresent": "TRUE"}}"#,
        &mfa("true")
    ));
}

#[test]
fn negated_operators_hold_for_an_absent_key_with_and_without_if_exists() {
    for operator in [
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "NumericNotEquals",
        "DateNotEquals",
        "NotIpAddress",
        "ArnNotEquals",
        "ArnNotLike",
    ] {
        assert!(
            holds(&format!(r#"{{"{operator}": {{"a:b": "1"}}}}"#), &absent()),
            "{operator}"
        );
        assert!(
            holds(
                &format!(r#"{{"{operator}IfExists": {{"a:b": "1"}}}}"#),
                &absent()
            ),
            "{operator}"
        );
    }
    for comparison in Comparison::ALL
        .iter()
        .filter(|one| !one.is_negated() && **one != Comparison::Null)
    {
        let operator = comparison.as_str();
        assert!(
            !holds(&format!(r#"{{"{operator}": {{"a:b": "1"}}}}"#), &absent()),
            "{operator}"
        );
    }
}

#[test]
fn several_values_are_alternatives_and_none_may_match_when_negated() {
    let context = absent().with("aws:username", "alice");
    assert!(holds(
        r#"{"StringEquals": {"aws:username": ["bob", "alice"]}}"#,
        &context
    ));
    assert!(!holds(
        r#"{"StringNotEquals": {"aws:username": ["bob", "alice"]}}"#,
        &context
    ));
    assert!(holds(
        r#"{"StringNotEquals": {"aws:username": ["bob", "carol"]}}"#,
        &context
    ));
}

#[test]
fn all_operators_and_keys_must_hold() {
    let context = mfa("true").with("aws:username", "alice");
    let condition = |name| {
        format!(
            r#"{{"Bool": {{"aws:MultiFactorAuthPresent": true}}, "StringEquals": {{"aws:username": "{name}"}}}}"#
        )
    };
    assert!(holds(&condition("alice"), &context));
    assert!(!holds(&condition("bob"), &context));
    assert!(!holds(
        &condition("alice"),
        &absent().with("aws:username", "alice")
    ));
}

#[test]
fn what_is_not_comparable_fulfils_neither_an_operator_nor_its_negation() {
    let context = absent().with("aws:SourceIp", "AWS Internal");
    assert!(!holds(
        r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
        &context
    ));
    assert!(!holds(
        r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
        &context
    ));
    assert!(holds(
        r#"{"IpAddress": {"aws:SourceIp": ["nonsense", "::1"]}}"#,
        &absent().with("aws:SourceIp", "::1")
    ));
}

#[test]
fn a_variable_without_value_equals_nothing_so_negated_operators_hold() {
    let context = absent().with("s3:ExistingObjectTag/Team", "blue");
    let condition = |operator| {
        format!(
            r#"{{"{operator}": {{"s3:ExistingObjectTag/Team": "${{aws:PrincipalTag/Team}}"}}}}"#
        )
    };
    assert!(!holds(&condition("StringEquals"), &context));
    assert!(holds(&condition("StringNotEquals"), &context));
    assert!(holds(&condition("StringNotLike"), &context));
    assert!(!holds(
        &condition("StringNotEquals"),
        &context.with("aws:PrincipalTag/Team", "blue")
    ));
}

#[test]
fn for_all_values_holds_when_every_value_matches_or_there_is_none() {
    let condition = r#"{"ForAllValues:StringLike": {"aws:TagKeys": ["team", "cost*"]}}"#;
    assert!(holds(condition, &tags(&["team", "costs"])));
    assert!(!holds(condition, &tags(&["team", "owner"])));
    assert!(holds(condition, &tags(&[])));
    assert!(holds(condition, &absent()));
    assert!(holds(condition, &tags(&[""])));
    assert!(!holds(condition, &tags(&["", "owner"])));
}

#[test]
fn for_any_value_holds_when_one_value_matches() {
    let condition = r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["team", "cost"]}}"#;
    assert!(holds(condition, &tags(&["owner", "team"])));
    assert!(!holds(condition, &tags(&["owner"])));
    assert!(!holds(condition, &tags(&[])));
    assert!(!holds(condition, &absent()));
    assert!(!holds(
        r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ""}}"#,
        &tags(&[""])
    ));
}

#[test]
fn qualified_negated_operators_ask_each_value_to_match_none() {
    let all = r#"{"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}"#;
    assert!(holds(all, &tags(&["c", "d"])));
    assert!(!holds(all, &tags(&["a", "c"])));
    assert!(holds(all, &absent()));
    let any = r#"{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}"#;
    assert!(holds(any, &tags(&["a", "c"])));
    assert!(!holds(any, &tags(&["a", "b"])));
    assert!(!holds(any, &absent()));
}

#[test]
fn if_exists_holds_for_an_absent_key_with_any_qualifier() {
    assert!(holds(
        r#"{"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}"#,
        &absent()
    ));
    assert!(holds(
        r#"{"ForAllValues:StringEqualsIfExists": {"aws:TagKeys": "a"}}"#,
        &absent()
    ));
    assert!(!holds(
        r#"{"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}"#,
        &tags(&["b"])
    ));
}

#[test]
fn a_multivalued_key_needs_a_qualifier() {
    for operator in ["StringEquals", "StringNotEquals", "StringEqualsIfExists"] {
        let condition = format!(r#"{{"{operator}": {{"aws:TagKeys": "a"}}}}"#);
        assert!(!holds(&condition, &tags(&["a"])), "{operator}");
        assert!(!holds(&condition, &tags(&["b"])), "{operator}");
    }
}

#[test]
fn a_qualifier_takes_a_single_valued_key_for_one_value() {
    let context = absent().with("aws:username", "alice");
    assert!(holds(
        r#"{"ForAnyValue:StringEquals": {"aws:username": "alice"}}"#,
        &context
    ));
    assert!(!holds(
        r#"{"ForAllValues:StringEquals": {"aws:username": "bob"}}"#,
        &context
    ));
}
