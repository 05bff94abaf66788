//! What is known of a principal in all of its requests.

use model::{Account, Body, Path, Principal, Snapshot};
use policy::cells::{Examples, Fact, Facts};

use crate::examples;

/// Returns the path of a user or role of the snapshot.
pub(crate) fn path<'s>(snapshot: &'s Snapshot, principal: &Principal) -> Option<&'s Path> {
    match snapshot.get(&principal.address())? {
        Body::User(user) => Some(&user.path),
        Body::Role(role) => Some(&role.path),
        _ => None,
    }
}

/// Holds what is known of a principal, and resources to show requests on.
pub(crate) struct Known {
    pub(crate) facts: Facts,
    resources: [String; 11],
}

impl Known {
    pub(crate) fn new(account: &Account, principal: &Principal, path: &Path) -> Self {
        let arn = arn(account, principal, path);
        Self {
            facts: facts(account, principal, &arn),
            resources: examples::resources(account, &arn),
        }
    }

    pub(crate) fn examples(&self) -> Examples<'_> {
        Examples {
            actions: examples::ACTIONS.to_vec(),
            resources: self.resources.iter().map(String::as_str).collect(),
        }
    }
}

/// Returns the ARN of a user or role.
pub(crate) fn arn(account: &Account, principal: &Principal, path: &Path) -> String {
    let (kind, name) = match principal {
        Principal::User(name) => ("user", name.as_str()),
        Principal::Role(name) => ("role", name.as_str()),
        Principal::Group(name) => ("group", name.as_str()),
    };
    format!(
        "arn:{}:iam::{}:{kind}{path}{name}",
        account.partition, account.id
    )
}

/// Returns what is known of the condition keys about the principal ("AWS global condition context keys", "Properties of
/// the principal").
fn facts(account: &Account, principal: &Principal, arn: &str) -> Facts {
    let value = |text: &str| Fact::Value(text.to_owned());
    let facts = Facts::default()
        .with("aws:PrincipalAccount", value(account.id.as_str()))
        .with("aws:PrincipalArn", value(arn));
    match principal {
        Principal::User(name) => facts
            .with("aws:username", value(name.as_str()))
            .with("aws:PrincipalType", value("User")),
        Principal::Role(_) | Principal::Group(_) => facts
            .with("aws:username", Fact::Absent)
            .with("aws:PrincipalType", value("AssumedRole")),
    }
}
