//! Why something couldn't be read.

use serde::{Deserialize, Serialize};

/// Says why objects of a kind are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// The operation that failed, as IAM policies name it: `iam:GetLoginProfile`.
    pub operation: String,
    /// AWS's error code with AWS's message (`AccessDenied: not you`), or what else went wrong.
    pub message: String,
}

impl ReadFailure {
    /// Returns AWS's error code and AWS's message, which may be empty, where AWS answered.
    pub fn answer(&self) -> Option<(&str, &str)> {
        let (code, message) = self.message.split_once(": ").unwrap_or((&self.message, ""));
        let is_code = !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric());
        is_code.then_some((code, message))
    }

    /// Tells whether the credentials lack a permission.
    pub fn is_denied(&self) -> bool {
        let is_denial = |(code, _)| matches!(code, "AccessDenied" | "AccessDeniedException");
        self.answer().is_some_and(is_denial)
    }

    /// Tells whether AWS was only asked too much, so that asking again later is all that it takes.
    pub fn is_throttled(&self) -> bool {
        self.answer().is_some_and(|(code, _)| is_throttling(code))
    }
}

/// Tells whether one of AWS's error codes says that it was asked too much: those that the SDK's standard retries count as
/// throttling, as far as the services that are called have them.
pub fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "PriorRequestNotComplete"
            | "SlowDown"
    )
}
