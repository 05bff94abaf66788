//! Inline policies.

use model::{Body, InlinePolicy, InlinePolicyName, Principal};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    principal: &Principal,
    name: &InlinePolicyName,
    write: Write<'_, InlinePolicy>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) | Write::Update { before: _, after } => {
            put(step, principal, name, after).await
        }
        Write::Delete(_) => delete(step, principal, name).await,
    }
}

async fn put(
    step: &Step<'_>,
    principal: &Principal,
    name: &InlinePolicyName,
    after: &InlinePolicy,
) -> Result<Outcome, Error> {
    let InlinePolicy { document } = after;
    let document = document.to_json();
    let (iam, policy) = (&step.clients().iam, name.as_str());
    match principal {
        Principal::User(name) => {
            let request = iam.put_user_policy().user_name(name.as_str());
            let request = request.policy_name(policy).policy_document(document);
            step.call("iam:PutUserPolicy", || request.clone().send())
                .await?;
        }
        Principal::Group(name) => {
            let request = iam.put_group_policy().group_name(name.as_str());
            let request = request.policy_name(policy).policy_document(document);
            step.call("iam:PutGroupPolicy", || request.clone().send())
                .await?;
        }
        Principal::Role(name) => {
            let request = iam.put_role_policy().role_name(name.as_str());
            let request = request.policy_name(policy).policy_document(document);
            step.call("iam:PutRolePolicy", || request.clone().send())
                .await?;
        }
    }
    Ok(Outcome::Applied)
}

async fn delete(
    step: &Step<'_>,
    principal: &Principal,
    name: &InlinePolicyName,
) -> Result<Outcome, Error> {
    let (iam, policy) = (&step.clients().iam, name.as_str());
    match principal {
        Principal::User(name) => {
            let request = iam.delete_user_policy().user_name(name.as_str());
            let request = request.policy_name(policy);
            step.delete("iam:DeleteUserPolicy", || request.clone().send())
                .await
        }
        Principal::Group(name) => {
            let request = iam.delete_group_policy().group_name(name.as_str());
            let request = request.policy_name(policy);
            step.delete("iam:DeleteGroupPolicy", || request.clone().send())
                .await
        }
        Principal::Role(name) => {
            let request = iam.delete_role_policy().role_name(name.as_str());
            let request = request.policy_name(policy);
            step.delete("iam:DeleteRolePolicy", || request.clone().send())
                .await
        }
    }
}

/// Reads the policy.
pub(crate) async fn live(
    step: &Step<'_>,
    principal: &Principal,
    name: &InlinePolicyName,
) -> Result<Option<Body>, Error> {
    let (iam, policy) = (&step.clients().iam, name.as_str());
    let document = match principal {
        Principal::User(name) => {
            let request = iam.get_user_policy().user_name(name.as_str());
            let request = request.policy_name(policy);
            let found = step.find("iam:GetUserPolicy", || request.clone().send());
            found.await?.map(|output| output.policy_document)
        }
        Principal::Group(name) => {
            let request = iam.get_group_policy().group_name(name.as_str());
            let request = request.policy_name(policy);
            let found = step.find("iam:GetGroupPolicy", || request.clone().send());
            found.await?.map(|output| output.policy_document)
        }
        Principal::Role(name) => {
            let request = iam.get_role_policy().role_name(name.as_str());
            let request = request.policy_name(policy);
            let found = step.find("iam:GetRolePolicy", || request.clone().send());
            found.await?.map(|output| output.policy_document)
        }
    };
    let Some(document) = document else {
        return Ok(None);
    };
    let document = reader::document(&document).map_err(|_| step.changed("document"))?;
    Ok(Some(Body::InlinePolicy(InlinePolicy { document })))
}
