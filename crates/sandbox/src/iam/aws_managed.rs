//! The policies that AWS manages, as far as the sandbox has them: those that specs and examples name.
//!
//! The folder `aws_managed` has a file a policy, with the whole document of AWS's default version of October 2026. Ids
//! are made up, and there are no older versions.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use policy::{Document, evaluate};
use serde::Deserialize;
use serde_json::Value;

use super::ids;
use super::policies::{Policy, Version};
use super::tags::Tags;

const FILES: [&str; 10] = [
    include_str!("aws_managed/AWSDenyAll.json"),
    include_str!("aws_managed/AdministratorAccess.json"),
    include_str!("aws_managed/Billing.json"),
    include_str!("aws_managed/IAMFullAccess.json"),
    include_str!("aws_managed/IAMReadOnlyAccess.json"),
    include_str!("aws_managed/IAMUserChangePassword.json"),
    include_str!("aws_managed/PowerUserAccess.json"),
    include_str!("aws_managed/ReadOnlyAccess.json"),
    include_str!("aws_managed/SecurityAudit.json"),
    include_str!("aws_managed/ViewOnlyAccess.json"),
];

/// Returns AWS's policy of this ARN.
pub(super) fn policy(arn: &str) -> Option<&'static Policy> {
    POLICIES.get(arn)
}

/// Returns the document of AWS's policy of this ARN, and the same ready to be evaluated: some are long.
pub(super) fn evaluable(arn: &str) -> Option<&'static (Document, evaluate::Policy)> {
    EVALUABLE.get(arn)
}

/// Returns all of them, in the order of their ARNs.
pub(super) fn policies() -> impl Iterator<Item = &'static Policy> {
    POLICIES.values()
}

/// A test reads every file, so none is left out here.
static POLICIES: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(|| {
    let policies = FILES.into_iter().filter_map(read);
    policies
        .map(|policy| (policy.arn.clone(), policy))
        .collect()
});

static EVALUABLE: LazyLock<BTreeMap<&str, (Document, evaluate::Policy)>> = LazyLock::new(|| {
    let ready = |policy: &'static Policy| {
        let version = policy.versions.get(&policy.default_version)?;
        let document = Document::parse(&version.document).ok()?;
        let ready = evaluate::Policy::new(&document);
        Some((policy.arn.as_str(), (document, ready)))
    };
    policies().filter_map(ready).collect()
});

/// Holds what a file says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct File {
    policy_name: String,
    path: String,
    description: String,
    default_version_id: u32,
    create_date: Timestamp,
    update_date: Timestamp,
    document: Value,
}

fn read(file: &str) -> Option<Policy> {
    let File {
        policy_name: name,
        path,
        description,
        default_version_id,
        create_date,
        update_date,
        document,
    } = serde_json::from_str(file).ok()?;
    let version = Version {
        document: Document::from_value(&document).ok()?.to_json(),
        created: update_date,
    };
    Some(Policy {
        id: id(&name),
        arn: format!("arn:aws:iam::aws:policy{path}{name}"),
        name,
        path,
        description: Some(description),
        created: create_date,
        updated: update_date,
        tags: Tags::with_case(),
        default_version: default_version_id,
        last_version: default_version_id,
        versions: BTreeMap::from([(default_version_id, version)]),
    })
}

/// Returns an id that is a policy's for ever, made of its name.
fn id(name: &str) -> String {
    let letters = name.to_ascii_uppercase();
    let letters = ids::POLICY.chars().chain(letters.chars());
    letters.chain(std::iter::repeat('A')).take(21).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_policy() {
        assert_eq!(policies().count(), FILES.len());
    }

    #[test]
    fn the_broad_ones_are_whole() {
        let size = |arn| {
            policy(arn)
                .unwrap()
                .versions
                .values()
                .next()
                .map(|version| version.document.len())
        };
        assert!(size("arn:aws:iam::aws:policy/ReadOnlyAccess") > Some(90_000));
        assert!(size("arn:aws:iam::aws:policy/SecurityAudit") > Some(35_000));
        assert!(size("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess") > Some(20_000));
    }
}
