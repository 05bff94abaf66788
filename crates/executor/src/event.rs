//! What happens while a plan is applied, as data.

use std::sync::Arc;
use std::time::Duration;

use model::ActionId;

use crate::{Error, Outcome, SkipReason};

/// Tells what happens to an action. Each action ends with exactly one of `Finished`, `Failed` and `Skipped`.
#[derive(Debug, Clone)]
pub enum Event {
    /// It begins.
    Started {
        /// The action.
        action: ActionId,
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
