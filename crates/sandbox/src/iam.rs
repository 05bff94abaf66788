//! Identity and Access Management: what an account's IAM holds, and one module a family of operations.
//!
//! Limits, codes and words are those of the [API reference](https://docs.aws.amazon.com/IAM/latest/APIReference/)
//! and of [quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
//! Where AWS does not document whether a name finds its object in another case, the sandbox says that it does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::operation::Operation;
use crate::state::Account;

mod access_keys;
mod account;
mod attachments;
mod authorization_details;
mod aws_managed;
mod boundaries;
mod credential_report;
mod credentials;
mod document;
mod groups;
pub(crate) mod ids;
mod in_force;
mod inline_policies;
mod instance_profiles;
mod login_profiles;
mod memberships;
mod mfa_devices;
mod names;
mod page;
mod password_policy;
mod passwords;
mod policies;
mod policy_versions;
mod quotas;
mod roles;
mod simulation;
mod ssh_keys;
mod tags;
mod trust_principals;
mod users;

use access_keys::AccessKey;
use credential_report::CredentialReport;
pub(crate) use document::{DOCUMENT, check_identity_policy};
use groups::Group;
pub(crate) use ids::random;
pub(crate) use in_force::{Attached, Origin};
pub(crate) use login_profiles::PasswordState;
pub(crate) use mfa_devices::CodeError;
use mfa_devices::MfaDevice;
pub(crate) use names::{ARN, CREDENTIAL_ID, SERIAL_NUMBER};
use names::{Named, fold};
use password_policy::PasswordPolicy;
use policies::Policy;
pub(crate) use roles::Role;
pub(crate) use tags::{KEY as TAG_KEY, VALUE as TAG_VALUE};
pub(crate) use users::User;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![
        users::OPERATIONS,
        groups::OPERATIONS,
        memberships::OPERATIONS,
        roles::OPERATIONS,
        instance_profiles::OPERATIONS,
        policies::OPERATIONS,
        policy_versions::OPERATIONS,
        attachments::OPERATIONS,
        inline_policies::OPERATIONS,
        boundaries::OPERATIONS,
        tags::OPERATIONS,
        login_profiles::OPERATIONS,
        access_keys::OPERATIONS,
        mfa_devices::OPERATIONS,
        ssh_keys::OPERATIONS,
        credentials::OPERATIONS,
        password_policy::OPERATIONS,
        account::OPERATIONS,
        authorization_details::OPERATIONS,
        credential_report::OPERATIONS,
        simulation::OPERATIONS,
    ]
}

/// Holds the IAM of one account.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Iam {
    users: Named<User>,
    groups: Named<Group>,
    roles: Named<Role>,
    policies: Named<Policy>,
    mfa_devices: Named<MfaDevice>,
    /// The root user's access keys, by their ids.
    root_access_keys: BTreeMap<String, AccessKey>,
    password_policy: Option<PasswordPolicy>,
    alias: Option<String>,
    credential_report: Option<CredentialReport>,
    #[serde(skip)]
    index: Index,
}

/// Holds the relations of [`Iam`] the other way round, so that no operation searches for them.
#[derive(Default)]
struct Index {
    /// The members of a group, by folded names.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Who has a managed policy attached, by its ARN.
    attached: BTreeMap<String, BTreeSet<Principal>>,
    /// Whose boundary a managed policy is, by its ARN.
    bounded: BTreeMap<String, BTreeSet<Principal>>,
    /// The serial numbers of a user's MFA devices, by folded names.
    devices: BTreeMap<String, BTreeSet<String>>,
    /// The folded name of the user that has an access key.
    access_keys: BTreeMap<String, String>,
}

/// Names whom a policy can be attached to; names are folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Principal {
    Group(String),
    User(String),
    Role(String),
}

/// Names a kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    Group,
    User,
    Role,
}

/// Holds the policies of a principal.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Grants {
    /// The ARNs of the managed policies.
    attached: BTreeSet<String>,
    /// The documents of the inline policies, by name.
    inline: BTreeMap<String, String>,
}

impl Principal {
    fn new(kind: PrincipalKind, name: &str) -> Self {
        let name = fold(name);
        match kind {
            PrincipalKind::Group => Self::Group(name),
            PrincipalKind::User => Self::User(name),
            PrincipalKind::Role => Self::Role(name),
        }
    }
}

impl Iam {
    pub(crate) fn user(&self, name: &str) -> Result<&User, Error> {
        self.users.get(name).ok_or_else(|| no_such("user", name))
    }

    fn user_mut(&mut self, name: &str) -> Result<&mut User, Error> {
        self.users
            .get_mut(name)
            .ok_or_else(|| no_such("user", name))
    }

    fn group(&self, name: &str) -> Result<&Group, Error> {
        self.groups.get(name).ok_or_else(|| no_such("group", name))
    }

    fn group_mut(&mut self, name: &str) -> Result<&mut Group, Error> {
        self.groups
            .get_mut(name)
            .ok_or_else(|| no_such("group", name))
    }

    pub(crate) fn role(&self, name: &str) -> Result<&Role, Error> {
        self.roles.get(name).ok_or_else(|| no_such("role", name))
    }

    fn role_mut(&mut self, name: &str) -> Result<&mut Role, Error> {
        self.roles
            .get_mut(name)
            .ok_or_else(|| no_such("role", name))
    }

    fn grants(&self, kind: PrincipalKind, name: &str) -> Result<&Grants, Error> {
        match kind {
            PrincipalKind::Group => self.group(name).map(|group| &group.grants),
            PrincipalKind::User => self.user(name).map(|user| &user.grants),
            PrincipalKind::Role => self.role(name).map(|role| &role.grants),
        }
    }

    fn grants_mut(&mut self, kind: PrincipalKind, name: &str) -> Result<&mut Grants, Error> {
        match kind {
            PrincipalKind::Group => self.group_mut(name).map(|group| &mut group.grants),
            PrincipalKind::User => self.user_mut(name).map(|user| &mut user.grants),
            PrincipalKind::Role => self.role_mut(name).map(|role| &mut role.grants),
        }
    }

    /// Returns the name of the user that has this access key.
    pub(crate) fn owner_of(&self, access_key_id: &str) -> Option<&str> {
        let user = self.index.access_keys.get(access_key_id)?;
        self.users.folded(user).map(|user| user.name.as_str())
    }

    /// Returns whether a user, or the root user, has this access key.
    pub(crate) fn has_access_key(&self, access_key_id: &str) -> bool {
        self.index.access_keys.contains_key(access_key_id)
            || self.root_access_keys.contains_key(access_key_id)
    }

    /// Builds the index anew; says which reference leads nowhere.
    pub(crate) fn restore(&mut self) -> Result<(), String> {
        let mut index = Index::default();
        for (name, user) in self.users.iter() {
            if let Some(group) = user
                .groups
                .iter()
                .find(|group| self.groups.folded(group).is_none())
            {
                return Err(format!(
                    "user `{name}` is in group `{group}`, which does not exist"
                ));
            }
            index.add_user(name, user);
        }
        for (name, group) in self.groups.iter() {
            index.add_grants(&Principal::Group(name.to_owned()), &group.grants, None);
        }
        for (name, role) in self.roles.iter() {
            index.add_grants(
                &Principal::Role(name.to_owned()),
                &role.grants,
                role.boundary.as_deref(),
            );
        }
        for (_, device) in self.mfa_devices.iter() {
            let Some(assigned) = &device.assigned else {
                continue;
            };
            let Some(user) = &assigned.user else {
                continue;
            };
            if self.users.folded(user).is_none() {
                return Err(format!(
                    "`{}` is assigned to user `{user}`, who does not exist",
                    device.serial
                ));
            }
            index
                .devices
                .entry(user.clone())
                .or_default()
                .insert(device.serial.clone());
        }
        if let Some(arn) = index
            .attached
            .keys()
            .chain(index.bounded.keys())
            .find(|arn| self.policy(arn).is_err())
        {
            return Err(format!("policy `{arn}` is in use and does not exist"));
        }
        self.index = index;
        Ok(())
    }
}

impl Index {
    /// Adds what a user is part of, but for MFA devices.
    fn add_user(&mut self, name: &str, user: &User) {
        for group in &user.groups {
            self.members
                .entry(group.clone())
                .or_default()
                .insert(name.to_owned());
        }
        self.access_keys.extend(
            user.access_keys
                .keys()
                .map(|id| (id.clone(), name.to_owned())),
        );
        self.add_grants(
            &Principal::User(name.to_owned()),
            &user.grants,
            user.boundary.as_deref(),
        );
    }

    /// Removes what [`Index::add_user`] adds.
    fn remove_user(&mut self, name: &str, user: &User) {
        for group in &user.groups {
            remove_from(&mut self.members, group, name);
        }
        for id in user.access_keys.keys() {
            self.access_keys.remove(id);
        }
        self.remove_grants(
            &Principal::User(name.to_owned()),
            &user.grants,
            user.boundary.as_deref(),
        );
    }

    fn add_grants(&mut self, principal: &Principal, grants: &Grants, boundary: Option<&str>) {
        for arn in &grants.attached {
            self.attached
                .entry(arn.clone())
                .or_default()
                .insert(principal.clone());
        }
        if let Some(arn) = boundary {
            self.bounded
                .entry(arn.to_owned())
                .or_default()
                .insert(principal.clone());
        }
    }

    fn remove_grants(&mut self, principal: &Principal, grants: &Grants, boundary: Option<&str>) {
        for arn in &grants.attached {
            remove_from(&mut self.attached, arn, principal);
        }
        if let Some(arn) = boundary {
            remove_from(&mut self.bounded, arn, principal);
        }
    }
}

/// Removes `item` from the set under `key`, and the set with its last item.
fn remove_from<T, Q>(sets: &mut BTreeMap<String, BTreeSet<T>>, key: &str, item: &Q)
where
    T: Ord + std::borrow::Borrow<Q>,
    Q: Ord + ?Sized,
{
    if let Some(set) = sets.get_mut(key) {
        set.remove(item);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

fn no_such(kind: &str, name: &str) -> Error {
    Error::no_such_entity(format!("The {kind} with name {name} cannot be found."))
}

impl Account {
    /// Returns an ARN of this account's IAM: `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`.
    pub(crate) fn iam_arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.id)
    }

    pub(crate) fn user_arn(&self, user: &User) -> String {
        self.iam_arn("user", &user.path, &user.name)
    }

    fn group_arn(&self, group: &Group) -> String {
        self.iam_arn("group", &group.path, &group.name)
    }

    /// Returns the ARN of a group, there or to be created at `path`.
    pub(crate) fn group_arn_of(&self, name: &str, path: &str) -> String {
        match self.iam.group(name) {
            Ok(group) => self.group_arn(group),
            Err(_) => self.iam_arn("group", path, name),
        }
    }

    /// Returns the role that has this ARN.
    pub(crate) fn role_of_arn(&self, arn: &str) -> Option<&Role> {
        let name = arn.rsplit('/').next()?;
        let role = self.iam.role(name).ok()?;
        (self.role_arn(role) == arn).then_some(role)
    }

    pub(crate) fn role_arn(&self, role: &Role) -> String {
        self.iam_arn("role", &role.path, &role.name)
    }
}
