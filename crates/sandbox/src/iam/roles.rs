//! Roles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{self, DOCUMENT};
use super::names::{ARN, HasName, LATIN_1, PATH, PATH_PREFIX, ROLE_NAME, fold};
use super::page::Page;
use super::tags::Tags;
use super::trust_principals::check_actions;
use super::{Grants, Iam, Principal, boundaries, ids, quotas};
use crate::call::{Call, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateRole", create).unlike("principals of other accounts need not exist"),
    Operation::read("GetRole", get).unlike("RoleLastUsed is right at once; AWS takes hours"),
    Operation::read("ListRoles", list),
    Operation::write("UpdateRole", update),
    Operation::write("UpdateAssumeRolePolicy", update_trust_policy)
        .unlike("principals of other accounts need not exist"),
    Operation::write("DeleteRole", delete),
];

/// Holds a role.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(super) path: String,
    pub(crate) id: String,
    pub(super) created: Timestamp,
    pub(crate) trust_policy: String,
    pub(super) description: Option<String>,
    pub(crate) max_session_duration: i64,
    pub(super) tags: Tags,
    /// The ARN of the permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) grants: Grants,
    #[serde(default)]
    last_used: Option<RoleUse>,
}

/// Says when and where a session of a role made a request last.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleUse {
    at: Timestamp,
    region: String,
}

impl HasName for Role {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Role {
    /// Returns keys and values of the role's tags.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.pairs()
    }

    /// Returns `RoleLastUsed`, which is empty for a role that was never used.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html>
    pub(super) fn last_used(&self) -> Record {
        let used = self.last_used.as_ref();
        Record::new()
            .with_some("LastUsedDate", used.map(|used| used.at))
            .with_some("Region", used.map(|used| &used.region))
    }
}

impl Iam {
    /// Notes that a session of a role made a request.
    pub(crate) fn use_role(&mut self, name: &str, region: &str, now: Timestamp) {
        if let Some(role) = self.roles.get_mut(name) {
            role.last_used = Some(RoleUse {
                at: now,
                region: region.to_owned(),
            });
        }
    }
}

const DESCRIPTION: Shape = Shape {
    lengths: 0..=1000,
    pattern: LATIN_1,
};

impl Account {
    /// Returns a role as lists show it: without tags and boundary.
    fn role_summary(&self, role: &Role) -> Record {
        Record::new()
            .with("Path", &role.path)
            .with("RoleName", &role.name)
            .with("RoleId", &role.id)
            .with("Arn", self.role_arn(role))
            .with("CreateDate", role.created)
            .with(
                "AssumeRolePolicyDocument",
                document::encoded(&role.trust_policy),
            )
            .with_some("Description", role.description.as_ref())
            .with("MaxSessionDuration", role.max_session_duration)
    }

    fn role_record(&self, role: &Role) -> Record {
        self.role_summary(role)
            .with_some(
                "PermissionsBoundary",
                role.boundary.as_deref().map(boundaries::record),
            )
            .with_some("Tags", role.tags.listed())
            .with("RoleLastUsed", role.last_used())
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("RoleName", &ROLE_NAME)?;
    let role = Role {
        name: name.to_owned(),
        path: call.input.text("Path", &PATH)?.unwrap_or("/").to_owned(),
        id: ids::unique_id(ids::ROLE)?,
        created: call.now,
        trust_policy: trust_policy(account, call, "AssumeRolePolicyDocument")?.to_owned(),
        description: call
            .input
            .text("Description", &DESCRIPTION)?
            .map(str::to_owned),
        max_session_duration: call
            .input
            .integer("MaxSessionDuration", 3600..=43200)?
            .unwrap_or(3600),
        tags: Tags::without_case().with_those_of(call)?,
        boundary: call
            .input
            .text("PermissionsBoundary", &ARN)?
            .map(str::to_owned),
        grants: Grants::default(),
        last_used: None,
    };
    if account.iam.roles.is_taken(name) {
        return Err(Error::already_exists(format!(
            "Role with name {name} already exists."
        )));
    }
    if account.iam.roles.len() >= quotas::ROLES {
        return Err(Error::over_quota("RolesPerAccount", quotas::ROLES));
    }
    if let Some(arn) = &role.boundary {
        account.iam.check_boundary(arn)?;
    }
    let answer = Record::new().with("Role", account.role_record(&role));
    account.iam.index.add_grants(
        &Principal::Role(fold(name)),
        &role.grants,
        role.boundary.as_deref(),
    );
    account.iam.roles.insert(role);
    Ok(answer)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let role = account
        .iam
        .role(call.input.required_text("RoleName", &ROLE_NAME)?)?;
    Ok(Record::new().with("Role", account.role_record(role)))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let page = Page::of(call)?;
    let roles = account
        .iam
        .roles
        .from(page.start())
        .filter(|(_, role)| role.path.starts_with(prefix));
    Ok(page.answer(
        "Roles",
        roles.map(|(name, role)| (name, account.role_summary(role))),
    ))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let description = call.input.text("Description", &DESCRIPTION)?;
    let duration = call.input.integer("MaxSessionDuration", 3600..=43200)?;
    let role = account
        .iam
        .role_mut(call.input.required_text("RoleName", &ROLE_NAME)?)?;
    if let Some(description) = description {
        role.description = Some(description.to_owned());
    }
    if let Some(duration) = duration {
        role.max_session_duration = duration;
    }
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>
fn update_trust_policy(account: &mut Account, call: &Call<'_>) -> Answer {
    let document = trust_policy(account, call, "PolicyDocument")?;
    let role = account
        .iam
        .role_mut(call.input.required_text("RoleName", &ROLE_NAME)?)?;
    document.clone_into(&mut role.trust_policy);
    Ok(Record::new())
}

fn trust_policy<'a>(account: &Account, call: &Call<'a>, parameter: &str) -> Result<&'a str, Error> {
    let document = call.input.required_text(parameter, &DOCUMENT)?;
    let parsed = document::trust_policy(document)?;
    check_actions(&parsed)?;
    account.check_principals(&parsed)?;
    if document::size(document) > quotas::TRUST_POLICY_SIZE {
        let message = format!(
            "Cannot exceed quota for ACLSizePerRole: {}",
            quotas::TRUST_POLICY_SIZE
        );
        return Err(Error::new(Code::LimitExceeded, message));
    }
    Ok(document)
}

/// Deletes a role without policies.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("RoleName", &ROLE_NAME)?;
    let role = account.iam.role(name)?;
    let first = if !role.grants.inline.is_empty() {
        Some("delete policies")
    } else if !role.grants.attached.is_empty() {
        Some("detach all policies")
    } else {
        None
    };
    if let Some(first) = first {
        return Err(Error::delete_conflict(format!(
            "Cannot delete entity, must {first} first."
        )));
    }
    let (arn, id) = (account.role_arn(role), role.id.clone());
    if let Some(role) = account.iam.roles.remove(name) {
        account.iam.index.remove_grants(
            &Principal::Role(fold(name)),
            &role.grants,
            role.boundary.as_deref(),
        );
    }
    account.rename_principal(&arn, &id);
    Ok(Record::new())
}
