//! Each mistake that policies about MFA were found to have is found, by a lint or since a claim fails.

use std::collections::BTreeSet;

use model::FindingCode;

use super::world::*;
use crate::claim::Claim;
use crate::lint::lint;

const OWN: &str = r#""Resource": ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]"#;
const WITHOUT_MFA: &str =
    r#""Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
const ENROLMENT: &str = r#""iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken""#;

/// Returns the codes of all that is found wrong with a document: by itself, and held by a user.
fn found(statements: &str) -> BTreeSet<FindingCode> {
    let document = document(statements);
    let mistakes = lint("policy", &document)
        .into_iter()
        .map(|mistake| mistake.code);
    let claims = refuted_claims(&[&document]).into_iter();
    mistakes.chain(claims.map(Claim::code)).collect()
}

fn allow(actions: &str, resource: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": [{actions}], {resource}}}"#)
}

fn deny_but(exempt: &str) -> String {
    format!(r#"{{"Effect": "Deny", "NotAction": [{exempt}], "Resource": "*", {WITHOUT_MFA}}}"#)
}

/// A policy that lets people enrol and has the statement or the exemption given as well.
fn enforcing(statement: &str, exempt: &str) -> String {
    let exempt = [ENROLMENT, exempt].join(if exempt.is_empty() { "" } else { ", " });
    let devices = allow(
        r#""iam:CreateVirtualMFADevice""#,
        r#""Resource": "arn:aws:iam::*:mfa/*""#,
    );
    let own = allow(
        r#""iam:ChangePassword", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice""#,
        OWN,
    );
    let separator = if statement.is_empty() { "" } else { ", " };
    format!(
        "{devices}, {own}, {}{separator}{statement}",
        deny_but(&exempt)
    )
}

#[test]
fn every_mistake_that_policies_were_found_to_have_is_found() {
    let all = r#""Resource": "*""#;
    let fixed = r#""Resource": "arn:aws:iam::*:mfa/${aws:username}""#;
    let enrolment_without =
        |action: &str| deny_but(&ENROLMENT.replace(&format!("\"{action}\", "), ""));
    let with_mfa_if_exists = format!(
        r#"{{"Effect": "Allow", "Action": "iam:CreateAccessKey", {OWN}, "Condition": {{"BoolIfExists": {{"aws:MultiFactorAuthPresent": "true"}}}}}}"#
    );
    let with_mfa_only = format!(
        r#"{{"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], {all}, "Condition": {{"Bool": {{"aws:MultiFactorAuthPresent": "true"}}}}}}"#
    );
    let by_age = r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}}"#;
    let guarded = r#"{"Effect": "Deny", "Action": "iam:DetachGroupPolicy", "Resource": "*", "Condition": {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::*:policy/guard"}}}"#;
    let lists_nobody = allow(
        r#""iam:ListUsers", "iam:GetAccountSummary""#,
        r#""Resource": "arn:aws:iam::*:user/${aws:username}""#,
    );
    let labels = [
        (
            "no Deny at all",
            allow(r#""s3:*""#, all),
            FindingCode::DeniedWithoutMfa,
        ),
        (
            "access keys without MFA",
            allow(r#""iam:*AccessKey*""#, OWN),
            FindingCode::CredentialsWithoutMfa,
        ),
        (
            "devices deleted without MFA",
            allow(r#""iam:DeleteVirtualMFADevice""#, fixed),
            FindingCode::DeviceRemovalWithoutMfa,
        ),
        (
            "sts:GetSessionToken not exempt",
            deny_but(r#""iam:EnableMFADevice""#),
            FindingCode::SessionTokenDenied,
        ),
        (
            "no iam:GetMFADevice",
            enrolment_without("iam:GetMFADevice"),
            FindingCode::EnrolmentIncomplete,
        ),
        (
            "no iam:ChangePassword",
            enrolment_without("iam:ChangePassword"),
            FindingCode::EnrolmentIncomplete,
        ),
        (
            "no iam:ChangePassword at first",
            enrolment_without("iam:ChangePassword"),
            FindingCode::CanEnrol,
        ),
        (
            "exempt but not allowed",
            enforcing("", r#""iam:CreateLoginProfile""#),
            FindingCode::ExemptNotAllowed,
        ),
        (
            "one device name",
            allow(r#""iam:CreateVirtualMFADevice""#, fixed),
            FindingCode::DeviceNameFixed,
        ),
        (
            "enrolment needs MFA",
            with_mfa_only.clone(),
            FindingCode::EnrolmentNeedsMfa,
        ),
        (
            "enrolment for others",
            with_mfa_only,
            FindingCode::SelfServiceOnOthers,
        ),
        (
            "all of IAM exempt",
            by_age.to_owned(),
            FindingCode::ExemptsIam,
        ),
        (
            "Null of the age",
            by_age.to_owned(),
            FindingCode::MfaToldByAge,
        ),
        (
            "devices deactivated without MFA",
            by_age.to_owned(),
            FindingCode::DeviceRemovalWithoutMfa,
        ),
        (
            "lists on an ARN",
            lists_nobody,
            FindingCode::AccountWideOnArn,
        ),
        (
            "passwords set without MFA",
            enforcing("", r#""iam:CreateLoginProfile""#),
            FindingCode::CredentialsWithoutMfa,
        ),
        (
            "deleting devices exempt",
            enforcing("", r#""iam:DeleteVirtualMFADevice""#),
            FindingCode::DeviceRemovalWithoutMfa,
        ),
        (
            "users listed without MFA",
            enforcing(&allow(r#""iam:ListUsers""#, all), r#""iam:ListUsers""#),
            FindingCode::OnlySelfServiceWithoutMfa,
        ),
        (
            "access keys listed without MFA",
            enforcing(
                &allow(r#""iam:ListAccessKeys""#, all),
                r#""iam:ListAccessKeys""#,
            ),
            FindingCode::OnlySelfServiceWithoutMfa,
        ),
        (
            "any device deleted",
            enforcing(
                &allow(
                    r#""iam:DeleteVirtualMFADevice""#,
                    r#""Resource": "arn:aws:iam::*:mfa/*""#,
                ),
                "",
            ),
            FindingCode::SelfServiceOnOthers,
        ),
        (
            "iam:ChangePassword exempt",
            enforcing("", ""),
            FindingCode::ExemptForOthers,
        ),
        (
            "guarded against one way only",
            guarded.to_owned(),
            FindingCode::GuardRemovable,
        ),
        (
            "BoolIfExists on an Allow",
            with_mfa_if_exists,
            FindingCode::AllowsKeysWithoutMfa,
        ),
        (
            "Bool on a Deny",
            enforcing("", "").replace("BoolIfExists", "Bool"),
            FindingCode::BoolLetsKeysThrough,
        ),
    ];
    for (label, statements, code) in labels {
        let found = found(&statements);
        assert!(
            found.contains(&code),
            "{label}: {code} is not among {found:?}"
        );
    }
}

#[test]
fn a_policy_with_none_of_them_has_none_of_them() {
    assert_eq!(found(&preset_statements()), BTreeSet::new());
}

fn preset_statements() -> String {
    let preset: serde_json::Value =
        serde_json::from_str(&read("../../specs/presets/enforce-mfa.json")).unwrap();
    let statements = preset["Statement"].as_array().unwrap().iter();
    let statements: Vec<String> = statements.map(ToString::to_string).collect();
    statements.join(",")
}
