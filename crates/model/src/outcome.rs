//! What an account comes to when a plan is carried out.

use std::collections::BTreeMap;

use crate::{Action, Address, Body, Change, Kind, MfaDevice, Principal, Snapshot, UserName};

type ByOldName<'a> = BTreeMap<&'a UserName, &'a UserName>;

impl Snapshot {
    /// Returns the account as it will be when actions have been done, in the order of `actions`.
    pub fn after<'a>(&self, actions: impl IntoIterator<Item = &'a Action>) -> Self {
        let mut after = self.clone();
        for action in actions {
            after.carry_out(&action.address, &action.change);
        }
        after
    }

    /// Does what a change says.
    pub fn carry_out(&mut self, address: &Address, change: &Change) {
        if let (Address::User(new), Some(Body::User(user))) = (address, change.after())
            && let Some(old) = &user.renamed_from
        {
            self.rename_users(&BTreeMap::from([(old, new)]));
        }
        match change.after() {
            Some(after) => self.insert(address.clone(), stored(after)),
            None => {
                self.remove(address);
            }
        }
        if let (Address::User(user), Change::Create { .. }) = (address, change) {
            self.mark_looked_up(Kind::LoginProfile, user.clone());
            self.mark_looked_up(Kind::Credential, user.clone());
        }
    }

    /// Gives users other names, old to new, as `UpdateUser` does: passwords, memberships and policies go along.
    pub fn rename_users(&mut self, by_old: &ByOldName<'_>) {
        rename_users(self, by_old);
    }
}

/// Returns what a read finds of what was written: not what only a declaration has.
fn stored(after: &Body) -> Body {
    let mut stored = after.clone();
    match &mut stored {
        Body::User(user) => user.renamed_from = None,
        Body::LoginProfile(profile) => profile.deliver_to = None,
        Body::MfaDevice(device) => device.deliver_to = None,
        _ => {}
    }
    stored
}

fn rename_users(snapshot: &mut Snapshot, by_old: &ByOldName<'_>) {
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
