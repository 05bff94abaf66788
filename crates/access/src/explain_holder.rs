//! What holds of a user who has certain documents and nothing else.

use std::collections::BTreeSet;

use model::{
    Account, AccountId, Address, Attachment, Body, Boundary, Caller, Desired, Finding,
    ManagedPolicy, Origin, Owner, Partition, Path, Policy, PolicyName, Principal, Region, Snapshot,
    Tags, User, UserName,
};
use policy::Document;

use crate::prove::{Asked, Proof, prove};
use crate::review::finding;

/// Holds a user who isn't of any account.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The user's name.
    pub name: UserName,
    /// The user's path.
    pub path: Path,
    /// What is attached to the user.
    pub policies: Vec<Holding>,
    /// The user's permissions boundary.
    pub boundary: Option<Holding>,
}

/// Holds a document under a name.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The name, which no other document of the user has.
    pub name: PolicyName,
    /// The document.
    pub document: Document,
    /// Where its statements are written.
    pub statements: Vec<Origin>,
}

/// Proves or refutes each claim about a user who needs MFA, for one who holds these documents: with the finding that there
/// is where one isn't proved.
pub fn prove_holder(holder: &Holder) -> Vec<(Proof, Option<Finding>)> {
    let (snapshot, desired) = account(holder);
    let asked = Asked {
        governed: BTreeSet::from([holder.name.clone()]),
        ..Asked::default()
    };
    prove(&snapshot, &asked)
        .into_iter()
        .map(|proof| {
            let finding = finding(&proof, &desired);
            (proof, finding)
        })
        .collect()
}

/// Returns an account with the user and its policies, and a spec that says where they are written.
#[expect(
    clippy::expect_used,
    reason = "the names are constant, and every test has them"
)]
fn account(holder: &Holder) -> (Snapshot, Desired) {
    let id = AccountId::new("123456789012").expect("twelve digits should be an account");
    let region = Region::new("us-east-1").expect("a region should be one");
    let account = Account {
        id: id.clone(),
        partition: Partition::new("aws").expect("a partition should be one"),
        alias: None,
    };
    let (mut snapshot, mut desired) = (
        Snapshot::new(account, Caller::Root),
        Desired::new(id, region),
    );
    for Holding {
        name,
        document,
        statements,
    } in holder.policies.iter().chain(&holder.boundary)
    {
        let body = Policy {
            path: Path::root(),
            description: None,
            document: document.clone(),
            tags: Tags::default(),
        };
        let address = Address::Policy(managed(name).reference());
        desired
            .statements
            .insert(address.clone(), statements.clone());
        snapshot.insert(address, Body::Policy(body));
    }
    let user = Principal::User(holder.name.clone());
    for Holding { name, .. } in &holder.policies {
        let policy = managed(name);
        let address = Address::Attachment(user.clone(), policy.reference());
        snapshot.insert(address, Body::Attachment(Attachment { policy }));
    }
    let boundary = holder
        .boundary
        .as_ref()
        .map(|boundary| managed(&boundary.name));
    let body = User {
        path: holder.path.clone(),
        tags: Tags::default(),
        boundary: boundary.map_or(Boundary::None, Boundary::Policy),
        renamed_from: None,
    };
    snapshot.insert(user.address(), Body::User(body));
    (snapshot, desired)
}

fn managed(name: &PolicyName) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(name: &str, text: &str) -> Holding {
        let document = Document::parse(text).unwrap();
        let statements = document.statements().len();
        Holding {
            name: PolicyName::new(name).unwrap(),
            document,
            statements: (1..=statements)
                .map(|line| Origin {
                    file: format!("{name}.json").into(),
                    line: u32::try_from(line).unwrap(),
                })
                .collect(),
        }
    }

    const ADMINISTRATOR: &str =
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    const LOGS: &str = r#"{"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}"#;

    fn preset() -> Holding {
        let path = format!(
            "{}/../../specs/presets/enforce-mfa.json",
            env!("CARGO_MANIFEST_DIR")
        );
        holding("enforce-mfa", &std::fs::read_to_string(path).unwrap())
    }

    fn proved(policies: Vec<Holding>, boundary: Option<Holding>) -> Vec<bool> {
        let holder = Holder {
            name: UserName::new("alice").unwrap(),
            path: Path::new("/eng/").unwrap(),
            policies,
            boundary,
        };
        let proofs = prove_holder(&holder);
        proofs
            .into_iter()
            .map(|(_, finding)| finding.is_none())
            .collect()
    }

    #[test]
    fn the_preset_is_proved_beside_an_administrator_and_a_boundary_keeps_from_enrolling() {
        let both = || vec![preset(), holding("admin", ADMINISTRATOR)];
        assert_eq!(proved(both(), None), [true; 5]);
        let bounded = proved(both(), Some(holding("logs", LOGS)));
        assert_eq!(bounded, [true, true, true, false, true]);
    }

    #[test]
    fn what_is_not_proved_points_to_the_statement() {
        let holder = Holder {
            name: UserName::new("alice").unwrap(),
            path: Path::root(),
            policies: vec![holding("admin", ADMINISTRATOR)],
            boundary: None,
        };
        let (_, finding) = prove_holder(&holder).swap_remove(0);
        assert_eq!(
            finding.unwrap().because,
            ["by statement 1 of policy/admin, admin.json:1"]
        );
    }
}
