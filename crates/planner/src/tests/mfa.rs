//! Who must have MFA and doesn't have it yet.

use jiff::civil::date;
use model::{
    Body, Desired, DeviceType, FindingCode, GroupName, Kind, Level, MfaDevice, MfaType, Principal,
    ReadFailure, RequiredMfa, Snapshot, Tags, UserName,
};

use super::world::*;
use crate::{drift, plan};

fn alice() -> UserName {
    UserName::new("alice").unwrap()
}

fn admins() -> Principal {
    Principal::Group(GroupName::new("admins").unwrap())
}

/// Alice must have MFA within a week.
fn declared() -> Desired {
    let mut desired = spec(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    let required = RequiredMfa {
        grace_days: Some(7),
    };
    desired.needs_mfa.insert(alice(), required);
    desired.as_of(date(2026, 11, 20))
}

/// Alice with a password of a day, and what else there is.
fn live(created: i8, more: &[(&str, Body)]) -> Snapshot {
    let mut live = account(&[
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    for (text, body) in more {
        live.insert(address(text), body.clone());
    }
    live.mark_created(address("user/alice"), date(2020, 1, 1));
    live.mark_created(address("login_profile/alice"), date(2026, 11, created));
    live
}

fn held(device: DeviceType, user: &str) -> Body {
    Body::MfaDevice(MfaDevice {
        device,
        user: Some(UserName::new(user).unwrap()),
        tags: Tags::default(),
        deliver_to: None,
    })
}

fn token() -> Body {
    let serial = "GAHT12345678".to_owned();
    held(DeviceType::Hardware { serial }, "alice")
}

fn security_key() -> Body {
    let serial = "arn:aws:iam::123456789012:u2f/user/alice/key-ABC".to_owned();
    held(DeviceType::Fido { serial }, "alice")
}

/// Returns what is found of alice.
fn found(desired: &Desired, live: &Snapshot) -> Option<(FindingCode, String)> {
    let plan = plan(desired, live);
    let drift = drift(desired, live, false);
    assert_eq!(plan.findings, drift.findings, "drift says the same");
    let finding = plan.findings.into_iter().next()?;
    assert_eq!(finding.address, Some(address("user/alice")));
    Some((finding.code, finding.message))
}

fn pending(message: &str) -> Option<(FindingCode, String)> {
    Some((FindingCode::MfaPending, message.to_owned()))
}

#[test]
fn who_has_no_device_yet_is_pending_until_the_grace_period_is_over() {
    assert_eq!(
        found(&declared(), &live(13, &[])),
        pending("has no MFA device; the password is 7 days old, overdue in 1 day")
    );
    assert_eq!(
        found(&declared(), &live(20, &[])),
        pending("has no MFA device; the password was created today, overdue in 8 days")
    );
}

#[test]
fn after_the_grace_period_it_is_overdue() {
    let plan = plan(&declared(), &live(12, &[]));
    let finding = &plan.findings[0];
    assert_eq!(finding.code, FindingCode::MfaOverdue);
    assert_eq!(finding.level, Level::Warning);
    assert_eq!(
        finding.message,
        "has no MFA device; the password is 8 days old, overdue for 1 day"
    );
    assert!(plan.is_clean(), "it is no change");
    assert_eq!(plan.refusals().count(), 0, "and no reason to stop");
}

#[test]
fn without_a_grace_period_it_is_never_overdue() {
    let mut desired = declared();
    desired
        .needs_mfa
        .insert(alice(), RequiredMfa { grace_days: None });
    assert_eq!(
        found(&desired, &live(1, &[])),
        pending("has no MFA device; the password is 19 days old")
    );
}

#[test]
fn any_device_will_do_unless_a_sort_is_required() {
    for device in [live_device(Some("alice")), token(), security_key()] {
        let live = live(1, &[("mfa_device/any", device)]);
        assert_eq!(found(&declared(), &live), None);
    }
}

#[test]
fn a_device_of_another_sort_than_a_group_requires_is_none() {
    let mut desired = declared();
    desired.required_types.insert(admins(), MfaType::Fido2);
    let phone = ("mfa_device/alice", live_device(Some("alice")));
    assert_eq!(
        found(&desired, &live(20, std::slice::from_ref(&phone))),
        pending(
            "has no FIDO2 security key, only a virtual device; the password was created today, overdue in 8 days"
        )
    );
    let both = [phone, ("mfa_device/key-ABC", security_key())];
    assert_eq!(found(&desired, &live(1, &both)), None);
}

#[test]
fn a_group_requires_nothing_of_those_whose_membership_is_over() {
    let mut desired = declared();
    desired.required_types.insert(admins(), MfaType::Hardware);
    desired
        .expires
        .insert(address("membership/admins:alice"), date(2026, 11, 1));
    let desired = desired.as_of(date(2026, 11, 20));
    assert!(desired.types_by_user().is_empty());
}

#[test]
fn a_device_of_the_users_name_that_is_not_the_users_is_named() {
    let leftover = live(20, &[("mfa_device/alice", live_device(None))]);
    assert_eq!(
        found(&declared(), &leftover),
        pending(
            "has no MFA device (mfa_device/alice was never enabled); the password was created today, overdue in 8 days"
        )
    );
    let taken = live(20, &[("mfa_device/alice", live_device(Some("eve")))]);
    assert_eq!(
        found(&declared(), &taken),
        pending(
            "has no MFA device (mfa_device/alice is enabled for user/eve); the password was created today, overdue in 8 days"
        )
    );
}

#[test]
fn who_has_no_password_or_gets_a_device_by_the_plan_lacks_nothing() {
    let mut without = live(1, &[]);
    without.remove(&address("login_profile/alice"));
    assert_eq!(found(&declared(), &without), None);
    let mut provisioned = declared();
    let device = spec(&[("mfa_device/alice", device_for("alice"))]);
    provisioned.objects.extend(device.objects);
    let plan = plan(&provisioned, &live(1, &[]));
    assert_eq!(lines(&plan), ["+ mfa_device/alice"]);
    assert_eq!(plan.findings, []);
}

#[test]
fn nothing_is_said_of_devices_that_could_not_be_read() {
    let mut live = live(1, &[]);
    let failure = ReadFailure {
        operation: "iam:ListMFADevices".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    live.mark_unread(Kind::MfaDevice, failure);
    assert_eq!(found(&declared(), &live), None);
}

#[test]
fn who_has_a_token_or_a_security_key_gets_no_virtual_device_beside_it() {
    for device in [token(), security_key()] {
        let mut desired = declared();
        let provisioned = spec(&[("mfa_device/alice", device_for("alice"))]);
        desired.objects.extend(provisioned.objects);
        let plan = plan(&desired, &live(1, &[("mfa_device/any", device)]));
        assert!(plan.is_clean());
    }
}

#[test]
fn a_password_keeps_its_age_when_its_user_is_renamed() {
    let mut live = account(&[("user/ann", user()), ("login_profile/ann", live_password())]);
    live.mark_created(address("login_profile/ann"), date(2026, 11, 1));
    let mut desired = spec(&[("user/alice", user())]);
    let declared = desired.objects.get_mut(&address("user/alice")).unwrap();
    if let model::Wish::Present(Body::User(alice)) = &mut declared.wish {
        alice.renamed_from = Some(UserName::new("ann").unwrap());
    }
    let required = RequiredMfa {
        grace_days: Some(7),
    };
    desired.needs_mfa.insert(alice(), required);
    let plan = plan(&desired.as_of(date(2026, 11, 20)), &live);
    let codes: Vec<FindingCode> = plan.findings.iter().map(|it| it.code).collect();
    assert_eq!(codes, [FindingCode::MfaOverdue]);
}
