//! Managed policies attached to users, groups and roles.

use super::names::{ARN, EXISTING_USER_NAME, GROUP_NAME, PATH_PREFIX, ROLE_NAME};
use super::page::Page;
use super::{Iam, Principal, PrincipalKind, quotas, remove_from};
use crate::call::Call;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("AttachUserPolicy", |account, call| {
        attach(&mut account.iam, call, PrincipalKind::User)
    }),
    Operation::write("DetachUserPolicy", |account, call| {
        detach(&mut account.iam, call, PrincipalKind::User)
    }),
    Operation::read("ListAttachedUserPolicies", |account, call| {
        list(account, call, PrincipalKind::User)
    }),
    Operation::write("AttachGroupPolicy", |account, call| {
        attach(&mut account.iam, call, PrincipalKind::Group)
    }),
    Operation::write("DetachGroupPolicy", |account, call| {
        detach(&mut account.iam, call, PrincipalKind::Group)
    }),
    Operation::read("ListAttachedGroupPolicies", |account, call| {
        list(account, call, PrincipalKind::Group)
    }),
    Operation::write("AttachRolePolicy", |account, call| {
        attach(&mut account.iam, call, PrincipalKind::Role)
    }),
    Operation::write("DetachRolePolicy", |account, call| {
        detach(&mut account.iam, call, PrincipalKind::Role)
    }),
    Operation::read("ListAttachedRolePolicies", |account, call| {
        list(account, call, PrincipalKind::Role)
    }),
];

/// Returns the name of the user, group or role that a call is about.
pub(super) fn principal_name<'a>(call: &Call<'a>, kind: PrincipalKind) -> Result<&'a str, Error> {
    match kind {
        PrincipalKind::Group => call.input.required_text("GroupName", &GROUP_NAME),
        PrincipalKind::User => call.input.required_text("UserName", &EXISTING_USER_NAME),
        PrincipalKind::Role => call.input.required_text("RoleName", &ROLE_NAME),
    }
}

/// Attaches a policy; attaching it again changes nothing.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html>
fn attach(iam: &mut Iam, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    let known = iam.find_policy(arn).is_some();
    let grants = iam.grants_mut(kind, name)?;
    if !known {
        return Err(Error::no_such_entity(format!(
            "Policy {arn} does not exist or is not attachable."
        )));
    }
    let (quota, limit) = quotas::attached_policies(kind);
    if grants.attached.len() >= limit && !grants.attached.contains(arn) {
        return Err(Error::over_quota(quota, limit));
    }
    grants.attached.insert(arn.to_owned());
    iam.index
        .attached
        .entry(arn.to_owned())
        .or_default()
        .insert(Principal::new(kind, name));
    Ok(Record::new())
}

/// Detaches a policy; one that is not attached is `NoSuchEntity`.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html>
fn detach(iam: &mut Iam, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    if !iam.grants_mut(kind, name)?.attached.remove(arn) {
        return Err(Error::no_such_entity(format!(
            "Policy {arn} was not found."
        )));
    }
    remove_from(&mut iam.index.attached, arn, &Principal::new(kind, name));
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html>
fn list(account: &Account, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let page = Page::of(call)?;
    let grants = account.iam.grants(kind, principal_name(call, kind)?)?;
    let policies = grants
        .attached
        .iter()
        .filter_map(|arn| Some((arn, account.iam.find_policy(arn)?)));
    let wanted = policies.filter(|(_, policy)| policy.path.starts_with(prefix));
    Ok(page.answer(
        "AttachedPolicies",
        wanted.map(|(arn, policy)| (arn, record(&policy.name, arn))),
    ))
}

/// Returns all attached policies as `GetAccountAuthorizationDetails` shows them.
pub(super) fn listed(iam: &Iam, attached: &std::collections::BTreeSet<String>) -> Value {
    let policies = attached
        .iter()
        .filter_map(|arn| Some((arn, iam.find_policy(arn)?)));
    policies
        .map(|(arn, policy)| record(&policy.name, arn))
        .collect()
}

fn record(name: &str, arn: &str) -> Record {
    Record::new()
        .with("PolicyName", name)
        .with("PolicyArn", arn)
}
