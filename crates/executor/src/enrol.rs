//! An MFA device that a person enrols beside any plan, with the two codes that show that they have it.

use std::path::Path;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use model::{Account, DeviceName, UserName};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::Error;
use crate::kit_text::otpauth;
use crate::mfa_code::{self, CodesError, TotpCode};
use crate::qr::{self, QrCodeError};

const CREATE: &str = "iam:CreateVirtualMFADevice";

/// How many MFA devices a user can have ("IAM and AWS STS quotas" in the IAM User Guide).
pub const MOST_DEVICES: usize = 8;

/// Holds a new virtual device, which belongs to nobody until it is enabled, with its seed.
#[derive(Debug)]
pub struct NewDevice {
    /// The serial number that IAM's calls take.
    pub serial: String,
    name: DeviceName,
    seed: SecretString,
}

/// Says why a new device can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// There is no QR code for it.
    #[error(transparent)]
    Code(#[from] DrawError),
    /// The image can't be written.
    #[error("can't write {}", path.display())]
    Write {
        /// The image.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Says why a QR code can't be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the device's QR code can't be drawn")]
pub struct DrawError(#[source] QrCodeError);

impl NewDevice {
    /// Creates a device. The SDK doesn't repeat that: the answer has the seed, and a second one would be refused.
    ///
    /// # Errors
    ///
    /// The call failed. Without an answer the device may be there, and nobody has its seed.
    pub async fn create(iam: &Client, name: &DeviceName) -> Result<Self, Error> {
        let once = Builder::new().retry_config(RetryConfig::disabled());
        let call = iam.create_virtual_mfa_device();
        let call = call.virtual_mfa_device_name(name.as_str()).customize();
        let answer = call.config_override(once).send().await;
        let answer = answer.map_err(|error| Error::of_call(CREATE, error))?;
        let incomplete = |what| Error::Incomplete {
            operation: CREATE,
            what,
        };
        let device = answer.virtual_mfa_device;
        let device = device.ok_or_else(|| incomplete("device"))?;
        let seed = device.base32_string_seed;
        let seed = seed.and_then(|seed| String::from_utf8(seed.into_inner()).ok());
        Ok(Self {
            serial: device.serial_number,
            name: name.clone(),
            seed: seed.ok_or_else(|| incomplete("seed"))?.into(),
        })
    }

    /// Returns its QR code for a terminal.
    ///
    /// # Errors
    ///
    /// The code can't be drawn.
    pub fn drawing(&self, account: &Account) -> Result<Zeroizing<String>, DrawError> {
        let code = self.code(account).map_err(DrawError)?;
        Ok(qr::terminal(&code))
    }

    /// Writes its QR code to a new file that only its owner may read.
    ///
    /// # Errors
    ///
    /// The code can't be drawn, or the file not be written.
    pub fn write_png(&self, account: &Account, path: &Path) -> Result<(), ShowError> {
        let code = self.code(account).map_err(DrawError)?;
        let image = qr::image(&code).map_err(DrawError)?;
        write_new(path, &image).map_err(|source| ShowError::Write {
            path: path.to_owned(),
            source,
        })
    }

    fn code(&self, account: &Account) -> Result<qrcode::QrCode, QrCodeError> {
        let seed = self.seed.expose_secret();
        qr::encode(&otpauth(self.name.as_str(), account, seed))
    }

    /// Returns the secret key that an app takes in place of the QR code.
    pub fn seed(&self) -> &SecretString {
        &self.seed
    }

    /// Makes sure that two codes are of this device and follow each other, before AWS is asked. Returns how many steps of
    /// half a minute the app's clock is ahead.
    ///
    /// # Errors
    ///
    /// Says what is wrong with them.
    pub fn check(&self, codes: [&TotpCode; 2], now: jiff::Timestamp) -> Result<i64, CodesError> {
        match mfa_code::of_seed(&self.seed) {
            Some(totp) => mfa_code::check(&totp, codes, now),
            // A seed that isn't as AWS documents it is no reason not to ask AWS.
            None => Ok(0),
        }
    }

    /// Deletes the device again.
    ///
    /// # Errors
    ///
    /// It is still there, or it isn't known whether it is.
    pub async fn delete(&self, iam: &Client) -> Result<(), Error> {
        let call = iam.delete_virtual_mfa_device();
        let answer = call.serial_number(&self.serial).send().await;
        answer
            .map(drop)
            .map_err(|error| Error::of_call("iam:DeleteVirtualMFADevice", error))
    }
}

fn write_new(path: &Path, image: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, image)
}

/// Gives a device to a user.
///
/// # Errors
///
/// The call failed.
pub async fn enable_device(
    iam: &Client,
    user: &UserName,
    serial: &str,
    [first, second]: [&TotpCode; 2],
) -> Result<(), Error> {
    let call = iam.enable_mfa_device().user_name(user.as_str());
    let call = call.serial_number(serial);
    let call = call
        .authentication_code1(first.as_str())
        .authentication_code2(second.as_str());
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|error| Error::of_call("iam:EnableMFADevice", error))
}

/// Tells AWS by how much a user's device is off.
///
/// # Errors
///
/// The call failed.
pub async fn resync_device(
    iam: &Client,
    user: &UserName,
    serial: &str,
    [first, second]: [&TotpCode; 2],
) -> Result<(), Error> {
    let call = iam.resync_mfa_device().user_name(user.as_str());
    let call = call.serial_number(serial);
    let call = call
        .authentication_code1(first.as_str())
        .authentication_code2(second.as_str());
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|error| Error::of_call("iam:ResyncMFADevice", error))
}

/// Lists the serial numbers of a user's devices.
///
/// # Errors
///
/// The call failed.
pub async fn devices_of(iam: &Client, user: &UserName) -> Result<Vec<String>, Error> {
    let call = iam.list_mfa_devices().user_name(user.as_str());
    let answer = call.send().await;
    let answer = answer.map_err(|error| Error::of_call("iam:ListMFADevices", error))?;
    let devices = answer.mfa_devices().iter();
    Ok(devices
        .map(|device| device.serial_number().to_owned())
        .collect())
}
