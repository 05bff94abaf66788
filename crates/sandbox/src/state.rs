//! Everything the sandbox remembers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cloudtrail::CloudTrail;
use crate::cloudwatch::CloudWatch;
use crate::iam::Iam;
use crate::logs::Logs;
use crate::s3::S3;
use crate::sts::Sts;

/// The version of the state file's form.
pub(crate) const FORMAT_VERSION: u32 = 2;

/// Holds the accounts, by their twelve digits. An account begins empty with its first call.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    format_version: u32,
    accounts: BTreeMap<String, Account>,
}

/// Holds one account.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) iam: Iam,
    #[serde(default)]
    pub(crate) sts: Sts,
    #[serde(default)]
    pub(crate) cloudwatch: CloudWatch,
    #[serde(default)]
    pub(crate) logs: Logs,
    #[serde(default)]
    pub(crate) s3: S3,
    #[serde(default)]
    pub(crate) cloudtrail: CloudTrail,
}

impl Default for State {
    fn default() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            accounts: BTreeMap::new(),
        }
    }
}

impl State {
    /// Returns the account with this number.
    pub(crate) fn account(&mut self, id: &str) -> &mut Account {
        self.accounts
            .entry(id.to_owned())
            .or_insert_with(|| Account {
                id: id.to_owned(),
                ..Account::default()
            })
    }

    /// Returns the account with this number, if it was ever called.
    pub(crate) fn existing_account(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.get_mut(id)
    }

    pub(crate) fn accounts_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        self.accounts.values_mut()
    }

    /// Returns another state that is the same, by way of JSON; nothing if that fails, which would keep it from being
    /// saved, too.
    pub(crate) fn copy(&self) -> Option<Self> {
        let mut copy: Self = serde_json::from_slice(&serde_json::to_vec(self).ok()?).ok()?;
        copy.restore().ok()?;
        Some(copy)
    }

    /// Rebuilds what is derived from the rest, and says what does not fit together.
    pub(crate) fn restore(&mut self) -> Result<(), String> {
        self.accounts.iter_mut().try_for_each(|(id, account)| {
            if *id != account.id {
                return Err(format!("account `{id}` says that it is `{}`", account.id));
            }
            account.sts.forget_ended(Timestamp::now());
            account.iam.restore()
        })
    }
}
