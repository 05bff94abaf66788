//! What lints suggest makes nothing worse.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::world::*;
use crate::lint::lint;
use crate::prove::*;

/// Statements of policies about MFA, each with some mistake.
const STATEMENTS: [&str; 14] = [
    r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": ["iam:ListVirtualMFADevices", "iam:ListUsers"], "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
    r#"{"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice"], "Resource": ["arn:aws:iam::*:mfa/${aws:username}", "arn:aws:iam::*:user/${aws:username}"]}"#,
    r#"{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "arn:aws:iam::123456789012:mfa/${aws:username}"}"#,
    r#"{"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
    r#"{"Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:DeactivateMFADevice"], "Resource": "arn:aws:iam::*:user/${aws:username}", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    r#"{"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    r#"{"Effect": "Deny", "NotAction": ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    r#"{"Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice", "iam:CreateLoginProfile", "sts:GetSessionToken"], "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}}"#,
    r#"{"Effect": "Deny", "NotAction": ["iam:*MFADevice", "iam:ChangePassword"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}"#,
    r#"{"Effect": "Deny", "NotAction": ["sts:GetSessionToken"], "NotResource": ["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/${aws:username}"], "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    r#"{"Effect": "Deny", "Action": ["iam:EnableMFADevice", "s3:*"], "NotResource": "arn:aws:iam::*:user/${aws:username}", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    r#"{"Effect": "Deny", "Action": "iam:DetachGroupPolicy", "Resource": "*"}"#,
];

/// Returns what isn't proved of a user without a path, and of one with a path, who hold a document.
fn refuted_of_both(document: &Document) -> BTreeSet<(String, Claim)> {
    let snapshot = account(&PEOPLE, &[document]);
    let proofs = prove(&snapshot, &governing(&snapshot)).into_iter();
    let refuted = proofs.filter(|proof| !proof.verdict.is_proved());
    refuted
        .map(|proof| (format!("{:?}", proof.principal), proof.claim))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_suggestion_mends_its_mistake_and_makes_nothing_worse(
        statements in subsequence(&STATEMENTS[..], 1..=5)
    ) {
        let before = document(&statements.join(", "));
        let mistakes = lint("policy", &before);
        let codes: BTreeSet<_> = mistakes.iter().map(|mistake| mistake.code).collect();
        let refuted = refuted_of_both(&before);
        for mistake in mistakes {
            let Some(suggestion) = mistake.suggestion else { continue };
            prop_assert_eq!(&suggestion.before, &before);
            let left: BTreeSet<_> = lint("policy", &suggestion.after)
                .into_iter()
                .map(|mistake| mistake.code)
                .collect();
            prop_assert!(!left.contains(&mistake.code), "{} is left", mistake.code);
            prop_assert!(left.is_subset(&codes), "{}: {left:?} of {codes:?}", mistake.code);
            let left = refuted_of_both(&suggestion.after);
            prop_assert!(left.is_subset(&refuted), "{}: {left:?} of {refuted:?}", mistake.code);
        }
    }
}
