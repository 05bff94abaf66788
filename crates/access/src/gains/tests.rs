use model::{ActionId, Body, LoginProfile};

use super::*;
use crate::prove::tests::world::*;

/// Returns the changes that make one account of another, but for their order.
fn actions(before: &Snapshot, after: &Snapshot) -> Vec<Action> {
    let created = after.iter().filter_map(|(address, body)| {
        let change = match before.get(address) {
            Some(old) if old == body => return None,
            Some(old) => Change::Update {
                before: old.clone(),
                after: body.clone(),
                fields: Vec::new(),
            },
            None => Change::Create {
                after: body.clone(),
            },
        };
        Some((address.clone(), change))
    });
    let gone = before
        .iter()
        .filter(|(address, _)| after.get(address).is_none());
    let deleted = gone.map(|(address, body)| {
        let change = Change::Delete {
            before: body.clone(),
        };
        (address.clone(), change)
    });
    let changes = created.chain(deleted).enumerate();
    changes
        .map(|(place, (address, change))| Action {
            id: ActionId(place),
            address,
            change,
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        })
        .collect()
}

/// Says what each principal gains: without MFA, with it, and by what.
fn told(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let of_one = |gained: &Gained| {
        let by = gained.by.iter();
        let by: Vec<String> = by
            .map(|(address, means)| format!("{address} {means:?}"))
            .collect();
        format!("{:?} [{}]", gained.extent, by.join(", "))
    };
    let gains = gains(&actions(before, after), before, after, &Asked::default()).unwrap();
    let gains = gains.iter().map(|gain| {
        let needs_no_mfa = if gain.needs_no_mfa {
            " needs no MFA"
        } else {
            ""
        };
        let (without, with) = (of_one(&gain.without_mfa), of_one(&gain.with_mfa));
        format!("{}: {without} / {with}{needs_no_mfa}", gain.address)
    });
    gains.collect()
}

fn add_password(snapshot: &mut Snapshot, user: &str) {
    let profile = LoginProfile {
        reset_required: true,
        deliver_to: None,
    };
    snapshot.insert(
        format!("login_profile/{user}").parse().unwrap(),
        Body::LoginProfile(profile),
    );
}

fn remove(snapshot: &Snapshot, address: &str) -> Snapshot {
    let mut without = snapshot.clone();
    without.remove(&address.parse().unwrap());
    without
}

fn read(more: &str) -> Document {
    document(&format!(
        r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"{more}}}"#
    ))
}

fn deny(action: &str) -> Document {
    document(&format!(
        r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "*"}}"#
    ))
}

#[test]
fn a_new_member_of_guarded_administrators_gains_everything_with_mfa_and_self_service_without() {
    let after = account(&[("/", "alice")], &[&admin(), &preset()]);
    let before = remove(&after, "membership/people:alice");
    assert_eq!(
        told(&before, &after),
        ["user/alice: SelfService [] / Everything [group/people AllowsEverything]"]
    );
    assert_eq!(
        told(&after, &before),
        ["user/alice: Nothing [] / Nothing []"]
    );
}

#[test]
fn a_new_user_gains_all_that_its_group_grants() {
    let after = account(&[("/", "alice"), ("/", "bob")], &[&read("")]);
    let before = remove(&remove(&after, "membership/people:bob"), "user/bob");
    let rights = "Rights [group/people Allows]";
    assert_eq!(
        told(&before, &after),
        [format!("user/bob: {rights} / {rights}")]
    );
}

#[test]
fn a_new_user_without_documents_gains_nothing() {
    let before = account(&[], &[]);
    let mut after = before.clone();
    add_user(&mut after, "/", "alice", None);
    assert_eq!(
        told(&before, &after),
        ["user/alice: Nothing [] / Nothing []"]
    );
}

#[test]
fn what_nothing_asks_mfa_for_is_said_of_who_can_sign_in() {
    let mut after = account(&[("/", "alice"), ("/", "bob")], &[&admin()]);
    let before = remove(&after, "membership/people:alice");
    add_password(&mut after, "alice");
    let everything = "Everything [group/people AllowsEverything]";
    assert_eq!(
        told(&before, &after),
        [format!(
            "user/alice: {everything} / {everything} needs no MFA"
        )]
    );
}

#[test]
fn a_password_for_who_has_rights_gives_none_and_needs_mfa_only_where_a_document_says_so() {
    for (documents, needs_no_mfa) in [
        (&[&read("")][..], " needs no MFA"),
        (&[&admin(), &preset()][..], ""),
        (&[&deny("s3:*")][..], ""),
    ] {
        let before = account(&[("/", "alice")], documents);
        let mut after = before.clone();
        add_password(&mut after, "alice");
        assert_eq!(
            told(&before, &after),
            [format!("user/alice: Nothing [] / Nothing []{needs_no_mfa}")]
        );
    }
}

#[test]
fn a_deny_that_goes_gives_what_it_denied() {
    let after = account(&[("/", "alice")], &[&read("")]);
    let mut before = after.clone();
    add_policy(&mut before, "denying", &deny("s3:*"));
    attach(&mut before, "user:alice", "denying");
    let rights = "Rights [policy/denying Denies]";
    assert_eq!(
        told(&before, &after),
        [format!("user/alice: {rights} / {rights}")]
    );
}

#[test]
fn a_deny_that_goes_where_nothing_was_allowed_gives_nothing() {
    let mut before = account(&[("/", "alice")], &[&read("")]);
    let after = before.clone();
    add_policy(&mut before, "denying", &deny("sqs:*"));
    attach(&mut before, "user:alice", "denying");
    assert_eq!(
        told(&before, &after),
        ["user/alice: Nothing [] / Nothing []"]
    );
}

#[test]
fn a_boundary_that_is_lifted_or_widened_gives_what_it_kept_out() {
    let mut before = account(&[("/", "alice")], &[&admin()]);
    add_policy(&mut before, "limit", &read(""));
    let mut after = before.clone();
    add_user(&mut before, "/", "alice", Some("limit"));
    let everything = "Everything [policy/limit Limits]";
    assert_eq!(
        told(&before, &after),
        [format!("user/alice: {everything} / {everything}")]
    );
    add_user(&mut after, "/", "alice", Some("limit"));
    let wider = r#"{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}"#;
    add_policy(&mut after, "limit", &document(wider));
    let rights = "Rights [policy/limit Limits]";
    assert_eq!(
        told(&before, &after),
        [format!("user/alice: {rights} / {rights}")]
    );
}

#[test]
fn a_boundary_keeps_an_administrator_from_being_one() {
    let mut after = account(&[("/", "alice")], &[&admin()]);
    add_policy(&mut after, "limit", &read(""));
    add_user(&mut after, "/", "alice", Some("limit"));
    let before = remove(&after, "membership/people:alice");
    let rights = "Rights [group/people AllowsEverything]";
    assert_eq!(
        told(&before, &after),
        [format!("user/alice: {rights} / {rights}")]
    );
}

#[test]
fn all_of_iam_is_administration() {
    let iam = document(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#);
    let after = account(&[("/", "alice")], &[&iam]);
    let before = remove(&after, "membership/people:alice");
    let administration = "Administration [group/people AllowsAdministration]";
    assert_eq!(
        told(&before, &after),
        [format!("user/alice: {administration} / {administration}")]
    );
}

#[test]
fn what_depends_on_more_than_the_session_is_a_gain_only_where_it_changes() {
    let from_office = read(r#", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#);
    let after = account(&[("/", "alice")], &[&from_office, &deny("sqs:*")]);
    let before = remove(&after, "attachment/group:people:policy-1");
    assert_eq!(
        told(&before, &after),
        ["user/alice: Nothing [] / Nothing []"]
    );
    let before = remove(&after, "attachment/group:people:policy-0");
    let extents = told(&before, &after);
    assert!(!extents[0].contains("Nothing"), "{extents:?}");
}

#[test]
fn a_name_given_to_a_statement_gives_nothing() {
    let at = r#", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#;
    let before = account(&[("/", "alice")], &[&read(at)]);
    let after = account(
        &[("/", "alice")],
        &[&read(&format!(r#", "Sid": "Read"{at}"#))],
    );
    assert_eq!(
        told(&before, &after),
        ["user/alice: Nothing [] / Nothing []"]
    );
}

#[test]
fn what_a_user_gains_by_moving_is_not_known() {
    let before = account(&[("/", "alice")], &[&read("")]);
    let mut after = before.clone();
    add_user(&mut after, "/eng/", "alice", None);
    assert_eq!(
        told(&before, &after),
        ["user/alice: Unknown [] / Unknown []"]
    );
}

#[test]
fn nothing_is_said_of_an_account_that_is_not_known() {
    let after = account(&[("/", "alice")], &[&read("")]);
    let mut before = remove(&after, "membership/people:alice");
    let failure = model::ReadFailure {
        operation: "iam:ListUsers".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    before.mark_unread(model::Kind::Membership, failure);
    assert_eq!(
        gains(
            &actions(&before, &after),
            &before,
            &after,
            &Asked::default()
        ),
        None
    );
}
