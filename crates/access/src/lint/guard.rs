//! Mistakes of statements that keep people from removing a guard.

use model::FindingCode;
use policy::Effect;

use super::{Look, Looked, Mistake};

/// The ways to take a policy out of force, by how it is: the first of each row tells that a statement is there to prevent
/// it. `PutUserPermissionsBoundary` isn't among them, since a condition can allow it for the same boundary.
const WAYS: [&[&str]; 8] = [
    &[
        "iam:DetachGroupPolicy",
        "iam:RemoveUserFromGroup",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ],
    &[
        "iam:DetachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ],
    &[
        "iam:DetachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ],
    &[
        "iam:DeleteGroupPolicy",
        "iam:PutGroupPolicy",
        "iam:RemoveUserFromGroup",
    ],
    &["iam:DeleteUserPolicy", "iam:PutUserPolicy"],
    &["iam:DeleteRolePolicy", "iam:PutRolePolicy"],
    &[
        "iam:DeleteUserPermissionsBoundary",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ],
    &[
        "iam:DeleteRolePermissionsBoundary",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ],
];

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let guarding = || looked.of(Effect::Deny).filter(|look| look.with_mfa.may());
    let is_denied =
        |action: &str| guarding().any(|look: &Look<'_>| look.statement.actions().include(action));
    let removable = WAYS.iter().find_map(|ways| {
        let first = ways.first()?;
        let look = guarding().find(|look| look.names(first))?;
        let open: Vec<&str> = ways
            .iter()
            .copied()
            .filter(|action| !is_denied(action))
            .collect();
        (!open.is_empty()).then(|| {
            look.mistake(
                FindingCode::GuardRemovable,
                format!(
                    "denies {first} and leaves {}, which come to the same",
                    open.join(", ")
                ),
            )
        })
    });
    removable.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use policy::Document;

    use crate::lint::lint;

    fn messages(deny: &str) -> Vec<String> {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Guard", "Effect": "Deny", "Action": [{deny}], "Resource": "*"}}]}}"#
        );
        let mistakes = lint("policy", &Document::parse(&text).unwrap());
        mistakes
            .into_iter()
            .map(|mistake| mistake.message)
            .collect()
    }

    #[test]
    fn a_guard_is_kept_in_every_way_or_in_none() {
        assert_eq!(
            messages(r#""iam:DetachGroupPolicy", "iam:SetDefault*""#),
            [
                "statement Guard denies iam:DetachGroupPolicy and leaves iam:RemoveUserFromGroup, iam:CreatePolicyVersion, which come to the same"
            ]
        );
        let whole = r#""iam:DetachGroupPolicy", "iam:RemoveUserFromGroup", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion""#;
        assert_eq!(messages(whole), [""; 0]);
        assert_eq!(
            messages(r#""iam:DeleteUserPolicy""#),
            [
                "statement Guard denies iam:DeleteUserPolicy and leaves iam:PutUserPolicy, which come to the same"
            ]
        );
        assert_eq!(messages(r#""s3:DeleteBucketPolicy""#), [""; 0]);
    }
}
