//! Retention policies of the account, which go before what is set on a log group.
//!
//! Of the account's policies there are only these. They take effect at once, and not after the 24 hours of AWS, so
//! that one can see what they do; dry runs are refused.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html>

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::groups::LogGroup;
use super::invalid;
use super::retention::DAYS;
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutAccountPolicy", put)
        .unlike("has retention policies only, which take effect at once, and no dry runs"),
    Operation::read("DescribeAccountPolicies", describe).unlike("has retention policies only"),
    Operation::write("DeleteAccountPolicy", delete)
        .unlike("has retention policies only, and no dry runs"),
];

/// Holds a retention policy of the account.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetentionPolicy {
    /// The document as it came.
    document: String,
    /// The selection criteria as they came.
    criteria: Option<String>,
    /// The beginnings of the names of log groups that it applies to; without any, all.
    prefixes: Option<Vec<String>>,
    days: Days,
    /// Whether it leaves alone the log groups that are older than itself.
    new_only: bool,
    /// In milliseconds since 1970.
    created: i64,
    updated: i64,
}

/// Says how long events are kept; the later the longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Days {
    Number(i64),
    NeverExpire,
}

/// Holds how long a log group keeps its events in effect.
pub(super) struct Retention<'a> {
    /// Without a number, for ever.
    pub(super) days: Option<i64>,
    /// The account's policy that says so.
    pub(super) policy: Option<&'a String>,
}

/// How many retention policies a region of an account may have.
const POLICIES: usize = 20;
/// The shortest retention of an account's policy.
const SHORTEST: i64 = 30;

const POLICY_NAME: Shape = Shape {
    lengths: 1..=256,
    pattern: Pattern::ANY,
};
const DOCUMENT: Shape = Shape {
    lengths: 1..=30_720,
    pattern: Pattern::ANY,
};
const CRITERIA: Shape = Shape {
    lengths: 0..=25_600,
    pattern: Pattern::ANY,
};
const TYPES: &[&str] = &[
    "DATA_PROTECTION_POLICY",
    "SUBSCRIPTION_FILTER_POLICY",
    "FIELD_INDEX_POLICY",
    "TRANSFORMER_POLICY",
    "METRIC_EXTRACTION_POLICY",
    "RETENTION_POLICY",
];

impl Account {
    /// Returns how long a log group keeps its events: as the longest of the policies that apply to it says, or as is
    /// set on it.
    pub(super) fn retention(&self, call: &Call<'_>, name: &str, group: &LogGroup) -> Retention<'_> {
        let policies = self.logs_in(call).retention_policies.iter();
        let applying = policies.filter(|(_, policy)| policy.applies_to(name, group));
        match applying.max_by_key(|(_, policy)| (policy.days, Reverse(policy.created))) {
            None => Retention {
                days: group.retention_in_days,
                policy: None,
            },
            Some((name, policy)) => Retention {
                days: match policy.days {
                    Days::Number(days) => Some(days),
                    Days::NeverExpire => None,
                },
                policy: Some(name),
            },
        }
    }
}

impl RetentionPolicy {
    fn applies_to(&self, name: &str, group: &LogGroup) -> bool {
        let prefixes = self.prefixes.as_ref();
        let is_selected =
            prefixes.is_none_or(|prefixes| prefixes.iter().any(|it| name.starts_with(it)));
        is_selected && !(self.new_only && group.created < self.created)
    }
}

/// Creates a retention policy or replaces the one of this name.
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let name = input.required_text("policyName", &POLICY_NAME)?;
    let document = input.required_text("policyDocument", &DOCUMENT)?;
    let criteria = input.text("selectionCriteria", &CRITERIA)?;
    check_type(input)?;
    input.word("scope", &["ALL"])?;
    if name.starts_with("aws/") {
        return Err(invalid("A policy name can't start with aws/."));
    }
    let (days, new_only) = read_document(document).ok_or_else(|| {
        invalid("A retention policy has retentionInDays, 30 at least or NEVER_EXPIRE, and enforcementMode, NEW_ONLY or RETROACTIVE.")
    })?;
    let now = call.time.as_millisecond();
    let id = account.id.clone();
    let policies = &mut account.logs_in_mut(call).retention_policies;
    if !policies.contains_key(name) && policies.len() >= POLICIES {
        let message = format!("An account can have no more than {POLICIES} retention policies.");
        return Err(Error::new(Code::LogsLimitExceeded, message));
    }
    let policy = RetentionPolicy {
        document: document.to_owned(),
        criteria: criteria.map(str::to_owned),
        prefixes: criteria.map(read_criteria).transpose()?,
        days,
        new_only,
        created: policies.get(name).map_or(now, |policy| policy.created),
        updated: now,
    };
    let record = record(&id, name, &policy);
    policies.insert(name.to_owned(), policy);
    Ok(Record::new().with("accountPolicy", record))
}

/// Refuses policies of other types, and dry runs.
fn check_type(input: &Fields<'_>) -> Result<(), Error> {
    let kind = input.word("policyType", TYPES)?;
    let kind = kind.ok_or_else(|| input.missing("policyType"))?;
    if kind != "RETENTION_POLICY" {
        return Err(invalid(format!(
            "the sandbox has no policies of type {kind}"
        )));
    }
    if input.boolean("dryRun")? == Some(true) {
        return Err(invalid("the sandbox has no dry runs of retention policies"));
    }
    Ok(())
}

/// Reads `{"retentionInDays": 90, "enforcementMode": "RETROACTIVE"}`.
fn read_document(document: &str) -> Option<(Days, bool)> {
    let document: Json = serde_json::from_str(document).ok()?;
    let days = match document.get("retentionInDays")? {
        Json::String(text) if text == "NEVER_EXPIRE" => Days::NeverExpire,
        days => {
            let days = days.as_i64()?;
            (days >= SHORTEST && DAYS.contains(&days)).then_some(Days::Number(days))?
        }
    };
    match document.get("enforcementMode")?.as_str()? {
        "NEW_ONLY" => Some((days, true)),
        "RETROACTIVE" => Some((days, false)),
        _ => None,
    }
}

/// Reads `LogGroupNamePrefix IN ["/app/", "/aws/"]`.
fn read_criteria(criteria: &str) -> Result<Vec<String>, Error> {
    let list = criteria
        .trim()
        .strip_prefix("LogGroupNamePrefix")
        .and_then(|rest| rest.trim_start().strip_prefix("IN"));
    list.and_then(|list| serde_json::from_str(list).ok())
        .ok_or_else(|| {
            invalid(
                "The selection criteria of a retention policy are LogGroupNamePrefix IN [\"…\"].",
            )
        })
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeAccountPolicies.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let kind = call.input.word("policyType", TYPES)?;
    let kind = kind.ok_or_else(|| call.input.missing("policyType"))?;
    let wanted = call.input.text("policyName", &POLICY_NAME)?;
    let policies = account.logs_in(call).retention_policies.iter();
    let policies = policies
        .filter(|_| kind == "RETENTION_POLICY")
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name))
        .map(|(name, policy)| record(&account.id, name, policy));
    Ok(Record::new().with("accountPolicies", policies.collect::<Value>()))
}

fn record(account: &str, name: &str, policy: &RetentionPolicy) -> Record {
    let RetentionPolicy {
        document,
        criteria,
        prefixes: _,
        days: _,
        new_only: _,
        created: _,
        updated,
    } = policy;
    Record::new()
        .with("policyName", name)
        .with("policyDocument", document)
        .with("lastUpdatedTime", *updated)
        .with("policyType", "RETENTION_POLICY")
        .with("scope", "ALL")
        .with_some("selectionCriteria", criteria.as_ref())
        .with("accountId", account)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteAccountPolicy.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("policyName", &POLICY_NAME)?;
    check_type(&call.input)?;
    let removed = account.logs_in_mut(call).retention_policies.remove(name);
    let no_such_policy = || {
        let message = "The specified account policy does not exist.";
        Error::new(Code::LogsResourceNotFound, message)
    };
    removed.map(|_| Record::new()).ok_or_else(no_such_policy)
}
