//! MFA devices.

use aws_sdk_iam::operation::create_virtual_mfa_device::CreateVirtualMfaDeviceOutput;
use aws_sdk_iam::types::{MfaDevice as MfaDeviceOfUser, VirtualMfaDevice};
use model::{Body, DeviceName, DeviceType, MfaDevice, Recipient, UserName};
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::kit::Seed;
use crate::precheck::POLL;
use crate::retry::CONSISTENCY;
use crate::step::Step;
use crate::tags::{Keys, TagChanges, iam_tags};
use crate::{Error, Outcome, mfa_code};

const CREATE: &str = "iam:CreateVirtualMFADevice";
const ENABLE: &str = "iam:EnableMFADevice";

/// How many pairs of codes are tried to enable a device, each a step later than the one before.
const ATTEMPTS: u32 = 3;

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &DeviceName,
    write: Write<'_, MfaDevice>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => provide(step, name, after, false).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(before) => delete(step, name, before).await,
    }
}

/// Makes a device of its own for somebody, seals its seed for them and enables it, in this order: a device that is enabled
/// has its seed in a kit. One that isn't is of no use to anybody, and is made anew.
async fn provide(
    step: &Step<'_>,
    name: &DeviceName,
    after: &MfaDevice,
    is_leftover: bool,
) -> Result<Outcome, Error> {
    let MfaDevice {
        device: DeviceType::Virtual { path },
        user: Some(user),
        tags,
        deliver_to: Some(recipient),
    } = after
    else {
        return Err(step.impossible("isn't virtual, or without anybody to seal it for"));
    };
    let serial = after.device.serial(name, step.account());
    let sealed = match step.kits().seed(user) {
        Some(sealed) => sealed,
        None => {
            if is_leftover || step.is_repeated() {
                // AWS doesn't delete one that somebody has enabled meanwhile.
                delete_virtual(step, &serial).await?;
            }
            let request = step.clients().iam.create_virtual_mfa_device();
            let request = request
                .virtual_mfa_device_name(name.as_str())
                .path(path.as_str())
                .set_tags(iam_tags(tags)?);
            let created = step.create(CREATE, || request.clone().send()).await?;
            match seal(step, name, &serial, (user, recipient), created) {
                Ok(sealed) => sealed,
                Err(error) => return Err(undo(step, &serial, error).await),
            }
        }
    };
    match enable(step, user, &sealed).await {
        Ok(()) => Ok(Outcome::Applied),
        Err(error) => {
            withdraw(step, user, recipient, &serial, &error).await;
            Err(error)
        }
    }
}

/// IAM tells the seed once, here; nobody can ask for it again.
fn seal(
    step: &Step<'_>,
    name: &DeviceName,
    serial: &str,
    (user, recipient): (&UserName, &Recipient),
    created: CreateVirtualMfaDeviceOutput,
) -> Result<Seed, Error> {
    let base32 = created
        .virtual_mfa_device
        .and_then(|device| device.base32_string_seed)
        .and_then(|seed| String::from_utf8(seed.into_inner()).ok())
        .map(SecretString::from)
        .ok_or(Error::Incomplete {
            operation: CREATE,
            what: "seed",
        })?;
    let seed = Seed {
        device: name.clone(),
        serial: serial.to_owned(),
        base32,
    };
    step.kits().put_seed(user, recipient, seed.clone())?;
    Ok(seed)
}

async fn undo(step: &Step<'_>, serial: &str, error: Error) -> Error {
    Error::Unsealed {
        address: step.action().address.clone(),
        deleted: delete_virtual(step, serial).await.is_ok(),
        source: Box::new(error),
    }
}

/// Enables a device with codes of the time at AWS. Where codes aren't accepted, later ones are tried.
async fn enable(step: &Step<'_>, user: &UserName, seed: &Seed) -> Result<(), Error> {
    let Seed { serial, base32, .. } = seed;
    let request = step.clients().iam.enable_mfa_device();
    let request = request.user_name(user.as_str()).serial_number(serial);
    let send = || {
        // What isn't a seed has no codes, and AWS says so.
        let [first, second] = mfa_code::last_two(base32, step.now()).unwrap_or_default();
        let request = request.clone().authentication_code1(first);
        request.authentication_code2(second).send()
    };
    let mut attempts = 1;
    loop {
        let error = match step.repeat_on_new(ENABLE, send).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_existing() => {
                return is_enabled(step, user, serial, error).await;
            }
            Err(error) => error,
        };
        let is_code_wrong = error.code() == Some("InvalidAuthenticationCode");
        let wait = mfa_code::until_next(step.now());
        if !is_code_wrong || attempts == ATTEMPTS || !step.pause(ENABLE, &error, wait).await {
            return Err(error);
        }
        attempts += 1;
    }
}

/// Makes sure that a device that AWS says is somebody's already is this user's: an answer to the call that enabled it may
/// have been lost. It may take a while to be seen.
async fn is_enabled(
    step: &Step<'_>,
    user: &UserName,
    serial: &str,
    error: Error,
) -> Result<(), Error> {
    let begin = Instant::now();
    loop {
        match virtual_device(step, serial)
            .await?
            .and_then(|device| device.user)
        {
            Some(holder) if holder.user_name() == user.as_str() => return Ok(()),
            None if begin.elapsed() < CONSISTENCY => sleep(POLL).await,
            _ => return Err(error),
        }
    }
}

/// Takes a device that couldn't be enabled away again, with its seed: a kit must not promise what isn't there. In doubt
/// both stay.
async fn withdraw(
    step: &Step<'_>,
    user: &UserName,
    recipient: &Recipient,
    serial: &str,
    error: &Error,
) {
    if !error.is_certain() || delete_virtual(step, serial).await.is_err() {
        return;
    }
    if let Err(error) = step.kits().take_seed(user, recipient) {
        step.warn(format!(
            "the seed of a device that is gone is still in a kit: {error}"
        ));
    }
}

/// A device's path is part of its serial number and whose it is stays; only tags can be changed. One that is to be
/// delivered is made anew.
async fn update(
    step: &Step<'_>,
    name: &DeviceName,
    before: &MfaDevice,
    after: &MfaDevice,
) -> Result<Outcome, Error> {
    let MfaDevice {
        device,
        user: _,
        tags,
        deliver_to,
    } = after;
    if deliver_to.is_some() {
        return provide(step, name, after, true).await;
    }
    let (iam, serial) = (&step.clients().iam, device.serial(name, step.account()));
    let changes = TagChanges::between(&before.tags, tags, Keys::Exact);
    if let Some(tags) = changes.iam()? {
        let request = iam.tag_mfa_device().serial_number(&serial);
        let request = request.set_tags(Some(tags));
        step.call("iam:TagMFADevice", || request.clone().send())
            .await?;
    }
    if !changes.removed.is_empty() {
        let request = iam.untag_mfa_device().serial_number(&serial);
        let request = request.set_tag_keys(Some(changes.removed));
        step.call("iam:UntagMFADevice", || request.clone().send())
            .await?;
    }
    Ok(Outcome::Applied)
}

/// Only virtual devices are objects in themselves; a token or key is no more than taken off its user.
async fn delete(step: &Step<'_>, name: &DeviceName, before: &MfaDevice) -> Result<Outcome, Error> {
    let MfaDevice {
        device,
        user,
        tags: _,
        deliver_to: _,
    } = before;
    let serial = device.serial(name, step.account());
    let mut outcome = Outcome::AlreadyDone;
    if let Some(user) = user {
        let request = step.clients().iam.deactivate_mfa_device();
        let request = request.user_name(user.as_str()).serial_number(&serial);
        outcome = step
            .delete("iam:DeactivateMFADevice", || request.clone().send())
            .await?;
    }
    match device {
        DeviceType::Virtual { .. } => delete_virtual(step, &serial).await,
        DeviceType::Hardware { .. } | DeviceType::Fido { .. } => Ok(outcome),
    }
}

async fn delete_virtual(step: &Step<'_>, serial: &str) -> Result<Outcome, Error> {
    let request = step.clients().iam.delete_virtual_mfa_device();
    let request = request.serial_number(serial);
    step.delete("iam:DeleteVirtualMFADevice", || request.clone().send())
        .await
}

/// Reads the device: a virtual one from the list of all, another from that of its user.
pub(crate) async fn live(
    step: &Step<'_>,
    name: &DeviceName,
    planned: &MfaDevice,
) -> Result<Option<Body>, Error> {
    let serial = planned.device.serial(name, step.account());
    let user = match (&planned.device, &planned.user) {
        (DeviceType::Hardware { .. } | DeviceType::Fido { .. }, Some(user)) => {
            let devices = devices_of(step, user).await?;
            let mut devices = devices.iter();
            if !devices.any(|device| device.serial_number() == serial) {
                return Ok(None);
            }
            Some(user.clone())
        }
        (DeviceType::Virtual { .. }, _) | (_, None) => {
            let Some(device) = virtual_device(step, &serial).await? else {
                return Ok(None);
            };
            let user = device.user.map(|user| UserName::new(user.user_name()));
            user.transpose().map_err(|_| step.changed("user"))?
        }
    };
    let iam = &step.clients().iam;
    let tags = step.concerned_tags(Keys::Exact, async || {
        let request = iam.list_mfa_device_tags().serial_number(&serial);
        let tags = step.find("iam:ListMFADeviceTags", || {
            let pages = request.clone().into_paginator().items().send();
            pages.collect::<Result<Vec<_>, _>>()
        });
        let tags = tags.await?.into_iter().flatten();
        Ok(tags.map(|tag| (tag.key, tag.value)).collect())
    });
    Ok(Some(Body::MfaDevice(MfaDevice {
        user,
        tags: tags.await?,
        ..planned.clone()
    })))
}

async fn devices_of(step: &Step<'_>, user: &UserName) -> Result<Vec<MfaDeviceOfUser>, Error> {
    let request = step.clients().iam.list_mfa_devices();
    let request = request.user_name(user.as_str());
    let found = step.find("iam:ListMFADevices", || {
        let pages = request.clone().into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>()
    });
    Ok(found.await?.unwrap_or_default())
}

async fn virtual_device(step: &Step<'_>, serial: &str) -> Result<Option<VirtualMfaDevice>, Error> {
    let request = step.clients().iam.list_virtual_mfa_devices();
    let request = request.max_items(1000);
    let found = step.read("iam:ListVirtualMFADevices", || {
        let pages = request.clone().into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>()
    });
    let mut devices = found.await?.into_iter();
    Ok(devices.find(|device| device.serial_number() == serial))
}

/// Names the fields in which a live one isn't as planned. The rest of a device is its name. One that is to go may be
/// nobody's already.
pub(crate) fn differences(live: &MfaDevice, planned: &MfaDevice, fields: &mut Differences) {
    let MfaDevice {
        device: _,
        user,
        tags,
        deliver_to: _,
    } = live;
    let is_on_its_way = user.is_none() && planned.deliver_to.is_none();
    fields.add("user", *user == planned.user || is_on_its_way);
    fields.of_tags(tags, &planned.tags, Keys::Exact);
}
