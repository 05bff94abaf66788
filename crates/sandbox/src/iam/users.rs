//! Users.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::access_keys::AccessKey;
use super::credentials::{ServiceSpecificCredential, SigningCertificate};
use super::login_profiles::LoginProfile;
use super::names::{ARN, EXISTING_USER_NAME, HasName, PATH, PATH_PREFIX, USER_NAME, fold};
use super::page::Page;
use super::ssh_keys::SshPublicKey;
use super::tags::Tags;
use super::{Grants, boundaries, ids, quotas};
use crate::call::Call;
use crate::caller::Caller;
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateUser", create),
    Operation::read("GetUser", get),
    Operation::read("ListUsers", list),
    Operation::write("UpdateUser", update),
    Operation::write("DeleteUser", delete),
];

/// Holds a user, and everything that is the user's alone.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(super) created: Timestamp,
    pub(super) tags: Tags,
    /// The ARN of the permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) grants: Grants,
    /// The folded names of the user's groups.
    pub(super) groups: BTreeSet<String>,
    pub(super) login_profile: Option<LoginProfile>,
    pub(super) access_keys: BTreeMap<String, AccessKey>,
    pub(super) signing_certificates: BTreeMap<String, SigningCertificate>,
    pub(super) ssh_public_keys: BTreeMap<String, SshPublicKey>,
    pub(super) service_credentials: BTreeMap<String, ServiceSpecificCredential>,
}

impl HasName for User {
    fn name(&self) -> &str {
        &self.name
    }
}

impl User {
    /// Returns keys and values of the user's tags.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.pairs()
    }
}

impl Account {
    /// Returns the user that a call names or, if it names none, the one whose key signed it.
    pub(super) fn called_user<'a>(&'a self, call: &Call<'a>) -> Result<&'a User, Error> {
        self.iam.user(called_name(call)?)
    }

    pub(super) fn called_user_mut(&mut self, call: &Call<'_>) -> Result<&mut User, Error> {
        self.iam.user_mut(called_name(call)?)
    }

    /// Returns a user as lists show it: without tags and boundary.
    pub(super) fn listed_user(&self, user: &User) -> Record {
        let profile = user.login_profile.as_ref();
        let last_used = profile.and_then(|profile| profile.last_used);
        self.user_summary(user)
            .with_some("PasswordLastUsed", last_used)
    }

    /// Returns what every answer has of a user.
    pub(super) fn user_summary(&self, user: &User) -> Record {
        Record::new()
            .with("Path", &user.path)
            .with("UserName", &user.name)
            .with("UserId", &user.id)
            .with("Arn", self.user_arn(user))
            .with("CreateDate", user.created)
    }

    fn user_record(&self, user: &User) -> Record {
        self.listed_user(user)
            .with_some(
                "PermissionsBoundary",
                user.boundary.as_deref().map(boundaries::record),
            )
            .with_some("Tags", user.tags.listed())
    }
}

/// Returns the name of the user that a call is about.
pub(super) fn called_name<'a>(call: &Call<'a>) -> Result<&'a str, Error> {
    match (
        call.input.text("UserName", &EXISTING_USER_NAME)?,
        call.caller,
    ) {
        (Some(name), _) => Ok(name),
        (None, Caller::User(name)) => Ok(name),
        (None, Caller::Root | Caller::Role { .. }) => Err(Error::validation(
            "Must specify userName when calling with non-User credentials",
        )),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &USER_NAME)?;
    let path = call.input.text("Path", &PATH)?.unwrap_or("/");
    let boundary = call.input.text("PermissionsBoundary", &ARN)?;
    let tags = Tags::without_case().with_those_of(call)?;
    account.check_new_user_name(name)?;
    if account.iam.users.len() >= quotas::USERS {
        return Err(Error::over_quota("UsersPerAccount", quotas::USERS));
    }
    if let Some(arn) = boundary {
        account.iam.check_boundary(arn)?;
    }
    let user = User {
        name: name.to_owned(),
        path: path.to_owned(),
        id: ids::unique_id(ids::USER)?,
        created: call.now,
        tags,
        boundary: boundary.map(str::to_owned),
        grants: Grants::default(),
        groups: BTreeSet::new(),
        login_profile: None,
        access_keys: BTreeMap::new(),
        signing_certificates: BTreeMap::new(),
        ssh_public_keys: BTreeMap::new(),
        service_credentials: BTreeMap::new(),
    };
    let answer = Record::new().with("User", account.user_record(&user));
    account.iam.index.add_user(&fold(name), &user);
    account.iam.users.insert(user);
    Ok(answer)
}

/// Answers the user; without a name, whoever calls, be it the root user.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let name = call.input.text("UserName", &EXISTING_USER_NAME)?;
    if let (None, Caller::Root) = (name, call.caller) {
        let root = Record::new()
            .with("Path", "/")
            .with("UserName", "root")
            .with("UserId", &account.id)
            .with("Arn", format!("arn:aws:iam::{}:root", account.id))
            .with("CreateDate", Timestamp::UNIX_EPOCH);
        return Ok(Record::new().with("User", root));
    }
    Ok(Record::new().with("User", account.user_record(account.called_user(call)?)))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let prefix = call.input.text("PathPrefix", &PATH_PREFIX)?.unwrap_or("/");
    let page = Page::of(call)?;
    let users = account
        .iam
        .users
        .from(page.start())
        .filter(|(_, user)| user.path.starts_with(prefix));
    Ok(page.answer(
        "Users",
        users.map(|(name, user)| (name, account.listed_user(user))),
    ))
}

/// Renames a user, moves it, or both; what is the user's stays the user's.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let new_name = call.input.text("NewUserName", &USER_NAME)?.unwrap_or(name);
    let new_path = call.input.text("NewPath", &PATH)?;
    account.iam.user(name)?;
    if fold(new_name) != fold(name) {
        account.check_new_user_name(new_name)?;
    }
    let Some(mut user) = account.iam.users.remove(name) else {
        return Ok(Record::new());
    };
    let old_arn = account.user_arn(&user);
    account.iam.index.remove_user(&fold(name), &user);
    user.name = new_name.to_owned();
    if let Some(path) = new_path {
        user.path = path.to_owned();
    }
    let new_arn = account.user_arn(&user);
    account.iam.index.add_user(&fold(new_name), &user);
    account.iam.users.insert(user);
    account.rename_principal(&old_arn, &new_arn);
    account.iam.reassign_devices(&fold(name), &fold(new_name));
    account.sts.rename_user(name, new_name);
    Ok(Record::new())
}

/// Deletes a user who has nothing left.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let user = account.iam.user(name)?;
    if let Some(first) = in_the_way(user, account.iam.index.devices.contains_key(&fold(name))) {
        return Err(Error::delete_conflict(format!(
            "Cannot delete entity, must {first} first."
        )));
    }
    let (arn, id) = (account.user_arn(user), user.id.clone());
    if let Some(user) = account.iam.users.remove(name) {
        account.iam.index.remove_user(&fold(name), &user);
    }
    account.rename_principal(&arn, &id);
    Ok(Record::new())
}

/// Says what has to be done before the user can be deleted.
fn in_the_way(user: &User, has_devices: bool) -> Option<&'static str> {
    let steps = [
        (user.login_profile.is_some(), "delete login profile"),
        (!user.access_keys.is_empty(), "delete access keys"),
        (
            !user.signing_certificates.is_empty(),
            "delete signing certificates",
        ),
        (!user.ssh_public_keys.is_empty(), "delete SSH public keys"),
        (
            !user.service_credentials.is_empty(),
            "delete service specific credentials",
        ),
        (has_devices, "delete MFA device"),
        (!user.grants.inline.is_empty(), "delete policies"),
        (!user.grants.attached.is_empty(), "detach all policies"),
        (!user.groups.is_empty(), "remove users from group"),
    ];
    steps
        .into_iter()
        .find(|(there, _)| *there)
        .map(|(_, step)| step)
}

impl Account {
    fn check_new_user_name(&self, name: &str) -> Result<(), Error> {
        if self.iam.users.is_taken(name) {
            return Err(Error::already_exists(format!(
                "User with name {name} already exists."
            )));
        }
        Ok(())
    }
}

impl super::Iam {
    /// Gives a renamed user's MFA devices to the new name; both names are folded.
    fn reassign_devices(&mut self, old: &str, new: &str) {
        let Some(serials) = self.index.devices.remove(old) else {
            return;
        };
        for serial in &serials {
            if let Some(assigned) = self
                .mfa_devices
                .get_mut(serial)
                .and_then(|device| device.assigned.as_mut())
            {
                assigned.user = Some(new.to_owned());
            }
        }
        self.index.devices.insert(new.to_owned(), serials);
    }
}
