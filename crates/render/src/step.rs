//! What happens to an action while a plan is applied.

use std::time::Duration;

use model::{Action, Plan};
use serde::Serialize;

use crate::apply::{ended, noted, warned};
use crate::words::mark;
use crate::{Status, text};

/// Tells what happens to an action while a plan is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    /// It begins.
    Started,
    /// A call that changes something is about to be made.
    Calling {
        /// The call, as IAM policies name it: `iam:AddUserToGroup`.
        operation: &'static str,
    },
    /// A call that changes something came to an end.
    Called {
        /// The call, as IAM policies name it.
        operation: &'static str,
        /// What came of it.
        #[serde(flatten)]
        answer: Answer,
    },
    /// AWS wasn't ready for a call, which is made again after a while.
    Retrying {
        /// The call, as IAM policies name it.
        operation: &'static str,
        /// AWS's error code, or `nothing` where there was no answer.
        code: String,
        /// How long it waits before the next attempt.
        #[serde(rename = "wait_ms", serialize_with = "milliseconds")]
        wait: Duration,
    },
    /// AWS did it, with a doubt.
    Warned {
        /// The doubt.
        message: String,
    },
    /// It ended.
    Ended(Status),
}

/// Tells what came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It was done.
    Done,
    /// AWS refused it.
    Refused {
        /// AWS's error code.
        code: String,
    },
    /// Whether it was done isn't known.
    Unknown,
}

impl Step {
    /// Tells whether it is a call that changes something, or its end.
    pub fn is_call(&self) -> bool {
        matches!(self, Self::Calling { .. } | Self::Called { .. })
    }
}

/// Returns one line, with ANSI styles and without a newline, for what happens to an action of a plan. That it begins, and
/// its calls, need none.
pub fn step_text(plan: &Plan, action: &Action, step: &Step) -> Option<String> {
    let entry = match step {
        Step::Started | Step::Calling { .. } | Step::Called { .. } => return None,
        Step::Retrying {
            operation,
            code,
            wait: _,
        } => {
            let note = format!("trying again: {operation} answers {code}");
            noted(mark(&action.change), action, note)
        }
        Step::Warned { message } => warned(action, message),
        Step::Ended(status) => ended(plan, action, status),
    };
    Some(text::line(&entry))
}

fn milliseconds<S: serde::Serializer>(wait: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}
