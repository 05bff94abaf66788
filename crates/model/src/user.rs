//! IAM users.

use serde::{Deserialize, Serialize};

use crate::{ManagedPolicy, Path, Tags, UserName};

/// Describes an IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user's path, part of its ARN.
    pub path: Path,
    /// The user's tags. Keys are compared without regard to case.
    pub tags: Tags,
    /// The policy that bounds what the user's other policies can grant.
    pub boundary: Boundary,
    /// The name the user has until now, where an action renames it. Never in a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<UserName>,
}

/// Tells a user's permissions boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The spec says nothing, so whatever the user has is left. Never in a snapshot, never in a plan.
    Undeclared,
    /// The user has none, or is to have none.
    None,
    /// The user has this one, or is to have it.
    Policy(ManagedPolicy),
}

impl Boundary {
    /// Returns the policy, if there is one.
    pub fn policy(&self) -> Option<&ManagedPolicy> {
        match self {
            Self::Undeclared | Self::None => None,
            Self::Policy(policy) => Some(policy),
        }
    }
}
