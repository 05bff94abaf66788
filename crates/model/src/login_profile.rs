//! Console passwords.

use serde::{Deserialize, Serialize};

use crate::Recipient;

/// Describes a user's console password, but never the password itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// Whether the password must be changed at the next sign-in. Set when the password is created, then the person's.
    pub reset_required: bool,
    /// Whom a new password is sealed for. Declared only: AWS doesn't know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Recipient>,
}
