//! What is proved of the states between the steps of a plan, against all of these states, one by one.
//!
//! Accounts and specs are small and random. In every set of actions that a run can have carried out when it stops, every
//! request is asked for every user, by the evaluator: nobody may do what they can do neither before nor after, and
//! nobody may be kept from enrolling who can before and after.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "worlds that can't be drawn are no tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, AccountId, Action, ActionId, Address, Attachment, Body, Boundary, Caller, Declared,
    Desired, Edge, FindingCode, Group, InlinePolicy, ManagedPolicy, Origin, Owner, Partition, Path,
    Plan, Policy, PolicyName, Principal, Region, Snapshot, Tags, User, UserName, Wish,
};
use policy::Document;
use policy::evaluate::{self, Context, InForce, Request};
use proptest::prelude::*;

const USERS: [&str; 2] = ["ann", "bob"];
const GROUPS: [&str; 2] = ["dev", "mfa"];
const POLICIES: [&str; 3] = ["p", "q", "r"];

/// Statements that documents are made of.
const STATEMENTS: [&str; 9] = [
    r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    r#"{"Effect": "Allow", "Action": ["iam:EnableMFADevice", "iam:ChangePassword"], "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
    r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#,
    r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
];

/// One action of each kind that the statements tell apart.
const ACTIONS: [&str; 8] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "iam:EnableMFADevice",
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:CreateUser",
    "ec2:RunInstances",
];

const RESOURCES: [&str; 3] = [
    "arn:aws:iam::123456789012:user/SELF",
    "arn:aws:iam::123456789012:user/somebody-else",
    "arn:aws:iam::123456789012:mfa/device",
];

/// What enrolment takes, of the actions that are asked for.
const ENROLMENT: [&str; 3] = [
    "iam:EnableMFADevice",
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
];

/// Says which worlds are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worlds {
    All,
    /// Those in which each document, and each group, only allows or only denies, and nobody has a boundary.
    OneEffect,
}

/// Draws from a list of random bytes; when they run out, zeros, so that shrinking makes smaller worlds.
struct Dice(std::vec::IntoIter<u8>, Worlds);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % sides
    }

    /// Draws a document, in worlds of one effect one that only has the effect that belongs to a name, if one does.
    fn document(&mut self, name: &str) -> Document {
        let number = 1 + self.roll(2);
        let mut statements: Vec<&str> = (0..number)
            .map(|_| STATEMENTS[self.roll(STATEMENTS.len())])
            .collect();
        if self.1 == Worlds::OneEffect {
            let allows = |statement: &str| statement.contains("Allow");
            let first = effect(name).unwrap_or(allows(statements[0]));
            while !statements
                .iter()
                .any(|statement| allows(statement) == first)
            {
                statements = vec![
                    STATEMENTS[if first {
                        self.roll(5)
                    } else {
                        5 + self.roll(4)
                    }],
                ];
            }
            statements.retain(|statement| allows(statement) == first);
        }
        let statements = statements.join(",");
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Document::parse(&text).unwrap()
    }

    /// Draws what holds policies; users, groups and policies are always there.
    fn objects(&mut self) -> BTreeMap<Address, Body> {
        let worlds = self.1;
        let mut objects = BTreeMap::new();
        let mut add = |text: String, body| objects.insert(text.parse().unwrap(), body);
        for name in POLICIES {
            let body = Body::Policy(Policy {
                path: Path::root(),
                description: None,
                document: self.document(name),
                tags: Tags::default(),
            });
            add(format!("policy/{name}"), body);
        }
        for name in USERS {
            let boundary = match self.roll(6) {
                _ if self.1 == Worlds::OneEffect => Boundary::None,
                1 => Boundary::Policy(managed("r")),
                2 => Boundary::Policy(managed("q")),
                _ => Boundary::None,
            };
            let body = Body::User(User {
                path: Path::root(),
                tags: Tags::default(),
                boundary,
                renamed_from: None,
            });
            add(format!("user/{name}"), body);
        }
        for name in GROUPS {
            let path = Path::root();
            add(format!("group/{name}"), Body::Group(Group { path }));
            for user in USERS.iter().filter(|_| self.roll(2) == 1) {
                add(format!("membership/{name}:{user}"), Body::Membership);
            }
        }
        for principal in ["user:ann", "user:bob", "group:dev", "group:mfa"] {
            for name in POLICIES.iter().filter(|_| self.roll(4) == 1) {
                let holder = effect(principal);
                if worlds == Worlds::OneEffect && holder.is_some() && holder != effect(name) {
                    continue;
                }
                let body = Body::Attachment(Attachment {
                    policy: managed(name),
                });
                add(format!("attachment/{principal}:{name}"), body);
            }
            if self.roll(4) == 1 {
                let document = self.document(principal);
                let body = Body::InlinePolicy(InlinePolicy { document });
                add(format!("inline_policy/{principal}:own"), body);
            }
        }
        objects
    }
}

/// Tells whether a policy or group allows or denies, in worlds where it does only one of them; users may hold both.
fn effect(name: &str) -> Option<bool> {
    match name {
        "p" | "r" | "group:dev" => Some(true),
        "q" | "group:mfa" => Some(false),
        _ => None,
    }
}

fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

fn world(bytes: Vec<u8>, worlds: Worlds) -> (Desired, Snapshot) {
    let mut dice = Dice(bytes.into_iter(), worlds);
    let id = AccountId::new("123456789012").unwrap();
    let account = Account {
        id: id.clone(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    let mut snapshot = Snapshot::new(account, Caller::Root);
    for (address, body) in dice.objects() {
        snapshot.insert(address, body);
    }
    let origin = Origin {
        file: "mfactl.yaml".into(),
        line: 1,
    };
    let declared = dice.objects().into_iter().map(|(address, body)| {
        let declared = Declared {
            wish: Wish::Present(body),
            origin: origin.clone(),
        };
        (address, declared)
    });
    let desired = Desired {
        objects: declared.collect(),
        ..Desired::new(id, Region::new("us-east-1").unwrap())
    };
    (desired, snapshot)
}

/// Tells whether a user may make a request in a state of the account.
fn is_allowed(account: &Snapshot, user: &UserName, request: &Request) -> bool {
    let is_member = |group: &model::GroupName| {
        let membership = Address::Membership(group.clone(), user.clone());
        account.get(&membership).is_some()
    };
    let holds = |principal: &Principal| match principal {
        Principal::User(name) => name == user,
        Principal::Group(group) => is_member(group),
        Principal::Role(_) => false,
    };
    let managed = |policy: &ManagedPolicy| match account.get(&Address::Policy(policy.reference())) {
        Some(Body::Policy(policy)) => evaluate::Policy::new(&policy.document),
        _ => panic!("no policy {}", policy.name),
    };
    let identity: Vec<evaluate::Policy> = account
        .iter()
        .filter_map(|(address, body)| match (address, body) {
            (Address::Attachment(principal, _), Body::Attachment(attachment)) => {
                holds(principal).then(|| managed(&attachment.policy))
            }
            (Address::InlinePolicy(principal, _), Body::InlinePolicy(inline)) => {
                holds(principal).then(|| evaluate::Policy::new(&inline.document))
            }
            _ => None,
        })
        .collect();
    let boundary = match account.get(&Address::User(user.clone())) {
        Some(Body::User(user)) => user.boundary.policy().map(managed),
        _ => panic!("no {user}"),
    };
    let in_force = InForce {
        identity: identity.iter().collect(),
        boundary: boundary.as_ref(),
        ..InForce::default()
    };
    in_force.evaluate(request).is_allowed()
}

/// Lists requests of a user in each session, with whether they are of enrolment with a password only.
fn requests(user: &UserName) -> Vec<(Request, bool)> {
    let mut requests = Vec::new();
    for present in [None, Some("false"), Some("true")] {
        for region in ["eu-west-1", "us-east-1"] {
            for (action, resource) in ACTIONS
                .iter()
                .flat_map(|action| RESOURCES.map(|resource| (*action, resource)))
            {
                let resource = resource.replace("SELF", user.as_str());
                let context = Context::default()
                    .with("aws:username", user.as_str())
                    .with("aws:RequestedRegion", region);
                let context = match present {
                    Some(value) => context.with("aws:MultiFactorAuthPresent", value),
                    None => context,
                };
                let fits = resource.contains(":mfa/") == action.ends_with("VirtualMFADevice")
                    && !resource.ends_with("somebody-else");
                let is_enrolment = present == Some("false") && ENROLMENT.contains(&action) && fits;
                requests.push((
                    Request::new(action, &resource, context).unwrap(),
                    is_enrolment,
                ));
            }
        }
    }
    requests
}

/// Returns those actions that are in force everywhere before each action begins: whatever was made before something
/// that it waits for until it has settled.
fn in_force_before(actions: &[Action]) -> BTreeMap<ActionId, BTreeSet<ActionId>> {
    let mut made: BTreeMap<ActionId, BTreeSet<ActionId>> = BTreeMap::new();
    let mut settled: BTreeMap<ActionId, BTreeSet<ActionId>> = BTreeMap::new();
    for action in actions {
        let mut made_before = BTreeSet::from([action.id]);
        let mut settled_before = BTreeSet::new();
        for (earlier, edge) in &action.after {
            made_before.extend(made[earlier].iter().copied());
            settled_before.extend(settled[earlier].iter().copied());
            if *edge == Edge::Settled {
                settled_before.extend(made[earlier].iter().copied());
            }
        }
        made.insert(action.id, made_before);
        settled.insert(action.id, settled_before);
    }
    settled
}

/// Lists the users for whom a state between the steps of a plan is wrong, by walking through all of them.
fn wronged(plan: &Plan, before: &Snapshot) -> BTreeSet<UserName> {
    let in_force = in_force_before(&plan.actions);
    let number = plan.actions.len();
    let states = (0..1_usize << number).filter(|state| {
        let is_done = |id: &ActionId| state & (1 << id.0) != 0;
        let is_possible =
            |action: &Action| !is_done(&action.id) || in_force[&action.id].iter().all(is_done);
        plan.actions.iter().all(is_possible)
    });
    let states: Vec<Snapshot> = states
        .map(|state| {
            let mut account = before.clone();
            for action in plan
                .actions
                .iter()
                .filter(|action| state & (1 << action.id.0) != 0)
            {
                account.carry_out(&action.address, &action.change);
            }
            account
        })
        .collect();
    let after = before.after(&plan.actions);
    let users = USERS.map(|name| UserName::new(name).unwrap());
    let is_wronged = |user: &UserName| {
        requests(user).iter().any(|(request, is_enrolment)| {
            let ends = [before, &after].map(|account| is_allowed(account, user, request));
            let mut meanwhile = states
                .iter()
                .map(|account| is_allowed(account, user, request));
            match ends {
                [false, false] => meanwhile.any(|allowed| allowed),
                [true, true] if *is_enrolment => meanwhile.any(|allowed| !allowed),
                _ => false,
            }
        })
    };
    users.into_iter().filter(is_wronged).collect()
}

/// Lists the users for whom a review finds a state wrong.
fn found(plan: Plan, desired: &Desired, before: &Snapshot) -> BTreeMap<UserName, String> {
    let today = jiff::civil::date(2026, 11, 24);
    let reviewed = access::review(plan, desired, before, today, None);
    let of_steps = reviewed
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::EveryStep);
    of_steps
        .map(|finding| match &finding.address {
            Some(Address::User(user)) => {
                let is_violated = !finding.message.contains("can't be proved");
                assert!(is_violated, "{}", finding.message);
                (user.clone(), finding.message.clone())
            }
            _ => panic!("{finding:?}"),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn what_is_proved_of_every_step_is_what_walking_through_all_states_shows(
        bytes in prop::collection::vec(any::<u8>(), 0..140),
    ) {
        let (desired, snapshot) = world(bytes, Worlds::All);
        let plan = planner::plan(&desired, &snapshot);
        prop_assume!(plan.actions.len() <= 10);
        let wronged = wronged(&plan, &snapshot);
        let found = found(plan, &desired, &snapshot);
        prop_assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), wronged, "{:#?}", found);
    }

    /// What the order of the phases promises: `docs/design/order.md`.
    #[test]
    fn no_state_is_wrong_where_each_document_and_group_has_one_effect_and_nobody_has_a_boundary(
        bytes in prop::collection::vec(any::<u8>(), 0..140),
    ) {
        let (desired, snapshot) = world(bytes, Worlds::OneEffect);
        let plan = planner::plan(&desired, &snapshot);
        let found = found(plan, &desired, &snapshot);
        prop_assert!(found.is_empty(), "{:#?}", found);
    }
}
