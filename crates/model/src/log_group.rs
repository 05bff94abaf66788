//! CloudWatch Logs log groups.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Tags;

/// Describes a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// How long events are kept.
    pub retention: Retention,
    /// The log group's tags, read only where tags are declared.
    pub tags: Tags,
}

/// Tells how long a log group keeps its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// The spec says nothing: what is there is left. Never in a snapshot, never in a plan's "after" of an existing group.
    Undeclared,
    /// For ever.
    Never,
    /// So many days.
    Days(u32),
    /// As this account-level policy says, whatever the log group's own retention is. Only in a snapshot.
    AccountPolicy(Arc<str>),
}

impl Retention {
    /// Lists the days that `PutRetentionPolicy` accepts (its API reference).
    pub const DAYS: &[u32] = &[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
        2922, 3288, 3653,
    ];
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared => f.write_str("undeclared"),
            Self::Never => f.write_str("never expires"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::AccountPolicy(name) => write!(f, "as the account policy {name} says"),
        }
    }
}
