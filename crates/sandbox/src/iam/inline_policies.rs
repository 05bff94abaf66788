//! Inline policies of users, groups and roles.

use super::PrincipalKind;
use super::attachments::principal_name;
use super::document::{self, DOCUMENT};
use super::names::POLICY_NAME;
use super::page::Page;
use super::quotas;
use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutUserPolicy", |account, call| {
        put(account, call, PrincipalKind::User)
    }),
    Operation::read("GetUserPolicy", |account, call| {
        get(account, call, PrincipalKind::User)
    }),
    Operation::write("DeleteUserPolicy", |account, call| {
        delete(account, call, PrincipalKind::User)
    }),
    Operation::read("ListUserPolicies", |account, call| {
        list(account, call, PrincipalKind::User)
    }),
    Operation::write("PutGroupPolicy", |account, call| {
        put(account, call, PrincipalKind::Group)
    }),
    Operation::read("GetGroupPolicy", |account, call| {
        get(account, call, PrincipalKind::Group)
    }),
    Operation::write("DeleteGroupPolicy", |account, call| {
        delete(account, call, PrincipalKind::Group)
    }),
    Operation::read("ListGroupPolicies", |account, call| {
        list(account, call, PrincipalKind::Group)
    }),
    Operation::write("PutRolePolicy", |account, call| {
        put(account, call, PrincipalKind::Role)
    }),
    Operation::read("GetRolePolicy", |account, call| {
        get(account, call, PrincipalKind::Role)
    }),
    Operation::write("DeleteRolePolicy", |account, call| {
        delete(account, call, PrincipalKind::Role)
    }),
    Operation::read("ListRolePolicies", |account, call| {
        list(account, call, PrincipalKind::Role)
    }),
];

/// Returns AWS's word for a kind of principal, in messages and in the member that names one.
fn words(kind: PrincipalKind) -> (&'static str, &'static str) {
    match kind {
        PrincipalKind::Group => ("group", "GroupName"),
        PrincipalKind::User => ("user", "UserName"),
        PrincipalKind::Role => ("role", "RoleName"),
    }
}

/// Adds or replaces a policy, as long as all of the principal's together keep within the quota.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html>
fn put(account: &mut Account, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let policy = call.input.required_text("PolicyName", &POLICY_NAME)?;
    let document = call.input.required_text("PolicyDocument", &DOCUMENT)?;
    let grants = account.iam.grants_mut(kind, name)?;
    document::check_identity_policy(document)?;
    let others = grants.inline.iter().filter(|(other, _)| *other != policy);
    let size = others
        .map(|(_, other)| document::size(other))
        .sum::<usize>()
        + document::size(document);
    let limit = quotas::inline_policies_size(kind);
    if size > limit {
        let message = format!(
            "Maximum policy size of {limit} bytes exceeded for {} {name}",
            words(kind).0
        );
        return Err(Error::new(Code::LimitExceeded, message));
    }
    grants.inline.insert(policy.to_owned(), document.to_owned());
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html>
fn get(account: &Account, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let policy = call.input.required_text("PolicyName", &POLICY_NAME)?;
    let document = account
        .iam
        .grants(kind, name)?
        .inline
        .get(policy)
        .ok_or_else(|| no_such_policy(kind, policy))?;
    Ok(Record::new()
        .with(words(kind).1, name)
        .with("PolicyName", policy)
        .with("PolicyDocument", document::encoded(document)))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html>
fn delete(account: &mut Account, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let policy = call.input.required_text("PolicyName", &POLICY_NAME)?;
    account
        .iam
        .grants_mut(kind, name)?
        .inline
        .remove(policy)
        .ok_or_else(|| no_such_policy(kind, policy))?;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html>
fn list(account: &Account, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let page = Page::of(call)?;
    let grants = account.iam.grants(kind, principal_name(call, kind)?)?;
    Ok(page.answer("PolicyNames", grants.inline.keys().map(|name| (name, name))))
}

/// Returns all inline policies as `GetAccountAuthorizationDetails` shows them.
pub(super) fn listed(inline: &std::collections::BTreeMap<String, String>) -> Value {
    let record = |(name, document): (&String, &String)| {
        Record::new()
            .with("PolicyName", name)
            .with("PolicyDocument", document::encoded(document))
    };
    inline.iter().map(record).collect()
}

fn no_such_policy(kind: PrincipalKind, name: &str) -> Error {
    Error::no_such_entity(format!(
        "The {} policy with name {name} cannot be found.",
        words(kind).0
    ))
}
