//! CloudWatch Logs log groups.

use std::collections::HashMap;

use model::{Body, LogGroup, LogGroupName, Retention};

use crate::differences::Differences;
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
    let request = step
        .clients()
        .logs
        .create_log_group()
        .log_group_name(name.as_str())
        .set_tags((!tags.is_empty()).then_some(tags));
    step.create("logs:CreateLogGroup", || request.clone().send())
        .await?;
    match retention {
        // A new log group keeps its events for ever.
        Retention::Undeclared | Retention::Never | Retention::AccountPolicy(_) => {}
        Retention::Days(days) => keep(step, name, *days).await?,
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
    match retention {
        Retention::Undeclared | Retention::AccountPolicy(_) => {}
        unchanged if *unchanged == before.retention => {}
        Retention::Never => keep_for_ever(step, name).await?,
        Retention::Days(days) => keep(step, name, *days).await?,
    }
    retag(
        step,
        name,
        TagChanges::between(&before.tags, tags, Keys::Exact),
    )
    .await?;
    Ok(Outcome::Applied)
}

async fn keep(step: &Step<'_>, name: &LogGroupName, days: u32) -> Result<(), Error> {
    let days = i32::try_from(days).map_err(|_| step.impossible("has a retention out of range"))?;
    let request = step.clients().logs.put_retention_policy();
    let request = request
        .log_group_name(name.as_str())
        .retention_in_days(days);
    step.call_on_new("logs:PutRetentionPolicy", || request.clone().send())
        .await?;
    Ok(())
}

async fn keep_for_ever(step: &Step<'_>, name: &LogGroupName) -> Result<(), Error> {
    let request = step.clients().logs.delete_retention_policy();
    let request = request.log_group_name(name.as_str());
    step.call("logs:DeleteRetentionPolicy", || request.clone().send())
        .await?;
    Ok(())
}

async fn retag(step: &Step<'_>, name: &LogGroupName, changes: TagChanges) -> Result<(), Error> {
    let TagChanges { set, removed } = changes;
    let arn = step.arn("logs", &format!("log-group:{name}"));
    let logs = &step.clients().logs;
    if !set.is_empty() {
        let request = logs.tag_resource().resource_arn(&arn);
        let request = request.set_tags(Some(set.into_iter().collect()));
        step.call("logs:TagResource", || request.clone().send())
            .await?;
    }
    if !removed.is_empty() {
        let request = logs.untag_resource().resource_arn(&arn);
        let request = request.set_tag_keys(Some(removed));
        step.call("logs:UntagResource", || request.clone().send())
            .await?;
    }
    Ok(())
}

/// Reads the log group, by itself: what an account policy says of retention isn't the group's.
pub(crate) async fn live(step: &Step<'_>, name: &LogGroupName) -> Result<Option<Body>, Error> {
    // There is no exact name, only a prefix; the group itself sorts first among those that begin with its name.
    let request = step.clients().logs.describe_log_groups();
    let request = request.log_group_name_prefix(name.as_str());
    let output = step
        .read("logs:DescribeLogGroups", || request.clone().send())
        .await?;
    let mut groups = output.log_groups.unwrap_or_default().into_iter();
    let Some(group) = groups.find(|group| group.log_group_name() == Some(name.as_str())) else {
        return Ok(None);
    };
    let days = group
        .retention_in_days
        .and_then(|days| days.try_into().ok());
    let tags = step.concerned_tags(Keys::Exact, async || {
        let request = step.clients().logs.list_tags_for_resource();
        let request = request.resource_arn(step.arn("logs", &format!("log-group:{name}")));
        let output = step
            .read("logs:ListTagsForResource", || request.clone().send())
            .await?;
        Ok(output.tags.unwrap_or_default().into_iter().collect())
    });
    Ok(Some(Body::LogGroup(LogGroup {
        retention: days.map_or(Retention::Never, Retention::Days),
        tags: tags.await?,
    })))
}

/// Names the fields in which a live one isn't as planned.
pub(crate) fn differences(live: &LogGroup, planned: &LogGroup, fields: &mut Differences) {
    let LogGroup { retention, tags } = live;
    let is_kept_as_planned = match &planned.retention {
        // It isn't the group's own.
        Retention::Undeclared | Retention::AccountPolicy(_) => true,
        Retention::Never | Retention::Days(_) => *retention == planned.retention,
    };
    fields.add("retention", is_kept_as_planned);
    fields.of_tags(tags, &planned.tags, Keys::Exact);
}
