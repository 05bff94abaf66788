//! MFA devices: virtual ones in bulk; all sorts for users who are to be deleted or whose MFA is to be reset, and for those
//! who must have MFA and have no virtual one.
//!
//! A device that can't be told makes the kind unread: a device left out would be taken for absent, and its user for
//! one who can be deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::iter::once;

use aws_sdk_iam::types::VirtualMfaDevice;
use model::{
    Address, Body, DeviceName, DeviceType, Kind, MfaDevice, NameError, Path, ReadFailure, Tags,
    UserName,
};

use crate::Clients;
use crate::part::{Limit, Part, failure, unexpected};
use crate::scope::Scope;

const LIST_VIRTUAL: &str = "iam:ListVirtualMFADevices";
const LIST_OF_USER: &str = "iam:ListMFADevices";

/// The root user's first device is listed with the others; it is never touched.
const ROOT_DEVICE: &str = "root-account-mfa-device";

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;
type Found = Result<Vec<(DeviceName, MfaDevice)>, ReadFailure>;

pub(crate) async fn read(clients: &Clients, scope: &Scope, limit: &Limit) -> Part {
    if !scope.devices {
        return Part::default();
    }
    let (listed, of_users) = tokio::join!(
        virtual_devices(clients),
        limit.each(&scope.losing_devices, |user| of_user(clients, user)),
    );
    let without = without_virtual(scope, &listed);
    let of_others = limit.each(without, |user| of_user(clients, user)).await;
    let mut devices = BTreeMap::new();
    let mut part = Part::default();
    for found in once(listed).chain(of_users).chain(of_others) {
        if let Err(failure) = found.and_then(|found| merge(&mut devices, found)) {
            part.unread.push((Kind::MfaDevice, failure));
        }
    }
    let object = |(name, device)| (Address::MfaDevice(name), Body::MfaDevice(device));
    part.objects.extend(devices.into_iter().map(object));
    part
}

/// Lists the users who must have MFA and have no virtual device that is enabled for them: they may have another sort.
fn without_virtual<'a>(scope: &'a Scope, listed: &Found) -> Vec<&'a UserName> {
    let Ok(listed) = listed else {
        return Vec::new();
    };
    let holders: BTreeSet<&UserName> = listed
        .iter()
        .filter_map(|(_, device)| device.user.as_ref())
        .collect();
    let required = scope.required.difference(&scope.losing_devices);
    required.filter(|user| !holders.contains(user)).collect()
}

/// Adds devices to those found so far. A virtual device of a user is listed twice; two devices of one name can't both
/// be told by an address.
fn merge(
    devices: &mut BTreeMap<DeviceName, MfaDevice>,
    found: Vec<(DeviceName, MfaDevice)>,
) -> Result<(), ReadFailure> {
    for (name, device) in found {
        match devices.get(&name) {
            Some(other) if other.device != device.device => {
                let what = format!("two MFA devices have the name `{name}`; delete or rename one");
                return Err(unexpected(LIST_OF_USER, &what));
            }
            _ => devices.insert(name, device),
        };
    }
    Ok(())
}

async fn virtual_devices(clients: &Clients) -> Found {
    let call = clients.iam.list_virtual_mfa_devices().max_items(1000);
    let mut pages = call.into_paginator().send();
    let mut found = Vec::new();
    let mut truncated = false;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(LIST_VIRTUAL, &error))?;
        truncated = page.is_truncated();
        for listed in page
            .virtual_mfa_devices()
            .iter()
            .filter(|device| !is_of_root(device))
        {
            found.push(virtual_device(listed).map_err(|error| unexpected(LIST_VIRTUAL, &error))?);
        }
    }
    if truncated {
        return Err(unexpected(LIST_VIRTUAL, &"it ends before its last page"));
    }
    Ok(found)
}

/// Tells whether a device is the root user's. Its first one has a name of its own; the others are told by their user.
fn is_of_root(device: &VirtualMfaDevice) -> bool {
    let is_root = |user: &aws_sdk_iam::types::User| user.arn().ends_with(":root");
    device.serial_number().rsplit('/').next() == Some(ROOT_DEVICE)
        || device.user().is_some_and(is_root)
}

fn virtual_device(device: &VirtualMfaDevice) -> Answer<(DeviceName, MfaDevice)> {
    let user = device.user().map(|user| UserName::new(user.user_name()));
    named(device.serial_number(), user.transpose()?)
}

async fn of_user(clients: &Clients, user: &UserName) -> Found {
    let call = clients.iam.list_mfa_devices().user_name(user.as_str());
    let mut pages = call.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(LIST_OF_USER, &error))?;
        for device in page.mfa_devices() {
            let device = named(device.serial_number(), Some(user.clone()));
            found.push(device.map_err(|error| unexpected(LIST_OF_USER, &error))?);
        }
    }
    Ok(found)
}

fn named(serial: &str, user: Option<UserName>) -> Answer<(DeviceName, MfaDevice)> {
    let (name, device) = device(serial)?;
    let device = MfaDevice {
        device,
        user,
        tags: Tags::default(),
        deliver_to: None,
    };
    Ok((name, device))
}

/// Tells a device's name and sort by its serial number: virtual devices and FIDO keys have ARNs, hardware tokens what is
/// printed on them.
fn device(serial: &str) -> Answer<(DeviceName, DeviceType)> {
    if let Some((_, path_and_name)) = serial.split_once(":mfa/") {
        let (path, name) = path_and_name
            .rsplit_once('/')
            .unwrap_or(("", path_and_name));
        let path = if path.is_empty() {
            "/".to_owned()
        } else {
            format!("/{path}/")
        };
        let path = Path::new(path)?;
        return Ok((DeviceName::new(name)?, DeviceType::Virtual { path }));
    }
    let name = name_of(serial)?;
    let serial = serial.to_owned();
    Ok(match serial.starts_with("arn:") {
        true => (name, DeviceType::Fido { serial }),
        false => (name, DeviceType::Hardware { serial }),
    })
}

/// Makes a name of a serial number's last part. A serial number may have characters that a name hasn't (the pattern of
/// `SerialNumber` in the API reference of `MFADevice`).
fn name_of(serial: &str) -> Result<DeviceName, NameError> {
    let last = serial.rsplit('/').next().unwrap_or(serial);
    DeviceName::new(last.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(serial: &str) -> (String, DeviceType) {
        let (name, device) = device(serial).unwrap();
        (name.to_string(), device)
    }

    #[test]
    fn a_device_is_told_by_its_serial_number() {
        let virtual_at = |path| DeviceType::Virtual {
            path: Path::new(path).unwrap(),
        };
        assert_eq!(
            sort("arn:aws:iam::123456789012:mfa/alice"),
            ("alice".into(), virtual_at("/"))
        );
        assert_eq!(
            sort("arn:aws:iam::123456789012:mfa/people/eng/alice"),
            ("alice".into(), virtual_at("/people/eng/"))
        );
        let key = "arn:aws:iam::123456789012:u2f/user/alice/key-ABC123";
        assert_eq!(
            sort(key),
            ("key-ABC123".into(), DeviceType::Fido { serial: key.into() })
        );
        assert_eq!(
            sort("GAHT12345678"),
            (
                "GAHT12345678".into(),
                DeviceType::Hardware {
                    serial: "GAHT12345678".into()
                }
            )
        );
    }

    #[test]
    fn a_serial_number_that_is_no_name_gets_one() {
        let (name, device) = sort("AB:12/CD:34");
        assert_eq!(name, "CD-34");
        assert_eq!(
            device,
            DeviceType::Hardware {
                serial: "AB:12/CD:34".into()
            }
        );
    }
}
