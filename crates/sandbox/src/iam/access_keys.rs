//! Access keys of users, and of the root user.
//!
//! A call without a name is about the caller's own keys: that is how the root user's are managed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{CREDENTIAL_ID, EXISTING_USER_NAME, fold};
use super::page::Page;
use super::{Iam, ids, quotas};
use crate::call::Call;
use crate::caller::Caller;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateAccessKey", create),
    Operation::read("ListAccessKeys", list),
    Operation::write("UpdateAccessKey", update),
    Operation::write("DeleteAccessKey", delete),
    Operation::read("GetAccessKeyLastUsed", get_last_used)
        .unlike("is right at once; AWS takes hours"),
];

/// Holds an access key. Its secret is not kept: the sandbox checks no signatures.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKey {
    pub(super) status: Status,
    pub(super) created: Timestamp,
    pub(super) last_used: Option<LastUsed>,
}

/// Says when and for what a key was used last.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LastUsed {
    pub(super) at: Timestamp,
    pub(super) service: String,
    pub(super) region: String,
}

/// Says whether a credential can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    Active,
    Inactive,
}

impl Status {
    /// The statuses that a call may set.
    pub(super) const SETTABLE: &[(&str, Self)] =
        &[("Active", Self::Active), ("Inactive", Self::Inactive)];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }

    /// Returns the status that a call sets.
    pub(super) fn sent(call: &Call<'_>) -> Result<Self, Error> {
        call.input
            .choice("Status", Self::SETTABLE)?
            .ok_or_else(|| call.input.missing("Status"))
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let owner = owner(account, call)?;
    let keys = account.iam.access_keys_mut(owner.as_deref())?;
    if keys.len() >= quotas::ACCESS_KEYS_PER_USER {
        return Err(Error::over_quota(
            "AccessKeysPerUser",
            quotas::ACCESS_KEYS_PER_USER,
        ));
    }
    let id = ids::access_key_id()?;
    let answer = Record::new()
        .with_some("UserName", owner.as_ref())
        .with("AccessKeyId", &id)
        .with("Status", Status::Active.name())
        .with("SecretAccessKey", ids::secret_key()?)
        .with("CreateDate", call.now);
    keys.insert(
        id.clone(),
        AccessKey {
            status: Status::Active,
            created: call.now,
            last_used: None,
        },
    );
    if let Some(name) = owner {
        account.iam.index.access_keys.insert(id, fold(&name));
    }
    Ok(Record::new().with("AccessKey", answer))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let owner = owner(account, call)?;
    let keys = match &owner {
        None => &account.iam.root_access_keys,
        Some(name) => &account.iam.user(name)?.access_keys,
    };
    let keys = keys.iter().map(|(id, key)| {
        let record = Record::new()
            .with_some("UserName", owner.as_ref())
            .with("AccessKeyId", id)
            .with("Status", key.status.name())
            .with("CreateDate", key.created);
        (id, record)
    });
    Ok(Page::of(call)?.answer("AccessKeyMetadata", keys))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("AccessKeyId", &CREDENTIAL_ID)?;
    let status = Status::sent(call)?;
    let owner = owner(account, call)?;
    let keys = account.iam.access_keys_mut(owner.as_deref())?;
    keys.get_mut(id).ok_or_else(|| no_such_key(id))?.status = status;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("AccessKeyId", &CREDENTIAL_ID)?;
    let owner = owner(account, call)?;
    let keys = account.iam.access_keys_mut(owner.as_deref())?;
    keys.remove(id).ok_or_else(|| no_such_key(id))?;
    account.iam.index.access_keys.remove(id);
    Ok(Record::new())
}

/// Answers when a key was used last, `N/A` for service and region if never.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>
fn get_last_used(account: &Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("AccessKeyId", &CREDENTIAL_ID)?;
    let name = account.iam.owner_of(id);
    let keys = match name {
        None => &account.iam.root_access_keys,
        Some(name) => &account.iam.user(name)?.access_keys,
    };
    let key = keys.get(id).ok_or_else(|| no_such_key(id))?;
    let used = key.last_used.as_ref();
    let last_used = Record::new()
        .with_some("LastUsedDate", used.map(|used| used.at))
        .with("ServiceName", used.map_or("N/A", |used| &used.service))
        .with("Region", used.map_or("N/A", |used| &used.region));
    Ok(Record::new()
        .with_some("UserName", name)
        .with("AccessKeyLastUsed", Value::from(last_used)))
}

/// Returns the name of the user whose keys a call is about, or nothing for the root user.
fn owner(account: &Account, call: &Call<'_>) -> Result<Option<String>, Error> {
    let named = call.input.text("UserName", &EXISTING_USER_NAME)?;
    if (named, call.caller) == (None, &Caller::Root) {
        return Ok(None);
    }
    account
        .called_user(call)
        .map(|user| Some(user.name.clone()))
}

fn no_such_key(id: &str) -> Error {
    Error::no_such_entity(format!("The Access Key with id {id} cannot be found."))
}

impl Iam {
    /// Returns the access keys of a user, or of the root user.
    fn access_keys_mut(
        &mut self,
        owner: Option<&str>,
    ) -> Result<&mut BTreeMap<String, AccessKey>, Error> {
        match owner {
            None => Ok(&mut self.root_access_keys),
            Some(name) => self.user_mut(name).map(|user| &mut user.access_keys),
        }
    }
}

impl Account {
    /// Notes that a key signed a request; returns whether it may.
    pub(crate) fn use_access_key(
        &mut self,
        id: &str,
        service: &str,
        region: &str,
        now: Timestamp,
    ) -> bool {
        let iam = &mut self.iam;
        let key = match iam.index.access_keys.get(id) {
            None => iam.root_access_keys.get_mut(id),
            Some(user) => {
                let user = iam.users.folded_mut(user);
                user.and_then(|user| user.access_keys.get_mut(id))
            }
        };
        let Some(key) = key else {
            return true;
        };
        key.last_used = Some(LastUsed {
            at: now,
            service: service.to_owned(),
            region: region.to_owned(),
        });
        key.status == Status::Active
    }
}
