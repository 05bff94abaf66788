//! What became of a plan.

use std::path::PathBuf;
use std::sync::Arc;

use model::ActionId;

use crate::Error;

/// Tells what became of each action of a plan.
#[derive(Debug, Clone)]
pub struct Report {
    /// The results in the order of the plan's actions: the id of an action is its place here too.
    pub results: Vec<ActionResult>,
    /// What AWS had doubts about though it did it.
    pub warnings: Vec<Warning>,
    /// The sealed kits that were written, by path.
    pub kits: Vec<PathBuf>,
}

/// Tells what became of one action.
#[derive(Debug, Clone)]
pub enum ActionResult {
    /// AWS is as the action wanted it.
    Done(Outcome),
    /// It was tried and failed.
    Failed(Arc<Error>),
    /// It was not begun.
    Skipped(SkipReason),
}

/// Tells how an action was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// AWS was changed.
    Applied,
    /// There was nothing left to change: somebody did it since the plan was made.
    AlreadyDone,
}

/// Tells why an action was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// It waits, maybe by way of others, for this action, which failed.
    Failed(ActionId),
    /// The run was stopped before its turn.
    Interrupted,
}

/// Holds something that AWS doubts about an object it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The action that AWS accepted.
    pub action: ActionId,
    /// The doubt, in one line.
    pub message: String,
}

impl Report {
    /// Tells whether every action was done.
    pub fn is_complete(&self) -> bool {
        self.results
            .iter()
            .all(|result| matches!(result, ActionResult::Done(_)))
    }

    /// Returns what became of an action.
    pub fn result(&self, action: ActionId) -> Option<&ActionResult> {
        self.results.get(action.0)
    }
}
