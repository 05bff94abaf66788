//! What the executor calls, and what for.

use model::{Kind, Operation, ResourceType, Use};

use Kind::{
    Alarm, Attachment, Dashboard, InlinePolicy, LogGroup, LoginProfile, Membership, MetricFilter,
    MfaDevice, PasswordPolicy, Policy,
};
use ResourceType::Account;
use Use::{Bound, Delete, Lock, Tag, Unlock, Write};

/// Lists the operations that plans lead to, with the reads among them.
///
/// Not here is what the code could do and no plan asks for: to change what a role has, to remove tags.
pub const OPERATIONS: &[Operation] = &[
    on_user("iam:CreateUser", &[Write(Kind::User)]),
    on_user("iam:UpdateUser", &[Write(Kind::User)]),
    // What is there is read before it is changed, and where others depend on it, afterwards.
    on_user("iam:GetUser", &[Write(Kind::User)]),
    // A device's user is marked until its seed is sealed.
    on_user("iam:TagUser", &[Tag(Kind::User), Write(MfaDevice)]),
    on_user("iam:UntagUser", &[Write(MfaDevice)]),
    on_user("iam:PutUserPermissionsBoundary", &[Bound]),
    on_user("iam:DeleteUserPermissionsBoundary", &[Bound]),
    on_user("iam:DeleteUser", &[Delete(Kind::User)]),
    on_user("iam:CreateLoginProfile", &[Write(LoginProfile)]),
    on(
        Account,
        "iam:GetAccountPasswordPolicy",
        &[Write(LoginProfile), Write(PasswordPolicy)],
    ),
    on_user(
        "iam:DeleteLoginProfile",
        &[Delete(LoginProfile), Delete(Kind::User)],
    ),
    on_user("iam:DeleteAccessKey", &[Delete(Kind::User)]),
    on_user("iam:DeleteSigningCertificate", &[Delete(Kind::User)]),
    on_user("iam:DeleteSSHPublicKey", &[Delete(Kind::User)]),
    on_user("iam:DeleteServiceSpecificCredential", &[Delete(Kind::User)]),
    on_user("iam:DeactivateMFADevice", &[Delete(Kind::User)]),
    on_device("iam:CreateVirtualMFADevice", &[Write(MfaDevice)]),
    // A device whose seed can't be sealed is deleted again.
    on_device(
        "iam:DeleteVirtualMFADevice",
        &[Write(MfaDevice), Delete(MfaDevice), Delete(Kind::User)],
    ),
    on_device("iam:TagMFADevice", &[Tag(MfaDevice)]),
    on_group("iam:CreateGroup", &[Write(Kind::Group)]),
    on_group("iam:UpdateGroup", &[Write(Kind::Group)]),
    on_group("iam:GetGroup", &[Write(Kind::Group)]),
    on_group("iam:DeleteGroup", &[Delete(Kind::Group)]),
    on_user(
        "iam:ListGroupsForUser",
        &[
            Write(Membership),
            Delete(Membership),
            Delete(Kind::User),
            Delete(Kind::Group),
        ],
    ),
    on_group("iam:AddUserToGroup", &[Write(Membership)]),
    on_group(
        "iam:RemoveUserFromGroup",
        &[Delete(Membership), Delete(Kind::User), Delete(Kind::Group)],
    ),
    on_policy("iam:CreatePolicy", &[Write(Policy)]),
    on_policy("iam:CreatePolicyVersion", &[Write(Policy)]),
    on_policy("iam:GetPolicy", &[Write(Policy), Delete(Policy)]),
    on_policy("iam:GetPolicyVersion", &[Write(Policy), Delete(Policy)]),
    on_policy("iam:ListPolicyVersions", &[Write(Policy), Delete(Policy)]),
    on_policy("iam:DeletePolicyVersion", &[Write(Policy), Delete(Policy)]),
    on_policy("iam:TagPolicy", &[Tag(Policy)]),
    on_policy("iam:DeletePolicy", &[Delete(Policy)]),
    on_user(
        "iam:ListAttachedUserPolicies",
        &[Write(Attachment), Delete(Attachment), Delete(Kind::User)],
    ),
    on_group(
        "iam:ListAttachedGroupPolicies",
        &[Write(Attachment), Delete(Attachment), Delete(Kind::Group)],
    ),
    on_user("iam:AttachUserPolicy", &[Write(Attachment)]),
    on_group("iam:AttachGroupPolicy", &[Write(Attachment)]),
    on_user(
        "iam:DetachUserPolicy",
        &[Delete(Attachment), Delete(Kind::User)],
    ),
    on_group(
        "iam:DetachGroupPolicy",
        &[Delete(Attachment), Delete(Kind::Group)],
    ),
    on_user(
        "iam:GetUserPolicy",
        &[
            Write(InlinePolicy),
            Delete(InlinePolicy),
            Delete(Kind::User),
        ],
    ),
    on_group(
        "iam:GetGroupPolicy",
        &[
            Write(InlinePolicy),
            Delete(InlinePolicy),
            Delete(Kind::Group),
        ],
    ),
    on_user("iam:PutUserPolicy", &[Write(InlinePolicy)]),
    on_group("iam:PutGroupPolicy", &[Write(InlinePolicy)]),
    on_user(
        "iam:DeleteUserPolicy",
        &[Delete(InlinePolicy), Delete(Kind::User)],
    ),
    on_group(
        "iam:DeleteGroupPolicy",
        &[Delete(InlinePolicy), Delete(Kind::Group)],
    ),
    on(
        Account,
        "iam:UpdateAccountPasswordPolicy",
        &[Write(PasswordPolicy)],
    ),
    on_log_group("logs:CreateLogGroup", &[Write(LogGroup)]),
    on_log_group("logs:PutRetentionPolicy", &[Write(LogGroup)]),
    on_log_group("logs:DeleteRetentionPolicy", &[Write(LogGroup)]),
    on_log_group("logs:TagResource", &[Tag(LogGroup)]),
    on(
        Account,
        "logs:DescribeMetricFilters",
        &[Write(MetricFilter), Delete(MetricFilter)],
    ),
    on_log_group("logs:PutMetricFilter", &[Write(MetricFilter)]),
    on_log_group("logs:DeleteMetricFilter", &[Delete(MetricFilter)]),
    on(
        Account,
        "cloudwatch:DescribeAlarms",
        &[Write(Alarm), Delete(Alarm)],
    ),
    on_alarm("cloudwatch:PutMetricAlarm", &[Write(Alarm)]),
    on_alarm("cloudwatch:TagResource", &[Tag(Alarm)]),
    on_alarm("cloudwatch:DeleteAlarms", &[Delete(Alarm)]),
    on_dashboard(
        "cloudwatch:GetDashboard",
        &[Write(Dashboard), Delete(Dashboard)],
    ),
    on_dashboard("cloudwatch:PutDashboard", &[Write(Dashboard)]),
    on_dashboard("cloudwatch:DeleteDashboards", &[Delete(Dashboard)]),
    on(ResourceType::Lock, "s3:PutObject", &[Lock]),
    on(ResourceType::Lock, "s3:GetObject", &[Lock, Unlock]),
    on(ResourceType::Lock, "s3:DeleteObject", &[Lock, Unlock]),
];

const fn on_user(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::User, action, uses)
}

const fn on_group(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::Group, action, uses)
}

const fn on_policy(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::Policy, action, uses)
}

const fn on_device(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::MfaDevice, action, uses)
}

const fn on_log_group(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::LogGroup, action, uses)
}

const fn on_alarm(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::Alarm, action, uses)
}

const fn on_dashboard(action: &'static str, uses: &'static [Use]) -> Operation {
    on(ResourceType::Dashboard, action, uses)
}

const fn on(on: ResourceType, action: &'static str, uses: &'static [Use]) -> Operation {
    Operation { action, on, uses }
}
