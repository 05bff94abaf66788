//! `PromQL` alarms. They are kept and never evaluated.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmPromQLCriteria.html>

use serde::{Deserialize, Serialize};

use crate::call::{Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::value::Record;

/// Holds a query, and how long an entry of its answer has to be there or gone, in seconds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PromQl {
    query: String,
    pending_period: Option<i64>,
    recovery_period: Option<i64>,
    /// How often it is evaluated, in seconds.
    interval: i64,
}

const QUERY: Shape = Shape {
    lengths: 1..=10_000,
    pattern: Pattern::ANY,
};
const DAY: i64 = 86_400;

impl PromQl {
    /// Reads the query of a call of `PutMetricAlarm`, if it has one. That it is `PromQL` is not checked.
    pub(super) fn of(input: &Fields<'_>) -> Result<Option<Self>, Error> {
        let interval = input.integer("EvaluationInterval", 10..=3600)?;
        let Some(criteria) = input.record("EvaluationCriteria")? else {
            return match interval {
                None => Ok(None),
                Some(_) => Err(combination(
                    "EvaluationInterval goes with EvaluationCriteria, and only with it.",
                )),
            };
        };
        let missing_interval = || {
            let message = "The parameter EvaluationInterval is required.";
            Error::new(Code::MissingParameter, message)
        };
        let interval = interval.ok_or_else(missing_interval)?;
        if !matches!(interval, 10 | 20 | 30) && interval % 60 != 0 {
            return Err(Error::validation(
                "EvaluationInterval must be 10, 20, 30 or a multiple of 60",
            ));
        }
        let query = criteria.record("PromQLCriteria")?;
        let query = query.ok_or_else(|| criteria.missing("PromQLCriteria"))?;
        Ok(Some(Self {
            query: query.required_text("Query", &QUERY)?.to_owned(),
            pending_period: query.integer("PendingPeriod", 0..=DAY)?,
            recovery_period: query.integer("RecoveryPeriod", 0..=DAY)?,
            interval,
        }))
    }

    /// Adds the query to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            query,
            pending_period,
            recovery_period,
            interval,
        } = self;
        let query = Record::new()
            .with("Query", query)
            .with_some("PendingPeriod", *pending_period)
            .with_some("RecoveryPeriod", *recovery_period);
        record
            .with(
                "EvaluationCriteria",
                Record::new().with("PromQLCriteria", query),
            )
            .with("EvaluationInterval", *interval)
    }
}

pub(super) fn combination(message: &str) -> Error {
    Error::new(Code::InvalidParameterCombination, message)
}
