//! MFA devices: virtual ones, and fixtures of hardware tokens and FIDO keys.
//!
//! AWS knows the seeds of the hardware tokens that are sold for it, and FIDO keys are registered in its console only. So
//! that both can be had here, `EnableMFADevice` takes them: a serial number that is no ARN is a hardware token's, whose
//! seed is the serial number's own characters; `arn:aws:iam::ACCOUNT:u2f/user/USER/NAME` is a FIDO key's, and any codes
//! will do for it. Neither is there before it is enabled or after it is deactivated.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html>

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{DEVICE_NAME, EXISTING_USER_NAME, HasName, PATH, SERIAL_NUMBER, fold};
use super::tags::Tags;
use super::users::called_name;
use super::{Iam, ids, quotas, remove_from};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

mod lists;
mod qr_code;
mod totp;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateVirtualMFADevice", create),
    Operation::write("EnableMFADevice", enable)
        .unlike("also takes fixtures: hardware tokens and FIDO keys (see above)"),
    Operation::write("ResyncMFADevice", resync),
    Operation::write("DeactivateMFADevice", deactivate),
    Operation::write("DeleteVirtualMFADevice", delete),
    Operation::read("ListMFADevices", lists::list),
    Operation::read("ListVirtualMFADevices", lists::list_virtual)
        .unlike("the root user has no device"),
    Operation::read("GetMFADevice", lists::get).unlike("the level of certification is made up"),
];

/// Holds an MFA device. What it is follows from its serial number.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MfaDevice {
    pub(super) serial: String,
    /// A FIDO key has none.
    seed: Seed,
    pub(super) tags: Tags,
    pub(super) assigned: Option<Assigned>,
    /// How many steps the device's clock is ahead of ours, as its last codes showed.
    drift: i64,
}

/// Says whose device it is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assigned {
    /// The folded name of the user.
    pub(super) user: String,
    pub(super) enabled: Timestamp,
}

/// Says what a device is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeviceKind {
    Virtual,
    Hardware,
    Fido,
}

impl DeviceKind {
    fn of(serial: &str) -> Self {
        if !serial.starts_with("arn:") {
            Self::Hardware
        } else if serial.contains(":u2f/") {
            Self::Fido
        } else {
            Self::Virtual
        }
    }
}

/// Holds a seed in base32. It is kept, since codes are checked, and has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
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

impl MfaDevice {
    /// Returns a device that is nobody's.
    fn new(serial: &str, seed: String, tags: Tags) -> Self {
        Self {
            serial: serial.to_owned(),
            seed: Seed(seed),
            tags,
            assigned: None,
            drift: 0,
        }
    }

    fn is_of(&self, folded_name: &str) -> bool {
        let assigned = self.assigned.as_ref();
        assigned.is_some_and(|assigned| assigned.user == folded_name)
    }

    fn kind(&self) -> DeviceKind {
        DeviceKind::of(&self.serial)
    }

    /// Returns how far ahead the device's clock is, if these are two codes of it.
    fn drift_by(&self, codes: [&str; 2], now: Timestamp) -> Result<i64, Error> {
        match self.kind() {
            DeviceKind::Fido => Ok(0),
            DeviceKind::Virtual | DeviceKind::Hardware => {
                totp::drift(&self.seed.0, codes, now).ok_or_else(wrong_code)
            }
        }
    }
}

impl Account {
    pub(super) fn virtual_device(&self, serial: &str) -> Result<&MfaDevice, Error> {
        let device = self.iam.mfa_devices.get(serial);
        device
            .filter(|device| device.kind() == DeviceKind::Virtual)
            .ok_or_else(|| no_such_device(serial))
    }

    pub(super) fn virtual_device_mut(&mut self, serial: &str) -> Result<&mut MfaDevice, Error> {
        let device = self.iam.mfa_devices.get_mut(serial);
        device
            .filter(|device| device.kind() == DeviceKind::Virtual)
            .ok_or_else(|| no_such_device(serial))
    }

    /// Returns the device if it is this user's.
    fn device_of(&mut self, user: &str, serial: &str) -> Result<&mut MfaDevice, Error> {
        self.iam.user(user)?;
        let device = self.iam.mfa_devices.get_mut(serial);
        device
            .filter(|device| device.is_of(&fold(user)))
            .ok_or_else(|| no_such_device(serial))
    }

    /// Returns the device that is to be a user's: one there is, or a fixture.
    fn device_for(&self, user: &str, serial: &str) -> Result<MfaDevice, Error> {
        if let Some(device) = self.iam.mfa_devices.get(serial) {
            return Ok(device.clone());
        }
        let seed = match DeviceKind::of(serial) {
            DeviceKind::Hardware => BASE32_NOPAD.encode(serial.as_bytes()),
            DeviceKind::Fido if serial.starts_with(&self.iam_arn("u2f/user/", user, "/")) => {
                String::new()
            }
            DeviceKind::Fido | DeviceKind::Virtual => return Err(no_such_device(serial)),
        };
        Ok(MfaDevice::new(serial, seed, Tags::with_case()))
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
    let device = MfaDevice::new(&serial, seed, tags);
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
    let mut device = account.device_for(name, serial)?;
    if device.assigned.is_some() {
        return Err(Error::already_exists("MFA Device is already in use."));
    }
    let devices = &account.iam.index.devices;
    let limit = quotas::MFA_DEVICES_PER_USER;
    if devices.get(&user).is_some_and(|owned| owned.len() >= limit) {
        return Err(Error::over_quota("MFADevicesPerUser", limit));
    }
    device.drift = device.drift_by(codes, call.now)?;
    device.assigned = Some(Assigned {
        user: user.clone(),
        enabled: call.now,
    });
    account.iam.mfa_devices.insert(device);
    let devices = &mut account.iam.index.devices;
    devices.entry(user).or_default().insert(serial.to_owned());
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
    device.drift = device.drift_by(codes, call.now)?;
    Ok(Record::new())
}

fn sent_codes<'a>(call: &Call<'a>) -> Result<[&'a str; 2], Error> {
    Ok([
        call.input.required_text("AuthenticationCode1", &CODE)?,
        call.input.required_text("AuthenticationCode2", &CODE)?,
    ])
}

impl Iam {
    /// Returns whether a code is one that a user's device shows about now; `None` if it is no device of theirs with codes.
    pub(crate) fn shows_code(
        &self,
        user: &str,
        serial: &str,
        code: &str,
        now: Timestamp,
    ) -> Option<bool> {
        let device = self.mfa_devices.get(serial)?;
        match device.kind() {
            DeviceKind::Virtual | DeviceKind::Hardware if device.is_of(&fold(user)) => {
                Some(totp::is_current(&device.seed.0, code, device.drift, now))
            }
            DeviceKind::Virtual | DeviceKind::Hardware | DeviceKind::Fido => None,
        }
    }
}

impl Iam {
    /// Returns whether a code was needed and is of one of a user's devices; a FIDO key, which shows none, takes any.
    ///
    /// # Errors
    ///
    /// The user has a device, and the code is missing or of none of theirs.
    pub(crate) fn shows_code_of_any(
        &self,
        user: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, ()> {
        let Some(serials) = self.index.devices.get(&fold(user)) else {
            return Ok(false);
        };
        let code = code.ok_or(())?;
        let is_fido = |serial: &str| DeviceKind::of(serial) == DeviceKind::Fido;
        let shown = serials.iter().any(|serial| {
            is_fido(serial) || self.shows_code(user, serial, code, now) == Some(true)
        });
        if shown { Ok(true) } else { Err(()) }
    }
}

fn wrong_code() -> Error {
    Error::new(
        Code::InvalidMfaCodes,
        "Authentication code for device is not valid",
    )
}

/// Takes a device from its user; a virtual one stays, unassigned, and a fixture goes.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html>
fn deactivate(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = called_name(call)?;
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    let device = account.device_of(name, serial)?;
    device.assigned = None;
    if device.kind() != DeviceKind::Virtual {
        account.iam.mfa_devices.remove(serial);
    }
    remove_from(&mut account.iam.index.devices, &fold(name), serial);
    Ok(Record::new())
}

/// Deletes a device that is nobody's.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    if account.virtual_device(serial)?.assigned.is_some() {
        return Err(Error::delete_conflict(
            "MFA VirtualDevice in use. Must deactivate first.",
        ));
    }
    account.iam.mfa_devices.remove(serial);
    Ok(Record::new())
}
