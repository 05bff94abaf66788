//! Long-lived credentials other than passwords and MFA devices.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Describes a credential of a user. It is never created; it goes with its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// What sort of credential it is.
    #[serde(rename = "type")]
    pub credential_type: CredentialType,
}

/// Tells sorts of credentials apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialType {
    /// An access key for the API.
    AccessKey,
    /// An X.509 signing certificate.
    SigningCertificate,
    /// An ssh public key for `CodeCommit`.
    SshPublicKey,
    /// A user name and password, or an API key, for one service.
    ServiceSpecificCredential,
}

impl fmt::Display for CredentialType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessKey => "access key",
            Self::SigningCertificate => "signing certificate",
            Self::SshPublicKey => "SSH public key",
            Self::ServiceSpecificCredential => "service-specific credential",
        })
    }
}
