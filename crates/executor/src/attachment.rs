//! Attachments of managed policies.

use model::{Attachment, Principal};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    principal: &Principal,
    write: Write<'_, Attachment>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, principal, after).await,
        Write::Update { .. } => Err(step.impossible("has nothing that could be changed")),
        Write::Delete(before) => delete(step, principal, before).await,
    }
}

/// Attaching what is attached already is no error to IAM.
async fn create(
    step: &Step<'_>,
    principal: &Principal,
    after: &Attachment,
) -> Result<Outcome, Error> {
    let Attachment { policy } = after;
    let arn = policy.arn(step.account());
    let iam = &step.clients().iam;
    match principal {
        Principal::User(name) => {
            let request = iam.attach_user_policy().user_name(name.as_str());
            let request = request.policy_arn(arn);
            step.call("iam:AttachUserPolicy", || request.clone().send())
                .await?;
        }
        Principal::Group(name) => {
            let request = iam.attach_group_policy().group_name(name.as_str());
            let request = request.policy_arn(arn);
            step.call("iam:AttachGroupPolicy", || request.clone().send())
                .await?;
        }
        Principal::Role(name) => {
            let request = iam.attach_role_policy().role_name(name.as_str());
            let request = request.policy_arn(arn);
            step.call("iam:AttachRolePolicy", || request.clone().send())
                .await?;
        }
    }
    Ok(Outcome::Applied)
}

async fn delete(
    step: &Step<'_>,
    principal: &Principal,
    before: &Attachment,
) -> Result<Outcome, Error> {
    let Attachment { policy } = before;
    let arn = policy.arn(step.account());
    let iam = &step.clients().iam;
    match principal {
        Principal::User(name) => {
            let request = iam.detach_user_policy().user_name(name.as_str());
            let request = request.policy_arn(arn);
            step.delete("iam:DetachUserPolicy", || request.clone().send())
                .await
        }
        Principal::Group(name) => {
            let request = iam.detach_group_policy().group_name(name.as_str());
            let request = request.policy_arn(arn);
            step.delete("iam:DetachGroupPolicy", || request.clone().send())
                .await
        }
        Principal::Role(name) => {
            let request = iam.detach_role_policy().role_name(name.as_str());
            let request = request.policy_arn(arn);
            step.delete("iam:DetachRolePolicy", || request.clone().send())
                .await
        }
    }
}
