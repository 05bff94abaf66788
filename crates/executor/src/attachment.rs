//! Attachments of managed policies.

use model::{Attachment, Body, ManagedPolicy, PolicyRef, Principal};

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

/// Reads whether the policy is attached.
pub(crate) async fn live(
    step: &Step<'_>,
    principal: &Principal,
    reference: &PolicyRef,
) -> Result<Option<Body>, Error> {
    let iam = &step.clients().iam;
    let attached = match principal {
        Principal::User(name) => {
            let request = iam.list_attached_user_policies().user_name(name.as_str());
            step.find("iam:ListAttachedUserPolicies", || {
                let pages = request.clone().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>()
            })
            .await?
        }
        Principal::Group(name) => {
            let request = iam.list_attached_group_policies().group_name(name.as_str());
            step.find("iam:ListAttachedGroupPolicies", || {
                let pages = request.clone().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>()
            })
            .await?
        }
        Principal::Role(name) => {
            let request = iam.list_attached_role_policies().role_name(name.as_str());
            step.find("iam:ListAttachedRolePolicies", || {
                let pages = request.clone().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>()
            })
            .await?
        }
    };
    let arns = attached.into_iter().flatten();
    let mut policies = arns.filter_map(|attached| {
        ManagedPolicy::from_arn(attached.policy_arn()?, &step.account().id).ok()
    });
    let policy = policies.find(|policy| policy.reference() == *reference);
    Ok(policy.map(|policy| Body::Attachment(Attachment { policy })))
}
