//! The account's password policy.

use serde::{Deserialize, Serialize};

/// Describes the account's password policy, whole: `UpdateAccountPasswordPolicy` replaces every field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Characters at least, 6 to 128.
    pub minimum_length: u32,
    /// Whether a symbol is required.
    pub require_symbols: bool,
    /// Whether a digit is required.
    pub require_numbers: bool,
    /// Whether an uppercase letter is required.
    pub require_uppercase: bool,
    /// Whether a lowercase letter is required.
    pub require_lowercase: bool,
    /// Whether every user may change its own password, outside any policy document.
    pub allow_users_to_change_password: bool,
    /// Days after which a password expires, 1 to 1,095. None: never.
    pub max_age_days: Option<u32>,
    /// How many former passwords can't be used again, 1 to 24. None: no limit.
    pub reuse_prevention: Option<u32>,
    /// Whether a user whose password has expired needs an administrator.
    pub hard_expiry: bool,
}

impl Default for PasswordPolicy {
    /// Returns what an omitted field of `UpdateAccountPasswordPolicy` goes to.
    fn default() -> Self {
        Self {
            minimum_length: 6,
            require_symbols: false,
            require_numbers: false,
            require_uppercase: false,
            require_lowercase: false,
            allow_users_to_change_password: false,
            max_age_days: None,
            reuse_prevention: None,
            hard_expiry: false,
        }
    }
}
