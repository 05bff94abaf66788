use proptest::prelude::*;

use super::differential::cases::{random_case, simple_documents};
use super::*;
use crate::document::Document;

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

fn policy(statements: &str) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#);
    Policy::new(&Document::parse(&text).unwrap())
}

fn request(action: &str, resource: &str) -> Request {
    Request::new(
        action,
        resource,
        Context::default().with("aws:username", "alice"),
    )
    .unwrap()
}

fn applies(elements: &str, action: &str, resource: &str) -> bool {
    let policy = policy(&format!(r#"{{"Effect": "Allow", {elements}}}"#));
    let in_force = InForce {
        identity: vec![&policy],
        ..InForce::default()
    };
    in_force.evaluate(&request(action, resource)).is_allowed()
}

fn source(layer: Layer, policy: usize, statement: usize) -> Source {
    Source {
        layer,
        policy,
        statement,
    }
}

#[test]
fn nothing_is_allowed_by_default() {
    let decision = InForce::default().evaluate(&request("iam:GetUser", ALICE));
    assert_eq!(
        decision,
        Decision::ImplicitlyDenied {
            missing: vec![Layer::Identity]
        }
    );
}

#[test]
fn what_several_policies_allow_is_allowed_by_all_of_them() {
    let (none, some) = (
        policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#),
        policy(
            r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]"#,
        ),
    );
    let in_force = InForce {
        identity: vec![&some, &none, &some],
        ..InForce::default()
    };
    let by = vec![source(Layer::Identity, 0, 1), source(Layer::Identity, 2, 1)];
    assert_eq!(
        in_force.evaluate(&request("iam:GetUser", ALICE)),
        Decision::Allowed { by }
    );
}

#[test]
fn an_explicit_deny_wins_from_any_layer() {
    let (allow, deny) = (
        policy(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
        policy(
            r#"[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]"#,
        ),
    );
    let in_force = |identity, boundary, session, level| InForce {
        identity: vec![identity],
        boundary: Some(boundary),
        session: Some(vec![session]),
        service_control: vec![vec![&allow], vec![level]],
    };
    let request = request("iam:GetUser", ALICE);
    for (in_force, layer) in [
        (in_force(&deny, &allow, &allow, &allow), Layer::Identity),
        (in_force(&allow, &deny, &allow, &allow), Layer::Boundary),
        (in_force(&allow, &allow, &deny, &allow), Layer::Session),
        (
            in_force(&allow, &allow, &allow, &deny),
            Layer::ServiceControl(1),
        ),
    ] {
        let by = vec![source(layer, 0, 1)];
        assert_eq!(
            in_force.evaluate(&request),
            Decision::ExplicitlyDenied { by }
        );
    }
    assert!(
        in_force(&allow, &allow, &allow, &allow)
            .evaluate(&request)
            .is_allowed()
    );
}

#[test]
fn every_layer_must_allow_and_only_identity_policies_grant() {
    let all = policy(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    let other = policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    let missing = |in_force: InForce<'_>| match in_force.evaluate(&request("iam:GetUser", ALICE)) {
        Decision::ImplicitlyDenied { missing } => missing,
        decision => panic!("{decision:?}"),
    };
    let in_force = InForce {
        identity: vec![&all],
        boundary: Some(&other),
        session: Some(vec![&other]),
        service_control: vec![vec![&other, &all], vec![&other], vec![]],
    };
    let limits = [
        Layer::Boundary,
        Layer::Session,
        Layer::ServiceControl(1),
        Layer::ServiceControl(2),
    ];
    assert_eq!(missing(in_force), limits);
    let in_force = InForce {
        boundary: Some(&all),
        ..InForce::default()
    };
    assert_eq!(missing(in_force), [Layer::Identity]);
}

#[test]
fn the_policies_of_one_layer_allow_together() {
    let (users, groups) = (
        policy(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}"#),
        policy(r#"{"Effect": "Allow", "Action": "iam:GetGroup", "Resource": "*"}"#),
    );
    let in_force = InForce {
        identity: vec![&users, &groups],
        session: Some(vec![&groups, &users]),
        service_control: vec![vec![&users, &groups]],
        ..InForce::default()
    };
    let by = vec![
        source(Layer::Identity, 0, 0),
        source(Layer::Session, 1, 0),
        source(Layer::ServiceControl(0), 0, 0),
    ];
    assert_eq!(
        in_force.evaluate(&request("iam:GetUser", ALICE)),
        Decision::Allowed { by }
    );
}

#[test]
fn not_action_applies_to_all_but_those_listed() {
    let elements = r#""NotAction": ["iam:get*", "s3:*"], "Resource": "*""#;
    assert!(!applies(elements, "IAM:GetUser", ALICE));
    assert!(!applies(elements, "s3:ListBuckets", "*"));
    assert!(applies(elements, "iam:CreateUser", ALICE));
}

#[test]
fn an_action_without_a_name_matches_nothing() {
    assert!(!applies(
        r#""Action": "eks:", "Resource": "*""#,
        "eks:ListClusters",
        "*"
    ));
    assert!(applies(
        r#""NotAction": "eks:", "Resource": "*""#,
        "eks:ListClusters",
        "*"
    ));
}

#[test]
fn a_variable_in_a_resource_is_replaced_behind_the_fifth_colon_only() {
    let resource = |resource| format!(r#""Action": "*", "Resource": "{resource}""#);
    assert!(applies(
        &resource("arn:aws:iam::*:user/${aws:username}"),
        "iam:GetUser",
        ALICE
    ));
    assert!(!applies(
        &resource("arn:aws:iam::*:user/${aws:username}"),
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/bob"
    ));
    assert!(!applies(
        &resource("arn:aws:iam::${aws:username}:user/x"),
        "iam:GetUser",
        "arn:aws:iam::alice:user/x"
    ));
}

#[test]
fn a_resource_with_a_variable_without_value_matches_none() {
    let (positive, negated) = (
        r#""Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}*""#,
        r#""Action": "*", "NotResource": "arn:aws:s3:::${aws:PrincipalTag/team}*""#,
    );
    assert!(!applies(positive, "s3:GetObject", "arn:aws:s3:::blue"));
    assert!(applies(negated, "s3:GetObject", "arn:aws:s3:::blue"));
    let with_default =
        r#""Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/team, 'blue'}*""#;
    assert!(applies(with_default, "s3:GetObject", "arn:aws:s3:::blues"));
}

#[test]
fn a_multivalued_key_is_no_value_for_a_variable_even_with_a_default() {
    let policy = policy(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:TagKeys, 'team'}"}"#,
    );
    let in_force = InForce {
        identity: vec![&policy],
        ..InForce::default()
    };
    let mut context = Context::default();
    let asks = |context: &Context| {
        Request::new("s3:GetObject", "arn:aws:s3:::team", context.clone()).unwrap()
    };
    assert!(in_force.evaluate(&asks(&context)).is_allowed());
    context.set(
        "aws:TagKeys",
        ContextValue::Multiple(vec!["team".to_owned()]),
    );
    assert!(!in_force.evaluate(&asks(&context)).is_allowed());
}

#[test]
fn variables_are_text_in_the_old_language() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::*:user/${aws:username}"}}"#;
    let policy = Policy::new(&Document::parse(text).unwrap());
    let in_force = InForce {
        identity: vec![&policy],
        ..InForce::default()
    };
    assert!(
        !in_force
            .evaluate(&request("iam:GetUser", ALICE))
            .is_allowed()
    );
    let literal = request(
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/${aws:username}",
    );
    assert!(in_force.evaluate(&literal).is_allowed());
}

#[test]
fn a_star_in_a_resource_reaches_beyond_slashes_and_colons() {
    let elements = r#""Action": "*", "Resource": "arn:aws:logs:*:log-group:a*""#;
    assert!(applies(
        elements,
        "logs:GetLogEvents",
        "arn:aws:logs:eu-west-1:123456789012:log-group:a/b:log-stream:c"
    ));
    assert!(!applies(
        elements,
        "logs:GetLogEvents",
        "arn:aws:logs:eu-west-1:123456789012:log-group:b"
    ));
}

#[test]
fn an_arn_that_ends_early_is_completed() {
    let elements = r#""Action": "*", "Resource": ["arn:aws:sqs", "arn:aws:sns:eu-west-1", "arn:aws:ec2:us-east-1:1"]"#;
    assert!(applies(
        elements,
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:123456789012:queue"
    ));
    assert!(applies(
        elements,
        "sns:Publish",
        "arn:aws:sns:eu-west-1:123456789012:topic"
    ));
    assert!(!applies(
        elements,
        "sns:Publish",
        "arn:aws:sns:us-east-1:123456789012:topic"
    ));
    assert!(!applies(
        elements,
        "sqs:SendMessage",
        "arn:aws:sqsx:us-east-1:123456789012:queue"
    ));
    assert!(applies(
        elements,
        "ec2:StopInstances",
        "arn:aws:ec2:us-east-1:1:instance/a"
    ));
}

#[test]
fn the_resource_star_is_matched_by_the_star_only() {
    assert!(applies(
        r#""Action": "*", "Resource": "*""#,
        "iam:ListUsers",
        "*"
    ));
    assert!(!applies(
        r#""Action": "*", "Resource": "arn:aws:iam::*:*""#,
        "iam:ListUsers",
        "*"
    ));
    assert!(applies(
        r#""Action": "*", "NotResource": "arn:aws:iam::*:*""#,
        "iam:ListUsers",
        "*"
    ));
}

#[test]
fn the_case_of_a_resource_makes_a_difference() {
    assert!(!applies(
        r#""Action": "*", "Resource": "arn:aws:iam::*:user/Alice""#,
        "iam:GetUser",
        ALICE
    ));
}

#[test]
fn a_trust_policy_neither_allows_nor_denies_a_request() {
    let trust = |effect| {
        let text = format!(
            r#"{{"Statement": {{"Effect": "{effect}", "Principal": "*", "Action": "sts:AssumeRole"}}}}"#
        );
        Policy::new(&Document::parse_trust(&text).unwrap())
    };
    let (allow, deny) = (trust("Allow"), trust("Deny"));
    let in_force = InForce {
        identity: vec![&allow, &deny],
        ..InForce::default()
    };
    let decision = in_force.evaluate(&request(
        "sts:AssumeRole",
        "arn:aws:iam::123456789012:role/a",
    ));
    assert_eq!(
        decision,
        Decision::ImplicitlyDenied {
            missing: vec![Layer::Identity]
        }
    );
}

/// Returns the document with the statements of one effect only, if it has any.
fn only(effect: Effect, mut document: Document) -> Option<Document> {
    document
        .statements
        .retain(|statement| statement.effect() == effect);
    (!document.statements.is_empty()).then_some(document)
}

proptest! {
    #[test]
    fn another_allow_takes_nothing_away(case in random_case(), document in simple_documents()) {
        let mut more = case.clone();
        more.identity.extend(only(Effect::Allow, document));
        prop_assert!(case.decide() != "Allowed" || more.decide() == "Allowed");
    }

    #[test]
    fn another_deny_allows_nothing(case in random_case(), document in simple_documents()) {
        let mut more = case.clone();
        more.identity.extend(only(Effect::Deny, document));
        prop_assert!(more.decide() != "Allowed" || case.decide() == "Allowed");
    }

    #[test]
    fn a_document_and_its_canonical_form_decide_the_same(case in random_case()) {
        let canonical = |documents: &[Document]| documents.iter().map(Document::canonical).collect();
        let mut other = case.clone();
        other.identity = canonical(&case.identity);
        other.boundary = case.boundary.as_ref().map(Document::canonical);
        other.service_control = case.service_control.iter().map(|level| canonical(level)).collect();
        prop_assert_eq!(case.decide(), other.decide());
    }
}
