//! Access that ends by itself.

use jiff::civil::Date;

use crate::{Address, Body, Declared, Desired, Origin, Principal, UserName, Wish};

impl Desired {
    /// Turns the spec into what it asks for on a day: who or what has expired by then is to be gone, with all that the
    /// spec declares of it.
    pub fn as_of(mut self, today: Date) -> Self {
        self.as_of = Some(today);
        let expired = self.expires.iter().filter(|(_, last)| **last < today);
        let expired: Vec<(Address, Date)> = expired
            .map(|(address, last)| (address.clone(), *last))
            .collect();
        for (address, last) in expired {
            if let Address::User(user) = &address {
                self.end_user(user, last);
            }
            self.end(&address);
        }
        self
    }

    fn end(&mut self, address: &Address) {
        if let Some(declared) = self.objects.get_mut(address) {
            declared.wish = Wish::Absent;
        }
    }

    /// Ends a user, also under the name that a rename which never came about has left.
    fn end_user(&mut self, user: &UserName, last: Date) {
        let address = Address::User(user.clone());
        if let Some((old, origin)) = self.former(user) {
            let absent = Declared {
                wish: Wish::Absent,
                origin,
            };
            self.objects.entry(old.clone()).or_insert(absent);
            self.expires.insert(old, last);
        }
        let is_theirs = |(other, declared): (&Address, &mut Declared)| {
            let is_device = matches!(&declared.wish, Wish::Present(Body::MfaDevice(device)) if device.user.as_ref() == Some(user));
            if is_device || other.owners().contains(&address) {
                declared.wish = Wish::Absent;
            }
        };
        self.objects.iter_mut().for_each(is_theirs);
        self.needs_mfa.remove(user);
        let principal = Principal::User(user.clone());
        self.checks.retain(|check| check.principal != principal);
    }

    fn former(&self, user: &UserName) -> Option<(Address, Origin)> {
        let origin = self
            .objects
            .get(&Address::User(user.clone()))?
            .origin
            .clone();
        let old = self.former_name(user)?.clone();
        Some((Address::User(old), origin))
    }
}
