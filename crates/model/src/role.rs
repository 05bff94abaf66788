//! IAM roles.

use serde::{Deserialize, Serialize};

use crate::{ManagedPolicy, Path};

/// Describes an IAM role as far as it bears on other objects. Roles are observed, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The role's path, part of its ARN.
    pub path: Path,
    /// The role's permissions boundary, if it has one.
    pub boundary: Option<ManagedPolicy>,
}
