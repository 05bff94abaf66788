//! What is asked for once: another password, other MFA devices.

use model::{Body, Change, Kind, ReadFailure, Reset, User};

use super::world::*;
use crate::{drift, plan};

/// Returns a user with a request for a reset, or one whose tag says that it was done.
fn with(reset: Reset, request: &str) -> Body {
    let Body::User(user) = user() else {
        panic!("it is another body")
    };
    let mut tags = user.tags.clone();
    tags.observe(reset.tag(), request);
    Body::User(User { tags, ..user })
}

#[test]
fn a_password_is_reset_and_then_the_user_says_so() {
    let asked = spec(&[
        ("user/alice", with(Reset::Password, "2026-11-24")),
        ("login_profile/alice", password()),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
    ]);
    let plan = plan(&asked, &live);
    assert_eq!(lines(&plan), ["~ login_profile/alice", "~ user/alice"]);
    let Change::Update { after, fields, .. } = &plan.actions[0].change else {
        panic!("{:?}", plan.actions[0]);
    };
    assert_eq!(*after, password());
    assert_eq!(fields[0].field, "reset");
    assert_eq!(fields[0].after, "2026-11-24");
    assert!(plan.actions[1].after.contains_key(&plan.actions[0].id));
    assert!(drift(&asked, &live, false).differences.is_empty());
}

#[test]
fn a_reset_is_done_once_for_each_value() {
    for (done, expected) in [("2026-11-24", 0), ("2026-11-23", 2)] {
        let live = account(&[
            ("user/alice", with(Reset::Password, done)),
            ("login_profile/alice", live_password()),
        ]);
        let asked = spec(&[
            ("user/alice", with(Reset::Password, "2026-11-24")),
            ("login_profile/alice", password()),
        ]);
        assert_eq!(plan(&asked, &live).actions.len(), expected, "{done}");
        let no_more = spec(&[("user/alice", user()), ("login_profile/alice", password())]);
        assert!(plan(&no_more, &live).is_clean());
    }
}

#[test]
fn somebody_without_a_password_gets_one_and_somebody_new_needs_no_reset() {
    let asked = spec(&[
        ("user/alice", with(Reset::Password, "2026-11-24")),
        ("login_profile/alice", password()),
    ]);
    let first = plan(&asked, &account(&[("user/alice", user())]));
    assert_eq!(lines(&first), ["+ login_profile/alice", "~ user/alice"]);
    let new = plan(&asked, &account(&[]));
    assert_eq!(lines(&new), ["+ user/alice", "+ login_profile/alice"]);
}

#[test]
fn a_device_goes_before_another_of_its_name_comes_and_both_before_the_tag() {
    let asked = spec(&[
        ("user/alice", with(Reset::Mfa, "2026-11-24 phone lost")),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("mfa_device/alice", live_device(Some("alice"))),
        ("mfa_device/tablet", live_device(Some("alice"))),
        ("mfa_device/bob", live_device(Some("bob"))),
    ]);
    let plan = plan(&asked, &live);
    let (goes, comes) = (
        place(&plan, "- mfa_device/alice"),
        place(&plan, "+ mfa_device/alice"),
    );
    assert!(goes < comes, "{:?}", lines(&plan));
    assert_eq!(place(&plan, "~ user/alice"), 3, "{:?}", lines(&plan));
    assert_eq!(plan.actions[3].after.len(), 3);
    assert_eq!(plan.actions.len(), 4);
    assert!(drift(&asked, &live, false).differences.is_empty());
}

#[test]
fn nobody_loses_a_device_whose_successor_has_no_name_left() {
    let asked = spec(&[
        ("user/alice", with(Reset::Mfa, "2026-11-24")),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("mfa_device/phone", live_device(Some("alice"))),
        ("mfa_device/alice", live_device(Some("bob"))),
    ]);
    let plan = plan(&asked, &live);
    assert!(plan.actions.is_empty(), "{:?}", lines(&plan));
    assert_eq!(
        reasons(&plan, "mfa_device/phone"),
        ["it waits for mfa_device/alice, which is withheld"]
    );
}

#[test]
fn who_enrols_by_themselves_only_loses_their_devices() {
    let asked = spec(&[("user/alice", with(Reset::Mfa, "2026-11-24"))]);
    let live = account(&[
        ("user/alice", user()),
        ("mfa_device/phone", live_device(Some("alice"))),
    ]);
    assert_eq!(
        lines(&plan(&asked, &live)),
        ["- mfa_device/phone", "~ user/alice"]
    );
}

#[test]
fn a_new_password_comes_before_the_device_goes_that_guards_the_old_one() {
    let Body::User(mut both) = with(Reset::Mfa, "2026-11-24") else {
        panic!("it is another body")
    };
    both.tags.observe(Reset::Password.tag(), "2026-11-24");
    let asked = spec(&[
        ("user/alice", Body::User(both)),
        ("login_profile/alice", password()),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
        ("mfa_device/phone", live_device(Some("alice"))),
    ]);
    assert_eq!(
        lines(&plan(&asked, &live)),
        [
            "~ login_profile/alice",
            "- mfa_device/phone",
            "~ user/alice",
            "~ user/alice"
        ]
    );
}

#[test]
fn it_is_not_said_that_devices_are_gone_which_nobody_could_read() {
    let asked = spec(&[("user/alice", with(Reset::Mfa, "2026-11-24"))]);
    let mut live = account(&[("user/alice", user())]);
    live.mark_unread(
        Kind::MfaDevice,
        ReadFailure {
            operation: "iam:ListVirtualMFADevices".to_owned(),
            message: "AccessDenied".to_owned(),
        },
    );
    let plan = plan(&asked, &live);
    assert!(plan.actions.is_empty());
    assert_eq!(
        reasons(&plan, "user/alice"),
        ["mfa_device/* could not be read"]
    );
}
