//! Who must have MFA, and with which devices.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Address, Desired, DeviceType, Principal, UserName, Wish};

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
    /// Returns the sorts of devices that users must have, by themselves and as members of groups.
    pub fn types_by_user(&self) -> BTreeMap<&UserName, BTreeSet<MfaType>> {
        let mut types: BTreeMap<&UserName, BTreeSet<MfaType>> = BTreeMap::new();
        for (principal, required) in &self.required_types {
            if let Principal::User(user) = principal {
                types.entry(user).or_default().insert(*required);
            }
        }
        for (address, declared) in &self.objects {
            let (Address::Membership(group, user), Wish::Present(_)) = (address, &declared.wish)
            else {
                continue;
            };
            let group = Principal::Group(group.clone());
            if let Some(required) = self.required_types.get(&group) {
                types.entry(user).or_default().insert(*required);
            }
        }
        types
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
