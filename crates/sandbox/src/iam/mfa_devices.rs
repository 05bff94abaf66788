//! Virtual MFA devices.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html>

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{DEVICE_NAME, EXISTING_USER_NAME, HasName, PATH, SERIAL_NUMBER, fold};
use super::page::Page;
use super::tags::Tags;
use super::users::called_name;
use super::{ids, quotas, remove_from};
use crate::call::{Call, Caller, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

mod qr_code;
mod totp;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateVirtualMFADevice", create),
    Operation::write("EnableMFADevice", enable),
    Operation::write("ResyncMFADevice", resync),
    Operation::write("DeactivateMFADevice", deactivate),
    Operation::write("DeleteVirtualMFADevice", delete),
    Operation::read("ListMFADevices", list),
    Operation::read("ListVirtualMFADevices", list_virtual),
    Operation::read("GetMFADevice", get),
];

/// Holds a virtual MFA device.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MfaDevice {
    pub(super) serial: String,
    seed: Seed,
    pub(super) tags: Tags,
    pub(super) assigned: Option<Assigned>,
    /// How many steps the device's clock is ahead of ours, as its last codes showed.
    drift: i64,
}

/// Says whose device it is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assigned {
    /// The folded name of the user.
    pub(super) user: String,
    pub(super) enabled: Timestamp,
}

/// Holds a seed in base32. It is kept, since codes are checked, and has no `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Seed(String);

impl HasName for MfaDevice {
    fn name(&self) -> &str {
        &self.serial
    }
}

const CODE: Shape = Shape {
    lengths: 6..=6,
    pattern: Pattern {
        expression: r"[\d]+",
        matches: |code| code.bytes().all(|b| b.is_ascii_digit()),
    },
};

impl Account {
    pub(super) fn mfa_device(&self, serial: &str) -> Result<&MfaDevice, Error> {
        self.iam
            .mfa_devices
            .get(serial)
            .ok_or_else(|| no_such_device(serial))
    }

    pub(super) fn mfa_device_mut(&mut self, serial: &str) -> Result<&mut MfaDevice, Error> {
        self.iam
            .mfa_devices
            .get_mut(serial)
            .ok_or_else(|| no_such_device(serial))
    }

    /// Returns the device if it is this user's.
    fn device_of(&mut self, user: &str, serial: &str) -> Result<&mut MfaDevice, Error> {
        self.iam.user(user)?;
        let device = self.mfa_device_mut(serial)?;
        if device
            .assigned
            .as_ref()
            .is_none_or(|assigned| assigned.user != fold(user))
        {
            return Err(no_such_device(serial));
        }
        Ok(device)
    }
}

fn no_such_device(serial: &str) -> Error {
    Error::no_such_entity(format!(
        "VirtualMFADevice with serial number {serial} doesn't exist."
    ))
}

/// Creates a device that is nobody's yet, with a seed of 64 base32 characters and its QR code.
///
/// The QR code holds `otpauth://totp/NAME@ACCOUNT?secret=SEED`, as the API reference says.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call
        .input
        .required_text("VirtualMFADeviceName", &DEVICE_NAME)?;
    let path = call.input.text("Path", &PATH)?.unwrap_or("/");
    let tags = Tags::with_case().with_those_of(call)?;
    let serial = account.iam_arn("mfa", path, name);
    if account.iam.mfa_devices.is_taken(&serial) {
        return Err(Error::already_exists(
            "MFADevice entity at the same path and name already exists.",
        ));
    }
    if account.iam.mfa_devices.len() >= quotas::USERS {
        return Err(Error::over_quota(
            "VirtualMFADevicesPerAccount",
            quotas::USERS,
        ));
    }
    let seed = BASE32_NOPAD.encode(&ids::random::<40>()?);
    let uri = format!("otpauth://totp/{name}@{}?secret={seed}", account.id);
    let answer = Record::new()
        .with("SerialNumber", &serial)
        .with("Base32StringSeed", seed.clone().into_bytes())
        .with("QRCodePNG", qr_code::png(&uri)?)
        .with_some("Tags", tags.listed());
    let device = MfaDevice {
        serial,
        seed: Seed(seed),
        tags,
        assigned: None,
        drift: 0,
    };
    account.iam.mfa_devices.insert(device);
    Ok(Record::new().with("VirtualMFADevice", answer))
}

/// Gives a device to a user on two consecutive codes of it.
///
/// That a device that is somebody's already is `EntityAlreadyExists` is known from use only.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>
fn enable(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    let codes = sent_codes(call)?;
    account.iam.user(name)?;
    let user = fold(name);
    let owned = account
        .iam
        .index
        .devices
        .get(&user)
        .map_or(0, std::collections::BTreeSet::len);
    let device = account.mfa_device_mut(serial)?;
    if device.assigned.is_some() {
        return Err(Error::already_exists("MFA Device is already in use."));
    }
    if owned >= quotas::MFA_DEVICES_PER_USER {
        return Err(Error::over_quota(
            "MFADevicesPerUser",
            quotas::MFA_DEVICES_PER_USER,
        ));
    }
    device.drift = totp::drift(&device.seed.0, codes, call.now).ok_or_else(wrong_code)?;
    device.assigned = Some(Assigned {
        user: user.clone(),
        enabled: call.now,
    });
    account
        .iam
        .index
        .devices
        .entry(user)
        .or_default()
        .insert(serial.to_owned());
    Ok(Record::new())
}

/// Learns how far a device's clock is off, from two consecutive codes.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html>
fn resync(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    let codes = sent_codes(call)?;
    let device = account.device_of(name, serial)?;
    device.drift = totp::drift(&device.seed.0, codes, call.now).ok_or_else(wrong_code)?;
    Ok(Record::new())
}

fn sent_codes<'a>(call: &Call<'a>) -> Result<[&'a str; 2], Error> {
    Ok([
        call.input.required_text("AuthenticationCode1", &CODE)?,
        call.input.required_text("AuthenticationCode2", &CODE)?,
    ])
}

fn wrong_code() -> Error {
    Error::new(
        Code::InvalidMfaCodes,
        "Authentication code for device is not valid",
    )
}

/// Takes a device from its user; a virtual one stays, unassigned.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html>
fn deactivate(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = called_name(call)?;
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    account.device_of(name, serial)?.assigned = None;
    remove_from(&mut account.iam.index.devices, &fold(name), serial);
    Ok(Record::new())
}

/// Deletes a device that is nobody's.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    if account.mfa_device(serial)?.assigned.is_some() {
        return Err(Error::delete_conflict(
            "MFA VirtualDevice in use. Must deactivate first.",
        ));
    }
    account.iam.mfa_devices.remove(serial);
    Ok(Record::new())
}

/// Lists a user's devices; the root user's are none.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let page = Page::of(call)?;
    let user = match (
        call.input.text("UserName", &EXISTING_USER_NAME)?,
        call.caller,
    ) {
        (None, Caller::Root) => {
            return Ok(page.answer("MFADevices", std::iter::empty::<(String, Record)>()));
        }
        _ => account.called_user(call)?,
    };
    let serials = account
        .iam
        .index
        .devices
        .get(&fold(&user.name))
        .into_iter()
        .flatten();
    let devices = serials.filter_map(|serial| {
        let enabled = account
            .iam
            .mfa_devices
            .get(serial)?
            .assigned
            .as_ref()?
            .enabled;
        let record = Record::new()
            .with("UserName", &user.name)
            .with("SerialNumber", serial)
            .with("EnableDate", enabled);
        Some((serial, record))
    });
    Ok(page.answer("MFADevices", devices))
}

/// Says which devices are asked for.
#[derive(Clone, Copy, PartialEq)]
enum AssignmentStatus {
    Assigned,
    Unassigned,
    Any,
}

/// Lists the account's virtual devices, without seeds and tags.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html>
fn list_virtual(account: &Account, call: &Call<'_>) -> Answer {
    let statuses = [
        ("Assigned", AssignmentStatus::Assigned),
        ("Unassigned", AssignmentStatus::Unassigned),
        ("Any", AssignmentStatus::Any),
    ];
    let status = call
        .input
        .choice("AssignmentStatus", &statuses)?
        .unwrap_or(AssignmentStatus::Any);
    let page = Page::of(call)?;
    let devices = account
        .iam
        .mfa_devices
        .from(page.start())
        .filter(|(_, device)| match status {
            AssignmentStatus::Assigned => device.assigned.is_some(),
            AssignmentStatus::Unassigned => device.assigned.is_none(),
            AssignmentStatus::Any => true,
        });
    Ok(page.answer(
        "VirtualMFADevices",
        devices.map(|(key, device)| (key, virtual_record(account, device))),
    ))
}

fn virtual_record(account: &Account, device: &MfaDevice) -> Record {
    let record = Record::new().with("SerialNumber", &device.serial);
    let Some(assigned) = &device.assigned else {
        return record;
    };
    let user = account
        .iam
        .users
        .folded(&assigned.user)
        .map(|user| account.user_summary(user));
    record
        .with_some("User", user)
        .with("EnableDate", assigned.enabled)
}

/// Finds no device: it is for FIDO security keys and passkeys, which can't be registered here.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html>
fn get(_: &Account, call: &Call<'_>) -> Answer {
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    Err(Error::no_such_entity(format!(
        "There is no FIDO security key or passkey {serial}."
    )))
}
