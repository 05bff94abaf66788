//! What is wrong with the credentials of an account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::{Condition, CredentialReport, Credentials, Person};

/// Says how old is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// How long a password or an active access key may go unused.
    pub unused: SignedDuration,
    /// How old an active access key may be.
    pub key: SignedDuration,
}

/// Returns of each condition whom it is met by. A condition that nobody meets isn't there.
pub fn conditions(
    report: &CredentialReport,
    ages: Ages,
    as_of: Timestamp,
) -> BTreeMap<Condition, BTreeSet<&Person>> {
    let mut met: BTreeMap<Condition, BTreeSet<&Person>> = BTreeMap::new();
    for (person, credentials) in &report.people {
        for condition in Condition::ALL {
            if meets(person, credentials, condition, ages, as_of) {
                met.entry(condition).or_default().insert(person);
            }
        }
    }
    met
}

fn meets(
    person: &Person,
    credentials: &Credentials,
    condition: Condition,
    ages: Ages,
    as_of: Timestamp,
) -> bool {
    let is_root = *person == Person::Root;
    let mut keys = credentials.active_keys();
    match condition {
        // A member account of an organization may have no root credentials at all, and then needs no MFA.
        Condition::RootMfa => is_root && !credentials.mfa && credentials.password != Some(false),
        Condition::RootKey => is_root && keys.next().is_some(),
        Condition::NoMfa => !is_root && credentials.has_password() && !credentials.mfa,
        Condition::Unused => !is_root && is_unused(credentials, ages.unused, as_of),
        Condition::OldKey => {
            !is_root && keys.any(|key| is_past(key.rotated, ages.key, as_of) == Some(true))
        }
    }
}

/// Tells whether a password or an active key hasn't been used for so long; what was never used counts from when it was
/// made.
fn is_unused(credentials: &Credentials, limit: SignedDuration, as_of: Timestamp) -> bool {
    let unused = |used: Option<Timestamp>, made: Option<Timestamp>| {
        is_past(used.or(made), limit, as_of) == Some(true)
    };
    let password = credentials.has_password()
        && unused(credentials.password_used, credentials.password_changed);
    password || { credentials.active_keys() }.any(|key| unused(key.used, key.rotated))
}

fn is_past(time: Option<Timestamp>, limit: SignedDuration, as_of: Timestamp) -> Option<bool> {
    time.map(|time| as_of.duration_since(time) > limit)
}

#[cfg(test)]
mod tests {
    use model::{KeyUse, UserName};

    use super::*;

    const AGES: Ages = Ages {
        unused: SignedDuration::from_hours(24 * 45),
        key: SignedDuration::from_hours(24 * 90),
    };

    fn as_of() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn ago(days: i64) -> Option<Timestamp> {
        as_of()
            .checked_sub(SignedDuration::from_hours(24 * days))
            .ok()
    }

    fn nothing() -> Credentials {
        Credentials {
            created: ago(1000),
            password: Some(false),
            password_changed: None,
            password_used: None,
            mfa: false,
            devices: BTreeSet::new(),
            keys: Vec::new(),
        }
    }

    fn with_key(rotated: i64, used: Option<i64>) -> Credentials {
        Credentials {
            keys: vec![KeyUse {
                active: true,
                rotated: ago(rotated),
                used: used.and_then(ago),
            }],
            ..nothing()
        }
    }

    fn with_password(changed: i64, used: Option<i64>) -> Credentials {
        Credentials {
            password: Some(true),
            password_changed: ago(changed),
            password_used: used.and_then(ago),
            mfa: true,
            ..nothing()
        }
    }

    fn met_by(person: Person, credentials: Credentials) -> Vec<Condition> {
        let report = CredentialReport {
            generated: as_of(),
            people: BTreeMap::from([(person, credentials)]),
            unread: None,
        };
        conditions(&report, AGES, as_of()).into_keys().collect()
    }

    fn of_user(credentials: Credentials) -> Vec<Condition> {
        met_by(Person::User(UserName::new("alice").unwrap()), credentials)
    }

    #[test]
    fn who_has_nothing_has_nothing_wrong() {
        assert_eq!(of_user(nothing()), []);
        assert_eq!(met_by(Person::Root, nothing()), []);
    }

    #[test]
    fn a_password_needs_mfa_and_use() {
        assert_eq!(of_user(with_password(100, Some(45))), []);
        assert_eq!(of_user(with_password(100, Some(46))), [Condition::Unused]);
        let without = Credentials {
            mfa: false,
            ..with_password(100, Some(1))
        };
        assert_eq!(of_user(without), [Condition::NoMfa]);
    }

    #[test]
    fn what_was_never_used_counts_from_when_it_was_made() {
        assert_eq!(of_user(with_password(45, None)), []);
        assert_eq!(of_user(with_password(46, None)), [Condition::Unused]);
        assert_eq!(of_user(with_key(46, None)), [Condition::Unused]);
    }

    #[test]
    fn an_old_key_is_old_even_if_it_is_used_unless_it_is_inactive() {
        assert_eq!(of_user(with_key(90, Some(1))), []);
        assert_eq!(of_user(with_key(91, Some(1))), [Condition::OldKey]);
        let mut inactive = with_key(91, None);
        inactive.keys.iter_mut().for_each(|key| key.active = false);
        assert_eq!(of_user(inactive), []);
    }

    #[test]
    fn the_root_user_needs_mfa_unless_it_has_no_password_and_no_key() {
        let root = |password| Credentials {
            password,
            ..nothing()
        };
        assert_eq!(met_by(Person::Root, root(None)), [Condition::RootMfa]);
        assert_eq!(met_by(Person::Root, root(Some(false))), []);
        assert_eq!(
            met_by(Person::Root, with_key(400, None)),
            [Condition::RootKey]
        );
    }
}
