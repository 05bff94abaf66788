//! What makes a run that went well exit with 2.

use clap::ValueEnum;
use model::{Finding, FindingCode};

/// Names what `plan` and `drift` can be told to fail on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Somebody who must have MFA has had no device for longer than `mfa_grace`
    Overdue,
}

impl FailOn {
    /// Tells whether it is among what was found.
    pub(crate) fn is_met(self, findings: &[Finding]) -> bool {
        let code = match self {
            Self::Overdue => FindingCode::MfaOverdue,
        };
        findings.iter().any(|finding| finding.code == code)
    }
}
