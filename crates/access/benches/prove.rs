//! How long it takes to prove what is asked of an account.
//!
//! `cargo bench -p mfactl-access`

#![expect(clippy::expect_used, reason = "what is measured is written here")]

use std::collections::BTreeMap;

use divan::Bencher;
use jiff::civil::date;
use mfactl_access::{Asked, prove, review};
use model::{
    Account, AccountId, Action, ActionId, Address, Attachment, Body, Boundary, Caller, Change,
    Desired, Group, ManagedPolicy, Owner, Partition, Path, Plan, Policy, PolicyName, Region,
    Snapshot, Tags, User, UserName,
};
use policy::Document;

const PRESET: &str = include_str!("../../../specs/presets/enforce-mfa.json");

fn main() {
    divan::main();
}

/// The largest account there is: 5,000 users in 100 groups, each with documents of its own beside the preset.
#[divan::bench(sample_count = 3)]
fn five_thousand_users_with_100_sets_of_documents(bencher: Bencher<'_, '_>) {
    measure(bencher, &account(5_000, 100, None));
}

/// A user whose documents name thousands of actions.
#[divan::bench(args = ["ReadOnlyAccess", "SecurityAudit", "PowerUserAccess"], sample_count = 10)]
fn one_user_with(bencher: Bencher<'_, '_>, name: &str) {
    measure(bencher, &account(1, 1, Some(name)));
}

/// Many users with such documents.
#[divan::bench(sample_count = 1)]
fn five_thousand_users_with_security_audit(bencher: Bencher<'_, '_>) {
    measure(bencher, &account(5_000, 1, Some("SecurityAudit")));
}

/// A plan by which each of the 5,000 users joins another group as well: every state on the way.
#[divan::bench(sample_count = 3)]
fn five_thousand_users_who_join_a_group(bencher: Bencher<'_, '_>) {
    let snapshot = account(5_000, 100, None);
    let actions = (0..5_000).map(|user| {
        let membership = format!("membership/group-{}:user-{user}", (user + 1) % 100);
        Action {
            id: ActionId(user),
            address: address(&membership),
            change: Change::Create {
                after: Body::Membership,
            },
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        }
    });
    let region = Region::new("us-east-1").expect("a region");
    let desired = Desired::new(snapshot.account.id.clone(), region.clone());
    let plan = Plan {
        account: snapshot.account.clone(),
        region,
        caller: Caller::Root,
        actions: actions.collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        proofs: Vec::new(),
        gains: None,
        unread: BTreeMap::new(),
        digest: String::new(),
    };
    bencher.bench_local(|| {
        let reviewed = review(plan.clone(), &desired, &snapshot, date(2026, 11, 24), None);
        let proof = reviewed.proofs.first().expect("a proof of every step");
        assert_eq!((proof.proved, proof.of), (5_000, 5_000));
    });
}

fn measure(bencher: Bencher<'_, '_>, snapshot: &Snapshot) {
    let governed = snapshot.iter().filter_map(|(address, _)| match address {
        Address::User(name) => Some(name.clone()),
        _ => None,
    });
    let asked = Asked {
        governed: governed.collect(),
        ..Asked::default()
    };
    bencher.bench_local(|| {
        let proofs = prove(snapshot, &asked);
        assert!(proofs.iter().all(|proof| proof.verdict.is_proved()));
    });
}

fn account(users: usize, groups: usize, aws: Option<&str>) -> Snapshot {
    let account = Account {
        id: AccountId::new("123456789012").expect("an account id"),
        partition: Partition::new("aws").expect("a partition"),
        alias: None,
    };
    let mut snapshot = Snapshot::new(account, Caller::Root);
    add_policy(
        &mut snapshot,
        "enforce-mfa",
        Document::parse(PRESET).expect("the preset is a document"),
    );
    for group in 0..groups {
        let group = format!("group-{group}");
        snapshot.insert(
            address(&format!("group/{group}")),
            Body::Group(Group { path: Path::root() }),
        );
        add_policy(
            &mut snapshot,
            &group,
            aws.map_or_else(|| own(&group), managed_by_aws),
        );
        for policy in ["enforce-mfa", &group] {
            let attachment = Attachment {
                policy: managed(policy),
            };
            snapshot.insert(
                address(&format!("attachment/group:{group}:{policy}")),
                Body::Attachment(attachment),
            );
        }
    }
    for user in 0..users {
        let name = UserName::new(format!("user-{user}")).expect("a user name");
        let path = Path::new(
            ["/", "/people/", "/people/eng/"]
                .get(user % 3)
                .copied()
                .unwrap_or("/"),
        )
        .expect("a path");
        let membership = format!("membership/group-{}:{name}", user % groups);
        snapshot.insert(address(&membership), Body::Membership);
        let user = User {
            path,
            tags: Tags::default(),
            boundary: Boundary::None,
            renamed_from: None,
        };
        snapshot.insert(Address::User(name), Body::User(user));
    }
    snapshot
}

/// Returns what a team may do: with its own bucket and queues, and some reading.
fn own(team: &str) -> Document {
    let text = format!(
        r#"{{
          "Version": "2012-10-17",
          "Statement": [
            {{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:Put*"], "Resource": ["arn:aws:s3:::{team}", "arn:aws:s3:::{team}/*"]}},
            {{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${{aws:username}}/*"}},
            {{"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:123456789012:{team}-*"}},
            {{"Effect": "Allow", "Action": ["ec2:Describe*", "cloudwatch:Get*", "logs:*"], "Resource": "*"}},
            {{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {{"StringNotEquals": {{"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}}}}
          ]
        }}"#
    );
    Document::parse(&text).expect("a document")
}

fn managed_by_aws(name: &str) -> Document {
    let path = format!(
        "{}/../sandbox/src/iam/aws_managed/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("the sandbox has the document");
    let value: serde_json::Value = serde_json::from_str(&text).expect("the file is JSON");
    value
        .get("Document")
        .and_then(|document| Document::from_value(document).ok())
        .expect("a document")
}

fn add_policy(snapshot: &mut Snapshot, name: &str, document: Document) {
    let policy = Policy {
        path: Path::root(),
        description: None,
        document,
        tags: Tags::default(),
    };
    snapshot.insert(address(&format!("policy/{name}")), Body::Policy(policy));
}

fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).expect("a policy name"),
    }
}

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}
