//! How long log groups keep their events.

use super::invalid;
use crate::call::Call;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutRetentionPolicy", put),
    Operation::write("DeleteRetentionPolicy", delete),
];

/// The numbers of days there are to choose from.
pub(super) const DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let days = call.input.integer("retentionInDays", i64::MIN..=i64::MAX)?;
    let days = days.ok_or_else(|| call.input.missing("retentionInDays"))?;
    let group = account.log_group_mut(call)?;
    if !DAYS.contains(&days) {
        return Err(invalid(format!(
            "{days} is no retention in days: it is one of {DAYS:?}"
        )));
    }
    group.retention_in_days = Some(days);
    Ok(Record::new())
}

/// Lets a log group keep its events for ever.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    account.log_group_mut(call)?.retention_in_days = None;
    Ok(Record::new())
}
