//! CloudWatch Logs: log groups and their metric filters, region by region.
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
mod metric_filters;
mod retention;
mod tags;

use groups::LogGroup;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![
        groups::OPERATIONS,
        retention::OPERATIONS,
        tags::OPERATIONS,
        metric_filters::OPERATIONS,
    ]
}

/// Holds the log groups of one account, by region and name.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Logs(BTreeMap<String, BTreeMap<String, LogGroup>>);

static NO_GROUPS: BTreeMap<String, LogGroup> = BTreeMap::new();

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

impl Account {
    /// Returns the log groups of the call's region.
    fn log_groups(&self, call: &Call<'_>) -> &BTreeMap<String, LogGroup> {
        self.logs.0.get(call.region).unwrap_or(&NO_GROUPS)
    }

    fn log_groups_mut(&mut self, call: &Call<'_>) -> &mut BTreeMap<String, LogGroup> {
        self.logs.0.entry(call.region.to_owned()).or_default()
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
