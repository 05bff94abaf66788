use model::{Body, DeviceType, MfaDevice, Reason};

use super::tags::{Keys, merged};
use super::{Fields, Update};

/// A device's path is part of its serial number and stays; so does whose it is.
pub(super) fn update(declared: &MfaDevice, live: &MfaDevice) -> Result<Option<Update>, Reason> {
    let MfaDevice {
        device: _,
        user,
        tags,
        deliver_to: _,
    } = declared;
    if let (Some(user), Some(holder)) = (user, &live.user)
        && user != holder
    {
        return Err(Reason::Conflict(format!(
            "it is enabled for user/{holder}, not for user/{user}"
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

/// Returns the update of a device that isn't enabled, whose seed nobody may have: it becomes another device of the same
/// name, which is.
pub(super) fn made_anew(declared: &MfaDevice, live: &MfaDevice) -> Update {
    let mut fields = Fields::default();
    let tags = merged(&declared.tags, &live.tags, Keys::Exact, &mut fields);
    fields.compare("user", &live.user, &declared.user);
    Update {
        after: Body::MfaDevice(MfaDevice {
            device: live.device.clone(),
            user: declared.user.clone(),
            tags,
            deliver_to: declared.deliver_to.clone(),
        }),
        fields: fields.0,
    }
}
