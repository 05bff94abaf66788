//! What a person should know of a plan beyond its actions.

use std::fmt;
use std::str::FromStr;

use policy::Document;
use serde::{Deserialize, Serialize, Serializer};

use crate::Address;

/// Says one thing about a plan or a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// Which finding it is.
    pub code: FindingCode,
    /// The object it is about, if it is about one.
    pub address: Option<Address>,
    /// What was found, as a sentence without a full stop.
    pub message: String,
    /// What shows it, one line each: the statements that decide, with their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// What to do, if there is something to do.
    pub hint: Option<String>,
    /// A document that doesn't have the mistake, where one is safe to suggest.
    #[serde(flatten)]
    pub suggestion: Option<Suggestion>,
}

/// Holds a change of a document that mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The document as it is.
    #[serde(rename = "instead_of")]
    pub before: Document,
    /// The document that is suggested.
    #[serde(rename = "suggestion")]
    pub after: Document,
}

/// Orders findings by how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Note,
    /// Probably not meant.
    Warning,
    /// Meant, as the spec says with a reason.
    Accepted,
    /// The plan must not be applied.
    Refusal,
}

macro_rules! codes {
    ($(#[doc = $summary:literal] $code:ident = $word:literal),* $(,)?) => {
        /// Names a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingCode { $(#[doc = $summary] $code),* }

        impl FindingCode {
            /// Lists every finding.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// Returns the finding's name, as in every output.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word),* }
            }

            /// Returns what was found, as a sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$code => $summary.trim_ascii()),* }
            }
        }
    };
}

codes! {
    /// A user, group or policy exists that nobody declared.
    Undeclared = "undeclared",
    /// What was declared can't be changed in place and is left as it is.
    Unchangeable = "unchangeable",
    /// A policy of the account decides how long a log group keeps its events, not the spec.
    RetentionOverridden = "retention-overridden",
    /// A user has a permissions boundary that nobody declared.
    UndeclaredBoundary = "undeclared-boundary",
    /// A user is renamed or moved while documents name its old ARN.
    NamedElsewhere = "named-elsewhere",
    /// A user or a membership is past its last day and still there.
    Expired = "expired",
    /// A user or a membership ends within two weeks.
    ExpiresSoon = "expires-soon",
    /// A user must have MFA and has no device for it yet.
    MfaPending = "mfa-pending",
    /// A user must have MFA and has had no device for longer than the grace period.
    MfaOverdue = "mfa-overdue",

    /// An action would delete or strip a protected object.
    Protected = "protected",
    /// An action would take something away from whoever runs mfactl.
    Caller = "caller",
    /// More people would be removed than `max_people_removed` allows.
    TooManyPeople = "too-many-people",
    /// Everybody would be removed.
    Everybody = "everybody",
    /// AWS would have more of something than it allows.
    Quota = "quota",

    /// A user could do more than manage itself without MFA.
    OnlySelfServiceWithoutMfa = "only-self-service-without-mfa",
    /// A user could do something with an access key and no MFA.
    NothingWithKey = "nothing-with-key",
    /// A policy of a resource could let a user in without MFA.
    DeniedWithoutMfa = "denied-without-mfa",
    /// A user who has only a password couldn't enrol an MFA device.
    CanEnrol = "can-enrol",
    /// Who must keep control in an emergency wouldn't.
    KeepsControl = "keeps-control",
    /// What enforces MFA would take something from those who use it.
    FullAccessWithMfa = "full-access-with-mfa",
    /// Whoever runs mfactl would lose the permissions that it needs.
    CallerKeepsPermissions = "caller-keeps-permissions",
    /// Somebody would have too much, or too little, in a state between the steps of the plan.
    EveryStep = "every-step",

    /// A Deny for want of MFA doesn't apply to access keys: `Bool` needs the key that they don't send.
    BoolLetsKeysThrough = "bool-lets-keys-through",
    /// A Deny for want of MFA exempts all of IAM.
    ExemptsIam = "exempts-iam",
    /// A Deny for want of MFA can't apply, since it needs a key that is there with MFA only.
    DenyNeverApplies = "deny-never-applies",
    /// An Allow for those with MFA applies to access keys as well.
    AllowsKeysWithoutMfa = "allows-keys-without-mfa",
    /// Enrolling an MFA device needs MFA.
    EnrolmentNeedsMfa = "enrolment-needs-mfa",
    /// Creating a virtual MFA device is allowed on users, which it isn't about.
    DeviceCreatedOnUser = "device-created-on-user",
    /// Only a device named like its user can be created.
    DeviceNameFixed = "device-name-fixed",
    /// A user's own ARN is written without its path.
    PathForgotten = "path-forgotten",
    /// MFA devices can be removed without MFA.
    DeviceRemovalWithoutMfa = "device-removal-without-mfa",
    /// Keys and passwords can be created or set without MFA.
    CredentialsWithoutMfa = "credentials-without-mfa",
    /// A Deny for want of MFA lists services, so that others are open.
    DenyListsServices = "deny-lists-services",
    /// A pattern matches no action.
    MatchesNothing = "matches-nothing",
    /// Actions exempt from a Deny for want of MFA aren't limited to the user itself.
    ExemptForOthers = "exempt-for-others",
    /// Actions are exempt from a Deny for want of MFA, but nothing in the document allows them.
    ExemptNotAllowed = "exempt-not-allowed",
    /// A Deny for want of MFA covers the call that gets a session with MFA.
    SessionTokenDenied = "session-token-denied",
    /// A policy that is named for MFA doesn't ask for it.
    NamePromisesMfa = "name-promises-mfa",
    /// Everybody with MFA is an administrator.
    EveryoneIsAdministrator = "everyone-is-administrator",
    /// An action about the whole account is listed with ARNs only, which no request for it names.
    AccountWideOnArn = "account-wide-on-arn",
    /// A Deny keeps people from removing a guard in one way and leaves another.
    GuardRemovable = "guard-removable",
    /// Managing one's own password and devices is allowed on those of others as well.
    SelfServiceOnOthers = "self-service-on-others",
    /// A Deny for want of MFA exempts enabling a device, but not all that enrolling takes.
    EnrolmentIncomplete = "enrolment-incomplete",
    /// A Deny tells the want of MFA by its age, not by its presence.
    MfaToldByAge = "mfa-told-by-age",

    /// Something that the spec asserts of access doesn't hold.
    Check = "check",
}

impl FindingCode {
    /// Tells how much the finding matters, before a spec accepts it.
    pub fn level(self) -> Level {
        match self {
            Self::Undeclared
            | Self::Unchangeable
            | Self::UndeclaredBoundary
            | Self::Expired
            | Self::ExpiresSoon
            | Self::MfaPending
            | Self::ExemptNotAllowed
            | Self::SessionTokenDenied
            | Self::SelfServiceOnOthers
            | Self::EnrolmentIncomplete
            | Self::MfaToldByAge => Level::Note,
            Self::RetentionOverridden
            | Self::NamedElsewhere
            | Self::MfaOverdue
            | Self::BoolLetsKeysThrough
            | Self::ExemptsIam
            | Self::DenyNeverApplies
            | Self::AllowsKeysWithoutMfa
            | Self::EnrolmentNeedsMfa
            | Self::DeviceCreatedOnUser
            | Self::DeviceNameFixed
            | Self::PathForgotten
            | Self::DeviceRemovalWithoutMfa
            | Self::CredentialsWithoutMfa
            | Self::DenyListsServices
            | Self::MatchesNothing
            | Self::ExemptForOthers
            | Self::NamePromisesMfa
            | Self::EveryoneIsAdministrator
            | Self::AccountWideOnArn
            | Self::GuardRemovable => Level::Warning,
            Self::Protected
            | Self::Caller
            | Self::TooManyPeople
            | Self::Everybody
            | Self::Quota
            | Self::OnlySelfServiceWithoutMfa
            | Self::NothingWithKey
            | Self::DeniedWithoutMfa
            | Self::CanEnrol
            | Self::KeepsControl
            | Self::FullAccessWithMfa
            | Self::CallerKeepsPermissions
            | Self::EveryStep
            | Self::Check => Level::Refusal,
        }
    }

    /// Tells whether a spec can accept the finding. A guard has a limit of its own that can be set instead.
    pub fn can_be_accepted(self) -> bool {
        match self {
            Self::OnlySelfServiceWithoutMfa
            | Self::NothingWithKey
            | Self::DeniedWithoutMfa
            | Self::CanEnrol
            | Self::KeepsControl
            | Self::FullAccessWithMfa
            | Self::CallerKeepsPermissions
            | Self::EveryStep
            | Self::BoolLetsKeysThrough
            | Self::ExemptsIam
            | Self::DenyNeverApplies
            | Self::AllowsKeysWithoutMfa
            | Self::EnrolmentNeedsMfa
            | Self::DeviceCreatedOnUser
            | Self::DeviceNameFixed
            | Self::PathForgotten
            | Self::DeviceRemovalWithoutMfa
            | Self::CredentialsWithoutMfa
            | Self::DenyListsServices
            | Self::MatchesNothing
            | Self::ExemptForOthers
            | Self::ExemptNotAllowed
            | Self::SessionTokenDenied
            | Self::NamePromisesMfa
            | Self::EveryoneIsAdministrator
            | Self::AccountWideOnArn
            | Self::GuardRemovable
            | Self::SelfServiceOnOthers
            | Self::EnrolmentIncomplete
            | Self::MfaToldByAge => true,
            Self::Undeclared
            | Self::Unchangeable
            | Self::RetentionOverridden
            | Self::UndeclaredBoundary
            | Self::NamedElsewhere
            | Self::Expired
            | Self::ExpiresSoon
            | Self::MfaPending
            | Self::MfaOverdue
            | Self::Protected
            | Self::Caller
            | Self::TooManyPeople
            | Self::Everybody
            | Self::Quota
            | Self::Check => false,
        }
    }
}

impl FindingCode {
    /// Tells whether the finding is a verdict on what the plan comes to, not something seen beside it or a limit. What
    /// is reviewed is bound to its verdicts, but for those on whoever asks.
    pub fn is_verdict(self) -> bool {
        let is_of_caller = self == Self::CallerKeepsPermissions;
        (self.can_be_accepted() && !is_of_caller) || self == Self::Check
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FindingCode {
    type Err = UnknownFinding;

    fn from_str(word: &str) -> Result<Self, UnknownFinding> {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.as_str() == word)
            .ok_or_else(|| UnknownFinding(word.to_owned()))
    }
}

/// Says that a word names no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a finding", .0.escape_debug())]
pub struct UnknownFinding(pub String);

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
