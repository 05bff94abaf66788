//! Log groups, by name.

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::types;
use model::{Address, Body, Desired, Kind, LogGroup, LogGroupName, Retention, Tags};

use crate::Clients;
use crate::part::{Limit, Part, failure};

pub(crate) async fn read(clients: &Clients, desired: &Desired, limit: &Limit) -> Part {
    limit
        .one_by_one(needed(desired), |name| read_one(clients, name))
        .await
}

/// Lists the log groups that a spec creates or needs.
fn needed(desired: &Desired) -> BTreeSet<&LogGroupName> {
    let declared = desired.objects.keys().filter_map(|address| match address {
        Address::LogGroup(name) => Some(name),
        _ => None,
    });
    declared.chain(desired.required_log_groups.keys()).collect()
}

/// `DescribeLogGroups` has no exact name, only a prefix; the group itself sorts first among those that begin with its name.
async fn read_one(clients: &Clients, name: &LogGroupName) -> Part {
    let answer = clients
        .logs
        .describe_log_groups()
        .log_group_name_prefix(name.as_str())
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let found = answer
                .log_groups()
                .iter()
                .find(|group| group.log_group_name() == Some(name.as_str()));
            let body = found.map(|group| {
                Body::LogGroup(LogGroup {
                    retention: retention(group),
                    tags: Tags::default(),
                })
            });
            Part::found(
                body.into_iter()
                    .map(|body| (Address::LogGroup(name.clone()), body))
                    .collect(),
            )
        }
        Err(error) => Part::unread(
            &[Kind::LogGroup],
            &failure("logs:DescribeLogGroups", &error),
        ),
    }
}

/// Where a policy of the account applies, the days are the policy's and not the log group's.
fn retention(group: &types::LogGroup) -> Retention {
    let days = group
        .retention_in_days()
        .and_then(|days| u32::try_from(days).ok());
    match group.retention_policy_name() {
        Some(policy) => Retention::AccountPolicy(policy.into()),
        None => days.map_or(Retention::Never, Retention::Days),
    }
}
