//! Who can sign in to an account and with what, as its credential report tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::{AccountId, MfaType, ReadFailure, UserName};

/// Holds the credentials of everybody in an account.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialReport {
    /// When AWS made the report. It makes no other one for four hours.
    pub generated: Timestamp,
    /// Everybody's credentials; the root user's are first.
    pub people: BTreeMap<Person, Credentials>,
    /// Why it isn't known of everybody what their MFA devices are.
    pub unread: Option<ReadFailure>,
}

/// Names somebody who can have credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// The account's root user.
    Root,
    /// An IAM user.
    User(UserName),
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("<root_account>"),
            Self::User(name) => name.fmt(f),
        }
    }
}

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Describes somebody's credentials. What never happened since AWS keeps track of it has no time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Credentials {
    /// When the user was created.
    pub created: Option<Timestamp>,
    /// Whether there is a password for the console. Of the root user a report may not tell.
    pub password: Option<bool>,
    /// When the password was set or changed.
    pub password_changed: Option<Timestamp>,
    /// When the password was last used to sign in.
    pub password_used: Option<Timestamp>,
    /// Whether an MFA device is enabled.
    pub mfa: bool,
    /// What sorts of MFA devices these are, as far as AWS tells.
    pub devices: BTreeSet<MfaType>,
    /// The access keys that there are, of which a report tells the first two.
    pub keys: Vec<KeyUse>,
}

impl Credentials {
    /// Tells whether somebody has a password, as far as is known.
    pub fn has_password(&self) -> bool {
        self.password == Some(true)
    }

    /// Lists the access keys that can be used.
    pub fn active_keys(&self) -> impl Iterator<Item = &KeyUse> {
        self.keys.iter().filter(|key| key.active)
    }
}

/// Describes an access key. Reports don't tell its id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyUse {
    /// Whether it can be used.
    pub active: bool,
    /// When it was created, or made active or inactive.
    pub rotated: Option<Timestamp>,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// Names what can be wrong with credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The root user has no MFA.
    RootMfa,
    /// The root user has an active access key.
    RootKey,
    /// Somebody has a password and no MFA.
    NoMfa,
    /// A password or an active access key isn't used.
    Unused,
    /// An active access key is old.
    OldKey,
}

impl Condition {
    /// Lists every condition.
    pub const ALL: [Self; 5] = [
        Self::RootMfa,
        Self::RootKey,
        Self::NoMfa,
        Self::Unused,
        Self::OldKey,
    ];

    /// Returns the name by which outputs and the command line call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootMfa => "root-mfa",
            Self::RootKey => "root-key",
            Self::NoMfa => "no-mfa",
            Self::Unused => "unused",
            Self::OldKey => "old-key",
        }
    }

    /// Returns the recommendations about it of the CIS AWS Foundations Benchmark, versions 3.0.0 and 5.0.0 (the related
    /// requirements in "Security Hub controls for IAM").
    pub fn cis(self) -> [(&'static str, &'static str); 2] {
        let (third, fifth) = match self {
            Self::RootMfa => ("1.5", "1.4"),
            Self::RootKey => ("1.4", "1.3"),
            Self::NoMfa => ("1.10", "1.9"),
            Self::Unused => ("1.12", "1.11"),
            Self::OldKey => ("1.14", "1.13"),
        };
        [("3.0.0", third), ("5.0.0", fifth)]
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Counts the credentials of an account at some time. A file that a report adds to has one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialCounts {
    /// When AWS made the report.
    pub generated: Timestamp,
    /// The account.
    pub account: AccountId,
    /// All users.
    pub users: usize,
    /// Users who have a password.
    pub with_password: usize,
    /// Users who have a password and MFA.
    pub with_mfa: usize,
    /// How many people meet each condition.
    pub conditions: BTreeMap<Condition, usize>,
}

impl CredentialReport {
    /// Counts the credentials, and whom each condition is met by.
    pub fn counts(
        &self,
        account: &AccountId,
        met: &BTreeMap<Condition, BTreeSet<&Person>>,
    ) -> CredentialCounts {
        let users = self.people.iter().filter(|(it, _)| **it != Person::Root);
        let with_password = users.clone().filter(|(_, it)| it.has_password());
        CredentialCounts {
            generated: self.generated,
            account: account.clone(),
            users: users.count(),
            with_password: with_password.clone().count(),
            with_mfa: with_password.filter(|(_, it)| it.mfa).count(),
            conditions: met
                .iter()
                .map(|(condition, by)| (*condition, by.len()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_user_is_listed_before_everybody_else() {
        let user = Person::User(UserName::new("=alice").unwrap());
        assert!(Person::Root < user);
    }
}
