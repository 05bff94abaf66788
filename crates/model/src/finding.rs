//! What a person should know of a plan beyond its actions.

use std::fmt;

use serde::Serialize;

use crate::Address;

/// Says one thing about a plan or a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// Which finding it is.
    pub code: FindingCode,
    /// The object it is about, if it is about one.
    pub address: Option<Address>,
    /// What was found, as a sentence without a full stop.
    pub message: String,
    /// What to do, if there is something to do.
    pub hint: Option<String>,
}

/// Orders findings by how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Note,
    /// Probably not meant.
    Warning,
    /// The plan must not be applied.
    Refusal,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal),* $(,)?) => {
        /// Names a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingCode { $($(#[$doc])* $code),* }

        impl FindingCode {
            /// Returns the finding's name, as in every output.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word),* }
            }
        }
    };
}

codes! {
    /// A user, group or policy exists that nobody declared.
    Undeclared = "undeclared",
    /// What was declared can't be changed in place and is left as it is.
    Unchangeable = "unchangeable",
    /// A policy of the account decides how long a log group keeps its events, so that what is declared has no effect.
    RetentionOverridden = "retention-overridden",
    /// A user has a permissions boundary that nobody declared.
    UndeclaredBoundary = "undeclared-boundary",
    /// A user is renamed or moved while documents name its old ARN.
    NamedElsewhere = "named-elsewhere",

    /// An action would delete or strip a protected object.
    Protected = "protected",
    /// An action would take something away from whoever runs mfactl.
    Caller = "caller",
    /// More people would be removed than `max_people_removed` allows.
    TooManyPeople = "too-many-people",
    /// Everybody would be removed.
    Everybody = "everybody",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FindingCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
