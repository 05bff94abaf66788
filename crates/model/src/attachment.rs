//! Attachments of managed policies.

use serde::{Deserialize, Serialize};

use crate::ManagedPolicy;

/// Describes a managed policy's being attached to the user, group or role that the address names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The policy with its path, from which its ARN is made.
    pub policy: ManagedPolicy,
}
