//! What an account comes to when a plan is carried out.

use std::collections::BTreeMap;

use crate::{Action, Address, Body, Change, Kind, MfaDevice, Principal, Snapshot, UserName};

impl Snapshot {
    /// Returns the account as it will be when a plan's actions have been done.
    ///
    /// Renames are looked up all at once: what else happens to a renamed user is planned under the new name.
    pub fn after(&self, actions: &[Action]) -> Self {
        let mut after = self.clone();
        let renames = actions
            .iter()
            .filter_map(|action| rename(&action.address, &action.change));
        after.rename_users(&renames.collect());
        for action in actions {
            after.put(&action.address, &action.change);
        }
        after
    }

    /// Does what one change says.
    pub fn carry_out(&mut self, address: &Address, change: &Change) {
        let rename = rename(address, change);
        self.rename_users(&rename.into_iter().collect());
        self.put(address, change);
    }

    fn put(&mut self, address: &Address, change: &Change) {
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
    pub fn rename_users(&mut self, by_old: &BTreeMap<&UserName, &UserName>) {
        if by_old.is_empty() {
            return;
        }
        let moves: Vec<(Address, Address)> = self
            .iter()
            .filter_map(|(address, _)| moved(address, by_old).map(|to| (address.clone(), to)))
            .collect();
        for (from, to) in moves {
            if let Some(day) = self.created(&from) {
                self.mark_created(to.clone(), day);
            }
            if let Some(body) = self.remove(&from) {
                self.insert(to, body);
            }
        }
        let devices: Vec<(Address, Body)> = self
            .iter()
            .filter_map(|(address, body)| held(body, by_old).map(|held| (address.clone(), held)))
            .collect();
        for (address, body) in devices {
            self.insert(address, body);
        }
        for (old, new) in by_old {
            for kind in [Kind::LoginProfile, Kind::Credential] {
                if self.has_looked_up(kind, old) {
                    self.mark_looked_up(kind, (*new).clone());
                }
            }
        }
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

/// Returns the old name and the new one, where a change renames a user.
fn rename<'a>(address: &'a Address, change: &'a Change) -> Option<(&'a UserName, &'a UserName)> {
    match (address, change.after()) {
        (Address::User(new), Some(Body::User(user))) => Some((user.renamed_from.as_ref()?, new)),
        _ => None,
    }
}

fn moved(address: &Address, by_old: &BTreeMap<&UserName, &UserName>) -> Option<Address> {
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

fn held(body: &Body, by_old: &BTreeMap<&UserName, &UserName>) -> Option<Body> {
    let Body::MfaDevice(device) = body else {
        return None;
    };
    let new = by_old.get(device.user.as_ref()?)?;
    Some(Body::MfaDevice(MfaDevice {
        user: Some((*new).clone()),
        ..device.clone()
    }))
}
