//! MFA devices.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Account, DeviceName, Path, Recipient, Tags, UserName};

/// Describes an MFA device. Its seed exists only when it is created, and is never part of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// What sort of device it is, with what identifies it.
    #[serde(flatten)]
    pub device: DeviceType,
    /// The user it is enabled for, or is to be enabled for, if any.
    pub user: Option<UserName>,
    /// The device's tags, read only where tags are declared. Keys are compared with regard to case.
    pub tags: Tags,
    /// Whom a new device's seed is sealed for. Declared only: AWS doesn't know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Recipient>,
}

/// Tells sorts of MFA devices apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeviceType {
    /// An authenticator app. Its serial number is an ARN made of its path and name.
    Virtual {
        /// The device's path.
        path: Path,
    },
    /// A hardware TOTP token, by the serial number on its case.
    Hardware {
        /// The serial number.
        serial: String,
    },
    /// A FIDO security key or passkey, by its ARN.
    Fido {
        /// The device's ARN.
        serial: String,
    },
}

impl DeviceType {
    /// Returns the serial number that IAM's calls take.
    pub fn serial(&self, name: &DeviceName, account: &Account) -> String {
        match self {
            Self::Virtual { path } => format!(
                "arn:{}:iam::{}:mfa{path}{name}",
                account.partition, account.id
            ),
            Self::Hardware { serial } | Self::Fido { serial } => serial.clone(),
        }
    }
}

impl fmt::Display for DeviceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Virtual { .. } => "virtual MFA device",
            Self::Hardware { .. } => "hardware MFA device",
            Self::Fido { .. } => "FIDO security key",
        })
    }
}
