//! What the executor calls, and what for.

use model::{Action, Address, Change, Kind, Operation, Principal, Reset, ResourceType, Use};

use Kind::{
    Alarm, Attachment, Dashboard, InlinePolicy, LogGroup, LoginProfile, Membership, MetricFilter,
    MfaDevice, PasswordPolicy, Policy,
};
use ResourceType::Account;
use Use::{Bound, Delete, Enrol, Lock, Tag, Unlock, Write};

/// Lists the operations that plans and enrolment lead to, with the reads among them.
///
/// Not here is what the code could do and no plan asks for: to change what a role has, to remove tags.
pub const OPERATIONS: &[Operation] = &[
    on_user("iam:CreateUser", &[Write(Kind::User)]),
    on_user("iam:UpdateUser", &[Write(Kind::User)]),
    // What is there is read before it is changed or deleted, and where others depend on it, afterwards.
    on_user("iam:GetUser", &[Write(Kind::User), Delete(Kind::User)]),
    on_user("iam:TagUser", &[Tag(Kind::User)]),
    on_user("iam:PutUserPermissionsBoundary", &[Bound]),
    on_user("iam:DeleteUserPermissionsBoundary", &[Bound]),
    on_user("iam:DeleteUser", &[Delete(Kind::User)]),
    on_user("iam:CreateLoginProfile", &[Write(LoginProfile)]),
    on_user("iam:UpdateLoginProfile", &[Use::Reset(Reset::Password)]),
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
    on_user(
        "iam:DeactivateMFADevice",
        &[Delete(Kind::User), Use::Reset(Reset::Mfa)],
    ),
    on_user("iam:EnableMFADevice", &[Write(MfaDevice), Enrol]),
    on_user("iam:ResyncMFADevice", &[Enrol]),
    on_device("iam:CreateVirtualMFADevice", &[Write(MfaDevice), Enrol]),
    // One that can't be enabled, or whose seed can't be sealed, is deleted again.
    on_device(
        "iam:DeleteVirtualMFADevice",
        &[
            Write(MfaDevice),
            Delete(MfaDevice),
            Delete(Kind::User),
            Use::Reset(Reset::Mfa),
            Enrol,
        ],
    ),
    on_device("iam:TagMFADevice", &[Tag(MfaDevice)]),
    on_group("iam:CreateGroup", &[Write(Kind::Group)]),
    on_group("iam:UpdateGroup", &[Write(Kind::Group)]),
    on_group("iam:GetGroup", &[Write(Kind::Group), Delete(Kind::Group)]),
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

/// Returns the operation that an action can't be done without. None where that depends on what is there.
pub fn required(action: &Action) -> Option<&'static Operation> {
    let name = required_name(action)?;
    let mut operations = OPERATIONS.iter();
    operations.find(|operation| operation.action == name)
}

fn required_name(action: &Action) -> Option<&'static str> {
    use Change::{Create, Delete, Update};
    Some(match (&action.address, &action.change) {
        (Address::User(_), Create { .. }) => "iam:CreateUser",
        (Address::User(_), Delete { .. }) => "iam:DeleteUser",
        (Address::LoginProfile(_), Create { .. }) => "iam:CreateLoginProfile",
        (Address::LoginProfile(_), Update { .. }) => "iam:UpdateLoginProfile",
        (Address::LoginProfile(_), Delete { .. }) => "iam:DeleteLoginProfile",
        (Address::Group(_), Create { .. }) => "iam:CreateGroup",
        (Address::Group(_), Delete { .. }) => "iam:DeleteGroup",
        (Address::Membership(..), Create { .. }) => "iam:AddUserToGroup",
        (Address::Membership(..), Delete { .. }) => "iam:RemoveUserFromGroup",
        (Address::Policy(_), Create { .. }) => "iam:CreatePolicy",
        (Address::Policy(_), Delete { .. }) => "iam:DeletePolicy",
        (Address::Attachment(Principal::User(_), _), Create { .. }) => "iam:AttachUserPolicy",
        (Address::Attachment(Principal::User(_), _), Delete { .. }) => "iam:DetachUserPolicy",
        (Address::Attachment(Principal::Group(_), _), Create { .. }) => "iam:AttachGroupPolicy",
        (Address::Attachment(Principal::Group(_), _), Delete { .. }) => "iam:DetachGroupPolicy",
        (Address::InlinePolicy(Principal::User(_), _), Delete { .. }) => "iam:DeleteUserPolicy",
        (Address::InlinePolicy(Principal::User(_), _), _) => "iam:PutUserPolicy",
        (Address::InlinePolicy(Principal::Group(_), _), Delete { .. }) => "iam:DeleteGroupPolicy",
        (Address::InlinePolicy(Principal::Group(_), _), _) => "iam:PutGroupPolicy",
        (Address::MfaDevice(_), Create { .. }) => "iam:CreateVirtualMFADevice",
        (Address::MfaDevice(_), Delete { .. }) => "iam:DeleteVirtualMFADevice",
        (Address::PasswordPolicy, Create { .. } | Update { .. }) => {
            "iam:UpdateAccountPasswordPolicy"
        }
        (Address::LogGroup(_), Create { .. }) => "logs:CreateLogGroup",
        (Address::MetricFilter(..), Delete { .. }) => "logs:DeleteMetricFilter",
        (Address::MetricFilter(..), _) => "logs:PutMetricFilter",
        (Address::Alarm(_), Create { .. }) => "cloudwatch:PutMetricAlarm",
        (Address::Alarm(_), Delete { .. }) => "cloudwatch:DeleteAlarms",
        (Address::Dashboard(_), Delete { .. }) => "cloudwatch:DeleteDashboards",
        (Address::Dashboard(_), _) => "cloudwatch:PutDashboard",
        // Which calls these take depends on the fields and credentials concerned; the others are never planned.
        (
            Address::User(_)
            | Address::Credential(..)
            | Address::MfaDevice(_)
            | Address::Group(_)
            | Address::Membership(..)
            | Address::Policy(_)
            | Address::Attachment(..)
            | Address::InlinePolicy(..)
            | Address::Role(_)
            | Address::PasswordPolicy
            | Address::LogGroup(_)
            | Address::Alarm(_),
            _,
        ) => return None,
    })
}

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::{ActionId, Body};

    use super::*;

    fn action(address: &str, change: Change) -> Action {
        Action {
            id: ActionId(0),
            address: address.parse().unwrap(),
            change,
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        }
    }

    #[test]
    fn what_is_required_is_listed() {
        let addresses = [
            "user/a",
            "login_profile/a",
            "group/g",
            "membership/g:a",
            "policy/p",
            "attachment/user:a:p",
            "attachment/group:g:p",
            "inline_policy/user:a:p",
            "inline_policy/group:g:p",
            "mfa_device/a",
            "metric_filter/l:f",
            "alarm/a",
            "dashboard/d",
        ];
        // Whatever the body is, the operation is the address's.
        let body = || Body::Membership;
        for address in addresses {
            let changes = [
                Change::Create { after: body() },
                Change::Delete { before: body() },
            ];
            for change in changes {
                let action = action(address, change);
                let name = required_name(&action).unwrap();
                assert_eq!(required(&action).map(|found| found.action), Some(name));
            }
        }
        for address in ["log_group/l", "password_policy/account"] {
            let action = action(address, Change::Create { after: body() });
            assert!(required(&action).is_some(), "{address}");
        }
    }
}
