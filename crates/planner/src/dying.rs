//! Users, groups and policies that are to be deleted, and what goes with them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Body, Desired, DeviceType, Kind, MfaDevice, Reason, Snapshot, UserName, Wish,
};

/// Holds what is to be deleted of the objects that others are part of.
pub(crate) struct Dying {
    addresses: BTreeSet<Address>,
    obstacles: BTreeMap<Address, Reason>,
}

impl Dying {
    pub(crate) fn find(desired: &Desired, live: &Snapshot) -> Self {
        let is_dying = |address: &Address, body: &Body| match desired.objects.get(address) {
            Some(declared) => matches!(declared.wish, Wish::Absent) && !desired.ignores(address),
            None => desired.prunes(address, body),
        };
        let owners = live.iter().filter(|(address, _)| {
            matches!(address.kind(), Kind::User | Kind::Group | Kind::Policy)
        });
        let addresses = owners
            .filter(|(address, body)| is_dying(address, body))
            .map(|(address, _)| address.clone())
            .collect();
        let mut dying = Self {
            addresses,
            obstacles: BTreeMap::new(),
        };
        dying.find_obstacles(desired, live);
        dying
    }

    /// Tells whether the object itself is to be deleted.
    pub(crate) fn contains(&self, address: &Address) -> bool {
        self.addresses.contains(address)
    }

    /// Says why a user, group or policy that is to be deleted can't be.
    pub(crate) fn obstacle(&self, address: &Address) -> Option<&Reason> {
        self.obstacles.get(address)
    }

    /// Returns the user or group that takes an object with it: a person before a group.
    pub(crate) fn takes(&self, address: &Address, body: &Body) -> Option<Address> {
        if let (Address::MfaDevice(_), Body::MfaDevice(device)) = (address, body) {
            let user = Address::User(holder(address, device)?);
            return self.contains(&user).then_some(user);
        }
        address
            .owners()
            .into_iter()
            .rev()
            .find(|owner| self.contains(owner))
    }

    fn find_obstacles(&mut self, desired: &Desired, live: &Snapshot) {
        for user in &self.addresses {
            if let Some(kind) = unknown_part(user, live) {
                self.obstacles.insert(user.clone(), Reason::Unread(kind));
            }
        }
        for (address, body) in live.iter().filter(|_| !desired.ignore.is_empty()) {
            if let Some(owner) = self.takes(address, body)
                && desired.ignores(address)
            {
                self.obstacles
                    .insert(owner, Reason::Ignored(ignored(desired, address)));
            }
        }
    }
}

/// A device belongs to the user it is enabled for; one that isn't enabled, to the user whose name it has.
fn holder(address: &Address, device: &MfaDevice) -> Option<UserName> {
    match (&device.user, &device.device) {
        (Some(user), _) => Some(user.clone()),
        (None, DeviceType::Virtual { .. }) => UserName::new(address.name()).ok(),
        (None, DeviceType::Hardware { .. } | DeviceType::Fido { .. }) => None,
    }
}

/// Returns a kind of part that isn't known of a user, so that the user can't be deleted safely.
fn unknown_part(owner: &Address, live: &Snapshot) -> Option<Kind> {
    let Address::User(user) = owner else {
        return None;
    };
    let by_user = [Kind::LoginProfile, Kind::Credential];
    let not_looked_up = by_user
        .into_iter()
        .find(|kind| !live.has_looked_up(*kind, user));
    not_looked_up.or_else(|| {
        by_user
            .into_iter()
            .chain([Kind::MfaDevice])
            .find(|kind| live.unread().contains_key(kind))
    })
}

/// Returns what the spec ignores of an object: it or the one it is part of.
fn ignored(desired: &Desired, address: &Address) -> Address {
    let owners = address.owners();
    owners
        .into_iter()
        .find(|owner| desired.ignores(owner))
        .unwrap_or_else(|| address.clone())
}
