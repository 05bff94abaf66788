//! IAM groups.

use serde::{Deserialize, Serialize};

use crate::Path;

/// Describes an IAM group. Groups have no tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group's path, part of its ARN.
    pub path: Path,
}
