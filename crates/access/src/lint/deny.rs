//! Mistakes of statements that deny for want of MFA.

use model::FindingCode;
use policy::{Comparison, Effect};

use super::{Look, Looked, Mistake, is_mfa_age, is_mfa_present};

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for look in looked.of(Effect::Deny) {
        mistakes.extend(bool_lets_keys_through(look, looked));
        mistakes.extend(never_applies(look));
        mistakes.extend(enrolment_needs_mfa(look));
    }
    for look in looked.enforcing() {
        mistakes.extend(exempts_iam(look));
        mistakes.extend(lists_services(look, looked));
        mistakes.extend(mfa_told_by_age(look));
    }
    mistakes
}

fn bool_lets_keys_through(look: &Look<'_>, looked: &Looked<'_>) -> Option<Mistake> {
    let by_bool = look.tests().any(|(operator, key, _)| {
        is_mfa_present(key) && operator.comparison() == Comparison::Bool && !operator.if_exists()
    });
    let lets_through = by_bool && look.with_password.may() && !look.with_key.may();
    let stopped_elsewhere = looked
        .of(Effect::Deny)
        .any(|other| other.tests_mfa() && other.with_key.must());
    (lets_through && !stopped_elsewhere).then(|| {
        look.mistake(
            FindingCode::BoolLetsKeysThrough,
            "tests aws:MultiFactorAuthPresent with Bool, which never applies to an access key",
        )
    })
}

fn never_applies(look: &Look<'_>) -> Option<Mistake> {
    let applies = look.without_mfa().may() || look.with_mfa.may();
    (look.tests_mfa() && !applies).then(|| {
        look.mistake(
            FindingCode::DenyNeverApplies,
            "has a condition about MFA that no session fulfils, so that it denies nothing",
        )
    })
}

fn enrolment_needs_mfa(look: &Look<'_>) -> Option<Mistake> {
    let denied = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
        .into_iter()
        .find(|action| look.statement.actions().include(action))?;
    (look.with_password.must() && look.has_all_resources()).then(|| {
        look.mistake(
            FindingCode::EnrolmentNeedsMfa,
            format!("denies {denied} to whoever has no MFA yet, so that nobody can enrol"),
        )
    })
}

fn exempts_iam(look: &Look<'_>) -> Option<Mistake> {
    let actions = look.statement.actions();
    let broad = |pattern: &str| {
        ["*", "*:*", "iam:*"]
            .iter()
            .any(|all| pattern.eq_ignore_ascii_case(all))
    };
    let exempt = actions
        .patterns()
        .iter()
        .find(|pattern| broad(pattern.as_str()))?;
    actions.is_negated().then(|| {
        look.mistake(
            FindingCode::ExemptsIam,
            format!(
                "exempts `{exempt}`: without MFA all of IAM stays open, and with it everything"
            ),
        )
    })
}

fn lists_services(look: &Look<'_>, looked: &Looked<'_>) -> Option<Mistake> {
    let is_whole_service =
        |pattern: &policy::ActionPattern| pattern.name() == "*" && pattern.service() != "*";
    let covers_all = |look: &Look<'_>| {
        let actions = look.statement.actions();
        actions.is_negated()
            || actions
                .patterns()
                .iter()
                .any(|pattern| pattern.service() == "*")
    };
    let listed = look
        .statement
        .actions()
        .patterns()
        .iter()
        .any(is_whole_service);
    (listed && !looked.enforcing().any(covers_all)).then(|| {
        look.mistake(
            FindingCode::DenyListsServices,
            "denies services that it lists: others, and those to come, stay open without MFA",
        )
    })
}

fn mfa_told_by_age(look: &Look<'_>) -> Option<Mistake> {
    let by_age = look
        .tests()
        .any(|(operator, key, _)| is_mfa_age(key) && operator.comparison() == Comparison::Null);
    let by_presence = look.tests().any(|(_, key, _)| is_mfa_present(key));
    (by_age && !by_presence).then(|| {
        look.mistake(
            FindingCode::MfaToldByAge,
            "tells the want of MFA by Null of aws:MultiFactorAuthAge, not by aws:MultiFactorAuthPresent",
        )
    })
}
