//! What policies that enforce MFA, and those that mean to, come to.

use super::world::*;
use crate::prove::*;

#[test]
fn the_preset_proves_clean_beside_what_people_have() {
    for name in ["AdministratorAccess", "ReadOnlyAccess", "PowerUserAccess"] {
        assert_eq!(
            refuted(&account(&PEOPLE, &[&preset(), &aws(name)])),
            [""; 0],
            "{name}"
        );
    }
    assert_eq!(refuted(&account(&PEOPLE, &[&preset()])), [""; 0]);
}

#[test]
fn an_administrator_without_the_preset_can_do_anything_without_mfa() {
    let refuted = refuted_of(&[&aws("AdministratorAccess")]);
    assert_eq!(
        refuted,
        [
            "user:alice only-self-service-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice nothing-with-key: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice denied-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
        ]
    );
}

#[test]
fn bool_instead_of_bool_if_exists_lets_access_keys_through() {
    let preset = preset_but("BoolIfExists", "Bool");
    let without_null = preset_but(
        r#""Effect": "Deny",
      "NotAction": ["sts:GetCallerIdentity", "sts:GetSessionToken"]"#,
        r#""Effect": "Deny", "Action": "a:b""#,
    );
    assert_eq!(
        refuted_of(&[&preset, &admin()]),
        [""; 0],
        "the statement about access keys covers them"
    );
    let both = Document::parse(&without_null.to_json().replace("BoolIfExists", "Bool")).unwrap();
    assert_eq!(
        refuted_claims(&[&both, &admin()]),
        [
            Claim::OnlySelfServiceWithoutMfa,
            Claim::NothingWithKey,
            Claim::DeniedWithoutMfa
        ]
    );
    assert_eq!(
        refuted_claims(&[&without_null, &admin()]),
        [Claim::NothingWithKey]
    );
}

#[test]
fn exemptions_that_are_not_limited_to_oneself_open_others_to_whoever_holds_a_broad_grant() {
    let unscoped = preset_but(
        r#""DenySelfServiceToOthersUnlessMFA",
      "Effect": "Deny""#,
        r#""Nothing", "Effect": "Allow""#,
    );
    assert_eq!(
        refuted_of(&[&unscoped, &admin()]),
        [
            "user:alice only-self-service-without-mfa: iam:EnableMFADevice on arn:aws:iam::123456789012:user/somebody-else with a password only, by statement Nothing of policy/policy-0 through group/people, statement 1 of policy/policy-1 through group/people",
            "user:alice denied-without-mfa: iam:EnableMFADevice on arn:aws:iam::123456789012:user/somebody-else with a password only, by statement Nothing of policy/policy-0 through group/people, statement 1 of policy/policy-1 through group/people"
        ]
    );
}

#[test]
fn who_has_a_path_is_locked_out_by_a_pattern_without_one() {
    let pathless = preset_but(r#", "arn:aws:iam::*:user/*/${aws:username}""#, "");
    let refuted = refuted(&account(&PEOPLE, &[&pathless]));
    assert_eq!(
        refuted,
        [
            "user:alice can-enrol: iam:EnableMFADevice on arn:aws:iam::123456789012:user/eng/core/alice with a password only, by statement DenySelfServiceToOthersUnlessMFA of policy/policy-0 through group/people"
        ]
    );
}

#[test]
fn a_device_of_fixed_name_is_not_a_device_of_any_name() {
    let fixed = preset_but("arn:aws:iam::*:mfa/*", "arn:aws:iam::*:mfa/${aws:username}");
    assert_eq!(
        refuted_of(&[&fixed]),
        [
            "user:alice can-enrol: iam:CreateVirtualMFADevice on arn:aws:iam::123456789012:mfa/some-device with a password only"
        ]
    );
}

#[test]
fn enrolment_that_needs_mfa_is_a_deadlock() {
    let needing = document(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    );
    assert_eq!(refuted_claims(&[&needing]), [Claim::CanEnrol]);
}

#[test]
fn a_grant_that_needs_mfa_is_no_deny() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    );
    assert_eq!(
        refuted_claims(&[&granting]),
        [Claim::DeniedWithoutMfa, Claim::CanEnrol]
    );
    let if_exists = Document::parse(&granting.to_json().replace("Bool", "BoolIfExists")).unwrap();
    assert_eq!(
        refuted_claims(&[&if_exists]),
        [
            Claim::OnlySelfServiceWithoutMfa,
            Claim::DeniedWithoutMfa,
            Claim::CanEnrol
        ]
    );
}

#[test]
fn a_deny_that_is_not_about_mfa_is_no_enforcement() {
    let denying = document(r#"{"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}"#);
    assert_eq!(refuted_of(&[&preset(), &admin(), &denying]), [""; 0]);
}

#[test]
fn what_is_denied_anyway_is_not_taken_away_by_enforcement() {
    let denying = document(
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
           {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
    );
    assert_eq!(refuted_of(&[&preset(), &admin(), &denying]), [""; 0]);
}
