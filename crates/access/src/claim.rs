//! What is claimed, and of which sessions.

use std::fmt;

use model::{FindingCode, Session};
use policy::cells::{Fact, Facts};
use serde::{Serialize, Serializer};

/// Names a claim about one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// Without MFA the user can do nothing but enrol and manage its own password and devices.
    OnlySelfServiceWithoutMfa,
    /// With an access key and no MFA the user can't even do that, or a stolen key could enable a device of the thief's
    /// and turn itself into a session with MFA.
    NothingWithKey,
    /// Without MFA everything but self-service is denied explicitly, so that no policy of a resource can allow it.
    DeniedWithoutMfa,
    /// Signed in with its password only, the user can change it, and create, enable and resync an MFA device of any name.
    CanEnrol,
    /// The principal keeps the control that it needs in an emergency.
    KeepsControl,
    /// With MFA the user has all that its policies grant: what enforces MFA takes nothing away.
    FullAccessWithMfa,
    /// Whoever runs mfactl keeps the permissions that the next apply needs.
    CallerKeepsPermissions,
    /// The principal can do each action of a set on some resource, as a spec asserts.
    CanDo,
    /// The principal can do no action of a set on any resource, as a spec asserts.
    CannotDo,
}

impl Claim {
    /// Returns the finding that the claim doesn't hold, or can't be proved.
    pub fn code(self) -> FindingCode {
        match self {
            Self::OnlySelfServiceWithoutMfa => FindingCode::OnlySelfServiceWithoutMfa,
            Self::NothingWithKey => FindingCode::NothingWithKey,
            Self::DeniedWithoutMfa => FindingCode::DeniedWithoutMfa,
            Self::CanEnrol => FindingCode::CanEnrol,
            Self::KeepsControl => FindingCode::KeepsControl,
            Self::FullAccessWithMfa => FindingCode::FullAccessWithMfa,
            Self::CallerKeepsPermissions => FindingCode::CallerKeepsPermissions,
            Self::CanDo | Self::CannotDo => FindingCode::Check,
        }
    }

    /// Returns the claim as a sentence about a principal, without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::OnlySelfServiceWithoutMfa => {
                "without MFA it can do nothing but enrol and manage its own password and devices"
            }
            Self::NothingWithKey => "with an access key and no MFA it can do nothing",
            Self::DeniedWithoutMfa => {
                "without MFA everything but self-service is denied, whatever policies of resources allow"
            }
            Self::CanEnrol => "with its password alone it can enrol an MFA device",
            Self::KeepsControl => "it keeps control of the account",
            Self::FullAccessWithMfa => "with MFA it has all that its policies grant",
            Self::CallerKeepsPermissions => "it keeps the permissions that mfactl needs",
            Self::CanDo => "it can do what the spec says it can",
            Self::CannotDo => "it can't do what the spec says it can't",
        }
    }

    /// Lists the claims about a user who needs MFA.
    pub(crate) const OF_USERS: [Self; 5] = [
        Self::OnlySelfServiceWithoutMfa,
        Self::NothingWithKey,
        Self::DeniedWithoutMfa,
        Self::CanEnrol,
        Self::FullAccessWithMfa,
    ];
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.code().serialize(serializer)
    }
}

/// Returns what is known of the condition keys of the session's requests ("AWS global condition context keys":
/// `aws:MultiFactorAuthPresent`, `aws:MultiFactorAuthAge`, `aws:TokenIssueTime`). No session is older than 36 hours.
pub(crate) fn facts(session: Session) -> Facts {
    const PRESENT: &str = "aws:MultiFactorAuthPresent";
    const AGE: &str = "aws:MultiFactorAuthAge";
    let value = |text: &str| Fact::Value(text.to_owned());
    match session {
        Session::Key => Facts::default()
            .with(PRESENT, Fact::Absent)
            .with(AGE, Fact::Absent)
            .with("aws:TokenIssueTime", Fact::Absent),
        Session::Password => Facts::default()
            .with(PRESENT, value("false"))
            .with(AGE, Fact::Absent),
        Session::Mfa => Facts::default()
            .with(PRESENT, value("true"))
            .with(AGE, Fact::Between(0, 129_600)),
        Session::Role => Facts::default(),
    }
}
