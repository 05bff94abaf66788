//! MFA devices: virtual ones in bulk, all sorts for users who are to be deleted.

use model::{
    Address, Body, DeviceName, DeviceType, Kind, MfaDevice, Path, ReadFailure, Tags, UserName,
};

use crate::Clients;
use crate::part::{Part, failure, one_by_one};
use crate::scope::Scope;

/// The root user's device is listed with the others; it is never touched.
const ROOT_DEVICE: &str = "root-account-mfa-device";

pub(crate) async fn read(clients: &Clients, scope: &Scope, parallelism: usize) -> Part {
    if !scope.devices {
        return Part::default();
    }
    let mut part = match virtual_devices(clients).await {
        Ok(objects) => Part::found(objects),
        Err(failure) => Part::unread(&[Kind::MfaDevice], &failure),
    };
    part.add(one_by_one(&scope.leaving, parallelism, |user| of_user(clients, user)).await);
    part
}

async fn virtual_devices(clients: &Clients) -> Result<Vec<(Address, Body)>, ReadFailure> {
    let mut pages = clients
        .iam
        .list_virtual_mfa_devices()
        .max_items(1000)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("iam:ListVirtualMFADevices", &error))?;
        found.extend(page.virtual_mfa_devices().iter().filter_map(|device| {
            let user = device
                .user()
                .and_then(|user| UserName::new(user.user_name()).ok());
            object(device.serial_number(), user)
        }));
    }
    Ok(found)
}

async fn of_user(clients: &Clients, user: &UserName) -> Part {
    let mut pages = clients
        .iam
        .list_mfa_devices()
        .user_name(user.as_str())
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                let devices = page.mfa_devices().iter();
                found.extend(
                    devices.filter_map(|device| object(device.serial_number(), Some(user.clone()))),
                );
            }
            Err(error) => {
                return Part::unread(&[Kind::MfaDevice], &failure("iam:ListMFADevices", &error));
            }
        }
    }
    Part::found(found)
}

fn object(serial: &str, user: Option<UserName>) -> Option<(Address, Body)> {
    let (name, device) = device(serial)?;
    let body = MfaDevice {
        device,
        user,
        tags: Tags::default(),
        deliver_to: None,
    };
    Some((Address::MfaDevice(name), Body::MfaDevice(body)))
}

/// Tells a device's name and sort by its serial number: virtual devices and FIDO keys have ARNs, hardware tokens what is
/// printed on them.
fn device(serial: &str) -> Option<(DeviceName, DeviceType)> {
    let (path_and_name, is_virtual) = match serial.split_once(":mfa/") {
        Some((_, path_and_name)) => (path_and_name, true),
        None => (serial, false),
    };
    let last = path_and_name.rsplit('/').next().unwrap_or(path_and_name);
    if is_virtual && last == ROOT_DEVICE {
        return None;
    }
    let name = DeviceName::new(last).ok()?;
    let device = if is_virtual {
        let path = path_and_name.strip_suffix(last).unwrap_or_default();
        DeviceType::Virtual {
            path: Path::new(format!("/{path}")).ok()?,
        }
    } else if serial.starts_with("arn:") {
        DeviceType::Fido {
            serial: serial.to_owned(),
        }
    } else {
        DeviceType::Hardware {
            serial: serial.to_owned(),
        }
    };
    Some((name, device))
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
    fn the_root_users_device_is_not_there() {
        assert!(device("arn:aws:iam::123456789012:mfa/root-account-mfa-device").is_none());
    }
}
