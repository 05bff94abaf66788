//! Mistakes of statements that allow.

use model::FindingCode;
use policy::Effect;

use super::exempt::ON_USERS;
use super::{Look, Looked, Mistake, is_mfa_present};

const DELETE: &str = "iam:DeleteVirtualMFADevice";
const CREATE: &str = "iam:CreateVirtualMFADevice";

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for look in looked.of(Effect::Allow) {
        mistakes.extend(allows_keys(look));
        mistakes.extend(everyone_is_administrator(look));
        mistakes.extend(self_service_on_others(look));
    }
    mistakes.extend(enrolment_allowed_with_mfa_only(looked));
    mistakes.extend(device_created_on_user(looked));
    mistakes.extend(device_name_fixed(looked));
    mistakes
}

fn allows_keys(look: &Look<'_>) -> Option<Mistake> {
    let if_exists = look
        .tests()
        .any(|(operator, key, _)| is_mfa_present(key) && operator.if_exists());
    (if_exists && look.with_key.may() && !look.with_password.may()).then(|| {
        look.mistake(
            FindingCode::AllowsKeysWithoutMfa,
            "asks for MFA with an operator that ends in IfExists, which an access key without MFA fulfils",
        )
    })
}

fn everyone_is_administrator(look: &Look<'_>) -> Option<Mistake> {
    let everything = look.has_all_resources()
        && !look.statement.actions().is_negated()
        && look
            .statement
            .actions()
            .patterns()
            .iter()
            .any(|pattern| ["*", "*:*"].contains(&pattern.as_str()));
    (everything && look.tests_mfa() && look.with_mfa.may() && !look.without_mfa().may()).then(|| {
        look.mistake(
            FindingCode::EveryoneIsAdministrator,
            "allows everything to whoever has MFA: every member is an administrator, and can remove what enforces MFA",
        )
    })
}

/// Finds what is meant for oneself and allowed on others: on all that there are, or on any user or device.
fn self_service_on_others(look: &Look<'_>) -> Option<Mistake> {
    let resource_ends = |end: &str| {
        look.resources()
            .iter()
            .any(|pattern| pattern.as_str() == "*" || pattern.as_str().ends_with(end))
    };
    let is_on_others = |action: &&&str| {
        let others = if **action == DELETE {
            ":mfa/*"
        } else {
            ":user/*"
        };
        look.names(action) && resource_ends(others)
    };
    let is_listed = !look.statement.resources()?.is_negated();
    let action = ON_USERS.iter().chain([&DELETE]).find(is_on_others)?;
    is_listed.then(|| {
        look.mistake(
            FindingCode::SelfServiceOnOthers,
            format!("allows {action} on what belongs to others as well"),
        )
    })
}

fn enrolment_allowed_with_mfa_only(looked: &Looked<'_>) -> Option<Mistake> {
    [CREATE, "iam:EnableMFADevice"]
        .into_iter()
        .find_map(|action| {
            let mut allowing = looked
                .of(Effect::Allow)
                .filter(|look| look.statement.actions().include(action));
            let allows_without = looked
                .of(Effect::Allow)
                .any(|look| look.statement.actions().include(action) && look.with_password.may());
            let look = allowing
                .find(|look| look.names(action) && look.tests_mfa() && !look.with_password.may())?;
            (!allows_without).then(|| {
                look.mistake(
                    FindingCode::EnrolmentNeedsMfa,
                    format!("allows {action} with MFA only, so that nobody can enrol"),
                )
            })
        })
}

/// Lists the statements that allow creating virtual devices and are meant to.
fn creating<'l, 'd>(looked: &'l Looked<'d>) -> impl Iterator<Item = &'l Look<'d>> {
    looked.of(Effect::Allow).filter(|look| look.names(CREATE))
}

/// Tells whether a pattern can match a virtual MFA device.
fn is_for_devices(pattern: &str) -> bool {
    match pattern.splitn(6, ':').nth(5) {
        Some(part) => part.starts_with("mfa/") || part.starts_with('*'),
        None => true,
    }
}

fn device_created_on_user(looked: &Looked<'_>) -> Option<Mistake> {
    let on_devices = |look: &Look<'_>| {
        look.resources()
            .iter()
            .any(|pattern| is_for_devices(pattern.as_str()))
    };
    if creating(looked).any(on_devices) {
        return None;
    }
    let look = creating(looked).next()?;
    let resource = look.resources().first()?;
    Some(look.mistake(
        FindingCode::DeviceCreatedOnUser,
        format!("allows {CREATE} on `{resource}`, but the call is about `mfa/…`"),
    ))
}

fn device_name_fixed(looked: &Looked<'_>) -> Option<Mistake> {
    let devices = || {
        let looks = creating(looked).flat_map(|look| {
            look.resources()
                .iter()
                .map(move |pattern| (look, pattern.as_str()))
        });
        looks.filter(|(_, pattern)| is_for_devices(pattern))
    };
    let is_fixed = |pattern: &str| {
        pattern
            .splitn(6, ':')
            .nth(5)
            .is_some_and(|part| part.contains("${") && !part.contains('*'))
    };
    let (look, pattern) = devices().find(|(_, pattern)| is_fixed(pattern))?;
    devices().all(|(_, pattern)| is_fixed(pattern)).then(|| {
        look.mistake(
            FindingCode::DeviceNameFixed,
            format!("allows {CREATE} on `{pattern}` only, but a device can have any name, and a user eight of them"),
        )
    })
}
