//! Log groups.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::metric_filters::MetricFilter;
use super::streams::LogStream;
use super::subscription_filters::SubscriptionFilter;
use super::{GROUP_IDENTIFIER, GROUP_NAME, identified_name, invalid, no_such_group, page, tags};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateLogGroup", create),
    Operation::read("DescribeLogGroups", describe),
    Operation::write("PutLogGroupDeletionProtection", put_deletion_protection),
    Operation::write("DeleteLogGroup", delete),
];

/// Holds a log group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogGroup {
    /// In milliseconds since 1970.
    pub(super) created: i64,
    pub(super) class: Class,
    kms_key_id: Option<String>,
    deletion_protection: bool,
    pub(super) retention_in_days: Option<i64>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) metric_filters: BTreeMap<String, MetricFilter>,
    pub(super) subscription_filters: BTreeMap<String, SubscriptionFilter>,
    pub(super) streams: BTreeMap<String, LogStream>,
    /// How many events have come in.
    pub(super) event_count: u64,
}

/// Says what a log group can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Class {
    Standard,
    InfrequentAccess,
    Delivery,
}

const CLASSES: &[(&str, Class)] = &[
    ("STANDARD", Class::Standard),
    ("INFREQUENT_ACCESS", Class::InfrequentAccess),
    ("DELIVERY", Class::Delivery),
];

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::InfrequentAccess => "INFREQUENT_ACCESS",
            Self::Delivery => "DELIVERY",
        }
    }
}

const KMS_KEY_ID: Shape = Shape {
    lengths: 0..=256,
    pattern: Pattern::ANY,
};

/// Creates a log group. That a KMS key exists is not checked.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("logGroupName", &GROUP_NAME)?;
    let mut group = LogGroup {
        created: call.time.as_millisecond(),
        class: call
            .input
            .choice("logGroupClass", CLASSES)?
            .unwrap_or(Class::Standard),
        kms_key_id: call.input.text("kmsKeyId", &KMS_KEY_ID)?.map(str::to_owned),
        deletion_protection: call
            .input
            .boolean("deletionProtectionEnabled")?
            .unwrap_or(false),
        retention_in_days: None,
        tags: BTreeMap::new(),
        metric_filters: BTreeMap::new(),
        subscription_filters: BTreeMap::new(),
        streams: BTreeMap::new(),
        event_count: 0,
    };
    tags::add(
        &mut group.tags,
        &tags::sent(&call.input)?.unwrap_or_default(),
    )?;
    if name.starts_with("aws/") {
        return Err(invalid("Log group names can't start with the string aws/"));
    }
    let groups = account.log_groups_mut(call);
    if groups.contains_key(name) {
        return Err(Error::new(
            Code::ResourceAlreadyExists,
            "The specified log group already exists",
        ));
    }
    groups.insert(name.to_owned(), group);
    Ok(Record::new())
}

/// Lists log groups by name, those with a prefix or those with a part of a name.
///
/// `logGroupIdentifiers` and linked accounts are left out.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let prefix = call.input.text("logGroupNamePrefix", &GROUP_NAME)?;
    let part = call.input.text("logGroupNamePattern", &GROUP_NAME)?;
    let class = call.input.choice("logGroupClass", CLASSES)?;
    if prefix.is_some() && part.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let page = page(call)?;
    let start = match (page.start(), prefix) {
        (Bound::Unbounded, Some(prefix)) => Bound::Included(prefix),
        (start, _) => start,
    };
    let groups = account
        .log_groups(call)
        .range::<str, _>((start, Bound::Unbounded))
        .take_while(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)))
        .filter(|(name, _)| part.is_none_or(|part| name.contains(part)))
        .filter(|(_, group)| class.is_none_or(|class| group.class == class));
    let shown = if part.is_some() { summary } else { detail };
    let (groups, token) =
        page.take(groups.map(|(name, group)| (name, shown(account, call, name, group))));
    Ok(Record::new()
        .with("logGroups", groups.into_iter().collect::<Value>())
        .with_some("nextToken", token))
}

/// Returns what is shown of a group that was found by a part of its name.
fn summary(account: &Account, call: &Call<'_>, name: &str, group: &LogGroup) -> Record {
    let arn = account.log_group_arn(call, name);
    Record::new()
        .with("logGroupName", name)
        .with("creationTime", group.created)
        .with("arn", format!("{arn}:*"))
}

fn detail(account: &Account, call: &Call<'_>, name: &str, group: &LogGroup) -> Record {
    let retention = account.retention(call, name, group);
    let bytes = group.streams.values().map(LogStream::stored_bytes);
    summary(account, call, name, group)
        .with_some("retentionInDays", retention.days)
        .with_some("retentionPolicyName", retention.policy)
        .with("metricFilterCount", group.metric_filters.len())
        .with("storedBytes", bytes.sum::<usize>())
        .with_some("kmsKeyId", group.kms_key_id.as_ref())
        .with("logGroupClass", group.class.name())
        .with("logGroupArn", account.log_group_arn(call, name))
        .with("deletionProtectionEnabled", group.deletion_protection)
}

/// Protects a log group from being deleted, or no longer.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>
fn put_deletion_protection(account: &mut Account, call: &Call<'_>) -> Answer {
    let identifier = call
        .input
        .required_text("logGroupIdentifier", &GROUP_IDENTIFIER)?;
    let enabled = call.input.boolean("deletionProtectionEnabled")?;
    let enabled = enabled.ok_or_else(|| call.input.missing("deletionProtectionEnabled"))?;
    let name = identified_name(account, call, identifier);
    account
        .log_groups_mut(call)
        .get_mut(name)
        .ok_or_else(no_such_group)?
        .deletion_protection = enabled;
    Ok(Record::new())
}

/// Deletes a log group with all that is in it, unless it is protected.
///
/// That its metric filters go with it is known from use only, as is the code for a protected group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    if account.log_group_mut(call)?.deletion_protection {
        let message = "The log group has deletion protection enabled and can't be deleted.";
        return Err(Error::new(Code::Validation, message));
    }
    let name = call.input.required_text("logGroupName", &GROUP_NAME)?;
    account.log_groups_mut(call).remove(name);
    Ok(Record::new())
}
