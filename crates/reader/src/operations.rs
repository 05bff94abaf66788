//! What the reader calls, and what for.

use model::{Kind, Operation, ResourceType, Use};

use Kind::{Alarm, Dashboard, LogGroup, LoginProfile, MetricFilter, MfaDevice, Policy, User};
use Use::{
    Account, AwsPolicy, Credentials, Delete, Enrol, Logins, Read, RequiredMfa, Simulate, Tag, Trail,
};

/// Lists the operations that need a permission. `sts:GetCallerIdentity` needs none, and without
/// `iam:ListAccountAliases` only the account's alias isn't shown.
pub const OPERATIONS: &[Operation] = &[
    on_account("iam:GetAccountAuthorizationDetails", &[Account]),
    on_account(
        "iam:ListAccountAliases",
        &[Account, Credentials, Enrol, Logins],
    ),
    on_account("iam:GetAccountPasswordPolicy", &[Account]),
    on_account(
        "iam:ListVirtualMFADevices",
        &[Read(MfaDevice), RequiredMfa, Delete(User), Credentials],
    ),
    on_user("iam:GetLoginProfile", &[Read(LoginProfile), Delete(User)]),
    on_user("iam:ListAccessKeys", &[Delete(User)]),
    on_user(
        "iam:ListMFADevices",
        &[RequiredMfa, Delete(User), Credentials, Enrol],
    ),
    on_user("iam:ListSSHPublicKeys", &[Delete(User)]),
    on_user("iam:ListServiceSpecificCredentials", &[Delete(User)]),
    on_user("iam:ListSigningCertificates", &[Delete(User)]),
    on(ResourceType::AwsPolicy, "iam:GetPolicy", &[AwsPolicy]),
    on(
        ResourceType::AwsPolicy,
        "iam:GetPolicyVersion",
        &[AwsPolicy],
    ),
    on(ResourceType::Policy, "iam:ListPolicyTags", &[Tag(Policy)]),
    on(
        ResourceType::MfaDevice,
        "iam:ListMFADeviceTags",
        &[Tag(MfaDevice)],
    ),
    on_account("logs:DescribeLogGroups", &[Read(LogGroup)]),
    on_account("logs:DescribeMetricFilters", &[Read(MetricFilter)]),
    on(
        ResourceType::LogGroup,
        "logs:ListTagsForResource",
        &[Tag(LogGroup)],
    ),
    on_account("cloudwatch:DescribeAlarms", &[Read(Alarm)]),
    on(
        ResourceType::Alarm,
        "cloudwatch:ListTagsForResource",
        &[Tag(Alarm)],
    ),
    on_account("iam:GenerateCredentialReport", &[Credentials]),
    on_account("iam:GetCredentialReport", &[Credentials]),
    on(ResourceType::LogGroup, "logs:StartQuery", &[Logins]),
    on_account("logs:GetQueryResults", &[Logins]),
    on_account("logs:StopQuery", &[Logins]),
    on_account("iam:SimulatePrincipalPolicy", &[Simulate]),
    on_account("cloudtrail:LookupEvents", &[Trail]),
    on_account("cloudwatch:ListDashboards", &[Read(Dashboard)]),
    on(
        ResourceType::Dashboard,
        "cloudwatch:GetDashboard",
        &[Read(Dashboard)],
    ),
];

const fn on_account(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::Account, action, uses)
}

const fn on_user(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::User, action, uses)
}

const fn on(on: ResourceType, action: &'static str, uses: &'static [Use]) -> Operation {
    Operation { action, on, uses }
}
