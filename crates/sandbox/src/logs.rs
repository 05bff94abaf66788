//! CloudWatch Logs: log groups with their events and filters, region by region.
//!
//! Limits, codes and words are those of the
//! [API reference](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::Operation;
use crate::page::{Page, TOKEN};
use crate::state::Account;

mod groups;
mod insights;
mod metric_filters;
mod put_events;
mod read_events;
mod retention;
mod retention_policies;
mod streams;
mod subscription_filters;
mod tags;

use groups::LogGroup;
use insights::QueryRun;
pub(crate) use insights::sources;
use retention_policies::RetentionPolicy;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![
        groups::OPERATIONS,
        retention::OPERATIONS,
        retention_policies::OPERATIONS,
        tags::OPERATIONS,
        streams::OPERATIONS,
        put_events::OPERATIONS,
        read_events::OPERATIONS,
        metric_filters::OPERATIONS,
        subscription_filters::OPERATIONS,
        insights::OPERATIONS,
    ]
}

/// Holds the logs of one account, by region.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Logs(BTreeMap<String, Region>);

/// Holds the logs of a region.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Region {
    /// By name, as the rest.
    groups: BTreeMap<String, LogGroup>,
    retention_policies: BTreeMap<String, RetentionPolicy>,
    /// By id.
    queries: BTreeMap<String, QueryRun>,
}

static NO_LOGS: Region = Region {
    groups: BTreeMap::new(),
    retention_policies: BTreeMap::new(),
    queries: BTreeMap::new(),
};

const GROUP_NAME: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: r"[\.\-_/#A-Za-z0-9]+",
        matches: |name| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_/#".contains(&b))
        },
    },
};

const GROUP_IDENTIFIER: Shape = Shape {
    lengths: 1..=2048,
    pattern: Pattern::ANY,
};

impl Account {
    /// Returns the logs of the call's region.
    fn logs_in(&self, call: &Call<'_>) -> &Region {
        self.logs.0.get(call.region).unwrap_or(&NO_LOGS)
    }

    fn logs_in_mut(&mut self, call: &Call<'_>) -> &mut Region {
        self.logs.0.entry(call.region.to_owned()).or_default()
    }

    /// Returns the log groups of the call's region.
    fn log_groups(&self, call: &Call<'_>) -> &BTreeMap<String, LogGroup> {
        &self.logs_in(call).groups
    }

    fn log_groups_mut(&mut self, call: &Call<'_>) -> &mut BTreeMap<String, LogGroup> {
        &mut self.logs_in_mut(call).groups
    }

    /// Returns the log group that a call is about.
    fn log_group_mut(&mut self, call: &Call<'_>) -> Result<&mut LogGroup, Error> {
        let name = call.input.required_text("logGroupName", &GROUP_NAME)?;
        self.log_groups_mut(call)
            .get_mut(name)
            .ok_or_else(no_such_group)
    }

    /// Returns the ARN of a log group of the call's region, without the `:*` that stands for its streams.
    fn log_group_arn(&self, call: &Call<'_>, name: &str) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{name}", call.region, self.id)
    }
}

/// Returns the log group that a call is about by name or by identifier, and its name.
fn identified_group<'a>(
    account: &'a Account,
    call: &Call<'a>,
) -> Result<(&'a str, &'a LogGroup), Error> {
    let name = call.input.text("logGroupName", &GROUP_NAME)?;
    let identifier = call.input.text("logGroupIdentifier", &GROUP_IDENTIFIER)?;
    let name = match (name, identifier) {
        (Some(name), None) => name,
        (None, Some(identifier)) => identified_name(account, call, identifier),
        _ => {
            return Err(invalid(
                "Exactly one of logGroupName and logGroupIdentifier is required.",
            ));
        }
    };
    let group = account.log_groups(call).get(name);
    Ok((name, group.ok_or_else(no_such_group)?))
}

/// Returns the name in an identifier: a name, or an ARN of this account and region.
fn identified_name<'a>(account: &Account, call: &Call<'_>, identifier: &'a str) -> &'a str {
    let arn_of_none = account.log_group_arn(call, "");
    identifier.strip_prefix(&arn_of_none).unwrap_or(identifier)
}

fn no_such_group() -> Error {
    Error::new(
        Code::LogsResourceNotFound,
        "The specified log group does not exist.",
    )
}

/// Returns the page that a call asks for: 50 items at most.
fn page(call: &Call<'_>) -> Result<Page, Error> {
    let size = call.input.integer("limit", 1..=50)?.unwrap_or(50);
    let token = call.input.text("nextToken", &TOKEN)?;
    Page::after(token, size).ok_or_else(|| invalid("The specified nextToken is invalid."))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidParameter, message)
}
