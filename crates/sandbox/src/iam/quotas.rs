//! The quotas of a new account.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use super::PrincipalKind;

pub(super) const USERS: usize = 5_000;
pub(super) const GROUPS: usize = 300;
pub(super) const ROLES: usize = 1_000;
pub(super) const POLICIES: usize = 1_500;
pub(super) const GROUPS_PER_USER: usize = 10;
pub(super) const ACCESS_KEYS_PER_USER: usize = 2;
pub(super) const SIGNING_CERTIFICATES_PER_USER: usize = 2;
pub(super) const SSH_PUBLIC_KEYS_PER_USER: usize = 5;
pub(super) const SERVICE_CREDENTIALS_PER_SERVICE: usize = 2;
pub(super) const MFA_DEVICES_PER_USER: usize = 8;
pub(super) const VERSIONS_PER_POLICY: usize = 5;
pub(super) const TAGS: usize = 50;
pub(super) const POLICY_SIZE: usize = 6_144;
pub(super) const TRUST_POLICY_SIZE: usize = 2_048;

/// Returns how many managed policies a principal may have, and what AWS calls the quota.
pub(super) fn attached_policies(kind: PrincipalKind) -> (&'static str, usize) {
    match kind {
        PrincipalKind::Group => ("PoliciesPerGroup", 10),
        PrincipalKind::User => ("PoliciesPerUser", 10),
        PrincipalKind::Role => ("PoliciesPerRole", 20),
    }
}

/// Returns how many characters a principal's inline policies may have together, white space left out.
pub(super) fn inline_policies_size(kind: PrincipalKind) -> usize {
    match kind {
        PrincipalKind::Group => 5_120,
        PrincipalKind::User => 2_048,
        PrincipalKind::Role => 10_240,
    }
}
