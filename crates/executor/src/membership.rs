//! Users' being in groups.

use model::{Body, GroupName, UserName};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    group: &GroupName,
    user: &UserName,
    write: Write<'_, ()>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(()) => create(step, group, user).await,
        Write::Update { .. } => Err(step.impossible("has nothing that could be changed")),
        Write::Delete(()) => delete(step, group, user).await,
    }
}

async fn create(step: &Step<'_>, group: &GroupName, user: &UserName) -> Result<Outcome, Error> {
    let request = step
        .clients()
        .iam
        .add_user_to_group()
        .group_name(group.as_str())
        .user_name(user.as_str());
    step.call("iam:AddUserToGroup", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

async fn delete(step: &Step<'_>, group: &GroupName, user: &UserName) -> Result<Outcome, Error> {
    let request = step
        .clients()
        .iam
        .remove_user_from_group()
        .group_name(group.as_str())
        .user_name(user.as_str());
    step.delete("iam:RemoveUserFromGroup", || request.clone().send())
        .await
}

/// Reads whether the user is in the group.
pub(crate) async fn live(
    step: &Step<'_>,
    group: &GroupName,
    user: &UserName,
) -> Result<Option<Body>, Error> {
    let request = step.clients().iam.list_groups_for_user();
    let request = request.user_name(user.as_str());
    let groups = step
        .find("iam:ListGroupsForUser", || {
            let pages = request.clone().into_paginator().items().send();
            pages.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let mut groups = groups.into_iter().flatten();
    let is_member = groups.any(|found| found.group_name() == group.as_str());
    Ok(is_member.then_some(Body::Membership))
}
