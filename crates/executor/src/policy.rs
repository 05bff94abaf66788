//! Managed policies.

use aws_sdk_iam::types::PolicyVersion;
use model::{Body, ManagedPolicy, Owner, Policy, PolicyRef};

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::step::Step;
use crate::tags::{Keys, TagChanges, iam_tags};
use crate::{Error, Outcome};

/// How many versions IAM keeps of a policy; making another fails (IAM quotas, "Versions per managed policy").
const MOST_VERSIONS: usize = 5;

pub(crate) async fn perform(
    step: &Step<'_>,
    reference: &PolicyRef,
    write: Write<'_, Policy>,
) -> Result<Outcome, Error> {
    let PolicyRef::Local(name) = reference else {
        return Err(step.impossible("is a policy of AWS, which only AWS changes"));
    };
    let arn = |policy: &Policy| {
        let (owner, path, name) = (Owner::Account, policy.path.clone(), name.clone());
        ManagedPolicy { owner, path, name }.arn(step.account())
    };
    match write {
        Write::Create(after) => create(step, name.as_str(), after).await,
        Write::Update { before, after } => update(step, &arn(before), before, after).await,
        Write::Delete(before) => delete(step, &arn(before)).await,
    }
}

async fn create(step: &Step<'_>, name: &str, after: &Policy) -> Result<Outcome, Error> {
    let Policy {
        path,
        description,
        document,
        tags,
    } = after;
    let request = step
        .clients()
        .iam
        .create_policy()
        .policy_name(name)
        .path(path.as_str())
        .set_description(description.clone())
        .policy_document(document.to_json())
        .set_tags(iam_tags(tags)?);
    step.create("iam:CreatePolicy", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

async fn update(
    step: &Step<'_>,
    arn: &str,
    before: &Policy,
    after: &Policy,
) -> Result<Outcome, Error> {
    // No call changes a policy's path or description.
    let Policy {
        path: _,
        description: _,
        document,
        tags,
    } = after;
    if !document.same_meaning(&before.document) {
        make_room(step, arn).await?;
        let request = step.clients().iam.create_policy_version().policy_arn(arn);
        let request = request
            .policy_document(document.to_json())
            .set_as_default(true);
        step.call("iam:CreatePolicyVersion", || request.clone().send())
            .await?;
    }
    retag(
        step,
        arn,
        &TagChanges::between(&before.tags, tags, Keys::Exact),
    )
    .await?;
    Ok(Outcome::Applied)
}

/// Deletes the oldest version that isn't in force, where there is no room for another.
async fn make_room(step: &Step<'_>, arn: &str) -> Result<(), Error> {
    let versions = versions(step, arn).await?;
    if versions.len() < MOST_VERSIONS {
        return Ok(());
    }
    let others = versions
        .iter()
        .filter(|version| !version.is_default_version);
    if let Some(oldest) = others.min_by_key(|version| number(version)) {
        delete_version(step, arn, oldest).await?;
    }
    Ok(())
}

async fn versions(step: &Step<'_>, arn: &str) -> Result<Vec<PolicyVersion>, Error> {
    let request = step.clients().iam.list_policy_versions().policy_arn(arn);
    step.read("iam:ListPolicyVersions", || {
        let pages = request.clone().into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>()
    })
    .await
}

/// Returns 12 of `v12`. Numbers go on and are never used twice.
fn number(version: &PolicyVersion) -> u64 {
    let id = version.version_id().unwrap_or_default();
    id.trim_start_matches('v').parse().unwrap_or(u64::MAX)
}

async fn delete_version(
    step: &Step<'_>,
    arn: &str,
    version: &PolicyVersion,
) -> Result<Outcome, Error> {
    let request = step
        .clients()
        .iam
        .delete_policy_version()
        .policy_arn(arn)
        .set_version_id(version.version_id.clone());
    step.delete("iam:DeletePolicyVersion", || request.clone().send())
        .await
}

async fn retag(step: &Step<'_>, arn: &str, changes: &TagChanges) -> Result<(), Error> {
    let iam = &step.clients().iam;
    if let Some(tags) = changes.iam()? {
        let request = iam.tag_policy().policy_arn(arn).set_tags(Some(tags));
        step.call("iam:TagPolicy", || request.clone().send())
            .await?;
    }
    if !changes.removed.is_empty() {
        let keys = Some(changes.removed.clone());
        let request = iam.untag_policy().policy_arn(arn).set_tag_keys(keys);
        step.call("iam:UntagPolicy", || request.clone().send())
            .await?;
    }
    Ok(())
}

/// IAM deletes a policy only when its default version is the only one.
async fn delete(step: &Step<'_>, arn: &str) -> Result<Outcome, Error> {
    let versions = match versions(step, arn).await {
        Err(error) if error.is_absent() => return Ok(Outcome::AlreadyDone),
        versions => versions?,
    };
    for version in versions
        .iter()
        .filter(|version| !version.is_default_version)
    {
        delete_version(step, arn, version).await?;
    }
    let request = step.clients().iam.delete_policy().policy_arn(arn);
    step.delete("iam:DeletePolicy", || request.clone().send())
        .await
}

/// Reads the policy with the document that is in force.
pub(crate) async fn live(
    step: &Step<'_>,
    reference: &PolicyRef,
    planned: &Policy,
) -> Result<Option<Body>, Error> {
    let PolicyRef::Local(name) = reference else {
        return Err(step.impossible("is a policy of AWS, which only AWS changes"));
    };
    let (owner, path, name) = (Owner::Account, planned.path.clone(), name.clone());
    let arn = ManagedPolicy { owner, path, name }.arn(step.account());
    let iam = &step.clients().iam;
    let request = iam.get_policy().policy_arn(&arn);
    let found = step.find("iam:GetPolicy", || request.clone().send());
    let Some(policy) = found.await?.and_then(|output| output.policy) else {
        return Ok(None);
    };
    let request = iam.get_policy_version().policy_arn(&arn);
    let request = request.set_version_id(policy.default_version_id);
    let found = step.find("iam:GetPolicyVersion", || request.clone().send());
    let version = found.await?.and_then(|output| output.policy_version);
    let document = version.and_then(|version| version.document);
    let document = reader::document(&document.unwrap_or_default());
    let tags = policy.tags.unwrap_or_default().into_iter();
    let tags = tags.map(|tag| (tag.key, tag.value)).collect();
    Ok(Some(Body::Policy(Policy {
        path: planned.path.clone(),
        description: policy.description,
        document: document.map_err(|_| step.changed("document"))?,
        tags: step.concerned_tags(Keys::Exact, async || Ok(tags)).await?,
    })))
}

/// Names the fields in which a live one isn't as planned.
pub(crate) fn differences(live: &Policy, planned: &Policy, fields: &mut Differences) {
    let Policy {
        path,
        description,
        document,
        tags,
    } = live;
    fields.add("path", *path == planned.path);
    fields.add("description", *description == planned.description);
    fields.add("document", document.same_meaning(&planned.document));
    fields.of_tags(tags, &planned.tags, Keys::Exact);
}
