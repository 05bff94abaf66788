use model::{Edge, GroupName};

use super::*;
use crate::prove::Keeps;
use crate::prove::tests::world::{add_policy, add_user, admin, attach, document, preset, snapshot};

/// Builds a plan from changes of an account: `+`, `~` or `-` and an address. Each waits for the one before as given.
fn actions(
    before: &Snapshot,
    after: &Snapshot,
    changes: &[&str],
    edge: Option<Edge>,
) -> Vec<Action> {
    let actions = changes.iter().enumerate().map(|(place, text)| {
        let (sign, address) = text.split_at(1);
        let address: Address = address.parse().unwrap();
        let body = |account: &Snapshot| account.get(&address).unwrap().clone();
        let change = match sign {
            "+" => Change::Create { after: body(after) },
            "-" => Change::Delete {
                before: body(before),
            },
            _ => Change::Update {
                before: body(before),
                after: body(after),
                fields: Vec::new(),
            },
        };
        let earlier = place.checked_sub(1).map(ActionId);
        Action {
            id: ActionId(place),
            address,
            change,
            after: earlier.into_iter().zip(edge).collect(),
            origin: None,
            part_of: None,
            people: 0,
        }
    });
    actions.collect()
}

/// Says what is wrong with the states of a plan: whose, what, the last actions done and the first not done, and a
/// request.
fn told(proofs: &[StepProof]) -> Vec<String> {
    let told = proofs.iter().map(|StepProof { principal, verdict }| {
        let principal = principal.as_ref().map(ToString::to_string);
        let principal = principal.unwrap_or_else(|| "?".to_owned());
        match verdict {
            StepVerdict::Proved => format!("{principal}: proved"),
            StepVerdict::CannotProve { obstacle } => format!("{principal}: {obstacle}"),
            StepVerdict::Violated {
                what,
                done,
                pending,
                witness,
            } => {
                let places = |ids: &[ActionId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
                let (done, pending) = (places(done), places(pending));
                format!("{principal}: {what:?} after {done:?} before {pending:?}, {witness}")
            }
        }
    });
    told.collect()
}

/// An account with alice and two policies, `open` and `mfa`.
fn account(held: &[&str]) -> Snapshot {
    let mut account = snapshot();
    add_user(&mut account, "/", "alice", None);
    add_policy(&mut account, "open", &admin());
    add_policy(&mut account, "mfa", &preset());
    for policy in held {
        attach(&mut account, "user:alice", policy);
    }
    account
}

const RESTRICT: &str = "+attachment/user:alice:mfa";
const GRANT: &str = "+attachment/user:alice:open";
const OPEN: &str = "user:alice: Gained after [0] before [1], iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key";

fn granting(changes: [&str; 2], edge: Option<Edge>) -> Vec<String> {
    let (before, after) = (account(&[]), account(&["mfa", "open"]));
    let actions = actions(&before, &after, &changes, edge);
    told(&prove_steps(&actions, &before, &Asked::default()))
}

#[test]
fn a_grant_that_comes_before_its_restriction_opens_a_door_meanwhile() {
    assert_eq!(granting([GRANT, RESTRICT], Some(Edge::Settled)), [OPEN]);
}

#[test]
fn a_restriction_that_is_in_force_before_the_grant_is_proved() {
    assert_eq!(
        granting([RESTRICT, GRANT], Some(Edge::Settled)),
        ["user:alice: proved"]
    );
}

#[test]
fn a_restriction_that_is_made_before_but_may_not_be_in_force_yet_is_not_enough() {
    let swapped = OPEN.replace("after [0] before [1]", "after [1] before [0]");
    assert_eq!(
        granting([RESTRICT, GRANT], Some(Edge::Needs)),
        std::slice::from_ref(&swapped)
    );
    assert_eq!(granting([RESTRICT, GRANT], None), [swapped]);
}

#[test]
fn who_can_enrol_before_and_after_can_meanwhile() {
    let before = account(&["mfa"]);
    let mut after = account(&[]);
    after.insert(
        "group/people".parse().unwrap(),
        Body::Group(model::Group { path: Path::root() }),
    );
    attach(&mut after, "group:people", "mfa");
    let group = GroupName::new("people").unwrap();
    let membership = Address::Membership(group, UserName::new("alice").unwrap());
    after.insert(membership, Body::Membership);
    let leave = "-attachment/user:alice:mfa";
    let join = "+membership/people:alice";
    let changes = ["+group/people", "+attachment/group:people:mfa", leave, join];
    let told = |changes: [&str; 4]| {
        let actions = actions(&before, &after, &changes, Some(Edge::Settled));
        told(&prove_steps(&actions, &before, &Asked::default()))
    };
    assert_eq!(
        told(changes),
        [
            "user:alice: Lost after [2] before [3], iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with a password only"
        ]
    );
    let [group, policy, leave, join] = changes;
    assert_eq!(told([group, policy, join, leave]), ["user:alice: proved"]);
}

#[test]
fn a_boundary_that_is_lifted_before_rights_shrink_lets_more_through() {
    let bounded = |boundary, held: &[&str]| {
        let mut account = account(held);
        let read = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
        add_policy(&mut account, "read", &document(read));
        add_user(&mut account, "/", "alice", boundary);
        account
    };
    let before = bounded(Some("read"), &["open"]);
    let after = bounded(None, &["read"]);
    let lift = "~user/alice";
    let told = |changes: [&str; 3]| {
        let after = {
            let mut after = after.clone();
            attach(&mut after, "user:alice", "read");
            after
        };
        let actions = actions(&before, &after, &changes, Some(Edge::Settled));
        told(&prove_steps(&actions, &before, &Asked::default()))
    };
    let (grant, take) = ("+attachment/user:alice:read", "-attachment/user:alice:open");
    assert!(told([grant, lift, take])[0].starts_with("user:alice: Gained after [1] before [2]"));
    assert_eq!(told([grant, take, lift]), ["user:alice: proved"]);
}

#[test]
fn a_break_glass_user_and_the_caller_keep_control_in_every_state() {
    let (mut before, mut after) = (account(&["open"]), account(&[]));
    let with_mfa = document(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    );
    add_policy(&mut before, "open", &with_mfa);
    add_policy(&mut after, "other", &with_mfa);
    attach(&mut after, "user:alice", "other");
    let changes = [
        "+policy/other",
        "-attachment/user:alice:open",
        "+attachment/user:alice:other",
    ];
    let actions = actions(&before, &after, &changes, Some(Edge::Settled));
    let control = document(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#);
    let alice = Principal::User(UserName::new("alice").unwrap());
    let break_glass = Asked {
        break_glass: BTreeMap::from([(alice.clone(), control.clone())]),
        ..Asked::default()
    };
    let lost = "user:alice: Lost after [1] before [2], iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with MFA";
    assert_eq!(told(&prove_steps(&actions, &before, &break_glass)), [lost]);
    let caller = Asked {
        caller: Some(Keeps {
            requests: control,
            session: Session::Mfa,
        }),
        ..Asked::default()
    };
    let mut called = before.clone();
    called.caller = Caller::User(UserName::new("alice").unwrap());
    assert_eq!(told(&prove_steps(&actions, &called, &caller)), [lost]);
}

#[test]
fn what_changes_nobodys_rights_is_not_asked_about() {
    let (before, mut after) = (account(&["open"]), account(&["open"]));
    add_policy(&mut after, "unused", &admin());
    let actions = actions(&before, &after, &["+policy/unused"], None);
    assert_eq!(prove_steps(&actions, &before, &Asked::default()), []);
}

#[test]
fn what_could_not_be_read_is_no_proof() {
    let (mut before, after) = (account(&[]), account(&["open"]));
    let failure = model::ReadFailure {
        operation: "iam:GetAccountPasswordPolicy".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    before.mark_unread(model::Kind::PasswordPolicy, failure);
    let actions = actions(&before, &after, &[GRANT], None);
    assert_eq!(
        told(&prove_steps(&actions, &before, &Asked::default())),
        ["?: password_policy/* could not be read"]
    );
}

#[test]
fn nobody_can_act_as_a_user_that_is_created_before_it_has_a_password() {
    let (before, mut after) = (snapshot(), account(&["mfa", "open"]));
    let mut policies = account(&[]);
    policies.remove(&"user/alice".parse().unwrap());
    let password = model::LoginProfile {
        reset_required: true,
        deliver_to: None,
    };
    after.insert(
        "login_profile/alice".parse().unwrap(),
        Body::LoginProfile(password),
    );
    let told = |changes: [&str; 4]| {
        let actions = actions(&before, &after, &changes, Some(Edge::Settled));
        told(&prove_steps(&actions, &policies, &Asked::default()))
    };
    let password = "+login_profile/alice";
    assert_eq!(
        told(["+user/alice", GRANT, RESTRICT, password]),
        ["user:alice: proved"]
    );
    assert!(told(["+user/alice", GRANT, password, RESTRICT])[0].contains("Gained"));
}

#[test]
fn what_the_organization_denies_throughout_is_gained_at_no_time() {
    let (before, after) = (account(&[]), account(&["mfa", "open"]));
    let actions = actions(&before, &after, &[GRANT, RESTRICT], Some(Edge::Settled));
    let with = |statements: &str| {
        let asked = Asked {
            service_control: vec![vec![document(statements)]],
            ..Asked::default()
        };
        told(&prove_steps(&actions, &before, &asked))
    };
    let all = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    assert_eq!(with(all), [OPEN]);
    assert_eq!(with(&all.replace("Allow", "Deny")), ["user:alice: proved"]);
    let reads = all.replace("\"*\", \"Resource", "\"s3:Get*\", \"Resource");
    assert!(
        with(&reads)[0].contains("s3:GetObject"),
        "{:?}",
        with(&reads)
    );
}
