use std::fs;

use model::{
    Account, AccountId, Attachment, Body, Boundary, Group, ManagedPolicy, Owner, Partition, Policy,
    PolicyName, Tags, User,
};

use super::*;

/// The preset that enforces MFA.
fn preset() -> Document {
    Document::parse(&read("../../specs/presets/enforce-mfa.json")).unwrap()
}

/// One of the policies that AWS manages, whole.
fn aws(name: &str) -> Document {
    let file = read(&format!("../sandbox/src/iam/aws_managed/{name}.json"));
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    Document::from_value(&file["Document"]).unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn snapshot() -> Snapshot {
    let account = Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    Snapshot::new(account, Caller::Root)
}

fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

/// Adds a user with a path, `/` or `/eng/`.
fn add_user(snapshot: &mut Snapshot, path: &str, name: &str, boundary: Option<&str>) {
    let user = User {
        path: Path::new(path).unwrap(),
        tags: Tags::default(),
        boundary: boundary.map_or(Boundary::None, |name| Boundary::Policy(managed(name))),
        renamed_from: None,
    };
    snapshot.insert(
        Address::User(UserName::new(name).unwrap()),
        Body::User(user),
    );
}

fn add_policy(snapshot: &mut Snapshot, name: &str, document: &Document) {
    let policy = Policy {
        path: Path::root(),
        description: None,
        document: document.clone(),
        tags: Tags::default(),
    };
    snapshot.insert(
        format!("policy/{name}").parse().unwrap(),
        Body::Policy(policy),
    );
}

fn attach(snapshot: &mut Snapshot, principal: &str, policy: &str) {
    let attachment = Attachment {
        policy: managed(policy),
    };
    snapshot.insert(
        format!("attachment/{principal}:{policy}").parse().unwrap(),
        Body::Attachment(attachment),
    );
}

/// Returns an account where a group of users with these paths holds documents.
fn account(users: &[(&str, &str)], documents: &[&Document]) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.insert(
        "group/people".parse().unwrap(),
        Body::Group(Group { path: Path::root() }),
    );
    for (index, document) in documents.iter().enumerate() {
        add_policy(&mut snapshot, &format!("policy-{index}"), document);
        attach(&mut snapshot, "group:people", &format!("policy-{index}"));
    }
    for (path, name) in users {
        add_user(&mut snapshot, path, name, None);
        snapshot.insert(
            format!("membership/people:{name}").parse().unwrap(),
            Body::Membership,
        );
    }
    snapshot
}

fn governing(snapshot: &Snapshot) -> Asked {
    let users = snapshot.iter().filter_map(|(address, _)| match address {
        Address::User(name) => Some(name.clone()),
        _ => None,
    });
    Asked {
        governed: users.collect(),
        ..Asked::default()
    }
}

fn told(proof: &Proof) -> String {
    let principal = proof
        .principal
        .as_ref()
        .map_or_else(|| "root".to_owned(), ToString::to_string);
    let verdict = match &proof.verdict {
        Verdict::Proved => "proved".to_owned(),
        Verdict::Violated { witness } => witness.to_string(),
        Verdict::CannotProve { obstacle } => format!("? {obstacle}"),
    };
    format!("{principal} {}: {verdict}", proof.claim)
}

/// Returns what isn't proved of the users of an account.
fn refuted(snapshot: &Snapshot) -> Vec<String> {
    let proofs = prove(snapshot, &governing(snapshot));
    proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .map(told)
        .collect()
}

/// Returns what isn't proved of `alice`, who holds documents.
fn refuted_of(documents: &[&Document]) -> Vec<String> {
    refuted(&account(&[("/", "alice")], documents))
}

const PEOPLE: [(&str, &str); 2] = [("/", "bob"), ("/eng/core/", "alice")];

#[test]
fn the_preset_proves_clean_beside_what_people_have() {
    for name in [
        "AdministratorAccess",
        "ReadOnlyAccess",
        "PowerUserAccess",
        "SecurityAudit",
    ] {
        assert_eq!(
            refuted(&account(&PEOPLE, &[&preset(), &aws(name)])),
            [""; 0],
            "{name}"
        );
    }
    assert_eq!(refuted(&account(&PEOPLE, &[&preset()])), [""; 0]);
}

#[test]
fn an_administrator_without_the_preset_can_do_anything_without_mfa() {
    let refuted = refuted_of(&[&aws("AdministratorAccess")]);
    assert_eq!(
        refuted,
        [
            "user:alice only-self-service-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice nothing-with-key: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice denied-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
        ]
    );
}
