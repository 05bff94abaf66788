//! Access that ends by itself.

use jiff::civil::{Date, date};
use model::{
    AddressPattern, Body, Check, Desired, Finding, FindingCode, Origin, Principal, RequiredMfa,
    Session, Snapshot, UserName, Wish,
};

use super::world::*;
use crate::{drift, plan, plan_destroy};

const LAST: Date = date(2027, 1, 31);

/// Alice and bob, both in a group, with what bob has.
fn declared() -> Desired {
    let mut desired = spec(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("login_profile/bob", password()),
        ("mfa_device/bob", device_for("bob")),
        ("inline_policy/user:bob:own", inline(ALLOW)),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
        ("membership/admins:bob", Body::Membership),
    ]);
    desired.needs_mfa.insert(
        UserName::new("bob").unwrap(),
        RequiredMfa { grace_days: None },
    );
    desired.checks.push(Check {
        principal: Principal::User(UserName::new("bob").unwrap()),
        session: Session::Mfa,
        allow: Some(document(ALLOW)),
        deny: None,
        origin: Origin {
            file: "mfactl.yaml".into(),
            line: 1,
        },
    });
    desired
}

fn live() -> Snapshot {
    account(&[
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
        ("user/bob", user()),
        ("login_profile/bob", live_password()),
        ("mfa_device/bob", live_device(Some("bob"))),
        ("inline_policy/user:bob:own", inline(ALLOW)),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
        ("membership/admins:bob", Body::Membership),
    ])
}

fn expiring(address_of: &str) -> Desired {
    let mut desired = declared();
    desired.expires.insert(address(address_of), LAST);
    desired
}

fn told(findings: &[Finding]) -> Vec<(FindingCode, String, &str)> {
    findings
        .iter()
        .map(|finding| {
            let address = finding.address.as_ref().unwrap().to_string();
            (finding.code, address, finding.message.as_str())
        })
        .collect()
}

#[test]
fn a_user_stays_until_the_last_day_is_over() {
    let plan = plan(&expiring("user/bob").as_of(LAST), &live());
    assert!(plan.is_clean());
    assert_eq!(
        told(&plan.findings),
        [(
            FindingCode::ExpiresSoon,
            "user/bob".to_owned(),
            "expires tonight: today, 2027-01-31, is its last day"
        )]
    );
}

#[test]
fn a_user_goes_after_the_last_day_with_all_that_is_theirs() {
    let mut desired = expiring("user/bob");
    // That a membership of somebody who is gone ends soon is no news.
    let membership = address("membership/admins:bob");
    desired.expires.insert(membership, date(2027, 2, 3));
    let desired = desired.as_of(LAST.tomorrow().unwrap());
    let plan = plan(&desired, &live());
    let mut gone = lines(&plan);
    gone.sort_unstable();
    assert_eq!(
        gone,
        [
            "- inline_policy/user:bob:own",
            "- login_profile/bob",
            "- membership/admins:bob",
            "- mfa_device/bob",
            "- user/bob",
        ]
    );
    assert_eq!(
        told(&plan.findings),
        [(
            FindingCode::Expired,
            "user/bob".to_owned(),
            "has expired: 2027-01-31 was its last day"
        )]
    );
    assert!(desired.needs_mfa.is_empty() && desired.checks.is_empty());
}

#[test]
fn a_membership_that_has_expired_leaves_the_user() {
    let desired = expiring("membership/admins:bob").as_of(LAST.tomorrow().unwrap());
    let plan = plan(&desired, &live());
    assert_eq!(lines(&plan), ["- membership/admins:bob"]);
    assert_eq!(plan.findings[0].code, FindingCode::Expired);
    assert!(!desired.needs_mfa.is_empty() && !desired.checks.is_empty());
    assert!(drift(&desired, &live(), false).is_drifted());
}

#[test]
fn what_has_expired_and_is_gone_is_not_mentioned() {
    let desired = expiring("user/bob").as_of(LAST.tomorrow().unwrap());
    let live = account(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    let plan = plan(&desired, &live);
    assert!(plan.is_clean());
    assert_eq!(plan.findings, []);
}

#[test]
fn two_weeks_ahead_a_plan_says_so_and_not_before() {
    let on = |day| {
        let plan = plan(&expiring("membership/admins:bob").as_of(day), &live());
        let found = plan.findings.first();
        found.map(|finding| finding.message.clone())
    };
    assert_eq!(on(date(2027, 1, 16)), None);
    assert_eq!(
        on(date(2027, 1, 17)).as_deref(),
        Some("expires in 14 days: 2027-01-31 is its last day")
    );
    assert_eq!(
        on(date(2027, 1, 30)).as_deref(),
        Some("expires tomorrow: 2027-01-31 is its last day")
    );
}

#[test]
fn a_protected_user_does_not_expire_unasked() {
    let mut desired = expiring("user/bob");
    desired
        .safety
        .protected
        .push(AddressPattern::new("user/bob"));
    let plan = plan(&desired.as_of(LAST.tomorrow().unwrap()), &live());
    let refusal = plan.refusals().next().unwrap();
    assert_eq!(refusal.code, FindingCode::Protected);
}

#[test]
fn who_expires_before_a_rename_came_about_goes_under_the_old_name() {
    let mut desired = spec(&[("user/alice", user()), ("user/robert", user())]);
    let declared = desired.objects.get_mut(&address("user/robert")).unwrap();
    if let Wish::Present(Body::User(robert)) = &mut declared.wish {
        robert.renamed_from = Some(UserName::new("bob").unwrap());
    }
    desired.expires.insert(address("user/robert"), LAST);
    let live = account(&[("user/alice", user()), ("user/bob", user())]);
    let plan = plan(&desired.as_of(LAST.tomorrow().unwrap()), &live);
    assert_eq!(lines(&plan), ["- user/bob"]);
    assert_eq!(plan.findings[0].code, FindingCode::Expired);
}

#[test]
fn what_is_destroyed_anyway_does_not_expire() {
    let plan = plan_destroy(&expiring("user/bob").as_of(LAST), &live());
    assert_eq!(plan.findings, []);
}
