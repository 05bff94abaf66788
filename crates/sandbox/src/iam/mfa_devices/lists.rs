//! Lists of MFA devices.

use jiff::Timestamp;

use super::{DeviceKind, MfaDevice};
use crate::call::Call;
use crate::caller::Caller;
use crate::error::Error;
use crate::iam::names::{EXISTING_USER_NAME, SERIAL_NUMBER, fold};
use crate::iam::page::Page;
use crate::operation::Answer;
use crate::state::Account;
use crate::value::{Record, Value};

/// Lists a user's devices, or those of whoever calls.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>
pub(super) fn list(account: &Account, call: &Call<'_>) -> Answer {
    let page = Page::of(call)?;
    let user = match (
        call.input.text("UserName", &EXISTING_USER_NAME)?,
        call.caller,
    ) {
        (None, Caller::Root) => {
            let devices = account.root_device().into_iter().filter_map(|device| {
                let record = Record::new()
                    .with("SerialNumber", &device.serial)
                    .with("EnableDate", device.assigned.as_ref()?.enabled);
                Some((&device.serial, record))
            });
            return Ok(page.answer("MFADevices", devices));
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
pub(super) fn list_virtual(account: &Account, call: &Call<'_>) -> Answer {
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
        .filter(|(_, device)| device.kind() == DeviceKind::Virtual)
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
    let user = match &assigned.user {
        None => Some(root_summary(account)),
        Some(user) => {
            let user = account.iam.users.folded(user);
            user.map(|user| account.listed_user(user))
        }
    };
    record
        .with_some("User", user)
        .with("EnableDate", assigned.enabled)
}

/// Returns the root user as the list has it: without a name, and with the account's number for an id.
fn root_summary(account: &Account) -> Record {
    Record::new()
        .with("UserId", &account.id)
        .with("Arn", format!("arn:aws:iam::{}:root", account.id))
        .with("CreateDate", Timestamp::UNIX_EPOCH)
}

/// Answers a FIDO security key or passkey; for other devices it isn't made. The level of certification is made up.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html>
pub(super) fn get(account: &Account, call: &Call<'_>) -> Answer {
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    let named = call.input.text("UserName", &EXISTING_USER_NAME)?;
    let found = account.iam.mfa_devices.get(serial).and_then(|device| {
        let assigned = device.assigned.as_ref()?;
        let user = account.iam.users.folded(assigned.user.as_ref()?)?;
        let is_asked_for =
            device.kind() == DeviceKind::Fido && named.is_none_or(|name| name == user.name);
        is_asked_for.then_some((user, assigned.enabled))
    });
    let (user, enabled) = found.ok_or_else(|| {
        Error::no_such_entity(format!(
            "There is no FIDO security key or passkey {serial}."
        ))
    })?;
    let certifications = vec![("FIDO".to_owned(), Value::from("L1"))];
    Ok(Record::new()
        .with("UserName", &user.name)
        .with("SerialNumber", serial)
        .with("EnableDate", enabled)
        .with("Certifications", Value::Map(certifications)))
}
