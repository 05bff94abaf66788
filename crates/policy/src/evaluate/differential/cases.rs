//! The cases: every operator with values made for it, every form of action and resource, and random policies.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::Case;
use crate::condition::{Comparison, SetQualifier};
use crate::document::Document;
use crate::evaluate::ContextValue;
use crate::generate::documents;

/// Returns all cases, always the same.
pub(super) fn all() -> Vec<Case> {
    let mut cases = operators();
    cases.extend(elements());
    cases.extend(random());
    cases
}

/// Holds values of a condition, and of the key that they are compared with.
struct Values {
    comparisons: &'static [Comparison],
    asked: &'static [&'static str],
    given: &'static [&'static str],
}

const VALUES: [Values; 8] = [
    Values {
        comparisons: &[
            Comparison::StringEquals,
            Comparison::StringNotEquals,
            Comparison::StringEqualsIgnoreCase,
            Comparison::StringNotEqualsIgnoreCase,
            Comparison::StringLike,
            Comparison::StringNotLike,
        ],
        asked: &[
            "alice",
            "ALICE",
            "al*",
            "?lice",
            "*",
            "",
            "a.*",
            "${aws:username}",
            "x${aws:username}",
            "${AWS:UserName}*",
            "${aws:PrincipalTag/none}",
            "${aws:PrincipalTag/none, 'alice'}",
            "${aws:username, 'bob'}",
            "${*}",
            "a${?}b",
            "${$}",
            "${aws:TagKeys}",
            "${",
            "$alice",
        ],
        given: &[
            "alice",
            "Alice",
            "ali",
            "",
            "*",
            "a?b",
            "xalice",
            "$",
            "team",
            "${aws:username}",
        ],
    },
    Values {
        comparisons: &[
            Comparison::NumericEquals,
            Comparison::NumericNotEquals,
            Comparison::NumericLessThan,
            Comparison::NumericLessThanEquals,
            Comparison::NumericGreaterThan,
            Comparison::NumericGreaterThanEquals,
        ],
        asked: &["10", "10.0", "-5", "0.5", "ten", "", "${aws:username}"],
        given: &["10", "9", "10.5", "-5", "+10", "0", "ten", ""],
    },
    Values {
        comparisons: &[
            Comparison::DateEquals,
            Comparison::DateNotEquals,
            Comparison::DateLessThan,
            Comparison::DateLessThanEquals,
            Comparison::DateGreaterThan,
            Comparison::DateGreaterThanEquals,
        ],
        asked: &[
            "2024-01-01T00:00:00Z",
            "2024-01-01",
            "2024-06",
            "1704067200",
            "soon",
            "",
        ],
        given: &[
            "2024-01-01T00:00:00Z",
            "2023-12-31T23:59:59.999Z",
            "2024-06-01T02:00:00+02:00",
            "1704067200",
            "1704067201",
            "soon",
        ],
    },
    Values {
        comparisons: &[Comparison::Bool],
        asked: &["true", "false", "True", "yes", ""],
        given: &["true", "false", "TRUE", "yes", ""],
    },
    Values {
        comparisons: &[Comparison::BinaryEquals],
        asked: &["QmluYXJ5", "QUJD", "not base64"],
        given: &["QmluYXJ5", "QUJD", "not base64"],
    },
    Values {
        comparisons: &[Comparison::IpAddress, Comparison::NotIpAddress],
        asked: &[
            "203.0.113.0/24",
            "203.0.113.7",
            "203.0.113.99/24",
            "0.0.0.0/0",
            "2001:db8::/32",
            "2001:db8::1",
            "::/0",
            "203.0.113.0/33",
            "here",
        ],
        given: &[
            "203.0.113.7",
            "203.0.114.1",
            "2001:db8::1",
            "2001:DB8:0::1",
            "2002::1",
            "::ffff:203.0.113.7",
            "here",
            "",
        ],
    },
    Values {
        comparisons: &[
            Comparison::ArnEquals,
            Comparison::ArnLike,
            Comparison::ArnNotEquals,
            Comparison::ArnNotLike,
        ],
        asked: &[
            "arn:aws:iam::123456789012:user/alice",
            "arn:aws:iam::*:user/*",
            "arn:*:*:*:*:*",
            "arn:aws:iam::12345678901?:*",
            "arn:aws:iam::123456789012:user/${aws:username}",
            "arn:aws:iam::*:user/${aws:PrincipalTag/none}",
            "${aws:PrincipalArn}",
            "arn:aws:sns:*:*:a*",
            "arn:aws:*:user/alice",
            "*",
            "",
        ],
        given: &[
            "arn:aws:iam::123456789012:user/alice",
            "arn:aws:iam::123456789012:user/people/alice",
            "arn:aws:sns:eu-west-1:1:a:b",
            "arn:aws:sns",
            "alice",
            "",
        ],
    },
    Values {
        comparisons: &[Comparison::Null],
        asked: &["true", "false", "TRUE", "yes", ""],
        given: &["a", ""],
    },
];

/// Returns every operator with every qualifier, with the values made for it one by one and two at once, for a key that
/// is absent, single-valued and multivalued.
fn operators() -> Vec<Case> {
    let mut cases = Vec::new();
    for values in &VALUES {
        let asked = lists(values.asked);
        let given = values
            .given
            .iter()
            .map(|value| Some(ContextValue::Single((*value).to_owned())));
        let several = lists(values.given)
            .into_iter()
            .rev()
            .take(4)
            .map(|values| Some(ContextValue::Multiple(values)));
        let given: Vec<Option<ContextValue>> = given.chain(several).chain([None]).collect();
        for (operator, asked) in pairs(&names(values.comparisons), &asked) {
            let one = operator_case(operator, asked);
            cases.extend(given.iter().map(|value| {
                let mut case = one.clone();
                case.context
                    .extend(value.clone().map(|value| ("test:key", value)));
                case
            }));
        }
    }
    cases
}

/// Returns each value by itself, and in pairs.
fn lists(values: &[&str]) -> Vec<Vec<String>> {
    let one = values.chunks(1);
    one.chain(values.chunks_exact(2))
        .map(|values| values.iter().map(|value| (*value).to_owned()).collect())
        .collect()
}

fn names(comparisons: &[Comparison]) -> Vec<String> {
    let qualifiers = SetQualifier::ALL.map(|qualifier| format!("{}:", qualifier.as_str()));
    let qualifiers = [String::new()].into_iter().chain(qualifiers);
    let plain = qualifiers.flat_map(|qualifier| {
        comparisons
            .iter()
            .map(move |one| format!("{qualifier}{}", one.as_str()))
    });
    plain
        .flat_map(|name| {
            let if_exists = (!name.ends_with("Null")).then(|| format!("{name}IfExists"));
            [Some(name), if_exists].into_iter().flatten()
        })
        .collect()
}

fn operator_case(operator: &str, asked: &[String]) -> Case {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"test:Key": asked}}});
    case(
        &statement,
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:123456789012:queue",
    )
}

/// Returns a case with one identity policy and what is known of alice.
fn case(statement: &Value, action: &str, resource: &str) -> Case {
    let single = |value: &str| ContextValue::Single(value.to_owned());
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    Case {
        identity: vec![Document::from_value(&document).unwrap()],
        boundary: None,
        service_control: Vec::new(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: vec![
            ("aws:username", single("alice")),
            (
                "aws:PrincipalArn",
                single("arn:aws:iam::123456789012:user/alice"),
            ),
            ("aws:PrincipalAccount", single("123456789012")),
            (
                "aws:TagKeys",
                ContextValue::Multiple(vec!["team".to_owned(), "cost".to_owned()]),
            ),
        ],
    }
}

const ACTIONS: [&str; 12] = [
    "*",
    "*:*",
    "iam:*",
    "iam:GetUser",
    "IAM:getuser",
    "iam:Get*",
    "iam:*User",
    "iam:Get?ser",
    "s3:*",
    "s3:GetObject",
    "sqs:",
    "*:Get*",
];

const REQUESTED_ACTIONS: [&str; 6] = [
    "iam:GetUser",
    "IAM:GETUSER",
    "iam:GetUsers",
    "s3:GetObject",
    "s3:PutObject",
    "sqs:SendMessage",
];

const RESOURCES: [&str; 24] = [
    "*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::b?cket/*",
    "arn:aws:s3:::*",
    "arn:aws:s3",
    "arn:aws:s3:::",
    "arn:aws:s3:::a${*}b",
    "arn:aws:s3:::a${$}{b",
    "arn:aws:s3:::${aws:PrincipalTag/none}*",
    "arn:aws:s3:::${aws:PrincipalTag/none, 'bucket'}/*",
    "arn:aws:s3:::${aws:TagKeys}",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::*:user/*/${aws:username}",
    "arn:aws:iam::123456789012:*",
    "arn:*:iam::*:user/Alice",
    "arn:aws:iam::${aws:PrincipalAccount}:user/alice",
    "arn:aws:IAM::*:user/alice",
    "arn:aws:logs:*:*:log-group:*",
    "arn:aws:logs:*:*:log-group:a:*",
    "arn:aws:logs:*:log-group:a",
    "arn:aws:logs:eu-*",
    "arn:aws:logs:eu-*-1:*:*",
    "arn:aws:logs:*1:*:*",
];

const REQUESTED_RESOURCES: [&str; 13] = [
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/a",
    "arn:aws:s3:::bucket/a/b:c",
    "arn:aws:s3:::bäcket/a",
    "arn:aws:s3:::a${b",
    "arn:aws:s3:::team",
    "arn:aws:s3:::",
    "arn:aws:iam::123456789012:user/alice",
    "arn:aws:iam::123456789012:user/people/alice",
    "arn:aws:iam::123456789012:user/Alice",
    "arn:aws:logs:eu-west-1:123456789012:log-group:a",
    "arn:aws:logs:eu-west-1:123456789012:log-group:a:log-stream:b",
    "arn:aws-cn:iam::123456789012:user/Alice",
];

/// Returns every form of action and resource, negated too, in both versions of the language.
fn elements() -> Vec<Case> {
    let mut cases = Vec::new();
    for element in ["Action", "NotAction"] {
        for (asked, requested) in pairs(&ACTIONS, &REQUESTED_ACTIONS) {
            let statement = json!({"Effect": "Allow", element: asked, "Resource": "*"});
            cases.push(case(
                &statement,
                requested,
                "arn:aws:sqs:us-east-1:123456789012:queue",
            ));
        }
    }
    for element in ["Resource", "NotResource"] {
        for (asked, requested) in pairs(&RESOURCES, &REQUESTED_RESOURCES) {
            let statement = json!({"Effect": "Deny", "Action": "*", element: asked});
            cases.push(case(&statement, "sqs:SendMessage", requested));
            let mut old = case(&statement, "sqs:SendMessage", requested);
            let value =
                json!({"Statement": serde_json::to_value(&old.identity[0]).unwrap()["Statement"]});
            old.identity = vec![Document::from_value(&value).unwrap()];
            cases.push(old);
        }
    }
    cases
}

/// Returns every element of one list with every element of another.
fn pairs<'a, A, B>(one: &'a [A], other: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    one.iter()
        .flat_map(move |one| other.iter().map(move |other| (one, other)))
}

/// Returns random policies of every layer.
fn random() -> Vec<Case> {
    let mut runner = TestRunner::deterministic();
    let cases = random_case();
    (0..2_000)
        .map(|_| cases.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Generates cases with policies of every layer.
pub(in crate::evaluate) fn random_case() -> impl Strategy<Value = Case> {
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let everything = Document::from_value(&everything).unwrap();
    let document = || prop_oneof![documents(), simple_documents(), Just(everything.clone())];
    let requested = (select(&REQUESTED_ACTIONS), select(&REQUESTED_RESOURCES));
    let layers = (
        vec(document(), 0..4),
        option::of(document()),
        vec(vec(document(), 1..3), 0..2),
    );
    (layers, requested, random_context()).prop_map(
        |((identity, boundary, service_control), (action, resource), context)| Case {
            identity,
            boundary,
            service_control,
            context,
            ..case(
                &json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
                action,
                resource,
            )
        },
    )
}

fn random_context() -> impl Strategy<Value = Vec<(&'static str, ContextValue)>> {
    let values = |key: &'static str, values: &'static [&'static str]| {
        option::of(select(values))
            .prop_map(move |value| Some((key, ContextValue::Single(value?.to_owned()))))
    };
    let tags = option::of(vec(select(&["team", "cost"]), 1..3)).prop_map(|tags| {
        let tags = tags?.into_iter().map(str::to_owned).collect();
        Some(("aws:TagKeys", ContextValue::Multiple(tags)))
    });
    let keys = (
        values("aws:username", &["alice", "bob"]),
        values("aws:MultiFactorAuthPresent", &["true", "false"]),
        values("aws:SourceIp", &["203.0.113.7", "10.0.0.1"]),
        values("iam:PassedToService", &["true", "1", "ec2.amazonaws.com"]),
        tags,
    );
    keys.prop_map(|(a, b, c, d, e)| [a, b, c, d, e].into_iter().flatten().collect())
}

/// Generates documents as people write them, so that many statements apply.
pub(in crate::evaluate) fn simple_documents() -> impl Strategy<Value = Document> {
    let conditions = [
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"Null": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}),
        json!({"StringLike": {"aws:username": ["a*", "c?rol"]}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
        json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["team", "owner"]}}),
        json!({"StringNotEqualsIfExists": {"aws:username": "alice", "iam:PassedToService": "ec2.amazonaws.com"}}),
    ];
    let negated = |name: &'static str| prop_oneof![3 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
    let statement = (
        prop_oneof![2 => Just("Allow"), 1 => Just("Deny")],
        (negated("Action"), vec(select(&ACTIONS), 1..3)),
        (
            negated("Resource"),
            vec(prop_oneof![Just("*"), select(&RESOURCES)], 1..3),
        ),
        option::of(select(conditions.to_vec())),
    );
    let statement = statement.prop_map(
        |(effect, (action, actions), (resource, resources), condition)| {
            let mut statement = json!({"Effect": effect, action: actions, resource: resources});
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    );
    vec(statement, 1..4).prop_map(|statements| {
        Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
    })
}
