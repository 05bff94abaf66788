//! Conditions that are known in part, and documents that are too much.

use super::world::*;
use crate::prove::*;

#[test]
fn a_limit_on_the_age_of_a_session_takes_away_from_older_ones() {
    let limited = document(
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&preset(), &admin(), &limited]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let refuted: Vec<_> = proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .collect();
    let [
        Proof {
            claim: Claim::FullAccessWithMfa,
            verdict: Verdict::Violated { witness },
            ..
        },
    ] = refuted.as_slice()
    else {
        panic!("{refuted:?}");
    };
    assert_eq!(witness.context["aws:multifactorauthage"], "3601");
    assert_eq!(witness.action, "s3:GetObject");
}

#[test]
fn a_grant_in_one_region_is_shown_by_a_request_there() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&granting]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let Verdict::Violated { witness } = &proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(witness.context["aws:requestedregion"], "eu-west-1");
}

#[test]
fn what_depends_on_an_unknown_key_cannot_be_proved() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#,
    );
    let refuted = refuted_of(&[&granting]);
    assert_eq!(
        refuted[0],
        "user:alice only-self-service-without-mfa: ? it depends on aws:SourceIp, which can be anything: s3:GetObject on arn:aws:s3:::some-bucket/some-object with an access key, by statement 1 of policy/policy-0 through group/people"
    );
}

#[test]
fn two_regions_that_exclude_each_other_allow_nothing() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}}"#,
    );
    assert!(!refuted_claims(&[&granting]).contains(&Claim::OnlySelfServiceWithoutMfa));
}

#[test]
fn a_value_that_no_policy_names_is_looked_at_too() {
    let denying = document(
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:RequestedRegion": "true"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&denying, &admin()]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let Verdict::Violated { witness } = &proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(witness.context["aws:requestedregion"], "other-0");
}

#[test]
fn patterns_too_entangled_cannot_be_proved() {
    let patterns: Vec<String> = ('a'..='z')
        .map(|letter| format!("\"s3:*{letter}*{letter}*{letter}*{letter}*\""))
        .collect();
    let statements: Vec<String> = patterns
        .iter()
        .map(|pattern| format!(r#"{{"Effect": "Allow", "Action": {pattern}, "Resource": "*"}}"#))
        .collect();
    let entangled = document(&statements.join(","));
    assert!(
        refuted_of(&[&entangled])[0].contains("? the patterns of its documents are too complex")
    );
}

#[test]
fn hostile_documents_come_to_an_answer() {
    let many = |count: usize, statement: &dyn Fn(usize) -> String| {
        document(&(0..count).map(statement).collect::<Vec<_>>().join(","))
    };
    let hostile = [
        many(400, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "s3:*{n}*", "Resource": "arn:aws:s3:::*{n}*"}}"#
            )
        }),
        many(400, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "*:*{n}", "NotResource": "arn:aws:s3:::{n}*", "Condition": {{"StringEquals": {{"aws:{n}": "{n}"}}}}}}"#
            )
        }),
        many(9, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringLike": {{"aws:PrincipalTag/{n}": ["a", "b"]}}}}}}"#
            )
        }),
        many(200, &|n| {
            format!(
                r#"{{"Effect": "Deny", "Action": "a:{n}*", "Resource": "arn:aws:{n}:*:*:*{n}?*?*{n}*", "Condition": {{"NumericLessThan": {{"aws:MultiFactorAuthAge": "{n}"}}}}}}"#
            )
        }),
        many(60, &|n| {
            format!(
                r#"{{"Effect": "Allow", "NotAction": "a:{}*", "Resource": "arn:aws:iam:*:*:*", "Condition": {{"IpAddress": {{"aws:SourceIp": "10.0.0.{n}"}}}}}}"#,
                n % 7
            )
        }),
        many(30, &|n| {
            format!(
                r#"{{"Effect": "Deny", "Action": "iam:?{}*{n}", "Resource": "arn:*:iam::${{aws:{n}}}:${{aws:username}}*${{x:{n}}}"}}"#,
                "?".repeat(n)
            )
        }),
        many(40, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "a{n}:*", "Resource": "arn:aws:s3:::{n}*", "Condition": {{"StringEquals": {{"aws:a{n}": "x", "aws:b{n}": "y", "aws:c{n}": "z", "aws:SourceVpce": "{n}"}}, "IpAddress": {{"aws:SourceIp": "10.0.0.{n}"}}}}}}"#
            )
        }),
    ];
    for document in &hostile {
        let snapshot = account(&PEOPLE, &[document, &preset(), &admin()]);
        assert_eq!(
            prove(&snapshot, &governing(&snapshot)).len(),
            PEOPLE.len() * Claim::OF_USERS.len()
        );
    }
}

#[test]
fn resources_too_entangled_to_be_told_apart_are_denied_all_the_same() {
    let patterns: Vec<String> = ('a'..='z')
        .map(|letter| format!("\"arn:aws:s3:*:*:*{letter}*{letter}*{letter}*{letter}*\""))
        .collect();
    let statements = patterns.iter().map(|pattern| {
        format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": {pattern}}}"#)
    });
    let entangled = document(&statements.collect::<Vec<_>>().join(","));
    assert_eq!(refuted_of(&[&preset(), &entangled]), [""; 0]);
    assert_eq!(
        refuted_of(&[&entangled])[0],
        "user:alice only-self-service-without-mfa: ? the patterns of its documents are too complex to be checked exhaustively; use fewer `*` within patterns"
    );
}
