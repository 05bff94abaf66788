//! The account as it will be once declared renames are done.
//!
//! `UpdateUser` takes a user's password, memberships and policies along, so everything else is planned on
//! the new name and waits for the rename.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Address, Body, Desired, Kind, MfaDevice, Principal, Reason, Snapshot, UserName, Wish};

/// Holds the live account under the users' new names.
pub(crate) struct Renamed<'a> {
    pub(crate) snapshot: Cow<'a, Snapshot>,
    /// The renames that are to be made: new name to old.
    pub(crate) renames: BTreeMap<UserName, UserName>,
    /// The users whose rename can't be made.
    pub(crate) conflicts: BTreeMap<UserName, Reason>,
}

/// Finds the renames that are still to be made, and looks at the account through them.
pub(crate) fn rename<'a>(desired: &Desired, snapshot: &'a Snapshot) -> Renamed<'a> {
    let mut renamed = Renamed {
        snapshot: Cow::Borrowed(snapshot),
        renames: BTreeMap::new(),
        conflicts: BTreeMap::new(),
    };
    for (new, old) in declared_renames(desired) {
        let exists = |name: &UserName| snapshot.get(&Address::User(name.clone())).is_some();
        match (exists(old), exists(new)) {
            (true, false) if desired.ignores(&Address::User(old.clone())) => {
                renamed
                    .conflicts
                    .insert(new.clone(), Reason::Ignored(Address::User(old.clone())));
            }
            (true, false) => {
                renamed.renames.insert(new.clone(), old.clone());
            }
            (true, true) => {
                let sentence = format!(
                    "user/{old} and user/{new} both exist, so one can't be renamed to the other"
                );
                renamed
                    .conflicts
                    .insert(new.clone(), Reason::Conflict(sentence));
            }
            (false, _) => {}
        }
    }
    if !renamed.renames.is_empty() {
        let by_old = renamed
            .renames
            .iter()
            .map(|(new, old)| (old, new))
            .collect();
        move_users(renamed.snapshot.to_mut(), &by_old);
    }
    renamed
}

fn declared_renames(desired: &Desired) -> impl Iterator<Item = (&UserName, &UserName)> {
    desired
        .objects
        .iter()
        .filter_map(|(address, declared)| match (address, &declared.wish) {
            (Address::User(new), Wish::Present(Body::User(user))) => {
                Some((new, user.renamed_from.as_ref()?))
            }
            _ => None,
        })
}

pub(crate) type ByOldName<'a> = BTreeMap<&'a UserName, &'a UserName>;

pub(crate) fn move_users(snapshot: &mut Snapshot, by_old: &ByOldName<'_>) {
    let moves: Vec<(Address, Address)> = snapshot
        .iter()
        .filter_map(|(address, _)| Some((address.clone(), moved(address, by_old)?)))
        .collect();
    for (from, to) in moves {
        if let Some(body) = snapshot.remove(&from) {
            snapshot.insert(to, body);
        }
    }
    let devices: Vec<(Address, Body)> = snapshot
        .iter()
        .filter_map(|(address, body)| Some((address.clone(), held(body, by_old)?)))
        .collect();
    for (address, body) in devices {
        snapshot.insert(address, body);
    }
    for (old, new) in by_old {
        for kind in [Kind::LoginProfile, Kind::Credential] {
            if snapshot.has_looked_up(kind, old) {
                snapshot.mark_looked_up(kind, (*new).clone());
            }
        }
    }
}

fn moved(address: &Address, by_old: &ByOldName<'_>) -> Option<Address> {
    let new = |old| by_old.get(old).map(|new| (*new).clone());
    match address {
        Address::User(user) => new(user).map(Address::User),
        Address::LoginProfile(user) => new(user).map(Address::LoginProfile),
        Address::Credential(user, id) => {
            new(user).map(|user| Address::Credential(user, id.clone()))
        }
        Address::Membership(group, user) => {
            new(user).map(|user| Address::Membership(group.clone(), user))
        }
        Address::Attachment(Principal::User(user), policy) => {
            new(user).map(|user| Address::Attachment(Principal::User(user), policy.clone()))
        }
        Address::InlinePolicy(Principal::User(user), name) => {
            new(user).map(|user| Address::InlinePolicy(Principal::User(user), name.clone()))
        }
        Address::MfaDevice(_)
        | Address::Group(_)
        | Address::Policy(_)
        | Address::Attachment(..)
        | Address::InlinePolicy(..)
        | Address::Role(_)
        | Address::PasswordPolicy
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => None,
    }
}

fn held(body: &Body, by_old: &ByOldName<'_>) -> Option<Body> {
    let Body::MfaDevice(device) = body else {
        return None;
    };
    let new = by_old.get(device.user.as_ref()?)?;
    Some(Body::MfaDevice(MfaDevice {
        user: Some((*new).clone()),
        ..device.clone()
    }))
}
