//! Inline policies.

use policy::Document;
use serde::{Deserialize, Serialize};

/// Describes a policy embedded in the user, group or role that the address names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// The policy's document.
    pub document: Document,
}
