//! The versions of managed policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use super::names::ARN;
use super::page::Page;
use super::policies::{Policy, Version, sent_document};
use super::{document, quotas};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreatePolicyVersion", create),
    Operation::read("GetPolicyVersion", get),
    Operation::read("ListPolicyVersions", list),
    Operation::write("SetDefaultPolicyVersion", set_default),
    Operation::write("DeletePolicyVersion", delete),
];

const VERSION_ID: Shape = Shape {
    lengths: 2..=usize::MAX,
    pattern: Pattern {
        expression: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
        matches: |id| {
            let number = id
                .strip_prefix('v')
                .map(|rest| rest.split_once('.').map_or(rest, |(number, _)| number));
            let suffix = id.split_once('.').map_or("", |(_, suffix)| suffix);
            number.is_some_and(|number| !number.starts_with('0') && is_number(number))
                && suffix
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        },
    },
};

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Adds a version: at most five, and a number is never used twice.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    let as_default = call.input.boolean("SetAsDefault")?.unwrap_or(false);
    let document = sent_document(call)?.to_owned();
    let policy = account.iam.policy_mut(arn)?;
    if policy.versions.len() >= quotas::VERSIONS_PER_POLICY {
        let message = "A managed policy can have up to 5 versions. \
                       Before you create a new version, you must delete an existing version.";
        return Err(Error::new(Code::LimitExceeded, message));
    }
    policy.last_version += 1;
    policy.updated = call.now;
    if as_default {
        policy.default_version = policy.last_version;
    }
    let version = Version {
        document,
        created: call.now,
    };
    let answer = summary(policy, policy.last_version, &version);
    policy.versions.insert(policy.last_version, version);
    Ok(Record::new().with("PolicyVersion", answer))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let (arn, number) = called_version(call)?;
    let policy = account.iam.policy(arn)?;
    let version = policy
        .versions
        .get(&number)
        .ok_or_else(|| no_such_version(number))?;
    Ok(Record::new().with("PolicyVersion", detail(policy, number, version)))
}

/// Lists the versions, the newest first.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let policy = account
        .iam
        .policy(call.input.required_text("PolicyArn", &ARN)?)?;
    let newest_first = policy.versions.iter().rev().map(|(number, version)| {
        (
            format!("{:010}", u32::MAX - number),
            summary(policy, *number, version),
        )
    });
    Ok(Page::of(call)?.answer("Versions", newest_first))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>
fn set_default(account: &mut Account, call: &Call<'_>) -> Answer {
    let (arn, number) = called_version(call)?;
    let policy = account.iam.policy_mut(arn)?;
    if !policy.versions.contains_key(&number) {
        return Err(no_such_version(number));
    }
    policy.default_version = number;
    policy.updated = call.now;
    Ok(Record::new())
}

/// Deletes a version that is not the default one.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let (arn, number) = called_version(call)?;
    let policy = account.iam.policy_mut(arn)?;
    if policy.default_version == number {
        return Err(Error::delete_conflict(
            "Cannot delete the default version of a policy.",
        ));
    }
    policy
        .versions
        .remove(&number)
        .ok_or_else(|| no_such_version(number))?;
    policy.updated = call.now;
    Ok(Record::new())
}

fn called_version<'a>(call: &Call<'a>) -> Result<(&'a str, u32), Error> {
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    let id = call.input.required_text("VersionId", &VERSION_ID)?;
    let number = id
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse().ok());
    // A number that is too big is of no version.
    Ok((arn, number.unwrap_or(u32::MAX)))
}

fn no_such_version(number: u32) -> Error {
    Error::no_such_entity(format!(
        "Policy version v{number} does not exist or is not attachable."
    ))
}

fn summary(policy: &Policy, number: u32, version: &Version) -> Record {
    Record::new()
        .with("VersionId", format!("v{number}"))
        .with("IsDefaultVersion", policy.default_version == number)
        .with("CreateDate", version.created)
}

/// Returns a version with its document.
pub(super) fn detail(policy: &Policy, number: u32, version: &Version) -> Record {
    summary(policy, number, version).with("Document", document::encoded(&version.document))
}
