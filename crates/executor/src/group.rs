//! IAM groups.

use model::{Body, Group, GroupName, Path};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &GroupName,
    write: Write<'_, Group>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, name, after).await,
        Write::Update { before: _, after } => update(step, name, after).await,
        Write::Delete(_) => delete(step, name).await,
    }
}

async fn create(step: &Step<'_>, name: &GroupName, after: &Group) -> Result<Outcome, Error> {
    let Group { path } = after;
    let request = step
        .clients()
        .iam
        .create_group()
        .group_name(name.as_str())
        .path(path.as_str());
    step.create("iam:CreateGroup", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

async fn update(step: &Step<'_>, name: &GroupName, after: &Group) -> Result<Outcome, Error> {
    let Group { path } = after;
    let request = step
        .clients()
        .iam
        .update_group()
        .group_name(name.as_str())
        .new_path(path.as_str());
    step.call("iam:UpdateGroup", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

/// A group's memberships and policies are actions of their own, which come before.
async fn delete(step: &Step<'_>, name: &GroupName) -> Result<Outcome, Error> {
    let request = step.clients().iam.delete_group().group_name(name.as_str());
    step.delete("iam:DeleteGroup", || request.clone().send())
        .await
}

/// Reads the group.
pub(crate) async fn live(step: &Step<'_>, name: &GroupName) -> Result<Option<Body>, Error> {
    let request = step.clients().iam.get_group().group_name(name.as_str());
    let request = request.max_items(1);
    let found = step.find("iam:GetGroup", || request.clone().send());
    let Some(group) = found.await?.and_then(|output| output.group) else {
        return Ok(None);
    };
    let path = Path::new(group.path()).map_err(|_| step.changed("path"))?;
    Ok(Some(Body::Group(Group { path })))
}
