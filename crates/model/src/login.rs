//! Sign-ins to the console, as CloudTrail tells of them.

use jiff::Timestamp;
use serde::Serialize;

/// Holds the sign-ins that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Logins {
    /// The query that found them.
    pub query: String,
    /// The sign-ins, the newest first.
    pub logins: Vec<Login>,
    /// Why these aren't all, if they aren't.
    pub incomplete: Option<String>,
}

/// Describes a sign-in that somebody tried. All of it is data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Login {
    /// When it was.
    pub time: Timestamp,
    /// Who it was: a user's name, `root`, or what CloudTrail says of others.
    pub who: String,
    /// Whether it was the root user, a user of IAM, or somebody whose sign-in is elsewhere.
    pub kind: LoginKind,
    /// Whether it succeeded.
    pub success: bool,
    /// Whether an MFA device was used, where CloudTrail tells.
    pub mfa: Option<bool>,
    /// The address that it came from.
    pub from: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// Tells who can sign in to the console apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    /// The root user.
    Root,
    /// A user of IAM.
    User,
    /// Somebody who signs in at an identity provider, which asks for MFA or doesn't: CloudTrail can't tell.
    Federated,
}

impl Login {
    /// Tells whether somebody got in without MFA, where AWS asks for it.
    pub fn is_without_mfa(&self) -> bool {
        self.success && self.mfa == Some(false) && self.kind != LoginKind::Federated
    }
}
