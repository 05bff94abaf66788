//! What AWS has.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Account, Address, Body, Caller, Kind, ReadFailure, UserName};
use jiff::civil::Date;

/// Holds what was read of an account, and what couldn't be: unknown is not absent.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The account that was read.
    pub account: Account,
    /// Whose credentials read it.
    pub caller: Caller,
    objects: BTreeMap<Address, Body>,
    unread: BTreeMap<Kind, ReadFailure>,
    looked_up: BTreeSet<(Kind, UserName)>,
    created: BTreeMap<Address, Date>,
}

impl Snapshot {
    /// Returns a snapshot with nothing in it.
    pub fn new(account: Account, caller: Caller) -> Self {
        Self {
            account,
            caller,
            objects: BTreeMap::new(),
            unread: BTreeMap::new(),
            looked_up: BTreeSet::new(),
            created: BTreeMap::new(),
        }
    }

    /// Adds an object that was read, or replaces it.
    pub fn insert(&mut self, address: Address, body: Body) {
        self.objects.insert(address, body);
    }

    /// Removes an object and returns it.
    pub fn remove(&mut self, address: &Address) -> Option<Body> {
        self.objects.remove(address)
    }

    /// Returns an object that was read. None may mean unknown: ask [`Snapshot::knows`].
    pub fn get(&self, address: &Address) -> Option<&Body> {
        self.objects.get(address)
    }

    /// Lists the objects that were read, by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Body)> + Clone {
        self.objects.iter()
    }

    /// Records that objects of a kind couldn't be read. The first failure is kept.
    pub fn mark_unread(&mut self, kind: Kind, failure: ReadFailure) {
        self.unread.entry(kind).or_insert(failure);
    }

    /// Returns the kinds that couldn't be read, each with the reason.
    pub fn unread(&self) -> &BTreeMap<Kind, ReadFailure> {
        &self.unread
    }

    /// Records that a user's objects of a kind were looked up, whether or not there were any.
    pub fn mark_looked_up(&mut self, kind: Kind, user: UserName) {
        self.looked_up.insert((kind, user));
    }

    /// Records the day in UTC on which a user or a password was created.
    pub fn mark_created(&mut self, address: Address, day: Date) {
        self.created.insert(address, day);
    }

    /// Returns the day in UTC on which a user or a password was created, where that is known.
    pub fn created(&self, address: &Address) -> Option<Date> {
        self.created.get(address).copied()
    }

    /// Tells whether an object's presence or absence is known.
    pub fn knows(&self, address: &Address) -> bool {
        let looked_up = match address {
            Address::LoginProfile(user) | Address::Credential(user, _) => {
                self.has_looked_up(address.kind(), user)
            }
            _ => true,
        };
        looked_up && !self.unread.contains_key(&address.kind())
    }

    /// Tells whether a user's objects of a kind that is read by user were looked up.
    pub fn has_looked_up(&self, kind: Kind, user: &UserName) -> bool {
        self.looked_up.contains(&(kind, user.clone()))
    }
}
