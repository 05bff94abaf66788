//! Everything that says who may do what, in one list of pages.

use super::page::{Page, truncated};
use super::policies::Policy;
use super::{
    Group, Iam, Role, User, attachments, aws_managed, boundaries, document, inline_policies,
    policy_versions,
};
use crate::call::Call;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::read("GetAccountAuthorizationDetails", get)
        .unlike("RoleLastUsed is right at once; AWS takes hours")];

/// Names a kind of entity to include. Pages go through them in this order.
#[derive(Clone, Copy, PartialEq)]
enum EntityType {
    User,
    Group,
    Role,
    LocalManagedPolicy,
    AwsManagedPolicy,
}

const FILTERS: &[(&str, EntityType)] = &[
    ("User", EntityType::User),
    ("Group", EntityType::Group),
    ("Role", EntityType::Role),
    ("LocalManagedPolicy", EntityType::LocalManagedPolicy),
    ("AWSManagedPolicy", EntityType::AwsManagedPolicy),
];

/// Lists users, groups, roles and managed policies, of AWS's policies those in use.
///
/// `MaxItems` counts entities of all kinds together. There are no tags of policies, no MFA devices and no passwords in it.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let filters = call.input.choices("Filter", FILTERS)?;
    let page = Page::of(call)?;
    let (entities, marker) = page.take(entities(account, &page, &filters));
    let mut lists: [Vec<Record>; 4] = Default::default();
    let [users, groups, roles, policies] = &mut lists;
    for entity in entities {
        match entity {
            Entity::User(user) => users.push(user_detail(account, user)),
            Entity::Group(group) => groups.push(group_detail(account, group)),
            Entity::Role(role) => roles.push(role_detail(account, role)),
            Entity::Policy(policy) => policies.push(policy_detail(&account.iam, policy)),
        }
    }
    let [users, groups, roles, policies] = lists;
    let answer = Record::new()
        .with("UserDetailList", users.into_iter().collect::<Value>())
        .with("GroupDetailList", groups.into_iter().collect::<Value>())
        .with("RoleDetailList", roles.into_iter().collect::<Value>())
        .with("Policies", policies.into_iter().collect::<Value>());
    Ok(truncated(answer, marker))
}

enum Entity<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a Policy),
}

/// Returns the entities of these kinds (of all, for none), each list from where the page begins in it.
fn entities<'a>(
    account: &'a Account,
    page: &Page,
    filters: &[EntityType],
) -> impl Iterator<Item = (String, Entity<'a>)> {
    let wants = |kind| filters.is_empty() || filters.contains(&kind);
    let iam = &account.iam;
    let users = wants(EntityType::User).then(|| iam.users.from(page.start_after("1/")));
    let groups = wants(EntityType::Group).then(|| iam.groups.from(page.start_after("2/")));
    let roles = wants(EntityType::Role).then(|| iam.roles.from(page.start_after("3/")));
    let local =
        wants(EntityType::LocalManagedPolicy).then(|| iam.policies.from(page.start_after("4/")));
    let aws = wants(EntityType::AwsManagedPolicy).then(aws_managed::policies);
    let in_use = |policy: &&Policy| {
        iam.index.attached.contains_key(&policy.arn) || iam.index.bounded.contains_key(&policy.arn)
    };
    let users = users
        .into_iter()
        .flatten()
        .map(|(key, user)| (format!("1/{key}"), Entity::User(user)));
    let groups = groups
        .into_iter()
        .flatten()
        .map(|(key, group)| (format!("2/{key}"), Entity::Group(group)));
    let roles = roles
        .into_iter()
        .flatten()
        .map(|(key, role)| (format!("3/{key}"), Entity::Role(role)));
    let local = local
        .into_iter()
        .flatten()
        .map(|(key, policy)| (format!("4/{key}"), Entity::Policy(policy)));
    let aws = aws.into_iter().flatten().filter(in_use);
    let aws = aws.map(|policy| (format!("5/{}", policy.arn), Entity::Policy(policy)));
    users.chain(groups).chain(roles).chain(local).chain(aws)
}

fn user_detail(account: &Account, user: &User) -> Record {
    let groups = user
        .groups
        .iter()
        .filter_map(|group| account.iam.groups.folded(group));
    account
        .user_summary(user)
        .with(
            "UserPolicyList",
            inline_policies::listed(&user.grants.inline),
        )
        .with(
            "GroupList",
            groups.map(|group| &group.name).collect::<Value>(),
        )
        .with(
            "AttachedManagedPolicies",
            attachments::listed(&account.iam, &user.grants.attached),
        )
        .with_some(
            "PermissionsBoundary",
            user.boundary.as_deref().map(boundaries::record),
        )
        .with_some("Tags", user.tags.listed())
}

fn group_detail(account: &Account, group: &Group) -> Record {
    account
        .group_record(group)
        .with(
            "GroupPolicyList",
            inline_policies::listed(&group.grants.inline),
        )
        .with(
            "AttachedManagedPolicies",
            attachments::listed(&account.iam, &group.grants.attached),
        )
}

fn role_detail(account: &Account, role: &Role) -> Record {
    Record::new()
        .with("Path", &role.path)
        .with("RoleName", &role.name)
        .with("RoleId", &role.id)
        .with("Arn", account.role_arn(role))
        .with("CreateDate", role.created)
        .with(
            "AssumeRolePolicyDocument",
            document::encoded(&role.trust_policy),
        )
        .with("InstanceProfileList", Value::List(Vec::new()))
        .with(
            "RolePolicyList",
            inline_policies::listed(&role.grants.inline),
        )
        .with(
            "AttachedManagedPolicies",
            attachments::listed(&account.iam, &role.grants.attached),
        )
        .with_some(
            "PermissionsBoundary",
            role.boundary.as_deref().map(boundaries::record),
        )
        .with_some("Tags", role.tags.listed())
        .with("RoleLastUsed", role.last_used())
}

fn policy_detail(iam: &Iam, policy: &Policy) -> Record {
    let versions = policy.versions.iter().rev();
    iam.policy_summary(policy)
        .with_some("Description", policy.description.as_ref())
        .with(
            "PolicyVersionList",
            versions
                .map(|(number, version)| policy_versions::detail(policy, *number, version))
                .collect::<Value>(),
        )
}
