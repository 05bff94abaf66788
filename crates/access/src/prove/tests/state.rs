//! What of an account bears on a proof.

use model::{Body, Kind, PasswordPolicy, ReadFailure};

use super::world::*;
use crate::prove::*;

#[test]
fn a_boundary_limits_what_is_granted_and_what_enrolment_needs() {
    let mut snapshot = account(&[], &[&preset()]);
    add_user(&mut snapshot, "/", "alice", Some("boundary"));
    snapshot.insert("membership/people:alice".parse().unwrap(), Body::Membership);
    add_policy(&mut snapshot, "boundary", &admin());
    assert_eq!(refuted(&snapshot), [""; 0]);
    add_policy(
        &mut snapshot,
        "boundary",
        &document(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#),
    );
    assert_eq!(
        refuted(&snapshot),
        [
            "user:alice can-enrol: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with a password only"
        ]
    );
}

#[test]
fn the_same_policies_attached_and_as_boundary_are_told_apart() {
    let mut snapshot = account(&[], &[]);
    add_policy(&mut snapshot, "grants", &admin());
    add_policy(
        &mut snapshot,
        "nothing",
        &document(r#"{"Effect": "Allow", "Action": "none:*", "Resource": "*"}"#),
    );
    for (name, boundary) in [("alice", None), ("bob", Some("nothing"))] {
        add_user(&mut snapshot, "/", name, boundary);
        attach(&mut snapshot, &format!("user:{name}"), "grants");
    }
    attach(&mut snapshot, "user:alice", "nothing");
    let first = refuted(&snapshot)
        .into_iter()
        .filter(|line| line.contains("only-self-service"));
    assert_eq!(
        first
            .filter(|line| line.contains("iam:CreateAccessKey"))
            .count(),
        1
    );
}

#[test]
fn the_password_policy_can_let_everybody_change_their_own_password() {
    let without = preset_but(
        r#""Action": [
        "iam:ChangePassword",
        "iam:EnableMFADevice",
        "iam:GetMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice"
      ],
      "Resource""#,
        r#""Action": ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], "Resource""#,
    );
    let mut snapshot = account(&PEOPLE, &[&without]);
    assert_eq!(refuted(&snapshot).len(), 2);
    let password_policy = PasswordPolicy {
        allow_users_to_change_password: true,
        ..PasswordPolicy::default()
    };
    snapshot.insert(
        Address::PasswordPolicy,
        Body::PasswordPolicy(password_policy),
    );
    assert_eq!(refuted(&snapshot), [""; 0]);
    let nobody = account(&PEOPLE, &[]);
    let mut with_policy = nobody.clone();
    with_policy.insert(
        Address::PasswordPolicy,
        snapshot.get(&Address::PasswordPolicy).unwrap().clone(),
    );
    let with_key = |snapshot| {
        refuted(snapshot)
            .iter()
            .filter(|line| line.contains("nothing-with-key"))
            .count()
    };
    assert_eq!((with_key(&nobody), with_key(&with_policy)), (0, 2));
}

#[test]
fn what_could_not_be_read_cannot_be_proved() {
    let mut snapshot = account(&[("/", "alice")], &[&preset()]);
    attach(&mut snapshot, "user:alice", "unread");
    assert_eq!(
        refuted(&snapshot)[0],
        "user:alice only-self-service-without-mfa: ? the document of policy/unread was not read"
    );
    let failure = ReadFailure {
        operation: "iam:GetGroup".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    snapshot.mark_unread(Kind::Membership, failure);
    assert_eq!(refuted(&snapshot).len(), 5);
    assert!(refuted(&snapshot)[4].ends_with("? membership/* could not be read"));
}

#[test]
fn who_is_not_there_cannot_be_proved_anything_of() {
    let asked = Asked {
        governed: [UserName::new("carol").unwrap()].into(),
        ..Asked::default()
    };
    let proofs = prove(&snapshot(), &asked);
    assert_eq!(
        told(&proofs[0]),
        "user:carol only-self-service-without-mfa: ? user/carol does not exist"
    );
}

#[test]
fn users_proved_together_get_what_each_gets_alone() {
    let literal = document(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": ["arn:aws:iam::123456789012:user/b*", "arn:aws:iam::123456789012:mfa/al*"]}"#,
    );
    let people = [
        ("/", "alice"),
        ("/", "bob"),
        ("/eng/", "albert"),
        ("/eng/", "carol"),
    ];
    let documents = [&preset_but("NotResource", "Resource"), &literal];
    let together = refuted(&account(&people, &documents));
    let alone: Vec<String> = {
        let mut sorted = people;
        sorted.sort_by_key(|(_, name)| *name);
        sorted
            .iter()
            .flat_map(|person| refuted(&account(&[*person], &documents)))
            .collect()
    };
    assert!(!together.is_empty());
    assert_eq!(together, alone);
}
