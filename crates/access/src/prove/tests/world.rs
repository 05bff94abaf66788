//! Short ways to write down an account, and what is proved of it.

use std::fs;

use model::{
    Account, AccountId, Attachment, Body, Boundary, Caller, Group, ManagedPolicy, Owner, Partition,
    Policy, PolicyName, Tags, User,
};

use crate::prove::*;

/// The preset that enforces MFA.
pub(crate) fn preset() -> Document {
    Document::parse(&read("../../specs/presets/enforce-mfa.json")).unwrap()
}

/// One of the policies that AWS manages, whole.
pub(crate) fn aws(name: &str) -> Document {
    let file = read(&format!("../sandbox/src/iam/aws_managed/{name}.json"));
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    Document::from_value(&file["Document"]).unwrap()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub(crate) fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Document::parse(&text).unwrap()
}

/// The preset with a text in it replaced.
pub(crate) fn preset_but(text: &str, replacement: &str) -> Document {
    let preset = read("../../specs/presets/enforce-mfa.json");
    assert!(preset.contains(text));
    Document::parse(&preset.replace(text, replacement)).unwrap()
}

pub(crate) fn snapshot() -> Snapshot {
    let account = Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    Snapshot::new(account, Caller::Root)
}

pub(crate) fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

/// Adds a user with a path, `/` or `/eng/`.
pub(crate) fn add_user(snapshot: &mut Snapshot, path: &str, name: &str, boundary: Option<&str>) {
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

pub(crate) fn add_policy(snapshot: &mut Snapshot, name: &str, document: &Document) {
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

pub(crate) fn attach(snapshot: &mut Snapshot, principal: &str, policy: &str) {
    let attachment = Attachment {
        policy: managed(policy),
    };
    snapshot.insert(
        format!("attachment/{principal}:{policy}").parse().unwrap(),
        Body::Attachment(attachment),
    );
}

/// Returns an account where a group of users with these paths holds documents.
pub(crate) fn account(users: &[(&str, &str)], documents: &[&Document]) -> Snapshot {
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

pub(crate) fn governing(snapshot: &Snapshot) -> Asked {
    let users = snapshot.iter().filter_map(|(address, _)| match address {
        Address::User(name) => Some(name.clone()),
        _ => None,
    });
    Asked {
        governed: users.collect(),
        ..Asked::default()
    }
}

pub(crate) fn told(proof: &Proof) -> String {
    let principal = proof
        .principal
        .as_ref()
        .map_or_else(|| "root".to_owned(), ToString::to_string);
    let (verdict, statements) = match &proof.verdict {
        Verdict::Proved => ("proved".to_owned(), &[][..]),
        Verdict::Violated { witness } => (witness.to_string(), &witness.statements[..]),
        Verdict::CannotProve { obstacle } => (format!("? {obstacle}"), obstacle.statements()),
    };
    let by: Vec<String> = statements.iter().map(ToString::to_string).collect();
    let by = if by.is_empty() {
        String::new()
    } else {
        format!(", by {}", by.join(", "))
    };
    format!("{principal} {}: {verdict}{by}", proof.claim)
}

/// Returns what isn't proved of the users of an account.
pub(crate) fn refuted(snapshot: &Snapshot) -> Vec<String> {
    let proofs = prove(snapshot, &governing(snapshot));
    proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .map(told)
        .collect()
}

/// Returns what isn't proved of `alice`, who holds documents.
pub(crate) fn refuted_of(documents: &[&Document]) -> Vec<String> {
    refuted(&account(&[("/", "alice")], documents))
}

pub(crate) const PEOPLE: [(&str, &str); 2] = [("/", "bob"), ("/eng/core/", "alice")];

/// Returns the claims that aren't proved of `alice`, who holds documents.
pub(crate) fn refuted_claims(documents: &[&Document]) -> Vec<Claim> {
    let snapshot = account(&[("/", "alice")], documents);
    let proofs = prove(&snapshot, &governing(&snapshot));
    proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .map(|proof| proof.claim)
        .collect()
}

pub(crate) fn admin() -> Document {
    document(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)
}
