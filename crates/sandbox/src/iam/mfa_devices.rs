//! MFA devices: virtual ones, and fixtures of hardware tokens and FIDO keys.
//!
//! AWS knows the seeds of the hardware tokens that are sold for it, and FIDO keys are registered in its console only. So
//! that both can be had here, `EnableMFADevice` takes them: a serial number that is no ARN is a hardware token's, whose
//! seed is the serial number's own characters; `arn:aws:iam::ACCOUNT:u2f/user/USER/NAME` is a FIDO key's, and any codes
//! will do for it. Neither is there before it is enabled or after it is deactivated. The root user's device, too, is
//! registered in the console only: here the root user enables the virtual device `root-account-mfa-device` for the
//! account's number.
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
    Operation::write("EnableMFADevice", enable).unlike(
        "also takes fixtures: hardware tokens, FIDO keys and the root user's device (see above)",
    ),
    Operation::write("ResyncMFADevice", resync),
    Operation::write("DeactivateMFADevice", deactivate),
    Operation::write("DeleteVirtualMFADevice", delete),
    Operation::read("ListMFADevices", lists::list),
    Operation::read("ListVirtualMFADevices", lists::list_virtual),
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
    /// The step, by its own clock, of the last code that was accepted.
    #[serde(default)]
    last_step: Option<i64>,
}

/// Says whose device it is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assigned {
    /// The folded name of the user; nothing for the root user.
    pub(super) user: Option<String>,
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
            last_step: None,
        }
    }

    /// Returns whether it is a user's, by their folded name, or the root user's.
    fn is_of(&self, owner: Option<&str>) -> bool {
        let assigned = self.assigned.as_ref();
        assigned.is_some_and(|assigned| assigned.user.as_deref() == owner)
    }

    fn kind(&self) -> DeviceKind {
        DeviceKind::of(&self.serial)
    }

    /// Learns how far ahead the device's clock is, from two codes of it, and takes them for spent.
    fn synchronise(&mut self, codes: [&str; 2], now: Timestamp) -> Result<(), Error> {
        match self.kind() {
            DeviceKind::Fido => {}
            DeviceKind::Virtual | DeviceKind::Hardware => {
                self.drift = totp::drift(&self.seed.0, codes, now).ok_or_else(wrong_code)?;
                self.last_step = Some(totp::step(self.drift, now));
            }
        }
        Ok(())
    }

    /// Returns the step of a code that the device shows about now, unless that one or a later one was accepted before.
    fn fresh_step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let step = totp::shown_in(&self.seed.0, code, self.drift, now)?;
        self.last_step
            .is_none_or(|last| step > last)
            .then_some(step)
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

    /// Returns the device if it is this user's, or the root user's as which it is spoken of.
    fn device_of(&mut self, name: &str, serial: &str) -> Result<&mut MfaDevice, Error> {
        let owner = self.owner(name, serial)?;
        let device = self.iam.mfa_devices.get_mut(serial);
        device
            .filter(|device| device.is_of(owner.as_deref()))
            .ok_or_else(|| no_such_device(serial))
    }

    /// Returns the folded name of the user whom a call names for a device, or nothing for the root user.
    fn owner(&self, name: &str, serial: &str) -> Result<Option<String>, Error> {
        if name == self.id && serial == self.root_device_serial() {
            return Ok(None);
        }
        self.iam.user(name)?;
        Ok(Some(fold(name)))
    }

    fn root_device_serial(&self) -> String {
        self.iam_arn("mfa", "/", "root-account-mfa-device")
    }

    /// Returns the root user's device, once it is enabled.
    pub(super) fn root_device(&self) -> Option<&MfaDevice> {
        let device = self.iam.mfa_devices.get(&self.root_device_serial());
        device.filter(|device| device.is_of(None))
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
    let user = account.owner(name, serial)?;
    let mut device = account.device_for(name, serial)?;
    if device.assigned.is_some() {
        return Err(Error::already_exists("MFA Device is already in use."));
    }
    let devices = &account.iam.index.devices;
    let owned = user.as_ref().and_then(|user| devices.get(user));
    let limit = quotas::MFA_DEVICES_PER_USER;
    if owned.is_some_and(|owned| owned.len() >= limit) {
        return Err(Error::over_quota("MFADevicesPerUser", limit));
    }
    device.synchronise(codes, call.now)?;
    device.assigned = Some(Assigned {
        user: user.clone(),
        enabled: call.now,
    });
    account.iam.mfa_devices.insert(device);
    if let Some(user) = user {
        let devices = &mut account.iam.index.devices;
        devices.entry(user).or_default().insert(serial.to_owned());
    }
    Ok(Record::new())
}

/// Learns how far a device's clock is off, from two consecutive codes.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html>
fn resync(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    let codes = sent_codes(call)?;
    account
        .device_of(name, serial)?
        .synchronise(codes, call.now)?;
    Ok(Record::new())
}

fn sent_codes<'a>(call: &Call<'a>) -> Result<[&'a str; 2], Error> {
    Ok([
        call.input.required_text("AuthenticationCode1", &CODE)?,
        call.input.required_text("AuthenticationCode2", &CODE)?,
    ])
}

/// Names the code that a device showed. It is good once.
pub(crate) struct ShownCode {
    serial: String,
    /// A FIDO key shows no codes.
    step: Option<i64>,
}

impl Iam {
    /// Returns a code of a device of a user's, or of the root user's, that it shows about now and that wasn't spent.
    ///
    /// # Errors
    ///
    /// [`CodeError`] says what is wrong.
    pub(crate) fn shown_code(
        &self,
        user: Option<&str>,
        serial: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<ShownCode, CodeError> {
        let user = user.map(fold);
        let device = self
            .mfa_devices
            .get(serial)
            .ok_or(CodeError::NoSuchDevice)?;
        if device.kind() == DeviceKind::Fido || !device.is_of(user.as_deref()) {
            return Err(CodeError::NoSuchDevice);
        }
        let step = device.fresh_step(code, now).ok_or(CodeError::Wrong)?;
        Ok(ShownCode {
            serial: serial.to_owned(),
            step: Some(step),
        })
    }

    /// Returns the code of one of a user's devices, or nothing if they have none; a FIDO key takes any.
    ///
    /// # Errors
    ///
    /// The user has a device, and the code is missing, of none of theirs, or spent.
    pub(crate) fn shown_code_of_any(
        &self,
        user: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<ShownCode>, CodeError> {
        let Some(serials) = self.index.devices.get(&fold(user)) else {
            return Ok(None);
        };
        let code = code.ok_or(CodeError::Wrong)?;
        let shown = serials
            .iter()
            .find_map(|serial| match DeviceKind::of(serial) {
                DeviceKind::Fido => Some(ShownCode {
                    serial: serial.clone(),
                    step: None,
                }),
                DeviceKind::Virtual | DeviceKind::Hardware => {
                    self.shown_code(Some(user), serial, code, now).ok()
                }
            });
        shown.map(Some).ok_or(CodeError::Wrong)
    }

    /// Tells whether a user has a device that is enabled.
    pub(crate) fn has_device(&self, user: &str) -> bool {
        self.index.devices.contains_key(&fold(user))
    }

    /// Takes note that a code was accepted, after which neither it nor an earlier one is.
    ///
    /// That a code is good once is known from use, and asked for by RFC 6238.
    pub(crate) fn spend(&mut self, code: &ShownCode) {
        if let Some(device) = self.mfa_devices.get_mut(&code.serial)
            && code.step.is_some()
        {
            device.last_step = code.step;
        }
    }
}

/// Says why a code isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// The device isn't the caller's, or shows no codes.
    NoSuchDevice,
    /// The device doesn't show it about now, or it was accepted before.
    Wrong,
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
