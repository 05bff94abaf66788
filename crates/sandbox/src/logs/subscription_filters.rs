//! Subscription filters. They are kept; nothing is delivered, and that a destination exists is not checked.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::groups::{Class, LogGroup};
use super::metric_filters::{CRITERIA, NAME, check_regex_quota, over_limit, parse};
use super::read_events::FILTER_PATTERN;
use super::{GROUP_NAME, invalid, no_such_group, page};
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutSubscriptionFilter", put).unlike("delivers nothing"),
    Operation::read("DescribeSubscriptionFilters", describe),
    Operation::write("DeleteSubscriptionFilter", delete),
];

/// Holds a subscription filter.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionFilter {
    pub(super) pattern: String,
    destination_arn: String,
    role_arn: Option<String>,
    distribution: String,
    apply_on_transformed_logs: Option<bool>,
    /// In milliseconds since 1970.
    created: i64,
    field_selection_criteria: Option<String>,
    emit_system_fields: Vec<String>,
}

/// How many filters a log group may have.
const FILTERS: usize = 2;

const ARN: Shape = Shape {
    lengths: 1..=usize::MAX,
    pattern: Pattern::ANY,
};
const SYSTEM_FIELDS: &[(&str, &str)] = &[
    ("@aws.account", "@aws.account"),
    ("@aws.region", "@aws.region"),
    ("@source.log", "@source.log"),
];

/// Creates a filter, or replaces the one of this name in this group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("filterName", &NAME)?;
    let filter = SubscriptionFilter::of(&call.input, call.time.as_millisecond())?;
    let group = account.log_group_mut(call)?;
    if group.class != Class::Standard {
        let message = "Subscription filters are for log groups of the Standard class only.";
        return Err(Error::new(Code::InvalidOperation, message));
    }
    check_quotas(group, name, &filter)?;
    group.subscription_filters.insert(name.to_owned(), filter);
    Ok(Record::new())
}

fn check_quotas(group: &LogGroup, name: &str, filter: &SubscriptionFilter) -> Result<(), Error> {
    let is_other = |other: &str| other != name;
    let others = group.subscription_filters.keys();
    if others.filter(|other| is_other(other)).count() >= FILTERS {
        return Err(over_limit(&format!(
            "A log group can have no more than {FILTERS} subscription filters."
        )));
    }
    check_regex_quota(group, &parse(&filter.pattern)?, |_| true, is_other)
}

impl SubscriptionFilter {
    fn of(input: &Fields<'_>, now: i64) -> Result<Self, Error> {
        let pattern = input.required_text("filterPattern", &FILTER_PATTERN)?;
        let destination = input.required_text("destinationArn", &ARN)?;
        let distribution = input.word("distribution", &["Random", "ByLogStream"])?;
        let criteria = input.text("fieldSelectionCriteria", &CRITERIA)?;
        let system_fields = input.choices("emitSystemFields", SYSTEM_FIELDS)?;
        if !destination.starts_with("arn:") {
            return Err(invalid("destinationArn is not an ARN."));
        }
        parse(pattern)?;
        Ok(Self {
            pattern: pattern.to_owned(),
            destination_arn: destination.to_owned(),
            role_arn: input.text("roleArn", &ARN)?.map(str::to_owned),
            distribution: distribution.unwrap_or("ByLogStream").to_owned(),
            apply_on_transformed_logs: input.boolean("applyOnTransformedLogs")?,
            created: now,
            field_selection_criteria: criteria.map(str::to_owned),
            emit_system_fields: system_fields.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let group_name = call.input.required_text("logGroupName", &GROUP_NAME)?;
    let prefix = call.input.text("filterNamePrefix", &NAME)?;
    let prefix = prefix.unwrap_or_default();
    let page = page(call)?;
    let group = account.log_groups(call).get(group_name);
    let filters = group
        .ok_or_else(no_such_group)?
        .subscription_filters
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(prefix))
        .map(|(name, filter)| (name, filter.record(group_name, name)));
    let (filters, token) = page.take(filters);
    Ok(Record::new()
        .with(
            "subscriptionFilters",
            filters.into_iter().collect::<Value>(),
        )
        .with_some("nextToken", token))
}

impl SubscriptionFilter {
    fn record(&self, group: &str, name: &str) -> Record {
        let Self {
            pattern,
            destination_arn,
            role_arn,
            distribution,
            apply_on_transformed_logs,
            created,
            field_selection_criteria,
            emit_system_fields: fields,
        } = self;
        let fields = (!fields.is_empty()).then(|| fields.iter().collect::<Value>());
        Record::new()
            .with("filterName", name)
            .with("logGroupName", group)
            .with("filterPattern", pattern)
            .with("destinationArn", destination_arn)
            .with_some("roleArn", role_arn.as_ref())
            .with("distribution", distribution)
            .with(
                "applyOnTransformedLogs",
                apply_on_transformed_logs.unwrap_or(false),
            )
            .with("creationTime", *created)
            .with_some("fieldSelectionCriteria", field_selection_criteria.as_ref())
            .with_some("emitSystemFields", fields)
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("filterName", &NAME)?;
    let group = account.log_group_mut(call)?;
    let removed = group.subscription_filters.remove(name);
    let no_such_filter = || {
        let message = "The specified subscription filter does not exist.";
        Error::new(Code::LogsResourceNotFound, message)
    };
    removed.map(|_| Record::new()).ok_or_else(no_such_filter)
}
