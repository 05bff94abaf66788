//! MFA devices.

use aws_sdk_iam::operation::create_virtual_mfa_device::CreateVirtualMfaDeviceOutput;
use model::{Body, Delivery, DeviceName, DeviceType, MfaDevice, Tags, UserName};
use secrecy::SecretString;

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::kit::Seed;
use crate::step::Step;
use crate::tags::{Keys, TagChanges, iam_tags};
use crate::{Error, Outcome};

const CREATE: &str = "iam:CreateVirtualMFADevice";

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &DeviceName,
    write: Write<'_, MfaDevice>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, name, after).await,
        Write::Update { before, after } => update(step, name, before, after).await,
        Write::Delete(before) => delete(step, name, before).await,
    }
}

/// Only a virtual device can be created, and it belongs to nobody until it is enabled.
///
/// Until its seed is in a kit its user is marked, so that a run that is ended meanwhile leaves no device that looks
/// finished though nobody has its seed.
async fn create(step: &Step<'_>, name: &DeviceName, after: &MfaDevice) -> Result<Outcome, Error> {
    let MfaDevice {
        device,
        user: None,
        tags,
        deliver_to: Some(delivery),
    } = after
    else {
        return Err(
            step.impossible("is assigned from the start, or without anybody to seal it for")
        );
    };
    let DeviceType::Virtual { path } = device else {
        return Err(step.impossible("isn't virtual, and no other device can be created"));
    };
    let request = step
        .clients()
        .iam
        .create_virtual_mfa_device()
        .virtual_mfa_device_name(name.as_str())
        .path(path.as_str())
        .set_tags(iam_tags(tags)?);
    let serial = device.serial(name, step.account());
    mark(step, name, &delivery.user).await?;
    if step.is_repeated() {
        // It may have been created, and then nobody has its seed. One that somebody has enabled AWS doesn't delete.
        delete_virtual(step, &serial).await?;
    }
    let sealed = match step.create(CREATE, || request.clone().send()).await {
        Ok(output) => match seal(step, name, &serial, delivery, output) {
            Ok(()) => Ok(Outcome::Applied),
            Err(error) => Err(undo(step, &serial, error).await),
        },
        Err(error) => Err(error),
    };
    // In doubt the mark stays, and the device is made anew.
    if sealed.as_ref().err().is_none_or(Error::is_certain) {
        unmark(step, &delivery.user).await?;
    }
    sealed
}

async fn mark(step: &Step<'_>, device: &DeviceName, user: &UserName) -> Result<(), Error> {
    let mut tags = Tags::default();
    tags.observe(MfaDevice::UNSEALED, device.as_str());
    let request = step.clients().iam.tag_user().user_name(user.as_str());
    let request = request.set_tags(iam_tags(&tags)?);
    step.call_on_new("iam:TagUser", || request.clone().send())
        .await?;
    Ok(())
}

/// Begun again for a lost answer here, the device would be made anew: this is repeated by itself.
async fn unmark(step: &Step<'_>, user: &UserName) -> Result<(), Error> {
    let request = step.clients().iam.untag_user().user_name(user.as_str());
    let request = request.tag_keys(MfaDevice::UNSEALED);
    step.repeatable("iam:UntagUser", || request.clone().send())
        .await?;
    Ok(())
}

/// IAM tells the seed once, here; nobody can ask for it again.
fn seal(
    step: &Step<'_>,
    name: &DeviceName,
    serial: &str,
    delivery: &Delivery,
    output: CreateVirtualMfaDeviceOutput,
) -> Result<(), Error> {
    let seed = output
        .virtual_mfa_device
        .and_then(|device| device.base32_string_seed)
        .and_then(|seed| String::from_utf8(seed.into_inner()).ok())
        .map(SecretString::from)
        .ok_or(Error::Incomplete {
            operation: CREATE,
            what: "seed",
        })?;
    let Delivery { user, recipient } = delivery;
    let (device, serial) = (name.clone(), serial.to_owned());
    step.kits().put_seed(
        user,
        recipient,
        Seed {
            device,
            serial,
            base32: seed,
        },
    )?;
    Ok(())
}

async fn undo(step: &Step<'_>, serial: &str, error: Error) -> Error {
    Error::Unsealed {
        address: step.action().address.clone(),
        deleted: delete_virtual(step, serial).await.is_ok(),
        source: Box::new(error),
    }
}

/// A device's path is part of its serial number and its assignment is its person's; only tags can be changed.
/// One that is to be delivered is made anew: nobody has its seed.
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
        delete_virtual(step, &device.serial(name, step.account())).await?;
        return create(step, name, after).await;
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
    let iam = &step.clients().iam;
    let is_there = match (&planned.device, &planned.user) {
        (DeviceType::Hardware { .. } | DeviceType::Fido { .. }, Some(user)) => {
            let request = iam.list_mfa_devices().user_name(user.as_str());
            let found = step.find("iam:ListMFADevices", || {
                let pages = request.clone().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>()
            });
            let mut devices = found.await?.into_iter().flatten();
            devices.any(|device| device.serial_number() == serial)
        }
        (DeviceType::Virtual { .. }, _) | (_, None) => {
            let request = iam.list_virtual_mfa_devices().max_items(1000);
            let found = step.read("iam:ListVirtualMFADevices", || {
                let pages = request.clone().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>()
            });
            let mut devices = found.await?.into_iter();
            devices.any(|device| device.serial_number() == serial)
        }
    };
    if !is_there {
        return Ok(None);
    }
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
        tags: tags.await?,
        ..planned.clone()
    })))
}

/// Names the fields in which a live one isn't as planned. The rest of a device is its name, or its person's.
pub(crate) fn differences(live: &MfaDevice, planned: &MfaDevice, fields: &mut Differences) {
    let MfaDevice {
        device: _,
        user: _,
        tags,
        deliver_to: _,
    } = live;
    fields.of_tags(tags, &planned.tags, Keys::Exact);
}
