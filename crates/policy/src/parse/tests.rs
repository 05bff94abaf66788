use proptest::prelude::*;
use serde_json::{Value, json};

use crate::document::{Document, Version};
use crate::generate::{documents, trust_documents};

/// Returns the mistakes in a text, each in one line.
#[track_caller]
fn mistakes(text: &str) -> Vec<String> {
    Document::parse(text)
        .unwrap_err()
        .mistakes()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Returns the mistakes in an identity policy of one statement, without their places.
#[track_caller]
fn statement_mistakes(elements: &str) -> Vec<String> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{{elements}}}}}"#);
    without_places(&Document::parse(&text).unwrap_err())
}

fn without_places(error: &crate::ParseError) -> Vec<String> {
    error
        .mistakes()
        .iter()
        .map(|mistake| {
            crate::Mistake {
                location: None,
                ..mistake.clone()
            }
            .to_string()
        })
        .collect()
}

fn accepted(elements: &str) -> bool {
    Document::parse(&format!(r#"{{"Statement": {{{elements}}}}}"#)).is_ok()
}

fn action_accepted(action: &str) -> bool {
    accepted(&format!(
        r#""Effect": "Allow", "Action": {}, "Resource": "*""#,
        json!(action)
    ))
}

fn resource_accepted(resource: &str) -> bool {
    accepted(&format!(
        r#""Effect": "Allow", "Action": "*", "Resource": {}"#,
        json!(resource)
    ))
}

fn condition_accepted(condition: &str) -> bool {
    accepted(&format!(
        r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}"#
    ))
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_text_with_their_places() {
    let text = r#"{
  "Version": "2012-10-18",
  "Statement": [
    {"Sid": "not alphanumeric", "Effect": "allow", "Action": ["iam:GetUser", "GetUser"], "Resource": "*"},
    {"Effect": "Allow", "Action": "iam:*", "Resource": "user/alice",
     "Condition": {"Bol": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:username": {}}}}
  ],
  "Statements": 1
}"#;
    assert_eq!(
        mistakes(text),
        [
            "2:14: Version: invalid version `2012-10-18`: expected the version of the policy language, `2012-10-17` or `2008-10-17`; did you mean `2012-10-17`?",
            "4:13: Statement[0].Sid: invalid Sid `not alphanumeric`: a Sid must be alphanumeric: only `A`–`Z`, `a`–`z` and `0`–`9`",
            "4:43: Statement[0].Effect: invalid effect `allow`: expected `Allow` or `Deny`, written exactly so; did you mean `Allow`?",
            "4:78: Statement[0].Action[1]: invalid action `GetUser`: an action must be prefaced by its service, such as `iam:GetUser` or `s3:*`, or be `*`",
            "5:56: Statement[1].Resource: invalid resource `user/alice`: a resource must be an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, or `*`",
            "6:20: Statement[1].Condition.Bol: invalid condition operator `Bol`: expected a condition operator, such as `StringEquals`, `BoolIfExists` or `ForAnyValue:StringLike`; did you mean `Bool`?",
            "6:100: Statement[1].Condition.StringEquals.aws:username: expected a string, a number or a boolean, found an object",
            "8:3: Statements: `Statements` is not an element of the document: expected Version, Id, Statement; did you mean `Statement`?",
        ]
    );
}

#[test]
fn a_place_counts_characters_and_has_the_bytes_of_the_value() {
    let text = "{\"Id\": \"€😀\", \"Version\": 2012, \"Statement\": []}";
    let error = Document::parse(text).unwrap_err();
    let location = error.mistakes()[0].location.clone().unwrap();
    assert_eq!((location.line, location.column), (1, 25));
    assert_eq!(text.get(location.range), Some("2012"));
    assert_eq!(error.mistakes().len(), 2);
}

#[test]
fn a_value_has_paths_but_no_places() {
    let error = Document::from_value(
        &json!({"Statement": [{"Effect": "Deny", "Action": [], "Resource": "*"}]}),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Statement[0].Action: the list is empty: expected at least one item"
    );
}

#[test]
fn text_that_is_not_json_is_refused_where_it_stops_being_json() {
    let document_with = |tail: &str| format!("{{\n  \"Version\": \"2012-10-17\"{tail}");
    assert_eq!(
        mistakes(""),
        ["1:1: the document is not JSON: EOF while parsing a value"]
    );
    assert_eq!(
        mistakes(&document_with(",\n}")),
        ["3:1: the document is not JSON: trailing comma"]
    );
    assert_eq!(
        mistakes(&document_with(" // note\n}")),
        ["2:27: the document is not JSON: expected `,` or `}`"]
    );
    assert_eq!(
        mistakes(&document_with("} {}")),
        ["2:28: the document is not JSON: trailing characters"]
    );
    assert_eq!(
        mistakes("{'Version': 1}"),
        ["1:2: the document is not JSON: key must be a string"]
    );
}

#[test]
fn every_form_of_every_element_is_read() {
    let text = r#"{"Version": "2012-10-17", "Id": "x", "Statement": [
        {"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}},
        {"Sid": "", "Effect": "Deny", "NotAction": ["iam:Get*", "sts:?"], "NotResource": ["arn:aws:s3:::b/*"],
         "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}, "Bool": {"aws:SecureTransport": [true, "false"]},
                       "ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]}, "Null": {"aws:TokenIssueTime": true}}}]}"#;
    let document = Document::parse(text).unwrap();
    assert_eq!(
        (document.version(), document.id()),
        (Version::V2012_10_17, Some("x"))
    );
    let statement = document.statements().nth(1).unwrap();
    assert_eq!(statement.sid(), None);
    let tests: Vec<String> = statement
        .condition()
        .unwrap()
        .tests()
        .map(|(operator, key, values)| format!("{operator} {key} {values:?}"))
        .collect();
    assert_eq!(
        tests,
        [
            r#"NumericLessThan aws:MultiFactorAuthAge ["3600"]"#,
            r#"Bool aws:SecureTransport ["true", "false"]"#,
            r#"Null aws:TokenIssueTime ["true"]"#,
            r#"ForAllValues:StringLikeIfExists aws:TagKeys ["a", "b"]"#,
        ]
    );
}

#[test]
fn a_document_without_version_is_of_2008() {
    let document =
        Document::parse(r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#)
            .unwrap();
    assert_eq!(document.version(), Version::V2008_10_17);
}

#[test]
fn a_document_needs_a_statement() {
    assert_eq!(
        mistakes("{}"),
        ["1:1: the document has no `Statement`: expected a statement or a list of them"]
    );
    assert_eq!(
        mistakes("[]"),
        ["1:1: expected the document, an object, found a list"]
    );
    assert_eq!(
        mistakes(r#"{"Statement": []}"#),
        ["1:15: Statement: the list is empty: expected at least one item"]
    );
    assert_eq!(
        mistakes(r#"{"Statement": [null]}"#),
        ["1:16: Statement[0]: expected a statement, an object, found null"]
    );
}

#[test]
fn a_statement_needs_an_effect_actions_and_resources() {
    assert_eq!(
        statement_mistakes(""),
        [
            "Statement: the statement has no `Effect`: expected `Allow` or `Deny`",
            "Statement: the statement must contain actions: exactly one of `Action` and `NotAction`",
            "Statement: the statement must contain resources: exactly one of `Resource` and `NotResource`",
        ]
    );
}

#[test]
fn an_element_and_its_negation_exclude_each_other() {
    let elements =
        r#""Effect": "Deny", "Action": "*", "NotAction": "*", "Resource": "*", "NotResource": "*""#;
    assert_eq!(
        statement_mistakes(elements),
        [
            "Statement.NotAction: a statement can't have both `Action` and `NotAction`",
            "Statement.NotResource: a statement can't have both `Resource` and `NotResource`",
        ]
    );
}

#[test]
fn an_identity_policy_names_no_principal_and_a_trust_policy_no_resource() {
    let both =
        r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#;
    assert_eq!(
        statement_mistakes(both),
        [
            "Statement.Principal: an identity policy can't name a principal: it is about whom it is attached to"
        ]
    );
    let trust = Document::parse_trust(&format!(r#"{{"Statement": {{{both}}}}}"#)).unwrap_err();
    assert_eq!(
        without_places(&trust),
        [
            "Statement.Resource: a trust policy can't name resources: it belongs to the role that it is about"
        ]
    );
}

#[test]
fn a_trust_policy_needs_principals_of_known_kinds() {
    let trust = |principal: &str| {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", {principal} "Action": "sts:AssumeRole"}}}}"#
        );
        Document::parse_trust(&text).map_or_else(|error| without_places(&error), |_| Vec::new())
    };
    assert_eq!(
        trust(r#""Principal": {"Service": ["a", "b"], "Federated": "c", "CanonicalUser": "d"},"#),
        [""; 0]
    );
    assert_eq!(
        trust(""),
        ["Statement: the statement must contain a principal: `Principal` or `NotPrincipal`"]
    );
    assert_eq!(
        trust(r#""Principal": {"Aws": "1"},"#),
        [
            "Statement.Principal.Aws: invalid kind of principal `Aws`: expected a kind of principal: `AWS`, `Service`, `Federated` or `CanonicalUser`; did you mean `AWS`?"
        ]
    );
    assert_eq!(
        trust(r#""NotPrincipal": "alice","#),
        [
            r#"Statement.NotPrincipal: expected `*` or an object such as `{"AWS": "…"}`, found a string"#
        ]
    );
    assert_eq!(
        trust(r#""Principal": {},"#),
        ["Statement.Principal: expected a kind of principal, found an empty object"]
    );
    assert_eq!(
        trust(r#""Principal": {"AWS": []},"#),
        ["Statement.Principal.AWS: the list is empty: expected at least one item"]
    );
    assert_eq!(
        trust(r#""Principal": {"AWS": ""},"#),
        ["Statement.Principal.AWS: expected the name of a principal, found an empty string"]
    );
}

#[test]
fn a_key_given_twice_is_refused_wherever_it_is() {
    let text = r#"{"Id": "a", "Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition":
        {"Bool": {"aws:SecureTransport": "true", "AWS:securetransport": "true"}, "bool": {"aws:x": "true"}}}, "\u0049d": "b"}"#;
    assert_eq!(
        mistakes(text),
        [
            "1:45: Statement.Effect: the key `Effect` is given twice in one object",
            "2:42: Statement.Condition.Bool.aws:SecureTransport: the condition key `aws:SecureTransport` is given twice: case makes no difference",
            "2:82: Statement.Condition.bool: the condition operator `bool` is given twice",
            "2:111: Id: the key `Id` is given twice in one object",
        ]
    );
}

#[test]
fn a_sid_is_unique_in_its_document() {
    let statement = r#"{"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"}"#;
    assert_eq!(
        mistakes(&format!(r#"{{"Statement": [{statement}, {statement}]}}"#)),
        [
            "1:88: Statement[1].Sid: the Sid `A` is taken: statement ids must be unique within a document"
        ]
    );
}

#[test]
fn actions_are_what_iam_takes_for_one() {
    for action in [
        "*",
        "*:*",
        "iam:*",
        "iam:Get?ser*",
        "elasticmapreduce:x",
        "a-b.c:X1",
        "eks:",
    ] {
        assert!(action_accepted(action), "{action}");
    }
    for action in [
        "",
        "iam",
        "GetUser",
        "iam:a:b",
        ":GetUser",
        "i*m:GetUser",
        "iam: GetUser",
        "iam:Gét",
        "${x}:y",
    ] {
        assert!(!action_accepted(action), "{action}");
    }
}

#[test]
fn resources_are_what_iam_takes_for_one() {
    for resource in [
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws-cn:iam::1:user/a:b",
        "arn:*:iam::*:user/${aws:username}",
        "arn:aws:sqs",
        "arn:aws:logs:*",
        "arn:aws-us-gov:ec2:*:*:*",
        "arn:aws:s3:::",
    ] {
        assert!(resource_accepted(resource), "{resource}");
    }
    for resource in [
        "",
        "**",
        "alice",
        "arn",
        "arn:aws",
        "arn:aws:",
        "arn:azure:s3:::b",
        "arn:${partition}:s3:::b",
        "arn::s3:::b",
        "arn:aws:s*:::b",
        "arn:aws:s3::b",
        "ARN:aws:s3:::b",
    ] {
        assert!(!resource_accepted(resource), "{resource}");
    }
}

#[test]
fn condition_operators_are_those_of_the_language() {
    for operator in [
        "Bool",
        "boolifexists",
        "ForAnyValue:ArnNotLikeIfExists",
        "FORALLVALUES:stringlike",
        "Null",
        "NotIpAddress",
    ] {
        assert!(
            condition_accepted(&format!(r#"{{"{operator}": {{"aws:x": "y"}}}}"#)),
            "{operator}"
        );
    }
    for operator in [
        "",
        "IfExists",
        "NullIfExists",
        "StringMatches",
        "ForSomeValues:Bool",
        "ForAnyValue",
        "Bool:ForAnyValue",
    ] {
        assert!(
            !condition_accepted(&format!(r#"{{"{operator}": {{"aws:x": "y"}}}}"#)),
            "{operator}"
        );
    }
}

#[test]
fn a_misspelt_operator_keeps_its_qualifier_in_the_suggestion() {
    let condition = r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValues:StringEqualIfExist": {"a:b": "c"}}"#;
    assert!(
        statement_mistakes(condition)[0]
            .ends_with("; did you mean `ForAnyValue:StringEqualsIfExists`?")
    );
}

#[test]
fn conditions_have_no_empty_parts() {
    assert!(condition_accepted(r#"{"StringEquals": {"aws:x": ""}}"#));
    for condition in [
        r#"{"Bool": {}}"#,
        r#"{"Bool": {"aws:x": []}}"#,
        r#"{"Bool": {"aws:x": null}}"#,
        r#"{"Bool": {"aws:x": [[]]}}"#,
        r#"{"Bool": {"x": "y"}}"#,
        r#"{"Bool": {":x": "y"}}"#,
        r#"{"Bool": {"aws:": "y"}}"#,
        r#"{"Bool": "y"}"#,
        "[]",
        "null",
    ] {
        assert!(!condition_accepted(condition), "{condition}");
    }
}

#[test]
fn control_characters_are_shown_and_long_values_cut() {
    let text = format!(
        r#"{{"Statement": {{"Effect": "\u001b[31m\u202e", "Action": "{}", "Resource": "*"}}}}"#,
        "a".repeat(10_000)
    );
    let mistakes = mistakes(&text);
    assert!(
        mistakes[0].contains(r"`\u{1b}[31m\u{202e}`"),
        "{mistakes:?}"
    );
    assert!(mistakes[1].len() < 500);
}

#[test]
fn a_key_that_could_be_taken_for_a_path_is_quoted_in_it() {
    let elements = r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"accounts.google.com:aud": []}}"#;
    assert!(
        statement_mistakes(elements)[0]
            .starts_with(r#"Statement.Condition.StringEquals["accounts.google.com:aud"]: "#)
    );
}

#[test]
fn a_document_longer_than_any_policy_is_refused() {
    let long = "a".repeat(1_048_400);
    let text = |rest: &str| {
        format!(
            r#"{{"Id": "{long}{rest}", "Statement": {{"Effect": "Deny", "Action": "*", "Resource": "*"}}}}"#
        )
    };
    assert!(Document::parse(&text("")).is_ok());
    let too_long = text(&"é".repeat(1_000));
    assert_eq!(
        mistakes(&too_long),
        ["1:1: the document has 1049475 characters: no policy has more than 1048576"]
    );
    let value: Value = serde_json::from_str(&too_long).unwrap();
    assert!(
        Document::from_value(&value)
            .unwrap_err()
            .to_string()
            .ends_with("no policy has more than 1048576")
    );
}

#[test]
fn deep_nesting_is_an_error_and_overflows_nothing() {
    for open in ["[", r#"{"Statement":"#, r#"{"Statement":["#] {
        assert_eq!(mistakes(&open.repeat(1_048_576 / open.len())).len(), 1);
    }
    let mut deep = Value::Null;
    for _ in 0..100_000 {
        deep = Value::Array(vec![deep]);
    }
    let document = Value::Object([("Statement".to_owned(), deep)].into_iter().collect());
    let error = Document::from_value(&document).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Statement[0]: expected a statement, an object, found a list"
    );
    // Such a value overflows the stack when it is dropped, which is not what is tested here.
    std::mem::forget(document);
}

#[test]
fn a_document_full_of_mistakes_is_read_in_time() {
    let text = format!(
        r#"{{"Statement": [{}0]}}"#,
        r#"{"Effect":1},"#.repeat(10_000)
    );
    assert_eq!(mistakes(&text).len(), 30_001);
}

proptest! {
    #[test]
    fn whatever_the_text_reading_it_ends(text in any::<String>()) {
        let _ = Document::parse(&text);
    }

    #[test]
    fn a_document_with_a_piece_cut_out_is_refused_or_read_in_full(
        document in prop_oneof![documents(), trust_documents()], from in any::<prop::sample::Index>(), length in 1..20_usize
    ) {
        let text: Vec<char> = document.to_json_pretty().chars().collect();
        let from = from.index(text.len());
        let cut: String = text[..from].iter().chain(text.iter().skip(from + length)).collect();
        if let Ok(read) = Document::parse(&cut) {
            prop_assert_eq!(Document::parse(&read.to_json()), Ok(read));
        }
        if let Ok(read) = Document::parse_trust(&cut) {
            prop_assert_eq!(Document::parse_trust(&read.to_json()), Ok(read));
        }
    }

    #[test]
    fn text_and_value_have_the_same_mistakes(text in r#"\{"Statement": ?(\{"(Effect|Action|Resource)": ?("Allow"|"iam:"|"\*"|1|\[\])\}|\[\]|1)\}"#) {
        let value: Value = serde_json::from_str(&text).unwrap();
        let sorted = |result: Result<Document, crate::ParseError>| {
            result.map_err(|error| {
                let mut mistakes = without_places(&error);
                mistakes.sort();
                mistakes
            })
        };
        prop_assert_eq!(sorted(Document::parse(&text)), sorted(Document::from_value(&value)));
    }
}
