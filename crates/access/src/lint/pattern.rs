//! Mistakes in patterns and names.

use model::FindingCode;
use policy::{ActionPattern, ResourcePattern};

use crate::actions;

use super::{Look, Looked, Mistake};

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for look in &looked.statements {
        mistakes.extend(matches_nothing(look));
        mistakes.extend(mistyped(look));
        mistakes.extend(account_wide_on_arn(look, looked));
        mistakes.extend(path_forgotten(look));
    }
    mistakes.extend(name_promises_mfa(looked));
    mistakes
}

fn matches_nothing(look: &Look<'_>) -> Option<Mistake> {
    let pattern = look
        .statement
        .actions()
        .patterns()
        .iter()
        .find(|pattern| pattern.name().is_empty())?;
    Some(look.mistake(
        FindingCode::MatchesNothing,
        format!("lists `{pattern}`, which matches no action"),
    ))
}

/// Finds a pattern that was probably meant to be another.
fn mistyped(look: &Look<'_>) -> Option<Mistake> {
    let patterns = look.statement.actions().patterns().iter();
    let mut named = patterns.filter(|pattern| !pattern.name().is_empty());
    let (pattern, meant) =
        named.find_map(|pattern| Some((pattern, actions::probably_meant(pattern)?)))?;
    Some(look.mistake(
        FindingCode::MatchesNothing,
        format!(
            "lists `{pattern}`, which matches no action that is known; probably `{meant}` is meant"
        ),
    ))
}

/// Finds actions that are listed for ARNs only, but are about no resource in particular.
fn account_wide_on_arn(look: &Look<'_>, looked: &Looked<'_>) -> Option<Mistake> {
    let is_listed = look
        .statement
        .resources()
        .is_some_and(|resources| !resources.is_negated());
    let statement = look.statement;
    let elsewhere = |action: &str| {
        looked
            .of(statement.effect())
            .any(|other| other.has_all_resources() && other.statement.actions().include(action))
    };
    let patterns = statement.actions().patterns().iter();
    let futile: Vec<&str> = patterns
        .map(ActionPattern::as_str)
        .filter(|action| {
            actions::is_account_wide(action)
                && !look
                    .resources()
                    .iter()
                    .any(|pattern| can_be_about(pattern, action))
                && !elsewhere(action)
        })
        .collect();
    let resource = look.resources().first()?;
    (is_listed && !statement.actions().is_negated() && !futile.is_empty()).then(|| {
        look.mistake(
            FindingCode::AccountWideOnArn,
            format!(
                "lists {} with `{resource}`, but that is about the account and needs `*`",
                futile.join(", ")
            ),
        )
    })
}

/// Tells whether a pattern can match what a request for an account-wide action is about. IAM's lists are about the path
/// that they start from, say its error messages: `arn:aws:iam::123456789012:mfa/` for `iam:ListVirtualMFADevices`.
fn can_be_about(pattern: &ResourcePattern, action: &str) -> bool {
    const LISTS: [(&str, &str); 9] = [
        ("iam:ListGroups", "group/"),
        ("iam:ListInstanceProfiles", "instance-profile/"),
        ("iam:ListOpenIDConnectProviders", "oidc-provider/"),
        ("iam:ListPolicies", "policy/"),
        ("iam:ListRoles", "role/"),
        ("iam:ListSAMLProviders", "saml-provider/"),
        ("iam:ListServerCertificates", "server-certificate/"),
        ("iam:ListUsers", "user/"),
        ("iam:ListVirtualMFADevices", "mfa/"),
    ];
    let list = LISTS
        .iter()
        .find(|(list, _)| list.eq_ignore_ascii_case(action));
    let part = pattern.as_str().splitn(6, ':').nth(5).unwrap_or("*");
    let start = part.split('*').next().unwrap_or_default();
    let is_path = part.ends_with('/') || start != part;
    match list {
        Some((_, path)) => is_path && (path.starts_with(start) || start.starts_with(path)),
        None => part == "*",
    }
}

fn path_forgotten(look: &Look<'_>) -> Option<Mistake> {
    const OWN: &str = "user/${aws:username}";
    let resource = |pattern: &'_ ResourcePattern| {
        pattern
            .as_str()
            .splitn(6, ':')
            .nth(5)
            .unwrap_or("*")
            .to_owned()
    };
    let has_path = |pattern: &ResourcePattern| {
        let resource = resource(pattern);
        resource.starts_with('*') || resource.starts_with("user/*")
    };
    let own = look
        .resources()
        .iter()
        .find(|pattern| resource(pattern) == OWN)?;
    (!look.resources().iter().any(has_path)).then(|| {
        look.mistake(
            FindingCode::PathForgotten,
            format!("names `{own}`, which is not the ARN of a user who has a path, such as user/eng/alice"),
        )
    })
}

fn name_promises_mfa(looked: &Looked<'_>) -> Option<Mistake> {
    let name = looked.name.to_ascii_lowercase();
    let promises = name.contains("mfa")
        && ["with", "require", "enforce", "force"]
            .iter()
            .any(|word| name.contains(word));
    (promises && !looked.statements.iter().any(Look::tests_mfa)).then(|| Mistake {
        code: FindingCode::NamePromisesMfa,
        statements: Vec::new(),
        message: "has a name that promises MFA, but no condition about it".to_owned(),
        suggestion: None,
    })
}
