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
    /// The user it is enabled for, if any.
    pub user: Option<UserName>,
    /// The device's tags, read only where tags are declared. Keys are compared with regard to case.
    pub tags: Tags,
    /// For whom a new device's seed is sealed. Declared only: AWS doesn't know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Delivery>,
}

/// Names the person who gets a device and the key that their kit is sealed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The user whose device it is to be.
    pub user: UserName,
    /// Whom the seed is sealed for.
    pub recipient: Recipient,
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

impl MfaDevice {
    /// The tag that a user has while a device is made for them, until its seed is in their kit. Its value is the device's
    /// name. An unassigned device of that name is useless, since nobody has its seed.
    pub const UNSEALED: &str = "mfactl:unsealed";
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
