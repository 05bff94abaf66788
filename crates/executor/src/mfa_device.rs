//! MFA devices.

use model::{DeviceName, DeviceType, MfaDevice};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::dispatch::Write;
use crate::step::Step;
use crate::tags::{Keys, TagChanges, iam_tags};
use crate::{Error, Outcome};

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

/// The seed is in AWS's answer once and never again, so it is sealed at once; where that fails the device is of no use.
async fn create(step: &Step<'_>, name: &DeviceName, after: &MfaDevice) -> Result<Outcome, Error> {
    let MfaDevice {
        device,
        user: _,
        tags,
        deliver_to,
    } = after;
    let (DeviceType::Virtual { path }, Some(delivery)) = (device, deliver_to) else {
        return Err(step.impossible("is not a virtual device for somebody who gets its seed"));
    };
    let request = step
        .clients()
        .iam
        .create_virtual_mfa_device()
        .path(path.as_str());
    let request = request
        .virtual_mfa_device_name(name.as_str())
        .set_tags(iam_tags(tags)?);
    let answer = step
        .create("iam:CreateVirtualMFADevice", || request.clone().send())
        .await?;
    let seed = answer
        .virtual_mfa_device()
        .and_then(|device| device.base32_string_seed());
    let kept = match seed {
        Some(seed) => {
            let text = Zeroizing::new(String::from_utf8_lossy(seed.as_ref()).into_owned());
            let seed = SecretString::from(text.as_str());
            step.kits()
                .add_seed(&delivery.user, &delivery.recipient, seed)
                .await
                .map_err(Error::from)
        }
        None => Err(Error::Incomplete {
            operation: "iam:CreateVirtualMFADevice",
            what: "seed",
        }),
    };
    match kept {
        Ok(()) => Ok(Outcome::Applied),
        Err(source) => {
            let deleted = remove(step, name, after).await.is_ok();
            Err(Error::Unsealed {
                address: step.action().address.clone(),
                deleted,
                source: Box::new(source),
            })
        }
    }
}

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
        deliver_to: _,
    } = after;
    let serial = device.serial(name, step.account());
    let changes = TagChanges::between(&before.tags, tags, Keys::Exact);
    let iam = &step.clients().iam;
    if let Some(tags) = changes.iam()? {
        let request = iam
            .tag_mfa_device()
            .serial_number(&serial)
            .set_tags(Some(tags));
        step.call("iam:TagMFADevice", || request.clone().send())
            .await?;
    }
    if !changes.removed.is_empty() {
        let request = iam
            .untag_mfa_device()
            .serial_number(&serial)
            .set_tag_keys(Some(changes.removed));
        step.call("iam:UntagMFADevice", || request.clone().send())
            .await?;
    }
    Ok(Outcome::Applied)
}

/// An enabled device is deactivated first; a hardware token or security key is then gone from the account.
async fn delete(step: &Step<'_>, name: &DeviceName, before: &MfaDevice) -> Result<Outcome, Error> {
    let mut outcome = Outcome::AlreadyDone;
    if let Some(user) = &before.user {
        let serial = before.device.serial(name, step.account());
        let request = step
            .clients()
            .iam
            .deactivate_mfa_device()
            .user_name(user.as_str())
            .serial_number(serial);
        outcome = step
            .delete("iam:DeactivateMFADevice", || request.clone().send())
            .await?;
    }
    match before.device {
        DeviceType::Virtual { .. } => remove(step, name, before).await,
        DeviceType::Hardware { .. } | DeviceType::Fido { .. } => Ok(outcome),
    }
}

async fn remove(step: &Step<'_>, name: &DeviceName, device: &MfaDevice) -> Result<Outcome, Error> {
    let serial = device.device.serial(name, step.account());
    let request = step
        .clients()
        .iam
        .delete_virtual_mfa_device()
        .serial_number(serial);
    step.delete("iam:DeleteVirtualMFADevice", || request.clone().send())
        .await
}
