//! Who must have MFA, and with which devices.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{Address, Body, Desired, DeviceType, Principal, UserName, Wish};

/// Says that a user must have MFA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequiredMfa {
    /// How many days the user may take to set it up. Without it there is no end.
    pub grace_days: Option<u16>,
}

/// Tells sorts of MFA devices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaType {
    /// An authenticator app.
    Virtual,
    /// A hardware TOTP token.
    Hardware,
    /// A security key or a passkey.
    Fido2,
}

impl MfaType {
    /// Tells a device's sort by its serial number: virtual devices and FIDO keys have ARNs, hardware tokens what is printed
    /// on them (`SerialNumber` of `MFADevice` in the IAM API reference).
    pub fn of_serial(serial: &str) -> Self {
        if !serial.starts_with("arn:") {
            Self::Hardware
        } else if serial.contains(":u2f/") {
            Self::Fido2
        } else {
            Self::Virtual
        }
    }

    /// Returns the sort's name, as people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Hardware => "hardware",
            Self::Fido2 => "FIDO2",
        }
    }

    /// Returns what such a device is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Virtual => "virtual device",
            Self::Hardware => "hardware token",
            Self::Fido2 => "FIDO2 security key",
        }
    }
}

impl DeviceType {
    /// Returns the sort of the device.
    pub fn mfa_type(&self) -> MfaType {
        match self {
            Self::Virtual { .. } => MfaType::Virtual,
            Self::Hardware { .. } => MfaType::Hardware,
            Self::Fido { .. } => MfaType::Fido2,
        }
    }
}

impl Desired {
    /// Returns the sorts of devices that a user must have, by itself and as a member of groups.
    pub fn required_types(&self, user: &UserName) -> BTreeSet<MfaType> {
        let holds = |principal: &Principal| match principal {
            Principal::User(name) => name == user,
            Principal::Group(group) => {
                let membership = Address::Membership(group.clone(), user.clone());
                let declared = self.objects.get(&membership);
                declared.is_some_and(|declared| matches!(declared.wish, Wish::Present(_)))
            }
            Principal::Role(_) => false,
        };
        let required = self.required_types.iter();
        required
            .filter(|(principal, _)| holds(principal))
            .map(|(_, required)| *required)
            .collect()
    }

    /// Returns the name that a user had, or still has where the rename is to come.
    pub fn former_name(&self, user: &UserName) -> Option<&UserName> {
        match &self.objects.get(&Address::User(user.clone()))?.wish {
            Wish::Present(Body::User(user)) => user.renamed_from.as_ref(),
            Wish::Present(_) | Wish::Absent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_told_by_its_serial_number() {
        let virtual_device = "arn:aws:iam::123456789012:mfa/people/alice";
        assert_eq!(MfaType::of_serial(virtual_device), MfaType::Virtual);
        let key = "arn:aws:iam::123456789012:u2f/user/alice/key-ABC";
        assert_eq!(MfaType::of_serial(key), MfaType::Fido2);
        assert_eq!(MfaType::of_serial("GAHT12345678"), MfaType::Hardware);
    }
}
