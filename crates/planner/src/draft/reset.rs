//! What a reset that is asked for does: another password, and devices that go.

use std::collections::BTreeMap;

use model::{
    Address, Body, Change, Kind, LoginProfile, MfaDevice, Origin, Reason, Reset, UserName, Wish,
};

use super::{Draft, Drafter, ready};
use crate::diff;

impl Drafter<'_> {
    /// Tells whether a user who is there is to get a reset.
    pub(super) fn is_due(&self, user: &UserName, reset: Reset) -> bool {
        self.due(user, reset).is_some()
    }

    /// Returns the request for a reset that wasn't done yet, and where it is.
    fn due(&self, user: &UserName, reset: Reset) -> Option<(&str, &Origin)> {
        let address = Address::User(user.clone());
        let declared = self.desired.objects.get(&address)?;
        let (Wish::Present(Body::User(wanted)), Some(Body::User(live))) =
            (&declared.wish, self.live.get(&address))
        else {
            return None;
        };
        let is_due = !self.desired.ignores(&address) && reset.is_due(wanted, live);
        let request = wanted.tags.get(reset.tag()).filter(|_| is_due)?;
        Some((request, &declared.origin))
    }

    /// Returns what a reset does to a declared password or device that is there, if there is one to be done.
    pub(super) fn reset(
        &self,
        address: &Address,
        declared: &Body,
        live: &Body,
    ) -> Option<Vec<Draft>> {
        match (address, declared, live) {
            (Address::LoginProfile(user), Body::LoginProfile(declared), _) => {
                Some(vec![self.reset_password(user, declared, live)?])
            }
            (
                Address::MfaDevice(_),
                Body::MfaDevice(wanted),
                Body::MfaDevice(MfaDevice {
                    user: Some(user), ..
                }),
            ) if wanted.user.as_ref() == Some(user) && self.is_due(user, Reset::Mfa) => {
                let goes = self.reset_device(address, live, user);
                let comes = self.created(address, declared).map(|draft| Draft {
                    reset: true,
                    ..draft
                });
                Some([goes].into_iter().chain(comes).collect())
            }
            _ => None,
        }
    }

    fn reset_password(
        &self,
        user: &UserName,
        declared: &LoginProfile,
        live: &Body,
    ) -> Option<Draft> {
        let (request, _) = self.due(user, Reset::Password)?;
        let diff::Update { after, fields } = diff::reset_password(declared, request);
        let change = Change::Update {
            before: live.clone(),
            after,
            fields,
        };
        Some(Draft {
            reset: true,
            ..ready(&Address::LoginProfile(user.clone()), change)
        })
    }

    /// Takes a device from its user.
    pub(super) fn reset_device(&self, address: &Address, live: &Body, user: &UserName) -> Draft {
        let change = Change::Delete {
            before: live.clone(),
        };
        Draft {
            origin: self.due(user, Reset::Mfa).map(|(_, origin)| origin.clone()),
            person: Some(user.clone()),
            reset: true,
            ..ready(address, change)
        }
    }

    /// Says why it can't be said that a reset was done: what it is about isn't known, or isn't touched.
    pub(super) fn untold(&self, user: &UserName, reset: Reset) -> Option<Reason> {
        let is_ignored = |address: &Address| self.desired.ignores(address);
        match reset {
            Reset::Password => {
                let password = Address::LoginProfile(user.clone());
                is_ignored(&password).then_some(Reason::Ignored(password))
            }
            Reset::Mfa if self.live.unread().contains_key(&Kind::MfaDevice) => {
                Some(Reason::Unread(Kind::MfaDevice))
            }
            Reset::Mfa => {
                let mut devices = self.live.iter().filter(|(_, body)| {
                    matches!(body, Body::MfaDevice(device) if device.user.as_ref() == Some(user))
                });
                let ignored = devices.find(|(address, _)| is_ignored(address));
                ignored.map(|(address, _)| Reason::Ignored(address.clone()))
            }
        }
    }
}

/// Nobody loses a device whose successor can't be made.
pub(super) fn withhold_without_successor(drafts: &mut [Draft]) {
    let is_device = |draft: &Draft| draft.address.kind() == Kind::MfaDevice;
    let stuck = drafts
        .iter()
        .filter(|draft| is_device(draft) && !draft.removal && draft.withheld.is_some());
    let stuck: BTreeMap<UserName, Address> = stuck
        .filter_map(|draft| Some((draft.person.clone()?, draft.address.clone())))
        .collect();
    for draft in drafts
        .iter_mut()
        .filter(|draft| is_device(draft) && draft.reset && draft.removal)
    {
        if let Some(successor) = draft.person.as_ref().and_then(|user| stuck.get(user)) {
            draft
                .withheld
                .get_or_insert(Reason::WaitsFor(successor.clone()));
        }
    }
}

/// Tells whether a change says of a user that a reset was done.
pub(crate) fn records(draft: &Draft) -> Option<&UserName> {
    match (&draft.address, &draft.change) {
        (
            Address::User(user),
            Some(Change::Update {
                after: Body::User(_),
                ..
            }),
        ) if draft.reset => Some(user),
        _ => None,
    }
}
