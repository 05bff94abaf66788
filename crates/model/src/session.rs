//! How requests are signed.

use std::fmt;

use serde::Serialize;

/// Says how requests are signed, which decides what they carry of MFA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// With a long-term access key: requests have no key about MFA at all.
    Key,
    /// Signed in with a password only, or with temporary credentials got without MFA.
    Password,
    /// Signed in with MFA, or with temporary credentials got with it.
    Mfa,
    /// Of a role: mostly without a key about MFA, but that depends on how it was assumed.
    Role,
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "with an access key",
            Self::Password => "with a password only",
            Self::Mfa => "with MFA",
            Self::Role => "in a session of the role",
        })
    }
}
