//! The account as a whole: its alias, and a summary of what it holds and may hold.

use super::{PrincipalKind, quotas};
use crate::call::{Call, Pattern, Shape};
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateAccountAlias", create_alias),
    Operation::read("ListAccountAliases", list_aliases),
    Operation::write("DeleteAccountAlias", delete_alias),
    Operation::read("GetAccountSummary", get_summary)
        .unlike("instance profiles, providers and server certificates are 0"),
];

const ALIAS: Shape = Shape {
    lengths: 3..=63,
    pattern: Pattern {
        expression: r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
        matches: |alias| {
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            alias.bytes().all(word)
                && !alias.starts_with('-')
                && !alias.ends_with('-')
                && !alias.contains("--")
        },
    },
};

/// Sets the account's alias, in place of the one it may have had.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html>
fn create_alias(account: &mut Account, call: &Call<'_>) -> Answer {
    let alias = call.input.required_text("AccountAlias", &ALIAS)?;
    if account.iam.alias.as_deref() == Some(alias) {
        return Err(Error::already_exists(format!(
            "The account alias {alias} already exists."
        )));
    }
    account.iam.alias = Some(alias.to_owned());
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>
fn list_aliases(account: &Account, _: &Call<'_>) -> Answer {
    Ok(Record::new()
        .with(
            "AccountAliases",
            account.iam.alias.iter().collect::<Value>(),
        )
        .with("IsTruncated", false))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html>
fn delete_alias(account: &mut Account, call: &Call<'_>) -> Answer {
    let alias = call.input.required_text("AccountAlias", &ALIAS)?;
    if account.iam.alias.as_deref() != Some(alias) {
        return Err(Error::no_such_entity(format!(
            "The account alias {alias} cannot be found."
        )));
    }
    account.iam.alias = None;
    Ok(Record::new())
}

/// Answers counts and quotas. The root user has a password, and of keys and MFA what it was given.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
fn get_summary(account: &Account, _: &Call<'_>) -> Answer {
    let iam = &account.iam;
    let devices_in_use = iam
        .mfa_devices
        .iter()
        .filter(|(_, device)| device.assigned.is_some())
        .count();
    let versions: usize = iam
        .policies
        .iter()
        .map(|(_, policy)| policy.versions.len())
        .sum();
    let entries = [
        ("AccessKeysPerUserQuota", quotas::ACCESS_KEYS_PER_USER),
        (
            "AccountAccessKeysPresent",
            usize::from(!iam.root_access_keys.is_empty()),
        ),
        (
            "AccountMFAEnabled",
            usize::from(account.root_device().is_some()),
        ),
        ("AccountPasswordPresent", 1),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", quotas::TRUST_POLICY_SIZE),
        (
            "AttachedPoliciesPerGroupQuota",
            quotas::attached_policies(PrincipalKind::Group).1,
        ),
        (
            "AttachedPoliciesPerRoleQuota",
            quotas::attached_policies(PrincipalKind::Role).1,
        ),
        (
            "AttachedPoliciesPerUserQuota",
            quotas::attached_policies(PrincipalKind::User).1,
        ),
        ("GlobalEndpointTokenVersion", 1),
        (
            "GroupPolicySizeQuota",
            quotas::inline_policies_size(PrincipalKind::Group),
        ),
        ("Groups", iam.groups.len()),
        ("GroupsPerUserQuota", quotas::GROUPS_PER_USER),
        ("GroupsQuota", quotas::GROUPS),
        ("InstanceProfiles", 0),
        ("InstanceProfilesQuota", 1_000),
        ("MFADevices", iam.mfa_devices.len()),
        ("MFADevicesInUse", devices_in_use),
        ("Policies", iam.policies.len()),
        ("PoliciesQuota", quotas::POLICIES),
        ("PolicySizeQuota", quotas::POLICY_SIZE),
        ("PolicyVersionsInUse", versions),
        ("PolicyVersionsInUseQuota", 10_000),
        ("Providers", 0),
        (
            "RolePolicySizeQuota",
            quotas::inline_policies_size(PrincipalKind::Role),
        ),
        ("Roles", iam.roles.len()),
        ("RolesQuota", quotas::ROLES),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", 20),
        (
            "SigningCertificatesPerUserQuota",
            quotas::SIGNING_CERTIFICATES_PER_USER,
        ),
        (
            "UserPolicySizeQuota",
            quotas::inline_policies_size(PrincipalKind::User),
        ),
        ("Users", iam.users.len()),
        ("UsersQuota", quotas::USERS),
        ("VersionsPerPolicyQuota", quotas::VERSIONS_PER_POLICY),
    ];
    let map = entries
        .into_iter()
        .map(|(name, number)| (name.to_owned(), Value::from(number)))
        .collect();
    Ok(Record::new().with("SummaryMap", Value::Map(map)))
}
