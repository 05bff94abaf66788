//! Permissions boundaries of users and roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use super::attachments::principal_name;
use super::names::ARN;
use super::{Iam, Principal, PrincipalKind, remove_from};
use crate::call::Call;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutUserPermissionsBoundary", |account, call| {
        put(&mut account.iam, call, PrincipalKind::User)
    }),
    Operation::write("DeleteUserPermissionsBoundary", |account, call| {
        delete(&mut account.iam, call, PrincipalKind::User)
    }),
    Operation::write("PutRolePermissionsBoundary", |account, call| {
        put(&mut account.iam, call, PrincipalKind::Role)
    }),
    Operation::write("DeleteRolePermissionsBoundary", |account, call| {
        delete(&mut account.iam, call, PrincipalKind::Role)
    }),
];

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html>
fn put(iam: &mut Iam, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    let arn = call.input.required_text("PermissionsBoundary", &ARN)?;
    boundary_mut(iam, kind, name)?;
    iam.check_boundary(arn)?;
    set(iam, kind, name, Some(arn))?;
    Ok(Record::new())
}

/// Lifts a boundary. AWS does not document the answer where there is none; here it is `NoSuchEntity`.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>
fn delete(iam: &mut Iam, call: &Call<'_>, kind: PrincipalKind) -> Answer {
    let name = principal_name(call, kind)?;
    if boundary_mut(iam, kind, name)?.is_none() {
        return Err(Error::no_such_entity(format!(
            "{name} does not have a permissions boundary."
        )));
    }
    set(iam, kind, name, None)?;
    Ok(Record::new())
}

fn set(iam: &mut Iam, kind: PrincipalKind, name: &str, arn: Option<&str>) -> Result<(), Error> {
    let old = std::mem::replace(boundary_mut(iam, kind, name)?, arn.map(str::to_owned));
    let principal = Principal::new(kind, name);
    if let Some(old) = old {
        remove_from(&mut iam.index.bounded, &old, &principal);
    }
    if let Some(arn) = arn {
        iam.index
            .bounded
            .entry(arn.to_owned())
            .or_default()
            .insert(principal);
    }
    Ok(())
}

fn boundary_mut<'a>(
    iam: &'a mut Iam,
    kind: PrincipalKind,
    name: &str,
) -> Result<&'a mut Option<String>, Error> {
    match kind {
        PrincipalKind::User => iam.user_mut(name).map(|user| &mut user.boundary),
        PrincipalKind::Role => iam.role_mut(name).map(|role| &mut role.boundary),
        PrincipalKind::Group => Err(Error::invalid_input(
            "A group can't have a permissions boundary.",
        )),
    }
}

impl Iam {
    /// Refuses a boundary that is no managed policy.
    pub(super) fn check_boundary(&self, arn: &str) -> Result<(), Error> {
        if self.find_policy(arn).is_none() {
            let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
            return Err(Error::no_such_entity(message));
        }
        Ok(())
    }
}

/// Returns a boundary as answers show it.
pub(super) fn record(arn: &str) -> Record {
    Record::new()
        .with("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
        .with("PermissionsBoundaryArn", arn)
}
