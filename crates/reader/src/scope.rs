//! Whose details are read one by one.

use std::collections::BTreeSet;

use model::{Address, Body, Desired, Kind, Reset, Snapshot, UserName, Wish};

/// Holds the users that need calls of their own.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Users whose password is declared, one way or the other, or who are to be deleted.
    pub(crate) passwords: BTreeSet<UserName>,
    /// Users who are to be deleted, with everything they have.
    pub(crate) leaving: BTreeSet<UserName>,
    /// Users who must have MFA.
    pub(crate) required: BTreeSet<UserName>,
    /// Users whose MFA devices of all sorts are to go: with them, or by a reset.
    pub(crate) losing_devices: BTreeSet<UserName>,
    /// Whether virtual MFA devices matter.
    pub(crate) devices: bool,
}

impl Scope {
    pub(crate) fn find(desired: &Desired, live: &Snapshot) -> Self {
        let users = live.iter().filter_map(|(address, body)| match address {
            Address::User(user) => Some((user, address, body)),
            _ => None,
        });
        let renamed = renamed(desired, live);
        let leaving: BTreeSet<UserName> = users
            .filter(|(user, address, body)| {
                leaves(desired, address, body) && !renamed.contains(user)
            })
            .map(|(user, _, _)| user.clone())
            .collect();
        let exists = |user: &UserName| live.get(&Address::User(user.clone())).is_some();
        let mut passwords = leaving.clone();
        passwords.extend(
            declared_passwords(desired)
                .filter(|user| exists(user))
                .cloned(),
        );
        let declares_devices = desired
            .objects
            .keys()
            .any(|address| address.kind() == Kind::MfaDevice);
        let required: BTreeSet<UserName> = must_have_mfa(desired)
            .filter(|user| exists(user))
            .cloned()
            .collect();
        let mut losing_devices = leaving.clone();
        losing_devices.extend(mfa_resets(desired, live).cloned());
        let devices = declares_devices
            || prunes(desired, Kind::MfaDevice)
            || !losing_devices.is_empty()
            || !required.is_empty();
        Self {
            passwords,
            leaving,
            required,
            losing_devices,
            devices,
        }
    }
}

/// Tells whether a spec prunes objects of a kind.
pub(crate) fn prunes(desired: &Desired, kind: Kind) -> bool {
    desired.prune.iter().any(|prune| prune.kind == kind)
}

/// Tells whether a spec declares objects of a kind.
pub(crate) fn declares(desired: &Desired, kind: Kind) -> bool {
    desired.objects.keys().any(|address| address.kind() == kind)
}

/// Tells whether a live object is to be deleted.
pub(crate) fn leaves(desired: &Desired, address: &Address, body: &Body) -> bool {
    match desired.objects.get(address) {
        Some(declared) => matches!(declared.wish, Wish::Absent),
        None => desired.prunes(address, body),
    }
}

/// Lists the users whose password is declared, under the name declared and the one they are renamed from.
fn declared_passwords(desired: &Desired) -> impl Iterator<Item = &UserName> {
    desired
        .objects
        .keys()
        .flat_map(|address| {
            let Address::LoginProfile(user) = address else {
                return [None, None];
            };
            [Some(user), desired.former_name(user)]
        })
        .flatten()
}

/// Lists the users who must have MFA, under the name declared and the one they are renamed from.
fn must_have_mfa(desired: &Desired) -> impl Iterator<Item = &UserName> {
    let managed = desired
        .needs_mfa
        .keys()
        .filter(|user| !desired.ignores(&Address::User((*user).clone())));
    managed.flat_map(|user| {
        [Some(user), desired.former_name(user)]
            .into_iter()
            .flatten()
    })
}

/// Lists the users whose MFA is to be reset, under the names that they have now.
fn mfa_resets<'a>(desired: &'a Desired, live: &'a Snapshot) -> impl Iterator<Item = &'a UserName> {
    desired.objects.iter().filter_map(|(address, declared)| {
        let (Address::User(name), Wish::Present(Body::User(user))) = (address, &declared.wish)
        else {
            return None;
        };
        let names = [Some(name), user.renamed_from.as_ref()];
        names.into_iter().flatten().find(|name| {
            let live = live.get(&Address::User((*name).clone()));
            matches!(live, Some(Body::User(live)) if Reset::Mfa.is_due(user, live))
        })
    })
}

/// Lists the live users who are to have another name, so that they stay though nobody declares the old one.
fn renamed<'a>(desired: &'a Desired, live: &Snapshot) -> BTreeSet<&'a UserName> {
    let is_new = |address: &&Address| live.get(address).is_none();
    let users = desired.objects.keys().filter(is_new);
    users
        .filter_map(|address| match address {
            Address::User(user) => desired.former_name(user),
            _ => None,
        })
        .collect()
}
