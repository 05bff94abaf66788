//! Managed policies, the account's own and AWS's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{self, DOCUMENT};
use super::names::{ARN, HasName, PATH_PREFIX, POLICY_NAME, POLICY_PATH};
use super::page::{Page, truncated};
use super::tags::Tags;
use super::{Iam, Principal, aws_managed, ids, quotas};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreatePolicy", create),
    Operation::read("GetPolicy", get)
        .unlike("of AWS-managed policies there are ten, with made-up ids"),
    Operation::read("ListPolicies", list)
        .unlike("of AWS-managed policies there are ten, in their versions of October 2026"),
    Operation::read("ListEntitiesForPolicy", list_entities),
    Operation::write("DeletePolicy", delete),
];

/// Holds a managed policy. Nothing but its versions and tags ever changes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) tags: Tags,
    pub(super) default_version: u32,
    /// The number of the newest version there ever was.
    pub(super) last_version: u32,
    pub(super) versions: BTreeMap<u32, Version>,
}

/// Holds a version of a managed policy.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    pub(super) document: String,
    pub(super) created: Timestamp,
}

impl HasName for Policy {
    fn name(&self) -> &str {
        &self.name
    }
}

const DESCRIPTION: Shape = Shape {
    lengths: 0..=1000,
    pattern: Pattern::ANY,
};

impl Iam {
    /// Returns the account's or AWS's policy of this ARN.
    pub(super) fn policy(&self, arn: &str) -> Result<&Policy, Error> {
        self.find_policy(arn).ok_or_else(|| not_found(arn))
    }

    /// Returns the policy of this ARN, or nothing.
    pub(super) fn find_policy(&self, arn: &str) -> Option<&Policy> {
        let name = arn.rsplit('/').next()?;
        self.policies
            .get(name)
            .filter(|policy| policy.arn == arn)
            .or_else(|| aws_managed::policy(arn))
    }

    /// Returns the account's own policy of this ARN; AWS's can't be changed.
    pub(super) fn policy_mut(&mut self, arn: &str) -> Result<&mut Policy, Error> {
        if aws_managed::policy(arn).is_some() {
            let message = format!("The policy {arn} is managed by AWS and can't be changed.");
            return Err(Error::new(Code::AccessDenied, message));
        }
        let name = arn.rsplit('/').next().unwrap_or_default();
        self.policies
            .get_mut(name)
            .filter(|policy| policy.arn == arn)
            .ok_or_else(|| not_found(arn))
    }

    fn attached_to(&self, arn: &str) -> usize {
        self.index.attached.get(arn).map_or(0, BTreeSet::len)
    }

    fn boundary_of(&self, arn: &str) -> usize {
        self.index.bounded.get(arn).map_or(0, BTreeSet::len)
    }

    /// Returns a policy as lists show it: without description and tags.
    pub(super) fn policy_summary(&self, policy: &Policy) -> Record {
        Record::new()
            .with("PolicyName", &policy.name)
            .with("PolicyId", &policy.id)
            .with("Arn", &policy.arn)
            .with("Path", &policy.path)
            .with("DefaultVersionId", format!("v{}", policy.default_version))
            .with("AttachmentCount", self.attached_to(&policy.arn))
            .with(
                "PermissionsBoundaryUsageCount",
                self.boundary_of(&policy.arn),
            )
            .with("IsAttachable", true)
            .with("CreateDate", policy.created)
            .with("UpdateDate", policy.updated)
    }
}

fn not_found(arn: &str) -> Error {
    Error::no_such_entity(format!("Policy {arn} was not found."))
}

/// Returns the document of a call if it is one for a managed policy.
pub(super) fn sent_document<'a>(call: &Call<'a>) -> Result<&'a str, Error> {
    let document = call.input.required_text("PolicyDocument", &DOCUMENT)?;
    document::check_identity_policy(document)?;
    if document::size(document) > quotas::POLICY_SIZE {
        return Err(Error::over_quota("PolicySize", quotas::POLICY_SIZE));
    }
    Ok(document)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("PolicyName", &POLICY_NAME)?;
    let path = call.input.text("Path", &POLICY_PATH)?.unwrap_or("/");
    let description = call
        .input
        .text("Description", &DESCRIPTION)?
        .filter(|text| !text.is_empty());
    let document = sent_document(call)?.to_owned();
    let tags = Tags::with_case().with_those_of(call)?;
    if account.iam.policies.is_taken(name) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Error::already_exists(message));
    }
    if account.iam.policies.len() >= quotas::POLICIES {
        return Err(Error::over_quota("PoliciesPerAccount", quotas::POLICIES));
    }
    let policy = Policy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: ids::unique_id(ids::POLICY)?,
        arn: account.iam_arn("policy", path, name),
        description: description.map(str::to_owned),
        created: call.now,
        updated: call.now,
        tags,
        default_version: 1,
        last_version: 1,
        versions: BTreeMap::from([(
            1,
            Version {
                document,
                created: call.now,
            },
        )]),
    };
    let answer = account
        .iam
        .policy_summary(&policy)
        .with_some("Tags", policy.tags.listed());
    account.iam.policies.insert(policy);
    Ok(Record::new().with("Policy", answer))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let policy = account
        .iam
        .policy(call.input.required_text("PolicyArn", &ARN)?)?;
    let answer = account
        .iam
        .policy_summary(policy)
        .with_some("Description", policy.description.as_ref())
        .with_some("Tags", policy.tags.listed());
    Ok(Record::new().with("Policy", answer))
}

/// Says in what way a policy is used.
#[derive(Clone, Copy, PartialEq)]
enum Usage {
    PermissionsPolicy,
    PermissionsBoundary,
}

const USAGES: &[(&str, Usage)] = &[
    ("PermissionsPolicy", Usage::PermissionsPolicy),
    ("PermissionsBoundary", Usage::PermissionsBoundary),
];

/// Says whose policies are asked for.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    All,
    Aws,
    Local,
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let scopes = [
        ("All", Scope::All),
        ("AWS", Scope::Aws),
        ("Local", Scope::Local),
    ];
    let scope = call.input.choice("Scope", &scopes)?.unwrap_or(Scope::All);
    let only_attached = call.input.boolean("OnlyAttached")?.unwrap_or(false);
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let usage = call.input.choice("PolicyUsageFilter", USAGES)?;
    let page = Page::of(call)?;
    let iam = &account.iam;
    // AWS's ARNs sort before those of an account, so that one marker goes through both.
    let aws = aws_managed::policies().map(|policy| (format!("aws/{}", policy.arn), policy));
    let local = iam
        .policies
        .from(page.start_after("local/"))
        .map(|(name, policy)| (format!("local/{name}"), policy));
    let policies = aws
        .filter(|_| scope != Scope::Local)
        .chain(local.filter(|_| scope != Scope::Aws))
        .filter(|(_, policy)| policy.path.starts_with(prefix))
        .filter(|(_, policy)| {
            !only_attached || iam.attached_to(&policy.arn) + iam.boundary_of(&policy.arn) > 0
        })
        .filter(|(_, policy)| match usage {
            None => true,
            Some(Usage::PermissionsPolicy) => iam.attached_to(&policy.arn) > 0,
            Some(Usage::PermissionsBoundary) => iam.boundary_of(&policy.arn) > 0,
        });
    Ok(page.answer(
        "Policies",
        policies.map(|(key, policy)| (key, iam.policy_summary(policy))),
    ))
}

/// Says which kinds of principal are asked for.
#[derive(Clone, Copy, PartialEq)]
enum EntityFilter {
    User,
    Role,
    Group,
    Other,
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>
fn list_entities(account: &Account, call: &Call<'_>) -> Answer {
    let filters = [
        ("User", EntityFilter::User),
        ("Role", EntityFilter::Role),
        ("Group", EntityFilter::Group),
        ("LocalManagedPolicy", EntityFilter::Other),
        ("AWSManagedPolicy", EntityFilter::Other),
    ];
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    let filter = call.input.choice("EntityFilter", &filters)?;
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let usage = call.input.choice("PolicyUsageFilter", USAGES)?;
    let page = Page::of(call)?;
    let iam = &account.iam;
    iam.policy(arn)?;
    let attached = iam.index.attached.get(arn).into_iter().flatten();
    let bounded = iam.index.bounded.get(arn).into_iter().flatten();
    let principals: BTreeSet<_> = attached
        .filter(|_| usage != Some(Usage::PermissionsBoundary))
        .chain(bounded.filter(|_| usage != Some(Usage::PermissionsPolicy)))
        .collect();
    let entities = principals
        .into_iter()
        .filter_map(|principal| entity(iam, principal));
    let wanted = entities.filter(|entity| {
        filter.is_none_or(|kind| kind == entity.kind) && entity.path.starts_with(prefix)
    });
    let (entities, marker) = page.take(wanted.map(|entity| (entity.key.clone(), entity)));
    Ok(truncated(entity_lists(entities), marker))
}

/// Holds a principal as `ListEntitiesForPolicy` shows it.
struct Entity<'a> {
    kind: EntityFilter,
    key: String,
    path: &'a str,
    record: Record,
}

fn entity<'a>(iam: &'a Iam, principal: &Principal) -> Option<Entity<'a>> {
    Some(match principal {
        Principal::Group(name) => {
            let group = iam.groups.folded(name)?;
            let record = Record::new()
                .with("GroupName", &group.name)
                .with("GroupId", &group.id);
            Entity {
                kind: EntityFilter::Group,
                key: format!("1 {name}"),
                path: &group.path,
                record,
            }
        }
        Principal::User(name) => {
            let user = iam.users.folded(name)?;
            let record = Record::new()
                .with("UserName", &user.name)
                .with("UserId", &user.id);
            Entity {
                kind: EntityFilter::User,
                key: format!("2 {name}"),
                path: &user.path,
                record,
            }
        }
        Principal::Role(name) => {
            let role = iam.roles.folded(name)?;
            let record = Record::new()
                .with("RoleName", &role.name)
                .with("RoleId", &role.id);
            Entity {
                kind: EntityFilter::Role,
                key: format!("3 {name}"),
                path: &role.path,
                record,
            }
        }
    })
}

fn entity_lists(entities: Vec<Entity<'_>>) -> Record {
    let mut lists: [Vec<Record>; 3] = Default::default();
    let [groups, users, roles] = &mut lists;
    for entity in entities {
        match entity.kind {
            EntityFilter::Group => groups.push(entity.record),
            EntityFilter::User => users.push(entity.record),
            EntityFilter::Role => roles.push(entity.record),
            EntityFilter::Other => {}
        }
    }
    let [groups, users, roles] = lists;
    Record::new()
        .with("PolicyGroups", groups.into_iter().collect::<Value>())
        .with("PolicyUsers", users.into_iter().collect::<Value>())
        .with("PolicyRoles", roles.into_iter().collect::<Value>())
}

/// Deletes a policy that is in no use and has no version left but its default.
///
/// That use as a boundary is in the way as well is known from use only.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    let used = account.iam.attached_to(arn) + account.iam.boundary_of(arn) > 0;
    let policy = account.iam.policy_mut(arn)?;
    if used {
        return Err(Error::delete_conflict(
            "Cannot delete a policy attached to entities.",
        ));
    }
    if policy.versions.len() > 1 {
        return Err(Error::delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    let name = policy.name.clone();
    account.iam.policies.remove(&name);
    Ok(Record::new())
}
