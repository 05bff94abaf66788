//! IAM users.

use model::{Boundary, User, UserName};

use crate::dispatch::Write;
use crate::step::Step;
use crate::tags::{Keys, TagChanges, iam_tags};
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &UserName,
    write: Write<'_, User>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, name, after).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(_) => delete(step, name).await,
    }
}

async fn create(step: &Step<'_>, name: &UserName, after: &User) -> Result<Outcome, Error> {
    let User {
        path,
        tags,
        boundary,
        renamed_from: _,
    } = after;
    let boundary = boundary.policy().map(|policy| policy.arn(step.account()));
    let request = step
        .clients()
        .iam
        .create_user()
        .user_name(name.as_str())
        .path(path.as_str())
        .set_permissions_boundary(boundary)
        .set_tags(iam_tags(tags)?);
    step.create("iam:CreateUser", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

async fn update(
    step: &Step<'_>,
    name: &UserName,
    before: &User,
    after: &User,
) -> Result<Outcome, Error> {
    let User {
        path,
        tags,
        boundary,
        renamed_from,
    } = after;
    if renamed_from.is_some() || *path != before.path {
        rename_or_move(step, name, after).await?;
    }
    let changes = TagChanges::between(&before.tags, tags, Keys::AnyCase);
    retag(step, name, &changes).await?;
    if *boundary != before.boundary {
        bound(step, name, boundary).await?;
    }
    Ok(Outcome::Applied)
}

async fn rename_or_move(step: &Step<'_>, name: &UserName, after: &User) -> Result<(), Error> {
    let old_name = after.renamed_from.as_ref();
    let request = step
        .clients()
        .iam
        .update_user()
        .user_name(old_name.unwrap_or(name).as_str())
        .set_new_user_name(old_name.map(|_| name.to_string()))
        .new_path(after.path.as_str());
    step.create("iam:UpdateUser", || request.clone().send())
        .await?;
    Ok(())
}

async fn retag(step: &Step<'_>, name: &UserName, changes: &TagChanges) -> Result<(), Error> {
    let iam = &step.clients().iam;
    if let Some(tags) = changes.iam()? {
        let request = iam.tag_user().user_name(name.as_str()).set_tags(Some(tags));
        step.call("iam:TagUser", || request.clone().send()).await?;
    }
    if !changes.removed.is_empty() {
        let keys = Some(changes.removed.clone());
        let request = iam.untag_user().user_name(name.as_str()).set_tag_keys(keys);
        step.call("iam:UntagUser", || request.clone().send())
            .await?;
    }
    Ok(())
}

async fn bound(step: &Step<'_>, name: &UserName, boundary: &Boundary) -> Result<(), Error> {
    let iam = &step.clients().iam;
    match boundary {
        Boundary::Policy(policy) => {
            let request = iam
                .put_user_permissions_boundary()
                .user_name(name.as_str())
                .permissions_boundary(policy.arn(step.account()));
            step.call("iam:PutUserPermissionsBoundary", || request.clone().send())
                .await?;
        }
        Boundary::None => {
            let request = iam
                .delete_user_permissions_boundary()
                .user_name(name.as_str());
            step.delete("iam:DeleteUserPermissionsBoundary", || {
                request.clone().send()
            })
            .await?;
        }
        Boundary::Undeclared => return Err(step.impossible("is to get an undeclared boundary")),
    }
    Ok(())
}

/// A user's password, credentials, policies, memberships and devices are actions of their own, which come before.
async fn delete(step: &Step<'_>, name: &UserName) -> Result<Outcome, Error> {
    let request = step.clients().iam.delete_user().user_name(name.as_str());
    step.delete("iam:DeleteUser", || request.clone().send())
        .await
}
