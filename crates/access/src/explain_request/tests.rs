use model::{
    Account, AccountId, Attachment, Boundary, Caller, Group, InlinePolicy, ManagedPolicy,
    Partition, Tags, User, UserName,
};

use super::*;

fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Document::parse(&text).unwrap()
}

fn alice() -> Principal {
    Principal::User(UserName::new("alice").unwrap())
}

/// An account where alice, at `/eng/`, has an inline policy, and is in a group that has one.
fn account(own: &str, groups: &str) -> Snapshot {
    let account = Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    let mut snapshot = Snapshot::new(account, Caller::Root);
    let user = User {
        path: Path::new("/eng/").unwrap(),
        tags: Tags::default(),
        boundary: Boundary::None,
        renamed_from: None,
    };
    snapshot.insert("user/alice".parse().unwrap(), Body::User(user));
    snapshot.insert(
        "group/people".parse().unwrap(),
        Body::Group(Group { path: Path::root() }),
    );
    snapshot.insert("membership/people:alice".parse().unwrap(), Body::Membership);
    for (address, statements) in [
        ("inline_policy/user:alice:own", own),
        ("inline_policy/group:people:all", groups),
    ] {
        if !statements.is_empty() {
            let inline = InlinePolicy {
                document: document(statements),
            };
            snapshot.insert(address.parse().unwrap(), Body::InlinePolicy(inline));
        }
    }
    snapshot
}

/// What alice's request comes to with a key, with a password and with MFA, in words.
fn asked(snapshot: &Snapshot, action: &str, resource: &str) -> [String; 3] {
    let answers = explain_request(snapshot, &[], &alice(), action, resource).unwrap();
    let words = answers.into_iter().map(|answer| match answer.outcome {
        Outcome::Allowed { by } => format!("allowed by {}", by[0]),
        Outcome::ExplicitlyDenied { by, .. } => format!("denied by {}", by[0]),
        Outcome::ImplicitlyDenied { near, .. } => format!("not allowed, {} near", near.len()),
        Outcome::Depends { keys, policies, .. } => {
            format!("depends on {keys:?}, {} policies", policies.len())
        }
        Outcome::NeedsNoPermission => "needs no permission".to_owned(),
    });
    words.collect::<Vec<_>>().try_into().unwrap()
}

const WITH_MFA: &str = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#;
const NO_MFA: &str = r#"{"Sid": "Enforce", "Effect": "Deny", "Action": "*", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#;

#[test]
fn each_session_has_its_own_answer_and_the_statement_that_makes_it() {
    let snapshot = account(WITH_MFA, NO_MFA);
    assert_eq!(
        asked(&snapshot, "s3:GetObject", "arn:aws:s3:::b/x"),
        [
            "not allowed, 1 near",
            "denied by statement Enforce of inline_policy/group:people:all through group/people",
            "allowed by statement 1 of inline_policy/user:alice:own",
        ]
    );
}

#[test]
fn what_would_allow_otherwise_is_named_with_the_reason() {
    let snapshot = account(WITH_MFA, "");
    let answers = explain_request(&snapshot, &[], &alice(), "s3:GetObject", "*").unwrap();
    let near = |answer: &Answer| match &answer.outcome {
        Outcome::ImplicitlyDenied { near, .. } => (near[0].resources.clone(), near[0].condition),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        near(&answers[0]),
        (vec!["arn:aws:s3:::b/*".to_owned()], true)
    );
    assert_eq!(
        near(&answers[2]),
        (vec!["arn:aws:s3:::b/*".to_owned()], false)
    );
}

#[test]
fn what_depends_on_an_unknown_key_is_not_guessed() {
    let office = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}"#;
    let depends = r#"depends on ["aws:SourceIp"], 0 policies"#;
    assert_eq!(
        asked(&account(office, ""), "s3:GetObject", "*"),
        [depends; 3]
    );
    let [_, denied, _] = asked(&account(office, NO_MFA), "s3:GetObject", "*");
    assert!(denied.starts_with("denied by"), "{denied}");
}

#[test]
fn a_policy_whose_document_is_unknown_may_allow_and_deny_but_not_undo_a_deny() {
    let mut snapshot = account(WITH_MFA, NO_MFA);
    let aws = ManagedPolicy {
        owner: model::Owner::Aws,
        path: Path::root(),
        name: model::PolicyName::new("ReadOnlyAccess").unwrap(),
    };
    snapshot.insert(
        "attachment/group:people:aws/ReadOnlyAccess"
            .parse()
            .unwrap(),
        Body::Attachment(Attachment { policy: aws }),
    );
    let [key, password, mfa] = asked(&snapshot, "s3:GetObject", "arn:aws:s3:::b/x");
    assert_eq!(key, "depends on [], 1 policies");
    assert!(password.starts_with("denied by"), "{password}");
    assert_eq!(mfa, "depends on [], 1 policies");
}

#[test]
fn a_user_is_asked_about_itself_and_a_device_where_no_resource_is_named() {
    let snapshot = account("", "");
    let probable = |action| probable_resource(&snapshot, &alice(), action).unwrap();
    assert_eq!(
        probable("iam:ChangePassword"),
        "arn:aws:iam::123456789012:user/eng/alice"
    );
    assert_eq!(
        probable("iam:CreateVirtualMFADevice"),
        "arn:aws:iam::123456789012:mfa/alice"
    );
    assert_eq!(probable("iam:ListUsers"), "*");
    assert_eq!(probable("s3:GetObject"), "*");
}

#[test]
fn what_needs_no_permission_is_said_to_and_who_is_not_there_is_an_obstacle() {
    let snapshot = account("", NO_MFA);
    let [key, ..] = asked(&snapshot, "sts:GetCallerIdentity", "*");
    assert_eq!(key, "needs no permission");
    let bob = Principal::User(UserName::new("bob").unwrap());
    assert_eq!(
        explain_request(&snapshot, &[], &bob, "s3:GetObject", "*"),
        Err(Obstacle::Missing(bob.address()))
    );
}

#[test]
fn what_is_declared_is_a_state_in_every_partition() {
    for region in [
        "us-east-1",
        "cn-north-1",
        "us-gov-west-1",
        "eusc-de-east-1",
        "us-iso-east-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
    ] {
        let account = AccountId::new("123456789012").unwrap();
        let desired = Desired::new(account, model::Region::new(region).unwrap());
        let partition = declared(&desired).account.partition;
        assert_eq!(partition.as_str(), desired.region.partition());
    }
}
