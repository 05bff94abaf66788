//! Groups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{GROUP_NAME, HasName, PATH, PATH_PREFIX, fold};
use super::page::{Page, truncated};
use super::{Grants, Principal, ids, quotas};
use crate::call::Call;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateGroup", create),
    Operation::read("GetGroup", get),
    Operation::read("ListGroups", list),
    Operation::write("UpdateGroup", update),
    Operation::write("DeleteGroup", delete),
];

/// Holds a group; its members are in [`super::Index`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) grants: Grants,
}

impl HasName for Group {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Account {
    pub(super) fn group_record(&self, group: &Group) -> Record {
        Record::new()
            .with("Path", &group.path)
            .with("GroupName", &group.name)
            .with("GroupId", &group.id)
            .with("Arn", self.group_arn(group))
            .with("CreateDate", group.created)
    }

    fn check_new_group_name(&self, name: &str) -> Result<(), Error> {
        if self.iam.groups.is_taken(name) {
            return Err(Error::already_exists(format!(
                "Group with name {name} already exists."
            )));
        }
        Ok(())
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let path = call.input.text("Path", &PATH)?.unwrap_or("/");
    account.check_new_group_name(name)?;
    if account.iam.groups.len() >= quotas::GROUPS {
        return Err(Error::over_quota("GroupsPerAccount", quotas::GROUPS));
    }
    let group = Group {
        name: name.to_owned(),
        path: path.to_owned(),
        id: ids::unique_id(ids::GROUP)?,
        created: call.now,
        grants: Grants::default(),
    };
    let answer = Record::new().with("Group", account.group_record(&group));
    account.iam.groups.insert(group);
    Ok(answer)
}

/// Answers the group and a page of its members.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let page = Page::of(call)?;
    let group = account.iam.group(name)?;
    let members = account
        .iam
        .index
        .members
        .get(&fold(name))
        .into_iter()
        .flatten();
    let users = members.filter_map(|member| Some((member, account.iam.users.folded(member)?)));
    let (users, marker) = page.take(users.map(|(name, user)| (name, account.listed_user(user))));
    let answer = Record::new()
        .with("Group", account.group_record(group))
        .with("Users", users.into_iter().collect::<Value>());
    Ok(truncated(answer, marker))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let page = Page::of(call)?;
    let groups = account
        .iam
        .groups
        .from(page.start())
        .filter(|(_, group)| group.path.starts_with(prefix));
    Ok(page.answer(
        "Groups",
        groups.map(|(name, group)| (name, account.group_record(group))),
    ))
}

/// Renames a group, moves it, or both; its members and policies stay.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let new_name = call
        .input
        .text("NewGroupName", &GROUP_NAME)?
        .unwrap_or(name);
    let new_path = call.input.text("NewPath", &PATH)?;
    account.iam.group(name)?;
    if fold(new_name) != fold(name) {
        account.check_new_group_name(new_name)?;
    }
    let Some(mut group) = account.iam.groups.remove(name) else {
        return Ok(Record::new());
    };
    let (old, new) = (fold(name), fold(new_name));
    account
        .iam
        .index
        .remove_grants(&Principal::Group(old.clone()), &group.grants, None);
    account
        .iam
        .index
        .add_grants(&Principal::Group(new.clone()), &group.grants, None);
    account.iam.move_members(&old, &new);
    group.name = new_name.to_owned();
    if let Some(path) = new_path {
        group.path = path.to_owned();
    }
    account.iam.groups.insert(group);
    Ok(Record::new())
}

impl super::Iam {
    /// Lets the members of a renamed group be members of the new name; both names are folded.
    fn move_members(&mut self, old: &str, new: &str) {
        let Some(members) = self.index.members.remove(old) else {
            return;
        };
        for member in &members {
            if let Some(user) = self.users.folded_mut(member) {
                user.groups.remove(old);
                user.groups.insert(new.to_owned());
            }
        }
        self.index.members.insert(new.to_owned(), members);
    }
}

/// Deletes a group without members and policies.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("GroupName", &GROUP_NAME)?;
    let group = account.iam.group(name)?;
    let first = if account.iam.index.members.contains_key(&fold(name)) {
        "remove users from group"
    } else if !group.grants.inline.is_empty() {
        "delete policies"
    } else if !group.grants.attached.is_empty() {
        "detach all policies"
    } else {
        account.iam.groups.remove(name);
        return Ok(Record::new());
    };
    Err(Error::delete_conflict(format!(
        "Cannot delete entity, must {first} first."
    )))
}
