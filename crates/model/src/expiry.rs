//! Access that ends by itself.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{Address, Body, Declared, Desired, Principal, UserName, Wish};

impl Desired {
    /// Turns the spec into what it asks for on a day: who or what has expired by then is to be gone, with all that the
    /// spec declares of it.
    pub fn as_of(mut self, today: Date) -> Self {
        self.as_of = Some(today);
        let users = self.expired_users(today);
        self.end_former(&users);
        let is_theirs = |address: &Address| match address {
            Address::User(user) => users.contains(user),
            _ => false,
        };
        // What a user has expires with the user, and nobody need be told of it.
        self.expires
            .retain(|address, _| !address.owners().iter().any(is_theirs));
        for (address, declared) in &mut self.objects {
            let is_device = match &declared.wish {
                Wish::Present(Body::MfaDevice(device)) => device
                    .user
                    .as_ref()
                    .is_some_and(|user| users.contains(user)),
                Wish::Present(_) | Wish::Absent => false,
            };
            let is_over = self.expires.get(address).is_some_and(|last| *last < today);
            if is_over || is_device || address.owners().iter().any(is_theirs) {
                declared.wish = Wish::Absent;
            }
        }
        self.needs_mfa.retain(|user, _| !users.contains(user));
        self.checks.retain(|check| match &check.principal {
            Principal::User(user) => !users.contains(user),
            Principal::Group(_) | Principal::Role(_) => true,
        });
        self
    }

    fn expired_users(&self, today: Date) -> BTreeSet<UserName> {
        let expired = self.expires.iter().filter(|(_, last)| **last < today);
        expired
            .filter_map(|(address, _)| match address {
                Address::User(user) => Some(user.clone()),
                _ => None,
            })
            .collect()
    }

    /// Ends users also under the names that renames which never came about have left.
    fn end_former(&mut self, users: &BTreeSet<UserName>) {
        for user in users {
            let address = Address::User(user.clone());
            let last = self.expires.get(&address).copied();
            let declared = self.objects.get(&address);
            let (Some(last), Some(declared), Some(old)) =
                (last, declared, self.former_name(user).cloned())
            else {
                continue;
            };
            let absent = Declared {
                wish: Wish::Absent,
                origin: declared.origin.clone(),
            };
            let old = Address::User(old);
            self.objects.entry(old.clone()).or_insert(absent);
            self.expires.insert(old, last);
        }
    }
}
