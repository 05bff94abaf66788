//! Mistakes in what stays possible without MFA.

use model::FindingCode;
use policy::{ActionPattern, Effect};

use super::{Look, Looked, Mistake};

pub(super) const REMOVING: [&str; 2] = ["iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"];
pub(super) const CREDENTIALS: [&str; 3] = [
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
];
/// What acts on a user that it names.
pub(super) const ON_USERS: [&str; 4] = [
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:ResyncMFADevice",
    "iam:DeactivateMFADevice",
];

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    mistakes.extend(open_without_mfa(looked, &REMOVING).map(|(look, action)| {
        look.mistake(
            FindingCode::DeviceRemovalWithoutMfa,
            format!("leaves {action} open without MFA: whoever has the password can remove the second factor"),
        )
    }));
    mistakes.extend(open_without_mfa(looked, &CREDENTIALS).map(|(look, action)| {
        look.mistake(
            FindingCode::CredentialsWithoutMfa,
            format!("leaves {action} open without MFA: whoever has the password can make credentials that outlive it"),
        )
    }));
    mistakes.extend(
        looked
            .enforcing()
            .filter_map(|look| exempt_for_others(look, looked)),
    );
    mistakes.extend(
        looked
            .enforcing()
            .filter_map(|look| exempt_not_allowed(look, looked)),
    );
    mistakes.extend(looked.enforcing().find_map(session_token_denied));
    mistakes.extend(looked.enforcing().filter_map(enrolment_incomplete));
    mistakes
}

/// Finds a statement that leaves an action open without MFA: one that denies others and exempts it, or one that allows it.
fn open_without_mfa<'l, 'd>(
    looked: &'l Looked<'d>,
    actions: &[&'static str],
) -> Option<(&'l Look<'d>, &'static str)> {
    let open = |action: &&&'static str| !looked.denies_without_mfa(action);
    actions.iter().filter(open).copied().find_map(|action| {
        let exempts = |look: &&Look<'_>| {
            look.statement.actions().is_negated() && !look.statement.actions().include(action)
        };
        let allows = |look: &&Look<'_>| look.names(action) && look.without_mfa().may();
        let exempting = looked.enforcing().find(exempts);
        exempting
            .or_else(|| looked.of(Effect::Allow).find(allows))
            .map(|look| (look, action))
    })
}

fn exempt_for_others(look: &Look<'_>, looked: &Looked<'_>) -> Option<Mistake> {
    let exempt = |action: &&&str| {
        look.statement.actions().is_negated() && !look.statement.actions().include(action)
    };
    let open = |action: &&&str| !looked.denies_without_mfa(action);
    let action = ON_USERS.iter().filter(exempt).find(open)?;
    Some(look.mistake(
        FindingCode::ExemptForOthers,
        format!("exempts {action} on every user: beside a broad grant, a session without MFA can do it to somebody else"),
    ))
}

fn exempt_not_allowed(look: &Look<'_>, looked: &Looked<'_>) -> Option<Mistake> {
    let actions = look.statement.actions();
    let needs_no_grant = |action: &str| action.to_ascii_lowercase().starts_with("sts:");
    let allowed = |action: &str| {
        looked
            .of(Effect::Allow)
            .any(|look| look.statement.actions().include(action))
    };
    let listed = actions
        .patterns()
        .iter()
        .map(ActionPattern::as_str)
        .filter(|pattern| !pattern.contains(['*', '?']));
    let missing: Vec<&str> = listed
        .filter(|action| !needs_no_grant(action) && !allowed(action))
        .collect();
    (actions.is_negated() && !missing.is_empty()).then(|| {
        look.mistake(
            FindingCode::ExemptNotAllowed,
            format!(
                "exempts {}, which nothing in the document allows",
                missing.join(", ")
            ),
        )
    })
}

fn session_token_denied(look: &Look<'_>) -> Option<Mistake> {
    let denied =
        look.statement.actions().include("sts:GetSessionToken") && look.has_all_resources();
    (denied && look.with_key.must()).then(|| {
        look.mistake(
            FindingCode::SessionTokenDenied,
            "denies sts:GetSessionToken without MFA, which is how an access key gets a session with MFA",
        )
    })
}

fn enrolment_incomplete(look: &Look<'_>) -> Option<Mistake> {
    let denies = |action: &&str| look.statement.actions().include(action);
    let is_for_enrolment = look.statement.actions().is_negated()
        && look.with_password.must()
        && look.has_all_resources()
        && !denies(&"iam:EnableMFADevice");
    let denied: Vec<&str> = ["iam:ChangePassword", "iam:GetMFADevice"]
        .into_iter()
        .filter(denies)
        .collect();
    (is_for_enrolment && !denied.is_empty()).then(|| {
        look.mistake(
            FindingCode::EnrolmentIncomplete,
            format!(
                "exempts iam:EnableMFADevice, but not {}",
                denied.join(" and ")
            ),
        )
    })
}
