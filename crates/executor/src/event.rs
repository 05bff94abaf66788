//! What happens while a plan is applied, as data.

use std::sync::Arc;
use std::time::Duration;

use model::ActionId;

use crate::{Error, Outcome, SkipReason};

/// Tells what came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// AWS refused it, with this error code.
    Refused(String),
    /// Whether it was done isn't known.
    Unknown,
}

/// Tells what happens to an action. Each action ends with exactly one of `Finished`, `Failed` and `Skipped`.
#[derive(Debug, Clone)]
pub enum Event {
    /// It begins.
    Started {
        /// The action.
        action: ActionId,
    },
    /// A call that changes something is about to be made.
    Calling {
        /// The action.
        action: ActionId,
        /// The call, as IAM policies name it: `iam:AddUserToGroup`.
        operation: &'static str,
    },
    /// A call that changes something came to an end.
    Called {
        /// The action.
        action: ActionId,
        /// The call, as IAM policies name it.
        operation: &'static str,
        /// What came of it.
        answer: Answer,
    },
    /// AWS wasn't ready for a call, which is made again after a while.
    Retrying {
        /// The action.
        action: ActionId,
        /// The call, as IAM policies name it: `iam:AddUserToGroup`.
        operation: &'static str,
        /// AWS's error code.
        code: String,
        /// How long it waits before the next attempt.
        wait: Duration,
    },
    /// AWS did it, with a doubt.
    Warned {
        /// The action.
        action: ActionId,
        /// The doubt, in one line.
        message: String,
    },
    /// It is done.
    Finished {
        /// The action.
        action: ActionId,
        /// How.
        outcome: Outcome,
    },
    /// It failed.
    Failed {
        /// The action.
        action: ActionId,
        /// Why.
        error: Arc<Error>,
    },
    /// It will not be begun.
    Skipped {
        /// The action.
        action: ActionId,
        /// Why.
        reason: SkipReason,
    },
}
