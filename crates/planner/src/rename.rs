//! The account as it will be once declared renames are done.
//!
//! `UpdateUser` takes a user's password, memberships and policies along, so everything else is planned on
//! the new name and waits for the rename.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Address, Body, Desired, Reason, Snapshot, UserName, Wish};

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
        renamed.snapshot.to_mut().rename_users(&by_old);
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
