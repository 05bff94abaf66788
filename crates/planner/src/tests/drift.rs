use model::{
    Address, AddressPattern, Body, Boundary, Deviation, Drift, Kind, Path, Principal, ReadFailure,
    Role, RoleName, User, UserName, Wish,
};
use proptest::prelude::*;

use super::world::*;
use crate::{drift, plan};

/// Writes differences as `+` found, `-` missing, `~` changed, `!` in conflict, by address.
fn seen(drift: &Drift) -> Vec<String> {
    let sign = |deviation: &Deviation| match deviation {
        Deviation::Missing { .. } => '-',
        Deviation::Changed { .. } => '~',
        Deviation::Undeclared { .. } => '+',
        Deviation::Conflict { .. } => '!',
    };
    drift
        .differences
        .iter()
        .map(|it| format!("{} {}", sign(&it.deviation), it.address))
        .collect()
}

#[test]
fn an_account_that_is_as_the_spec_says_has_not_drifted() {
    let objects = [("user/alice", user()), ("group/admins", group())];
    let drift = drift(&spec(&objects), &account(&objects), true);
    assert!(!drift.is_drifted() && drift.is_complete(), "{drift:?}");
}

#[test]
fn what_is_gone_is_missing_and_what_came_is_undeclared() {
    let desired = spec(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("user/eve", user()),
        ("group/admins", group()),
        ("membership/admins:eve", Body::Membership),
    ]);
    let drift = drift(&desired, &live, false);
    assert_eq!(
        seen(&drift),
        ["- membership/admins:alice", "+ membership/admins:eve"]
    );
    assert!(drift.principals.is_empty(), "eve was not asked for");
}

#[test]
fn a_changed_document_is_seen_from_declared_to_found() {
    let drift = drift(
        &spec(&[("policy/p", policy(ALLOW))]),
        &account(&[("policy/p", policy(ALLOW_MORE))]),
        false,
    );
    let [difference] = drift.differences.as_slice() else {
        panic!("{drift:?}");
    };
    let Deviation::Changed {
        declared,
        found,
        fields,
    } = &difference.deviation
    else {
        panic!("{difference:?}");
    };
    assert!(declared.document().unwrap().same_meaning(&document(ALLOW)));
    assert!(
        found
            .document()
            .unwrap()
            .same_meaning(&document(ALLOW_MORE))
    );
    assert!(fields[0].after.to_string().contains("s3:List*"));
}

#[test]
fn a_document_that_a_plan_changes_in_several_versions_differs_once() {
    let objects = |json| {
        [
            ("user/alice", user()),
            ("policy/p", policy(json)),
            ("attachment/user:alice:p", attachment("p")),
        ]
    };
    let (desired, live) = (spec(&objects(ALLOW)), account(&objects(BOTH)));
    assert_eq!(seen(&drift(&desired, &live, false)), ["~ policy/p"]);
}

#[test]
fn a_user_of_another_path_and_boundary_differs_once_with_both_fields() {
    let live = Body::User(User {
        path: Path::new("/x/").unwrap(),
        boundary: Boundary::Policy(managed("b")),
        tags: model::Tags::default(),
        renamed_from: None,
    });
    let desired = spec(&[("user/alice", user())]);
    let drift = drift(
        &desired,
        &account(&[("user/alice", live), ("policy/b", policy(ALLOW))]),
        false,
    );
    let [difference] = drift.differences.as_slice() else {
        panic!("{drift:?}");
    };
    let Deviation::Changed { fields, .. } = &difference.deviation else {
        panic!("{difference:?}");
    };
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["path", "boundary"]);
}

#[test]
fn a_user_who_is_still_found_under_the_old_name_has_not_gone() {
    let renamed = Body::User(User {
        path: Path::root(),
        tags: model::Tags::default(),
        boundary: Boundary::None,
        renamed_from: Some(UserName::new("al").unwrap()),
    });
    let drift = drift(
        &spec(&[("user/alice", renamed)]),
        &account(&[("user/al", user())]),
        true,
    );
    assert_eq!(seen(&drift), ["~ user/alice"]);
    assert!(drift.principals.is_empty(), "{:?}", drift.principals);
}

#[test]
fn a_pruned_user_is_undeclared_with_what_goes_with_it() {
    let mut desired = spec(&[]);
    desired.prune.push(prune(Kind::User, "*"));
    let live = account(&[("user/eve", user()), ("login_profile/eve", live_password())]);
    let drift = drift(&desired, &live, true);
    assert_eq!(seen(&drift), ["+ user/eve", "+ login_profile/eve"]);
    assert_eq!(drift.counts().undeclared, 1);
    assert!(drift.principals.is_empty(), "eve is not said twice");
}

#[test]
fn a_password_that_is_declared_not_to_exist_is_undeclared() {
    let mut desired = spec(&[("user/alice", user()), ("login_profile/alice", password())]);
    let password = desired.objects.get_mut(&address("login_profile/alice"));
    password.unwrap().wish = Wish::Absent;
    let live = account(&[
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
    ]);
    let drift = drift(&desired, &live, false);
    assert_eq!(seen(&drift), ["+ login_profile/alice"]);
    assert!(drift.differences[0].origin.is_some());
}

#[test]
fn what_is_ignored_has_not_drifted() {
    let mut desired = spec(&[("user/ci-build", user())]);
    desired.ignore.push(AddressPattern::new("user/ci-*"));
    let live = account(&[("user/ci-test", user())]);
    assert!(!drift(&desired, &live, true).is_drifted());
}

#[test]
fn what_could_not_be_read_is_neither_missing_nor_fine() {
    let mut live = account(&[("user/alice", user())]);
    let failure = ReadFailure {
        operation: "iam:ListVirtualMFADevices".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    live.mark_unread(Kind::MfaDevice, failure);
    let desired = spec(&[
        ("user/alice", user()),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let drift = drift(&desired, &live, false);
    assert!(!drift.is_drifted() && !drift.is_complete());
    assert_eq!(
        drift.unknown.iter().collect::<Vec<_>>(),
        [&address("mfa_device/alice")]
    );
}

#[test]
fn a_device_that_is_somebody_elses_is_in_the_way() {
    let desired = spec(&[
        ("user/alice", user()),
        ("mfa_device/phone", device_for("alice")),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("mfa_device/phone", live_device(Some("bob"))),
    ]);
    let drift = drift(&desired, &live, false);
    assert_eq!(seen(&drift), ["! mfa_device/phone"]);
    assert_eq!(drift.counts().changed, 1);
}

fn role(path: &str) -> Body {
    Body::Role(Role {
        path: Path::new(path).unwrap(),
        boundary: None,
    })
}

#[test]
fn the_whole_account_is_searched_for_principals_with_what_gives_them_rights() {
    let mut desired = spec(&[]);
    let break_glass = RoleName::new("emergency").unwrap();
    desired
        .safety
        .break_glass
        .push(Principal::Role(break_glass));
    let live = account(&[
        ("user/backdoor", user()),
        ("group/friends", group()),
        ("membership/friends:backdoor", Body::Membership),
        ("attachment/user:backdoor:p", attachment("p")),
        ("policy/p", policy(ALLOW)),
        ("role/emergency", role("/")),
        ("role/intruder", role("/")),
        (
            "role/support",
            role("/aws-service-role/support.amazonaws.com/"),
        ),
    ]);
    let drift = drift(&desired, &live, true);
    let found: Vec<String> = drift
        .principals
        .iter()
        .map(|principal| principal.address.to_string())
        .collect();
    assert_eq!(found, ["user/backdoor", "group/friends", "role/intruder"]);
    assert_eq!(
        drift.principals[0].access.iter().collect::<Vec<_>>(),
        [
            &address("membership/friends:backdoor"),
            &address("attachment/user:backdoor:p")
        ]
    );
}

proptest! {
    /// Drift is the plan's difference seen from the other side, and nothing else.
    #[test]
    fn drift_is_about_the_objects_that_a_plan_is_about(
        declared in proptest::sample::subsequence(CASES, 0..=CASES.len()),
        found in proptest::sample::subsequence(CASES, 0..=CASES.len()),
        pruned in any::<bool>(),
    ) {
        let objects = |chosen: &[&'static str], json| -> Vec<(&str, Body)> {
            chosen.iter().map(|text| (*text, body(text, json))).collect()
        };
        let mut desired = spec(&objects(&declared, ALLOW));
        if pruned {
            desired.prune.extend([Kind::User, Kind::Group, Kind::Policy].map(|kind| prune(kind, "*")));
        }
        let live = account(&objects(&found, ALLOW_MORE));
        let drift = drift(&desired, &live, false);
        let plan = plan(&desired, &live);
        let mut planned: Vec<Address> = plan.actions.into_iter().map(|action| action.address).collect();
        planned.extend(plan.withheld.into_iter().map(|change| change.address));
        planned.sort();
        planned.dedup();
        let differing = drift.differences.iter().map(|it| it.address.clone());
        let mut seen: Vec<Address> = differing.chain(drift.unknown.iter().cloned()).collect();
        seen.sort();
        prop_assert_eq!(seen, planned);
    }
}

const CASES: &[&str] = &[
    "user/a",
    "user/b",
    "group/g",
    "membership/g:a",
    "membership/g:b",
    "policy/p",
    "policy/q",
    "attachment/group:g:p",
    "attachment/user:a:q",
    "login_profile/a",
];

fn body(text: &str, json: &str) -> Body {
    match address(text).kind() {
        Kind::User => user(),
        Kind::Group => group(),
        Kind::Policy => policy(json),
        Kind::Attachment => attachment(text.rsplit(':').next().unwrap()),
        Kind::LoginProfile => live_password(),
        _ => Body::Membership,
    }
}
