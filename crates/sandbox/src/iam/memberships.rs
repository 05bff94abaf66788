//! Users in groups.

use super::names::{EXISTING_USER_NAME, GROUP_NAME, fold};
use super::page::Page;
use super::{quotas, remove_from};
use crate::call::Call;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("AddUserToGroup", add),
    Operation::write("RemoveUserFromGroup", remove),
    Operation::read("ListGroupsForUser", list),
];

/// Adds a user to a group; adding a member again changes nothing.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html>
fn add(account: &mut Account, call: &Call<'_>) -> Answer {
    let group_name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let user_name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    account.iam.group(group_name)?;
    let user = account.iam.user_mut(user_name)?;
    let group = fold(group_name);
    if user.groups.len() >= quotas::GROUPS_PER_USER && !user.groups.contains(&group) {
        return Err(Error::over_quota("GroupsPerUser", quotas::GROUPS_PER_USER));
    }
    user.groups.insert(group.clone());
    account
        .iam
        .index
        .members
        .entry(group)
        .or_default()
        .insert(fold(user_name));
    Ok(Record::new())
}

/// Removes a member. AWS does not document the answer for a user who is none; here it is `NoSuchEntity`.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html>
fn remove(account: &mut Account, call: &Call<'_>) -> Answer {
    let group_name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let user_name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    account.iam.group(group_name)?;
    let user = account.iam.user_mut(user_name)?;
    let group = fold(group_name);
    if !user.groups.remove(&group) {
        return Err(Error::no_such_entity(format!(
            "User {user_name} is not in group {group_name}."
        )));
    }
    remove_from(&mut account.iam.index.members, &group, &fold(user_name));
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let page = Page::of(call)?;
    let user = account
        .iam
        .user(call.input.required_text("UserName", &EXISTING_USER_NAME)?)?;
    let groups = user
        .groups
        .iter()
        .filter_map(|name| Some((name, account.iam.groups.folded(name)?)));
    Ok(page.answer(
        "Groups",
        groups.map(|(name, group)| (name, account.group_record(group))),
    ))
}
