use model::{Body, Boundary, Edge, Kind, Path, Tags, User, UserName};

use super::world::*;
use crate::plan;

#[test]
fn a_person_comes_in_with_the_password_last() {
    let desired = spec(&[
        ("login_profile/alice", password()),
        ("mfa_device/alice", device_for("alice")),
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
        ("policy/p", policy(BOTH)),
        ("attachment/group:admins:p", attachment("p")),
    ]);
    let plan = plan(&desired, &account(&[]));
    let order = [
        "+ user/alice",
        "+ attachment/group:admins:p",
        "+ membership/admins:alice",
        "+ mfa_device/alice",
        "+ login_profile/alice",
    ];
    assert!(
        order.map(|line| place(&plan, line)).is_sorted(),
        "{:#?}",
        lines(&plan)
    );
    assert_eq!(lines(&plan).last().unwrap(), "+ login_profile/alice");
}

#[test]
fn a_person_leaves_with_password_and_keys_first_and_denies_after_allows() {
    let live = account(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("login_profile/bob", live_password()),
        (
            "credential/bob:AKIA1",
            Body::Credential(model::Credential {
                credential_type: model::CredentialType::AccessKey,
            }),
        ),
        ("mfa_device/bob", live_device(Some("bob"))),
        ("policy/deny", policy(DENY)),
        ("group/mfa", group()),
        ("attachment/group:mfa:deny", attachment("deny")),
        ("membership/mfa:bob", Body::Membership),
        ("inline_policy/user:bob:own", inline(ALLOW)),
    ]);
    let mut desired = spec(&[("user/alice", user())]);
    desired.prune.push(prune(Kind::User, "*"));
    let plan = plan(&desired, &live);
    let order = [
        "- credential/bob:AKIA1",
        "- inline_policy/user:bob:own",
        "- membership/mfa:bob",
        "- mfa_device/bob",
        "- user/bob",
    ];
    assert!(
        order.map(|line| place(&plan, line)).is_sorted(),
        "{:#?}",
        lines(&plan)
    );
    assert!(place(&plan, "- login_profile/bob") < place(&plan, "- inline_policy/user:bob:own"));
}

#[test]
fn denies_are_added_before_allows_and_removed_after_them() {
    let live = account(&[
        ("user/alice", user()),
        ("inline_policy/user:alice:old-allow", inline(ALLOW)),
        ("inline_policy/user:alice:old-deny", inline(DENY)),
    ]);
    let desired = spec(&[
        ("user/alice", user()),
        ("inline_policy/user:alice:a-new-allow", inline(ALLOW_MORE)),
        ("inline_policy/user:alice:b-new-deny", inline(DENY)),
    ]);
    let plan = plan(&desired, &live);
    assert_eq!(
        lines(&plan),
        [
            "+ inline_policy/user:alice:b-new-deny",
            "+ inline_policy/user:alice:a-new-allow",
            "- inline_policy/user:alice:old-allow",
            "- inline_policy/user:alice:old-deny",
        ]
    );
    assert!(
        plan.actions
            .iter()
            .skip(1)
            .all(|action| action.after.values().all(|edge| *edge == Edge::Settled))
    );
}

#[test]
fn the_phases_hold_across_the_groups_of_one_person() {
    let live = account(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("group/mfa", group()),
        ("membership/admins:alice", Body::Membership),
        ("membership/mfa:alice", Body::Membership),
    ]);
    let mut objects = vec![
        ("group/admins", group()),
        ("group/mfa", group()),
        ("user/alice", user()),
    ];
    objects.extend([
        ("membership/admins:alice", Body::Membership),
        ("membership/mfa:alice", Body::Membership),
    ]);
    objects.extend([
        ("policy/allow", policy(ALLOW)),
        ("policy/deny", policy(DENY)),
    ]);
    objects.extend([
        ("attachment/group:admins:allow", attachment("allow")),
        ("attachment/group:mfa:deny", attachment("deny")),
    ]);
    let plan = plan(&spec(&objects), &live);
    assert!(
        place(&plan, "+ attachment/group:mfa:deny")
            < place(&plan, "+ attachment/group:admins:allow"),
        "{:#?}",
        lines(&plan)
    );
}

#[test]
fn a_group_is_joined_after_it_lost_what_it_is_to_lose() {
    let live = account(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("inline_policy/group:admins:power", inline(ALLOW)),
    ]);
    let desired = spec(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    let plan = plan(&desired, &live);
    assert_eq!(
        lines(&plan),
        [
            "- inline_policy/group:admins:power",
            "+ membership/admins:alice"
        ]
    );
}

#[test]
fn a_group_is_left_before_it_gains() {
    let live = account(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ]);
    let desired = spec(&[
        ("user/alice", user()),
        ("group/admins", group()),
        ("inline_policy/group:admins:power", inline(ALLOW)),
    ]);
    let plan = plan(&desired, &live);
    assert_eq!(
        lines(&plan),
        [
            "- membership/admins:alice",
            "+ inline_policy/group:admins:power"
        ]
    );
}

#[test]
fn a_policy_is_attached_after_it_changed() {
    let live = account(&[("group/admins", group()), ("policy/p", policy(ALLOW_MORE))]);
    let desired = spec(&[
        ("group/admins", group()),
        ("policy/p", policy(ALLOW)),
        ("attachment/group:admins:p", attachment("p")),
    ]);
    assert_eq!(
        lines(&plan(&desired, &live)),
        ["~ policy/p", "+ attachment/group:admins:p"]
    );
}

#[test]
fn a_boundary_is_set_before_rights_grow_and_lifted_after_they_shrink() {
    let bounded = |boundary| {
        Body::User(User {
            path: Path::root(),
            tags: Tags::default(),
            boundary,
            renamed_from: None,
        })
    };
    let limit = || Boundary::Policy(managed("limit"));
    let limiting = ("policy/limit", policy(ALLOW));
    let live = account(&[limiting.clone(), ("user/alice", bounded(Boundary::None))]);
    let own = ("inline_policy/user:alice:own", inline(ALLOW_MORE));
    let setting = plan(
        &spec(&[
            limiting.clone(),
            ("user/alice", bounded(limit())),
            own.clone(),
        ]),
        &live,
    );
    assert_eq!(
        lines(&setting),
        ["~ user/alice", "+ inline_policy/user:alice:own"]
    );
    let live = account(&[limiting.clone(), ("user/alice", bounded(limit())), own]);
    let lifting = plan(
        &spec(&[limiting, ("user/alice", bounded(Boundary::None))]),
        &live,
    );
    assert_eq!(
        lines(&lifting),
        ["- inline_policy/user:alice:own", "~ user/alice"]
    );
}

#[test]
fn a_rename_comes_first_and_a_lifted_boundary_last() {
    let old = UserName::new("old").unwrap();
    let live = account(&[
        ("policy/limit", policy(ALLOW)),
        (
            "user/old",
            Body::User(User {
                path: Path::root(),
                tags: Tags::default(),
                boundary: Boundary::Policy(managed("limit")),
                renamed_from: None,
            }),
        ),
        ("inline_policy/user:old:own", inline(ALLOW)),
    ]);
    let renamed = Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::None,
        renamed_from: Some(old),
    });
    let plan = plan(
        &spec(&[("policy/limit", policy(ALLOW)), ("user/new", renamed)]),
        &live,
    );
    assert_eq!(
        lines(&plan),
        ["~ user/new", "- inline_policy/user:new:own", "~ user/new"]
    );
    super::account::apply(&plan, &live).unwrap();
}

#[test]
fn changes_that_no_order_makes_safe_are_withheld_and_named() {
    // carol moves from sales to admins; admins loses and sales gains; dave is in both.
    let people = [
        ("user/carol", user()),
        ("user/dave", user()),
        ("group/admins", group()),
        ("group/sales", group()),
    ];
    let stay = [
        ("membership/admins:dave", Body::Membership),
        ("membership/sales:dave", Body::Membership),
    ];
    let mut live = people.to_vec();
    live.extend(stay.clone());
    live.extend([
        ("membership/sales:carol", Body::Membership),
        ("inline_policy/group:admins:power", inline(ALLOW)),
    ]);
    let mut objects = people.to_vec();
    objects.extend(stay);
    objects.extend([
        ("membership/admins:carol", Body::Membership),
        ("inline_policy/group:sales:reports", inline(ALLOW_MORE)),
    ]);
    let plan = plan(&spec(&objects), &account(&live));
    assert!(plan.actions.is_empty(), "{:#?}", lines(&plan));
    let reason = &reasons(&plan, "membership/admins:carol")[0];
    assert!(reason.starts_with("no order of this and "), "{reason}");
}

#[test]
fn a_deny_of_a_group_stays_until_whoever_leaves_has_left() {
    let live = account(&[
        ("user/alice", user()),
        ("group/mfa", group()),
        ("membership/mfa:alice", Body::Membership),
        ("inline_policy/group:mfa:guard", inline(BOTH)),
    ]);
    let desired = spec(&[("user/alice", user()), ("group/mfa", group())]);
    assert_eq!(
        lines(&plan(&desired, &live)),
        ["- membership/mfa:alice", "- inline_policy/group:mfa:guard"]
    );
}

const READ_BUT_NO_SECRETS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"sqs:Delete*","Resource":"*"}]}"#;
const QUEUES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;

#[test]
fn a_policy_that_gains_and_loses_beside_another_change_is_changed_step_by_step() {
    let held = [
        ("user/alice", user()),
        ("attachment/user:alice:p", attachment("p")),
    ];
    let with = |document, more: &[(&'static str, Body)]| {
        let policy = [("policy/p", policy(document))];
        [&held[..], &policy, more].concat()
    };
    let live = account(&with(READ_BUT_NO_SECRETS, &[]));
    let alone = plan(&spec(&with(QUEUES, &[])), &live);
    assert_eq!(lines(&alone), ["~ policy/p"]);
    let more = [("inline_policy/user:alice:more", inline(ALLOW))];
    let beside = plan(&spec(&with(QUEUES, &more)), &live);
    assert_eq!(
        lines(&beside),
        [
            "~ policy/p",
            "~ policy/p",
            "+ inline_policy/user:alice:more",
            "~ policy/p",
            "~ policy/p"
        ]
    );
    assert_eq!(beside.counts().change, 1, "one object changes");
    let settled = beside.actions[2].after.values();
    assert!(settled.into_iter().any(|edge| *edge == Edge::Settled));
}

#[test]
fn of_two_documents_that_allow_and_deny_the_one_that_denies_part_of_the_other_comes_first_and_goes_last()
 {
    let both = [
        ("inline_policy/user:alice:a-queues", inline(QUEUES)),
        (
            "inline_policy/user:alice:b-files",
            inline(READ_BUT_NO_SECRETS),
        ),
    ];
    let with = [&[("user/alice", user())][..], &both].concat();
    let without = [("user/alice", user())];
    let coming = plan(&spec(&with), &account(&without));
    assert_eq!(
        lines(&coming),
        [
            "+ inline_policy/user:alice:b-files",
            "+ inline_policy/user:alice:a-queues"
        ]
    );
    let going = plan(&spec(&without), &account(&with));
    assert_eq!(
        lines(&going),
        [
            "- inline_policy/user:alice:a-queues",
            "- inline_policy/user:alice:b-files"
        ]
    );
}

#[test]
fn a_boundary_that_changes_is_narrowed_before_rights_grow_and_widened_after_they_shrink() {
    let bounded = Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::Policy(managed("limit")),
        renamed_from: None,
    });
    let with = |limit, own| {
        [
            ("policy/limit", policy(limit)),
            ("user/alice", bounded.clone()),
            ("inline_policy/user:alice:own", inline(own)),
        ]
    };
    let narrowed = plan(
        &spec(&with(ALLOW, ALLOW_MORE)),
        &account(&with(ALLOW_MORE, ALLOW)),
    );
    let widened = plan(
        &spec(&with(ALLOW_MORE, ALLOW)),
        &account(&with(ALLOW, ALLOW_MORE)),
    );
    assert_eq!(
        lines(&narrowed),
        ["~ policy/limit", "~ inline_policy/user:alice:own"]
    );
    assert_eq!(
        lines(&widened),
        ["~ inline_policy/user:alice:own", "~ policy/limit"]
    );
}

#[test]
fn who_comes_with_a_boundary_finds_it_as_it_will_be() {
    let bounded = Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::Policy(managed("limit")),
        renamed_from: None,
    });
    let live = account(&[("policy/limit", policy(ALLOW))]);
    let desired = spec(&[
        ("policy/limit", policy(DENY)),
        ("user/alice", bounded),
        ("login_profile/alice", password()),
    ]);
    let plan = plan(&desired, &live);
    let order = ["~ policy/limit", "+ user/alice", "+ login_profile/alice"];
    let places = order.map(|line| place(&plan, line));
    assert!(places.is_sorted(), "{:#?}", lines(&plan));
    let alice = &plan.actions[places[1]];
    let limit = plan.actions[places[0]].id;
    assert_eq!(alice.after.get(&limit), Some(&Edge::Settled));
}

#[test]
fn who_gets_a_boundary_gets_it_as_it_will_be() {
    let with = |limit, boundary| {
        let bounded = Body::User(User {
            path: Path::root(),
            tags: Tags::default(),
            boundary,
            renamed_from: None,
        });
        [("policy/limit", policy(limit)), ("user/alice", bounded)]
    };
    let limit = || Boundary::Policy(managed("limit"));
    let set = plan(
        &spec(&with(ALLOW, limit())),
        &account(&with(ALLOW_MORE, Boundary::None)),
    );
    assert_eq!(lines(&set), ["~ policy/limit", "~ user/alice"]);
    let lifted = plan(
        &spec(&with(ALLOW, Boundary::None)),
        &account(&with(ALLOW_MORE, limit())),
    );
    assert_eq!(lines(&lifted), ["~ user/alice", "~ policy/limit"]);
}
