use model::{
    AddressPattern, Body, Boundary, Caller, Finding, FindingCode, Kind, Limit, Plan, RoleName,
    UserName,
};

use super::world::*;
use crate::{plan, plan_destroy};

fn refused(plan: &Plan) -> Vec<FindingCode> {
    plan.refusals()
        .map(|finding: &Finding| finding.code)
        .collect()
}

#[test]
fn a_protected_object_is_neither_deleted_nor_stripped() {
    let live = account(&[
        ("user/alice", user()),
        ("inline_policy/user:alice:own", inline(ALLOW)),
        ("user/backup", user()),
        ("inline_policy/user:backup:own", inline(ALLOW)),
    ]);
    let mut desired = spec(&[
        ("user/alice", user()),
        ("inline_policy/user:alice:own", inline(ALLOW)),
    ]);
    desired.prune.push(prune(Kind::User, "*"));
    desired
        .safety
        .protected
        .push(AddressPattern::new("user/backup"));
    assert_eq!(
        refused(&plan(&desired, &live)),
        [FindingCode::Protected, FindingCode::Protected]
    );
    let stripping = spec(&[
        ("user/alice", user()),
        ("inline_policy/user:alice:own", inline(ALLOW)),
        ("user/backup", user()),
    ]);
    let stripping = model::Desired {
        safety: desired.safety,
        ..stripping
    };
    assert_eq!(refused(&plan(&stripping, &live)), [FindingCode::Protected]);
}

#[test]
fn more_people_than_allowed_are_not_removed_at_once() {
    let names = ["user/a", "user/b", "user/c", "user/d"];
    let live = account(&names.map(|name| (name, user())));
    let mut desired = spec(&[("user/a", user()), ("user/b", user())]);
    desired.prune.push(prune(Kind::User, "*"));
    desired.safety.max_people_removed = Some(Limit::Count(1));
    let plan_ = plan(&desired, &live);
    assert_eq!(refused(&plan_), [FindingCode::TooManyPeople]);
    assert!(
        plan_.findings[0].message.starts_with("2 of 4 people"),
        "{}",
        plan_.findings[0].message
    );
    desired.safety.max_people_removed = Some(Limit::Percent(50));
    assert!(refused(&plan(&desired, &live)).is_empty());
}

#[test]
fn people_who_lose_a_right_count_as_much_as_people_who_are_deleted() {
    let mut live = vec![
        ("group/g", group()),
        ("inline_policy/group:g:power", inline(ALLOW)),
        ("user/root", user()),
        ("inline_policy/user:root:own", inline(ALLOW)),
    ];
    live.extend([("user/a", user()), ("user/b", user())]);
    live.extend([
        ("membership/g:a", Body::Membership),
        ("membership/g:b", Body::Membership),
    ]);
    let mut desired = spec(&[
        ("group/g", group()),
        ("membership/g:a", Body::Membership),
        ("membership/g:b", Body::Membership),
    ]);
    desired.safety.max_people_removed = Some(Limit::Count(1));
    assert_eq!(
        refused(&plan(&desired, &account(&live))),
        [FindingCode::TooManyPeople]
    );
}

#[test]
fn people_who_go_from_one_group_to_a_like_one_are_not_removed() {
    let of = |name: &str, document| {
        vec![
            (format!("group/{name}"), group()),
            (
                format!("inline_policy/group:{name}:power"),
                inline(document),
            ),
            (format!("membership/{name}:a"), Body::Membership),
            (format!("membership/{name}:b"), Body::Membership),
            ("user/a".to_owned(), user()),
            ("user/b".to_owned(), user()),
        ]
    };
    let owned = |objects: Vec<(String, Body)>| -> Vec<(&'static str, Body)> {
        let leak = |(text, body): (String, Body)| (&*text.leak(), body);
        objects.into_iter().map(leak).collect()
    };
    let moved = |from, to| {
        let mut desired = spec(&owned(of("new", to)));
        desired.safety.max_people_removed = Some(Limit::Count(1));
        let mut live = owned(of("old", from));
        live.push(("user/root", user()));
        refused(&plan(&desired, &account(&live)))
    };
    assert!(moved(ALLOW, ALLOW).is_empty());
    assert!(moved(ALLOW, ALLOW_MORE).is_empty());
    assert_eq!(moved(ALLOW_MORE, ALLOW), [FindingCode::TooManyPeople]);
}

#[test]
fn what_somebody_has_in_another_way_too_is_not_lost() {
    let base = [
        ("user/a", user()),
        ("user/root", user()),
        ("group/g", group()),
        ("policy/p", policy(ALLOW)),
        ("attachment/group:g:p", attachment("p")),
        ("membership/g:a", Body::Membership),
    ];
    let mut live = base.to_vec();
    live.push(("attachment/user:a:p", attachment("p")));
    let mut desired = spec(&base);
    desired.safety.max_people_removed = Some(Limit::Count(0));
    assert!(refused(&plan(&desired, &account(&live))).is_empty());
}

#[test]
fn not_everybody_goes_at_once_whatever_the_limit() {
    let live = account(&[("user/a", user()), ("user/b", user())]);
    let mut desired = spec(&[]);
    desired.prune.push(prune(Kind::User, "*"));
    desired.safety.max_people_removed = Some(Limit::Percent(100));
    assert_eq!(refused(&plan(&desired, &live)), [FindingCode::Everybody]);
    assert!(
        refused(&plan_destroy(&desired, &live)).is_empty(),
        "destroy was asked for"
    );
}

#[test]
fn everybodys_policy_may_be_replaced_by_another() {
    let people = [
        ("user/a", user()),
        ("group/g", group()),
        ("membership/g:a", Body::Membership),
    ];
    let mut live = people.to_vec();
    live.push(("inline_policy/group:g:old", inline(ALLOW)));
    let mut objects = people.to_vec();
    objects.push(("inline_policy/group:g:new", inline(BOTH)));
    assert!(refused(&plan(&spec(&objects), &account(&live))).is_empty());
}

#[test]
fn taking_everybodys_only_policy_is_refused() {
    let people = [
        ("user/a", user()),
        ("group/g", group()),
        ("membership/g:a", Body::Membership),
    ];
    let mut live = people.to_vec();
    live.push(("inline_policy/group:g:old", inline(ALLOW)));
    assert_eq!(
        refused(&plan(&spec(&people), &account(&live))),
        [FindingCode::Everybody]
    );
}

#[test]
fn the_caller_keeps_its_user_and_its_groups_policies() {
    let objects = [
        ("user/me", user()),
        ("user/other", user()),
        ("group/ops", group()),
        ("membership/ops:me", Body::Membership),
        ("inline_policy/group:ops:power", inline(ALLOW)),
    ];
    let mut live = empty_account(Caller::User(UserName::new("me").unwrap()));
    for (text, body) in &objects {
        live.insert(address(text), body.clone());
    }
    live.insert(address("inline_policy/user:other:own"), inline(ALLOW));
    look_up_everybody(&mut live);
    let stripped = spec(&[
        ("group/ops", group()),
        ("user/me", user()),
        ("membership/ops:me", Body::Membership),
    ]);
    assert_eq!(refused(&plan(&stripped, &live)), [FindingCode::Caller]);
    let leaving = spec(&[("user/me", user())]);
    assert_eq!(refused(&plan(&leaving, &live)), [FindingCode::Caller]);
    assert_eq!(
        refused(&plan_destroy(&spec(&objects), &live)).len(),
        4,
        "destroy keeps the caller too"
    );
}

#[test]
fn another_roles_session_is_no_hindrance() {
    let mut live = empty_account(Caller::Role(RoleName::new("apply").unwrap()));
    for name in ["user/a", "user/b"] {
        live.insert(address(name), user());
    }
    look_up_everybody(&mut live);
    let mut desired = spec(&[("user/a", user())]);
    desired.prune.push(prune(Kind::User, "*"));
    assert!(refused(&plan(&desired, &live)).is_empty());
}

/// Returns two people who may do something by their group, and what else is said.
fn two_in_a_group(rest: &[(&'static str, Body)]) -> Vec<(&'static str, Body)> {
    let mut objects = vec![
        ("user/a", user()),
        ("user/b", user()),
        ("group/g", group()),
        ("membership/g:a", Body::Membership),
        ("membership/g:b", Body::Membership),
        ("inline_policy/group:g:power", inline(ALLOW)),
    ];
    objects.extend_from_slice(rest);
    objects
}

#[test]
fn somebody_who_never_had_access_is_not_somebody_who_keeps_it() {
    let live = account(&two_in_a_group(&[("user/bystander", user())]));
    let desired = spec(&[
        ("user/a", user()),
        ("user/b", user()),
        ("user/bystander", user()),
        ("group/g", group()),
        ("membership/g:a", Body::Membership),
        ("membership/g:b", Body::Membership),
    ]);
    let plan = plan(&desired, &live);
    assert_eq!(refused(&plan), [FindingCode::Everybody]);
    let message = &plan.refusals().next().unwrap().message;
    assert!(message.contains("(2)"), "{message}");
}

#[test]
fn denying_everybody_everything_is_refused() {
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    let live = account(&two_in_a_group(&[]));
    let desired = spec(&two_in_a_group(&[(
        "inline_policy/group:g:stop",
        inline(deny),
    )]));
    assert_eq!(refused(&plan(&desired, &live)), [FindingCode::Everybody]);
}

#[test]
fn a_boundary_that_takes_something_away_counts() {
    let codes = |document| {
        let boundary = ("policy/boundary", policy(document));
        let live = account(&two_in_a_group(std::slice::from_ref(&boundary)));
        let mut objects = two_in_a_group(&[boundary]);
        for (_, body) in &mut objects {
            if let Body::User(user) = body {
                user.boundary = Boundary::Policy(managed("boundary"));
            }
        }
        let mut desired = spec(&objects);
        desired.safety.max_people_removed = Some(Limit::Count(1));
        refused(&plan(&desired, &live))
    };
    assert_eq!(
        codes(DENY),
        [FindingCode::TooManyPeople, FindingCode::Everybody]
    );
    assert!(codes(ALLOW).is_empty());
}
