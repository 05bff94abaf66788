//! Dashboards.

use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Tags, dashboard_body, tags};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::page::{Page, TOKEN};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutDashboard", put),
    Operation::read("GetDashboard", get),
    Operation::read("ListDashboards", list),
    Operation::write("DeleteDashboards", delete),
];

/// Holds a dashboard; its body is kept as it came.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dashboard {
    body: String,
    modified: Timestamp,
    pub(super) tags: Tags,
}

const PAGE: i64 = 1000;
const DELETE_LIMIT: usize = 100;
const TEXT: Shape = Shape {
    lengths: 0..=usize::MAX,
    pattern: Pattern::ANY,
};

impl Account {
    pub(super) fn dashboard_arn(&self, name: &str) -> String {
        format!("arn:aws:cloudwatch::{}:dashboard/{name}", self.id)
    }
}

/// Creates or replaces a dashboard. Tags count only for a new one.
///
/// There are no warnings among the validation messages: what is looked at is either right or refused.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("DashboardName", &TEXT)?;
    let body = call.input.required_text("DashboardBody", &TEXT)?;
    let new_tags = tags::sent(&call.input)?.unwrap_or_default();
    if !is_name(name) {
        let message = "The field DashboardName must have 1 to 255 characters: alphanumerics, dash (-) and underscore (_).";
        return Err(Error::new(Code::DashboardInvalidInput, message));
    }
    dashboard_body::check(body)
        .map_err(|mistakes| Error::new(Code::DashboardInvalidInput, mistakes))?;
    let mut tags = Tags::new();
    tags::add(&mut tags, &new_tags)?;
    if let Some(old) = account.cloudwatch.dashboards.remove(name) {
        tags = old.tags;
    }
    let dashboard = Dashboard {
        body: body.to_owned(),
        modified: call.now,
        tags,
    };
    account
        .cloudwatch
        .dashboards
        .insert(name.to_owned(), dashboard);
    Ok(Record::new().with("DashboardValidationMessages", Value::List(Vec::new())))
}

fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("DashboardName", &TEXT)?;
    let dashboard = account
        .cloudwatch
        .dashboards
        .get(name)
        .ok_or_else(|| no_such_dashboards(&[name]))?;
    Ok(Record::new()
        .with("DashboardArn", account.dashboard_arn(name))
        .with("DashboardBody", &dashboard.body)
        .with("DashboardName", name))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let prefix = call
        .input
        .text("DashboardNamePrefix", &TEXT)?
        .unwrap_or_default();
    let token = call.input.text("NextToken", &TOKEN)?;
    let invalid_token = || Error::new(Code::InvalidParameterValue, "The NextToken is invalid.");
    let page = Page::after(token, PAGE).ok_or_else(invalid_token)?;
    let start = match page.start() {
        Bound::Unbounded => Bound::Included(prefix),
        start => start,
    };
    let dashboards = account
        .cloudwatch
        .dashboards
        .range::<str, _>((start, Bound::Unbounded));
    let dashboards = dashboards
        .take_while(|(name, _)| name.starts_with(prefix))
        .map(|(name, dashboard)| {
            let record = Record::new()
                .with("DashboardName", name)
                .with("DashboardArn", account.dashboard_arn(name))
                .with("LastModified", dashboard.modified)
                .with("Size", dashboard.body.len());
            (name, record)
        });
    let (dashboards, token) = page.take(dashboards);
    Ok(Record::new()
        .with(
            "DashboardEntries",
            dashboards.into_iter().collect::<Value>(),
        )
        .with_some("NextToken", token))
}

/// Deletes as many of the dashboards as there are; the rest is an error.
///
/// That an unknown name is `ResourceNotFound` is known from use only.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteDashboards.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let names = call
        .input
        .texts("DashboardNames", &TEXT)?
        .ok_or_else(|| call.input.missing("DashboardNames"))?;
    if names.len() > DELETE_LIMIT {
        let message = format!("No more than {DELETE_LIMIT} dashboards can be deleted at once.");
        return Err(Error::new(Code::InvalidParameterValue, message));
    }
    let dashboards = &mut account.cloudwatch.dashboards;
    let unknown: Vec<&str> = names
        .into_iter()
        .filter(|name| dashboards.remove(*name).is_none())
        .collect();
    if unknown.is_empty() {
        Ok(Record::new())
    } else {
        Err(no_such_dashboards(&unknown))
    }
}

fn no_such_dashboards(names: &[&str]) -> Error {
    let message = format!(
        "The specified dashboards do not exist: {}",
        names.join(", ")
    );
    Error::new(Code::DashboardNotFound, message)
}
