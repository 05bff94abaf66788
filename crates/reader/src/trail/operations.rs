//! Which operations can have made a difference, and which objects a call is about.

use model::{Address, Deviation, Drift, Kind, PolicyRef, Principal};
use serde_json::Value;

/// Names an operation of AWS, as CloudTrail does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Operation {
    pub(super) service: Service,
    pub(super) name: &'static str,
}

/// Names a service whose calls change what mfactl manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    Iam,
    CloudWatch,
    Logs,
}

impl Service {
    /// Returns the service's name in events.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Iam => "iam.amazonaws.com",
            Self::CloudWatch => "monitoring.amazonaws.com",
            Self::Logs => "logs.amazonaws.com",
        }
    }

    /// Returns the prefix of the service's actions in policies.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::CloudWatch => "cloudwatch",
            Self::Logs => "logs",
        }
    }

    fn of(kind: Kind) -> Self {
        match kind {
            Kind::LogGroup | Kind::MetricFilter => Self::Logs,
            Kind::Alarm | Kind::Dashboard => Self::CloudWatch,
            Kind::User
            | Kind::LoginProfile
            | Kind::Credential
            | Kind::MfaDevice
            | Kind::Group
            | Kind::Membership
            | Kind::Policy
            | Kind::Attachment
            | Kind::InlinePolicy
            | Kind::Role
            | Kind::PasswordPolicy => Self::Iam,
        }
    }
}

/// Lists the objects of drift, each with every operation that can have made it as it was found.
pub(super) fn operations(drift: &Drift) -> Vec<(&Address, Operation)> {
    let differences = drift
        .differences
        .iter()
        .filter(|difference| difference.part_of.is_none())
        .map(|difference| (&difference.address, names(difference)));
    let principals = drift
        .principals
        .iter()
        .map(|principal| (&principal.address, creating(&principal.address).to_vec()));
    let all = differences.chain(principals);
    all.flat_map(|(address, names)| {
        let service = Service::of(address.kind());
        let operation = move |name| (address, Operation { service, name });
        names.into_iter().map(operation)
    })
    .collect()
}

fn names(difference: &model::Difference) -> Vec<&'static str> {
    let address = &difference.address;
    match &difference.deviation {
        Deviation::Missing { .. } => deleting(address).to_vec(),
        Deviation::Undeclared { .. } | Deviation::Conflict { .. } => creating(address).to_vec(),
        Deviation::Changed { fields, .. } => {
            let is_tag = |field: &str| field.starts_with("tags.");
            let mut names = Vec::new();
            if fields.iter().any(|field| is_tag(&field.field)) {
                names.extend(tagging(address.kind()));
            }
            for field in fields.iter().filter(|field| !is_tag(&field.field)) {
                for name in changing(address, &field.field) {
                    if !names.contains(name) {
                        names.push(name);
                    }
                }
            }
            names
        }
    }
}

fn creating(address: &Address) -> &'static [&'static str] {
    match address {
        Address::User(_) => &["CreateUser", "UpdateUser"],
        Address::LoginProfile(_) => &["CreateLoginProfile"],
        Address::Credential(..) => &["CreateAccessKey"],
        Address::MfaDevice(_) => &["CreateVirtualMFADevice", "EnableMFADevice"],
        Address::Group(_) => &["CreateGroup", "UpdateGroup"],
        Address::Membership(..) => &["AddUserToGroup"],
        Address::Policy(_) => &["CreatePolicy"],
        Address::Attachment(Principal::User(_), _) => &["AttachUserPolicy"],
        Address::Attachment(Principal::Group(_), _) => &["AttachGroupPolicy"],
        Address::Attachment(Principal::Role(_), _) => &["AttachRolePolicy"],
        Address::InlinePolicy(Principal::User(_), _) => &["PutUserPolicy"],
        Address::InlinePolicy(Principal::Group(_), _) => &["PutGroupPolicy"],
        Address::InlinePolicy(Principal::Role(_), _) => &["PutRolePolicy"],
        Address::Role(_) => &["CreateRole"],
        Address::PasswordPolicy => &["UpdateAccountPasswordPolicy"],
        Address::LogGroup(_) => &["CreateLogGroup"],
        Address::MetricFilter(..) => &["PutMetricFilter"],
        Address::Alarm(_) => &["PutMetricAlarm", "PutCompositeAlarm"],
        Address::Dashboard(_) => &["PutDashboard"],
    }
}

fn deleting(address: &Address) -> &'static [&'static str] {
    match address {
        Address::User(_) => &["DeleteUser", "UpdateUser"],
        Address::LoginProfile(_) => &["DeleteLoginProfile"],
        Address::Credential(..) => &["DeleteAccessKey"],
        Address::MfaDevice(_) => &["DeactivateMFADevice", "DeleteVirtualMFADevice"],
        Address::Group(_) => &["DeleteGroup", "UpdateGroup"],
        Address::Membership(..) => &["RemoveUserFromGroup"],
        Address::Policy(_) => &["DeletePolicy"],
        Address::Attachment(Principal::User(_), _) => &["DetachUserPolicy"],
        Address::Attachment(Principal::Group(_), _) => &["DetachGroupPolicy"],
        Address::Attachment(Principal::Role(_), _) => &["DetachRolePolicy"],
        Address::InlinePolicy(Principal::User(_), _) => &["DeleteUserPolicy"],
        Address::InlinePolicy(Principal::Group(_), _) => &["DeleteGroupPolicy"],
        Address::InlinePolicy(Principal::Role(_), _) => &["DeleteRolePolicy"],
        Address::Role(_) => &["DeleteRole"],
        Address::PasswordPolicy => &["DeleteAccountPasswordPolicy"],
        Address::LogGroup(_) => &["DeleteLogGroup"],
        // A filter goes with its group.
        Address::MetricFilter(..) => &["DeleteMetricFilter", "DeleteLogGroup"],
        Address::Alarm(_) => &["DeleteAlarms"],
        Address::Dashboard(_) => &["DeleteDashboards"],
    }
}

fn changing(address: &Address, field: &str) -> &'static [&'static str] {
    match (address, field) {
        (Address::User(_), "boundary") => &[
            "PutUserPermissionsBoundary",
            "DeleteUserPermissionsBoundary",
        ],
        (Address::User(_), _) => &["UpdateUser"],
        (Address::Group(_), _) => &["UpdateGroup"],
        (Address::Policy(_), _) => &["CreatePolicyVersion", "SetDefaultPolicyVersion"],
        (Address::LogGroup(_), _) => &["PutRetentionPolicy", "DeleteRetentionPolicy"],
        (Address::Alarm(_), "actions_enabled") => &[
            "PutMetricAlarm",
            "DisableAlarmActions",
            "EnableAlarmActions",
        ],
        (address, _) => creating(address),
    }
}

fn tagging(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["TagUser", "UntagUser"],
        Kind::Policy => &["TagPolicy", "UntagPolicy"],
        Kind::MfaDevice => &["TagMFADevice", "UntagMFADevice"],
        Kind::LogGroup | Kind::Alarm => &["TagResource", "UntagResource"],
        Kind::LoginProfile
        | Kind::Credential
        | Kind::Group
        | Kind::Membership
        | Kind::Attachment
        | Kind::InlinePolicy
        | Kind::Role
        | Kind::PasswordPolicy
        | Kind::MetricFilter
        | Kind::Dashboard => &[],
    }
}

/// Tells whether a call is about an object, by the parameters that CloudTrail tells: those of the API with a small letter
/// first.
pub(super) fn is_about(address: &Address, parameters: &Value) -> bool {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    // IAM doesn't tell names apart by case.
    let is =
        |name: &str, value: &str| text(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
    let is_exactly = |name: &str, value: &str| text(name) == Some(value);
    let lists = |name: &str, value: &str| {
        let list = parameters.get(name).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|item| item == value))
    };
    let arn_ends = |end: &str| {
        let arn = text("resourceArn").or_else(|| text("resourceARN"));
        arn.is_some_and(|arn| arn.trim_end_matches(":*").ends_with(end))
    };
    match address {
        Address::User(user) => is("userName", user.as_str()) || is("newUserName", user.as_str()),
        Address::LoginProfile(user) | Address::Credential(user, _) => is("userName", user.as_str()),
        Address::MfaDevice(device) => {
            is("virtualMFADeviceName", device.as_str())
                || text("serialNumber").is_some_and(|arn| last(arn) == device.as_str())
        }
        Address::Group(group) => {
            is("groupName", group.as_str()) || is("newGroupName", group.as_str())
        }
        Address::Membership(group, user) => {
            is("groupName", group.as_str()) && is("userName", user.as_str())
        }
        Address::Policy(policy) => {
            is("policyName", last(&policy.to_string())) || is_policy(policy, text("policyArn"))
        }
        Address::Attachment(principal, policy) => {
            is_principal(principal, is) && is_policy(policy, text("policyArn"))
        }
        Address::InlinePolicy(principal, name) => {
            is_principal(principal, is) && is("policyName", name.as_str())
        }
        Address::Role(role) => is("roleName", role.as_str()),
        Address::PasswordPolicy => true,
        Address::LogGroup(group) => {
            is_exactly("logGroupName", group.as_str()) || arn_ends(&format!(":log-group:{group}"))
        }
        Address::MetricFilter(group, filter) => {
            let is_of_group = text("filterName").is_none();
            is_exactly("logGroupName", group.as_str())
                && (is_of_group || is_exactly("filterName", filter.as_str()))
        }
        Address::Alarm(alarm) => {
            is_exactly("alarmName", alarm.as_str())
                || lists("alarmNames", alarm.as_str())
                || arn_ends(&format!(":alarm:{alarm}"))
        }
        Address::Dashboard(dashboard) => {
            is_exactly("dashboardName", dashboard.as_str())
                || lists("dashboardNames", dashboard.as_str())
        }
    }
}

fn is_principal(principal: &Principal, is: impl Fn(&str, &str) -> bool) -> bool {
    match principal {
        Principal::User(user) => is("userName", user.as_str()),
        Principal::Group(group) => is("groupName", group.as_str()),
        Principal::Role(role) => is("roleName", role.as_str()),
    }
}

/// Tells whether an ARN is that of a policy, whatever the path of one of the account.
fn is_policy(policy: &PolicyRef, arn: Option<&str>) -> bool {
    let Some(arn) = arn else {
        return false;
    };
    let is_of_aws = arn.contains("::aws:policy/");
    match policy {
        PolicyRef::Local(name) => !is_of_aws && last(arn).eq_ignore_ascii_case(name.as_str()),
        PolicyRef::Aws { .. } => {
            is_of_aws && last(arn).eq_ignore_ascii_case(last(&policy.to_string()))
        }
    }
}

/// Returns the part after the last slash.
fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_about_the_objects_that_its_parameters_name() {
        for (address, parameters) in [
            ("user/alice", json!({"userName": "Alice"})),
            (
                "user/alice",
                json!({"userName": "al", "newUserName": "alice"}),
            ),
            (
                "mfa_device/alice",
                json!({"serialNumber": "arn:aws:iam::123456789012:mfa/x/alice", "userName": "bob"}),
            ),
            (
                "membership/g:alice",
                json!({"groupName": "g", "userName": "alice"}),
            ),
            (
                "policy/p",
                json!({"policyArn": "arn:aws:iam::123456789012:policy/x/p"}),
            ),
            ("policy/p", json!({"policyName": "p", "path": "/x/"})),
            (
                "attachment/group:g:aws/job-function/Billing",
                json!({"groupName": "g", "policyArn": "arn:aws:iam::aws:policy/job-function/Billing"}),
            ),
            (
                "inline_policy/role:r:x",
                json!({"roleName": "r", "policyName": "x"}),
            ),
            (
                "metric_filter/g:f",
                json!({"logGroupName": "g", "filterName": "f"}),
            ),
            ("metric_filter/g:f", json!({"logGroupName": "g"})),
            (
                "log_group/g",
                json!({"resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}),
            ),
            ("alarm/a", json!({"alarmNames": ["b", "a"]})),
            ("dashboard/d", json!({"dashboardNames": ["d"]})),
            (
                "password_policy/account",
                json!({"minimumPasswordLength": 6}),
            ),
        ] {
            assert!(
                is_about(&address.parse().unwrap(), &parameters),
                "{address}"
            );
        }
    }

    #[test]
    fn a_call_is_not_about_others() {
        for (address, parameters) in [
            ("user/alice", json!({"userName": "alicea"})),
            ("user/alice", json!(null)),
            (
                "membership/g:alice",
                json!({"groupName": "h", "userName": "alice"}),
            ),
            (
                "attachment/user:a:p",
                json!({"userName": "a", "policyArn": "arn:aws:iam::aws:policy/p"}),
            ),
            (
                "attachment/user:a:aws/p",
                json!({"userName": "a", "policyArn": "arn:aws:iam::123456789012:policy/p"}),
            ),
            (
                "attachment/user:a:p",
                json!({"groupName": "a", "policyArn": "arn:aws:iam::123456789012:policy/p"}),
            ),
            (
                "metric_filter/g:f",
                json!({"logGroupName": "g", "filterName": "e"}),
            ),
            ("alarm/a", json!({"alarmName": "A"})),
        ] {
            assert!(
                !is_about(&address.parse().unwrap(), &parameters),
                "{address}"
            );
        }
    }
}
