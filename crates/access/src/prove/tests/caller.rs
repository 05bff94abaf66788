//! Whoever runs mfactl.

use std::collections::{BTreeMap, BTreeSet};

use model::{Action, ActionId, Body, Caller, Change, Role, RoleName};

use super::world::*;
use crate::prove::*;

const NEEDED: &str = r#"{"Effect": "Allow", "Action": ["iam:GetAccountAuthorizationDetails", "iam:ListAccountAliases"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:DeleteUser"], "Resource": "arn:aws:iam::123456789012:user/*"}"#;

/// Returns what leads from one state to another.
fn actions(before: &Snapshot, after: &Snapshot) -> Vec<Action> {
    let addresses: BTreeSet<&Address> = before
        .iter()
        .chain(after.iter())
        .map(|(address, _)| address)
        .collect();
    let changes = addresses.into_iter().filter_map(|address| {
        let change = match (before.get(address).cloned(), after.get(address).cloned()) {
            (None, None) => return None,
            (Some(before), Some(after)) if before == after => return None,
            (None, Some(after)) => Change::Create { after },
            (Some(before), None) => Change::Delete { before },
            (Some(before), Some(after)) => Change::Update {
                before,
                after,
                fields: Vec::new(),
            },
        };
        Some((address.clone(), change))
    });
    let actions = changes
        .enumerate()
        .map(|(place, (address, change))| Action {
            id: ActionId(place),
            address,
            change,
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        });
    actions.collect()
}

fn asked(session: Session) -> Asked {
    Asked {
        caller: Some(Keeps {
            requests: document(NEEDED),
            session,
        }),
        ..Asked::default()
    }
}

/// Returns what becomes of the caller's permissions from one state to another.
fn kept(before: &Snapshot, after: &Snapshot, session: Session) -> Option<String> {
    let actions = actions(before, after);
    prove_caller(before, &actions, after, &asked(session)).map(|proof| told(&proof))
}

/// Returns an account where bob, who calls, holds documents.
fn bob(documents: &[&Document]) -> Snapshot {
    let mut snapshot = account(&[("/", "bob")], documents);
    snapshot.caller = Caller::User(UserName::new("bob").unwrap());
    snapshot
}

/// Returns an account where a role, which calls, holds documents.
fn role(documents: &[&Document]) -> Snapshot {
    let mut snapshot = account(&[], documents);
    snapshot.caller = Caller::Role(RoleName::new("apply").unwrap());
    let role = Role {
        path: Path::root(),
        boundary: None,
    };
    snapshot.insert("role/apply".parse().unwrap(), Body::Role(role));
    for index in 0..documents.len() {
        attach(&mut snapshot, "role:apply", &format!("policy-{index}"));
    }
    snapshot
}

fn kept_by_bob(before: &[&Document], after: &[&Document]) -> String {
    kept(&bob(before), &bob(after), Session::Mfa).unwrap()
}

fn reading() -> Document {
    document(r#"{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}"#)
}

const PROVED: &str = "user:bob caller-keeps-permissions: proved";

#[test]
fn who_loses_what_allows_loses_it() {
    let create = document(
        r#"{"Effect": "Allow", "Action": ["iam:Create*", "iam:Get*", "iam:List*"], "Resource": "*"}"#,
    );
    assert_eq!(
        kept_by_bob(&[&admin()], &[&create]),
        "user:bob caller-keeps-permissions: iam:DeleteUser on arn:aws:iam::123456789012:user/bob with MFA"
    );
    assert_eq!(kept_by_bob(&[&create], &[&admin()]), PROVED);
}

#[test]
fn what_the_caller_could_not_do_before_it_need_not_keep() {
    let reading = reading();
    let fewer = document(
        r#"{"Effect": "Allow", "Action": ["iam:GetAccount*", "iam:ListAccount*"], "Resource": "*"}"#,
    );
    assert_eq!(kept_by_bob(&[&reading], &[&reading, &fewer]), PROVED);
    assert_eq!(kept_by_bob(&[&reading], &[&fewer]), PROVED);
    let narrow =
        document(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:ListA*"], "Resource": "*"}"#);
    assert!(kept_by_bob(&[&reading], &[&narrow]).contains("iam:GetAccountAuthorizationDetails"));
}

#[test]
fn what_was_denied_before_may_be_denied_after() {
    let guard = r#"{"Sid": "Guard", "Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "arn:aws:iam::123456789012:user/root-backup"}"#;
    let wider = guard.replace("root-backup", "*");
    let more = document(&format!(
        r#"{guard}, {{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}"#
    ));
    let (guard, wider) = (document(guard), document(&wider));
    assert_eq!(kept_by_bob(&[&admin(), &guard], &[&admin(), &more]), PROVED);
    assert!(
        kept_by_bob(&[&admin(), &guard], &[&admin(), &wider])
            .ends_with("with MFA, by statement Guard of policy/policy-1 through group/people")
    );
}

#[test]
fn a_caller_with_a_key_loses_what_mfa_is_asked_for_and_one_with_mfa_does_not() {
    let (before, after) = (bob(&[&admin()]), bob(&[&admin(), &preset()]));
    let with = |session| kept(&before, &after, session).unwrap();
    assert_eq!(with(Session::Mfa), PROVED);
    let lost = with(Session::Key);
    assert!(
        lost.contains("with an access key") && lost.contains("of policy/policy-1"),
        "{lost}"
    );
}

#[test]
fn a_role_is_proved_for_its_sessions_whatever_they_say_of_mfa() {
    let before = role(&[&admin()]);
    let of = |after: &Snapshot| kept(&before, after, Session::Key).unwrap();
    let fewer = document(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
    );
    assert_eq!(
        of(&role(&[&fewer])),
        "role:apply caller-keeps-permissions: proved"
    );
    assert!(of(&role(&[&admin(), &preset()])).contains("in a session of the role"));
}

#[test]
fn a_condition_that_stays_is_no_obstacle_and_one_that_comes_is_what_takes() {
    let here = r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}"#;
    let more = format!(r#"{here}, {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#);
    let (here, more) = (document(here), document(&more));
    assert_eq!(kept_by_bob(&[&here], &[&more]), PROVED);
    assert_ne!(kept_by_bob(&[&admin()], &[&here]), PROVED);
    assert_eq!(kept_by_bob(&[&here], &[&admin()]), PROVED);
}

#[test]
fn a_boundary_that_comes_takes_what_it_does_not_allow() {
    let bounded = |document: &Document| {
        let mut snapshot = bob(&[&admin()]);
        add_policy(&mut snapshot, "bound", document);
        add_user(&mut snapshot, "/", "bob", Some("bound"));
        snapshot
    };
    let tight = document(r#"{"Effect": "Allow", "Action": ["s3:*", "iam:G*"], "Resource": "*"}"#);
    let (tight, wide) = (bounded(&tight), bounded(&admin()));
    let free = bob(&[&admin()]);
    assert!(kept(&free, &tight, Session::Mfa).unwrap().contains("iam:"));
    assert_eq!(kept(&free, &wide, Session::Mfa).unwrap(), PROVED);
    assert_eq!(kept(&tight, &free, Session::Mfa).unwrap(), PROVED);
    assert!(kept(&wide, &tight, Session::Mfa).unwrap().contains("iam:"));
}

#[test]
fn a_caller_that_moves_must_be_able_to_do_everything_afterwards() {
    let moved = |document: &Document| {
        let mut snapshot = bob(&[document]);
        add_user(&mut snapshot, "/eng/", "bob", None);
        snapshot
    };
    let reading = reading();
    let from = |document: &Document| kept(&bob(&[document]), &moved(document), Session::Mfa);
    assert_eq!(from(&admin()).unwrap(), PROVED);
    assert!(from(&reading).unwrap().contains("gets another ARN"));
}

#[test]
fn there_is_nothing_to_prove_of_the_root_user_or_where_no_right_changes() {
    let mut snapshot = bob(&[&admin()]);
    let mut more = snapshot.clone();
    add_policy(&mut more, "held-by-nobody", &admin());
    assert_eq!(kept(&snapshot, &more, Session::Mfa), None);
    let after = bob(&[]);
    snapshot.caller = Caller::Root;
    assert_eq!(kept(&snapshot, &after, Session::Key), None);
    snapshot.caller = Caller::Other("arn:aws:sts::1:federated-user/x".to_owned());
    assert_eq!(kept(&snapshot, &after, Session::Key), None);
}

#[test]
fn what_the_organization_denies_is_not_missed() {
    let (before, after) = (bob(&[&admin()]), bob(&[&reading()]));
    let no_users = document(
        r#"{"Effect": "Deny", "Action": ["iam:CreateUser", "iam:DeleteUser"], "Resource": "*"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    );
    let proved = |service_control| {
        let asked = Asked {
            service_control,
            ..asked(Session::Mfa)
        };
        let proof = prove_caller(&before, &actions(&before, &after), &after, &asked);
        proof.unwrap().verdict.is_proved()
    };
    assert!(!proved(Vec::new()));
    assert!(proved(vec![vec![no_users.clone()]]));
    assert!(!proved(vec![vec![admin()]]));
    assert!(proved(vec![vec![admin()], vec![no_users]]));
}
