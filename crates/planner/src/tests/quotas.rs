use model::{Body, Desired, Finding, FindingCode, Kind, Level, ReadFailure, Snapshot};

use super::world::*;
use crate::plan;

fn quotas(desired: &Desired, live: &Snapshot) -> Vec<Finding> {
    let findings = plan(desired, live).findings.into_iter();
    findings
        .filter(|finding| finding.code == FindingCode::Quota)
        .collect()
}

fn owned(objects: &[(String, Body)]) -> Vec<(&'static str, Body)> {
    let leak = |(text, body): &(String, Body)| (&*text.clone().leak(), body.clone());
    objects.iter().map(leak).collect()
}

/// Returns a user in so many groups, the first of which are called by the name.
fn member(groups: std::ops::Range<usize>) -> Vec<(String, Body)> {
    let mut objects = vec![("user/alice".to_owned(), user())];
    for index in groups {
        objects.push((format!("group/g{index:03}"), group()));
        objects.push((format!("membership/g{index:03}:alice"), Body::Membership));
    }
    objects
}

#[test]
fn an_eleventh_group_of_a_user_is_refused_before_the_first_call() {
    let empty = account(&[]);
    assert!(quotas(&spec(&owned(&member(0..10))), &empty).is_empty());
    let found = quotas(&spec(&owned(&member(0..11))), &empty);
    let [finding] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(finding.level, Level::Refusal);
    assert_eq!(finding.address, Some(address("user/alice")));
    assert_eq!(finding.message, "would be in 11 groups, and IAM allows 10");
}

#[test]
fn undeclared_groups_of_a_user_count_where_they_are_kept() {
    let live = account(&owned(&member(0..8)));
    let mut desired = spec(&owned(&member(8..11)));
    desired.inclusive.insert(address("user/alice"));
    let found = quotas(&desired, &live);
    assert_eq!(found[0].message, "would be in 11 groups, and IAM allows 10");
}

#[test]
fn a_swap_that_exceeds_a_quota_on_the_way_says_so() {
    let live = account(&owned(&member(0..10)));
    let found = quotas(&spec(&owned(&member(1..11))), &live);
    assert_eq!(
        found[0].message,
        "would be in 11 groups meanwhile, and IAM allows 10"
    );
    assert!(quotas(&spec(&owned(&member(0..9))), &live).is_empty());
}

#[test]
fn what_a_raised_quota_could_allow_is_a_warning() {
    let groups = |count: usize| -> Vec<(String, Body)> {
        (0..count)
            .map(|index| (format!("group/g{index}"), group()))
            .collect()
    };
    let level = |count| {
        let found = quotas(&spec(&owned(&groups(count))), &account(&[]));
        found.first().map(|finding| finding.level)
    };
    assert_eq!(level(300), None);
    assert_eq!(level(301), Some(Level::Warning));
    assert_eq!(level(501), Some(Level::Refusal));
}

#[test]
fn too_many_attached_policies_are_refused_of_a_group_and_warned_of_for_a_user() {
    let attached = |principal: &str, count: usize| -> Vec<(String, Body)> {
        let mut objects = vec![(
            principal.replace(':', "/"),
            match principal {
                "user:u" => user(),
                _ => group(),
            },
        )];
        for index in 0..count {
            objects.push((format!("policy/p{index}"), policy(ALLOW)));
            let name = format!("p{index}");
            objects.push((format!("attachment/{principal}:{name}"), attachment(&name)));
        }
        objects
    };
    let level = |principal, count| {
        let found = quotas(&spec(&owned(&attached(principal, count))), &account(&[]));
        found.first().map(|finding| finding.level)
    };
    assert_eq!(level("group:g", 10), None);
    assert_eq!(level("group:g", 11), Some(Level::Refusal));
    assert_eq!(level("user:u", 11), Some(Level::Warning));
    assert_eq!(level("user:u", 21), Some(Level::Refusal));
}

#[test]
fn inline_policies_count_by_their_characters_together() {
    let long = |actions: usize| {
        let actions: Vec<String> = (0..actions)
            .map(|index| format!("\"s3:Action{index:04}\""))
            .collect();
        inline(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{}],"Resource":"*"}}}}"#,
            actions.join(",")
        ))
    };
    let of = |first: usize, second: usize| {
        spec(&[
            ("user/u", user()),
            ("inline_policy/user:u:a", long(first)),
            ("inline_policy/user:u:b", long(second)),
        ])
    };
    assert!(quotas(&of(40, 40), &account(&[])).is_empty());
    let found = quotas(&of(40, 80), &account(&[]));
    assert!(
        found[0]
            .message
            .ends_with("characters of inline policies, and IAM allows 2048"),
        "{found:?}"
    );
}

#[test]
fn what_is_too_many_already_may_stay_and_shrink() {
    let live = account(&owned(&member(0..12)));
    assert!(quotas(&spec(&owned(&member(0..12))), &live).is_empty());
    assert!(quotas(&spec(&owned(&member(0..11))), &live).is_empty());
}

#[test]
fn what_could_not_be_read_is_not_counted() {
    let mut live = account(&[]);
    let failure = ReadFailure {
        operation: "iam:GetAccountAuthorizationDetails".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    live.mark_unread(Kind::Group, failure);
    let groups: Vec<(String, Body)> = (0..301)
        .map(|index| (format!("group/g{index}"), group()))
        .collect();
    assert!(quotas(&spec(&owned(&groups)), &live).is_empty());
}
