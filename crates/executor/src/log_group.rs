//! Log groups. They are never deleted.

use std::collections::HashMap;

use model::{LogGroup, LogGroupName, Retention};

use crate::dispatch::Write;
use crate::step::Step;
use crate::tags::{Keys, TagChanges};
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &LogGroupName,
    write: Write<'_, LogGroup>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, name, after).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(_) => Err(step.impossible("is a log group, and none is ever deleted")),
    }
}

async fn create(step: &Step<'_>, name: &LogGroupName, after: &LogGroup) -> Result<Outcome, Error> {
    let LogGroup { retention, tags } = after;
    let tags: HashMap<String, String> = tags
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let tags = (!tags.is_empty()).then_some(tags);
    let request = step
        .clients()
        .logs
        .create_log_group()
        .log_group_name(name.as_str())
        .set_tags(tags);
    step.create("logs:CreateLogGroup", || request.clone().send())
        .await?;
    if let Retention::Days(_) = retention {
        retain(step, name, *retention).await?;
    }
    Ok(Outcome::Applied)
}

async fn update(
    step: &Step<'_>,
    name: &LogGroupName,
    before: &LogGroup,
    after: &LogGroup,
) -> Result<Outcome, Error> {
    let LogGroup { retention, tags } = after;
    if *retention != before.retention {
        retain(step, name, *retention).await?;
    }
    let changes = TagChanges::between(&before.tags, tags, Keys::Exact);
    let (logs, arn) = (
        &step.clients().logs,
        step.arn("logs", &format!("log-group:{name}")),
    );
    if !changes.set.is_empty() {
        let tags = changes.set.iter().cloned().collect();
        let request = logs.tag_resource().resource_arn(&arn).set_tags(Some(tags));
        step.call("logs:TagResource", || request.clone().send())
            .await?;
    }
    if !changes.removed.is_empty() {
        let request = logs
            .untag_resource()
            .resource_arn(&arn)
            .set_tag_keys(Some(changes.removed));
        step.call("logs:UntagResource", || request.clone().send())
            .await?;
    }
    Ok(Outcome::Applied)
}

async fn retain(step: &Step<'_>, name: &LogGroupName, retention: Retention) -> Result<(), Error> {
    let logs = &step.clients().logs;
    match retention {
        Retention::Days(days) => {
            let days = i32::try_from(days).unwrap_or(i32::MAX);
            let request = logs
                .put_retention_policy()
                .log_group_name(name.as_str())
                .retention_in_days(days);
            step.call_on_new("logs:PutRetentionPolicy", || request.clone().send())
                .await?;
        }
        Retention::Never | Retention::Undeclared => {
            let request = logs.delete_retention_policy().log_group_name(name.as_str());
            step.call("logs:DeleteRetentionPolicy", || request.clone().send())
                .await?;
        }
    }
    Ok(())
}
