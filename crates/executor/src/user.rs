//! IAM users.

use aws_sdk_iam::types::User as LiveUser;
use model::{Address, Body, Boundary, ManagedPolicy, Path, PolicyRefError, User, UserName};

use crate::differences::Differences;
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
    // A live user with `renamed_from` still has its old name.
    let old_name = before.renamed_from.as_ref().and(renamed_from.as_ref());
    if old_name.is_some() || *path != before.path {
        rename_or_move(step, name, old_name, path).await?;
    }
    let changes = TagChanges::between(&before.tags, tags, Keys::AnyCase);
    retag(step, name, &changes).await?;
    if *boundary != before.boundary {
        bound(step, name, boundary).await?;
    }
    Ok(Outcome::Applied)
}

async fn rename_or_move(
    step: &Step<'_>,
    name: &UserName,
    old_name: Option<&UserName>,
    path: &Path,
) -> Result<(), Error> {
    let request = step
        .clients()
        .iam
        .update_user()
        .user_name(old_name.unwrap_or(name).as_str())
        .set_new_user_name(old_name.map(|_| name.to_string()))
        .new_path(path.as_str());
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

/// Reads the user: by its old name, which it then says, if it is still to be renamed.
pub(crate) async fn live(
    step: &Step<'_>,
    name: &UserName,
    planned: &User,
) -> Result<Option<Body>, Error> {
    let (renamed_from, user) = match (found(step, name).await?, &planned.renamed_from) {
        (user, None) => (None, user),
        (None, Some(old)) => (Some(old.clone()), found(step, old).await?),
        // Who has the new name is somebody else as long as the old one is there.
        (Some(_), Some(old)) if found(step, old).await?.is_some() => {
            return Err(Error::Appeared(Address::User(name.clone())));
        }
        (user, Some(_)) => (None, user),
    };
    let Some(user) = user else {
        return Ok(None);
    };
    let boundary = bounded(step, &user).map_err(|_| step.changed("boundary"))?;
    let path = Path::new(user.path()).map_err(|_| step.changed("path"))?;
    let tags = user.tags.unwrap_or_default().into_iter();
    let tags = tags.map(|tag| (tag.key, tag.value)).collect();
    Ok(Some(Body::User(User {
        path,
        tags: step
            .concerned_tags(Keys::AnyCase, async || Ok(tags))
            .await?,
        boundary,
        renamed_from,
    })))
}

/// Makes sure, before anything of a leaving user's is deleted, that the user is still the one that the plan is about. One who
/// is gone is no hindrance: what was theirs is gone, too.
pub(crate) async fn check_leaving(
    step: &Step<'_>,
    name: &UserName,
    planned: &User,
) -> Result<(), Error> {
    let Some(user) = found(step, name).await? else {
        return Ok(());
    };
    let mut fields = Differences::default();
    fields.add("path", user.path() == planned.path.as_str());
    let boundary = bounded(step, &user);
    let is_same = |boundary: Boundary| boundary.policy() == planned.boundary.policy();
    fields.add("boundary", boundary.is_ok_and(is_same));
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::Changed {
            address: Address::User(name.clone()),
            fields: fields.into_names(),
        })
    }
}

fn bounded(step: &Step<'_>, user: &LiveUser) -> Result<Boundary, PolicyRefError> {
    let Some(boundary) = &user.permissions_boundary else {
        return Ok(Boundary::None);
    };
    let arn = boundary.permissions_boundary_arn().unwrap_or_default();
    ManagedPolicy::from_arn(arn, &step.account().id).map(Boundary::Policy)
}

async fn found(step: &Step<'_>, name: &UserName) -> Result<Option<LiveUser>, Error> {
    let request = step.clients().iam.get_user().user_name(name.as_str());
    let found = step.find("iam:GetUser", || request.clone().send());
    Ok(found.await?.and_then(|output| output.user))
}

/// Names the fields in which a live one isn't as planned. A live user with `renamed_from` still has its old name.
pub(crate) fn differences(live: &User, planned: &User, fields: &mut Differences) {
    let User {
        path,
        tags,
        boundary,
        renamed_from,
    } = live;
    let is_to_be_renamed = planned.renamed_from.is_some();
    fields.add("name", !(is_to_be_renamed && renamed_from.is_some()));
    fields.add("path", *path == planned.path);
    fields.add("boundary", boundary.policy() == planned.boundary.policy());
    fields.of_tags(tags, &planned.tags, Keys::AnyCase);
}
