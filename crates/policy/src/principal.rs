//! Whom a statement of a trust policy is about.

use std::collections::BTreeMap;
use std::fmt;

/// Holds the principals of a statement: those listed, or all but those listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// `Principal`: any of these.
    Principal(PrincipalSet),
    /// `NotPrincipal`: none of these.
    NotPrincipal(PrincipalSet),
}

impl Principals {
    /// Returns the principals listed.
    pub fn set(&self) -> &PrincipalSet {
        match self {
            Self::Principal(set) | Self::NotPrincipal(set) => set,
        }
    }

    pub(crate) fn element(&self) -> &'static str {
        match self {
            Self::Principal(_) => "Principal",
            Self::NotPrincipal(_) => "NotPrincipal",
        }
    }
}

/// Holds principals by their kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalSet {
    /// `"*"`: everybody, anonymous requests included.
    Everyone,
    /// A map of kinds to names; neither it nor any of its lists is empty.
    Named(BTreeMap<PrincipalKind, Vec<String>>),
}

/// Says what the names of principals are names of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// Accounts, users, roles and their sessions: ARNs, account ids, or `*`.
    Aws,
    /// Services of AWS, such as `ec2.amazonaws.com`.
    Service,
    /// Identity providers.
    Federated,
    /// Canonical user ids, as S3 has them.
    CanonicalUser,
}

impl PrincipalKind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Aws,
        Self::Service,
        Self::Federated,
        Self::CanonicalUser,
    ];

    /// Returns the kind as it is written in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PrincipalKind {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                "expected a kind of principal: `AWS`, `Service`, `Federated` or `CanonicalUser`"
                    .to_owned()
            })
    }
}
