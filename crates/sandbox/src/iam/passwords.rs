//! Passwords: kept so that they can be recognised, not read.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::random;
use crate::error::Error;

/// As many passwords are remembered as the longest `PasswordReusePrevention` asks for.
const REMEMBERED: usize = 24;

/// Holds a user's password and those before it, newest first. It has no `Debug`.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Passwords(Vec<Hash>);

/// Holds a password's salted SHA-256, both in hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hash {
    salt: String,
    sha256: String,
}

impl Passwords {
    pub(super) fn new(password: &str) -> Result<Self, Error> {
        Ok(Self(vec![Hash::new(password)?]))
    }

    /// Makes `password` the one in use.
    pub(super) fn change(&mut self, password: &str) -> Result<(), Error> {
        self.0.insert(0, Hash::new(password)?);
        self.0.truncate(REMEMBERED);
        Ok(())
    }

    /// Returns whether `password` is the one in use.
    pub(super) fn is(&self, password: &str) -> bool {
        self.0
            .first()
            .is_some_and(|current| current.is_of(password))
    }

    /// Returns whether `password` is one of the newest `count`.
    pub(super) fn is_among(&self, count: usize, password: &str) -> bool {
        self.0.iter().take(count).any(|hash| hash.is_of(password))
    }
}

impl Hash {
    fn new(password: &str) -> Result<Self, Error> {
        let salt = HEXLOWER.encode(&random::<16>()?);
        let sha256 = sha256(&salt, password);
        Ok(Self { salt, sha256 })
    }

    fn is_of(&self, password: &str) -> bool {
        sha256(&self.salt, password) == self.sha256
    }
}

fn sha256(salt: &str, password: &str) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(password);
    HEXLOWER.encode(&hash.finalize())
}
