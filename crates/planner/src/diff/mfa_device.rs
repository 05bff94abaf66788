use model::{Body, DeviceType, MfaDevice, Reason};

use super::tags::{Keys, merged};
use super::{Fields, Update};

/// A device's path is part of its serial number and stays; so does its state, which is the person's.
pub(super) fn update(declared: &MfaDevice, live: &MfaDevice) -> Result<Option<Update>, Reason> {
    let MfaDevice {
        device: _,
        user: _,
        tags,
        deliver_to,
    } = declared;
    if let (Some(delivery), Some(holder)) = (deliver_to, &live.user)
        && delivery.user != *holder
    {
        return Err(Reason::Conflict(format!(
            "it is enabled for user/{holder}, not for user/{}",
            delivery.user
        )));
    }
    if !matches!(live.device, DeviceType::Virtual { .. }) {
        return Ok(None);
    }
    let mut fields = Fields::default();
    let tags = merged(tags, &live.tags, Keys::Exact, &mut fields);
    Ok(fields.into_update(|| {
        Body::MfaDevice(MfaDevice {
            tags,
            ..live.clone()
        })
    }))
}

/// Returns the update of a device whose seed nobody has: it becomes another device of the same name.
pub(super) fn made_anew(declared: &MfaDevice, live: &MfaDevice) -> Update {
    let mut fields = Fields::default();
    let tags = merged(&declared.tags, &live.tags, Keys::Exact, &mut fields);
    fields.add("seed", "lost".into(), "new".into());
    Update {
        after: Body::MfaDevice(MfaDevice {
            device: live.device.clone(),
            user: None,
            tags,
            deliver_to: declared.deliver_to.clone(),
        }),
        fields: fields.0,
    }
}
