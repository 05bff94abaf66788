//! Kinds of AWS objects.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal),* $(,)?) => {
        /// Names a kind of AWS object. Its word is the first part of an address.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $kind),* }

        impl Kind {
            /// Lists every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Returns the kind's word, as in an address.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }
        }
    };
}

kinds! {
    /// An IAM user.
    User = "user",
    /// A user's console password.
    LoginProfile = "login_profile",
    /// A user's access key, certificate or other long-lived credential. Only ever deleted, with its user.
    Credential = "credential",
    /// A hardware, virtual or FIDO MFA device.
    MfaDevice = "mfa_device",
    /// An IAM group.
    Group = "group",
    /// A user's being in a group.
    Membership = "membership",
    /// A managed policy, of this account or of AWS.
    Policy = "policy",
    /// A managed policy's being attached to a user, a group or a role.
    Attachment = "attachment",
    /// A policy embedded in a user, a group or a role.
    InlinePolicy = "inline_policy",
    /// An IAM role. Only ever observed.
    Role = "role",
    /// The account's password policy.
    PasswordPolicy = "password_policy",
    /// A CloudWatch Logs log group.
    LogGroup = "log_group",
    /// A metric filter of a log group.
    MetricFilter = "metric_filter",
    /// A CloudWatch alarm.
    Alarm = "alarm",
    /// A CloudWatch dashboard.
    Dashboard = "dashboard",
}

impl Kind {
    /// Tells whether objects of this kind are read user by user, so that "absent" means something only
    /// for users who were looked up.
    pub fn is_read_by_user(self) -> bool {
        matches!(self, Self::LoginProfile | Self::Credential)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says that a word names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a kind of object", .0.escape_debug())]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
