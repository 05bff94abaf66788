//! Users, groups, policies and the password policy, as a spec declares them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Body, PasswordPolicy, Path, PolicyRef, Principal, User};
use policy::Document;
use serde::Serialize;

use super::yaml::{self, Inline};

/// Holds what is declared of people, by name.
#[derive(Default)]
pub(super) struct People<'a> {
    password_policy: Option<&'a PasswordPolicy>,
    users: BTreeMap<&'a str, UserEntry<'a>>,
    groups: BTreeMap<&'a str, GroupEntry<'a>>,
    policies: BTreeMap<&'a str, PolicyEntry<'a>>,
    /// Memberships, attachments and inline policies, each an object of its own.
    parts: usize,
}

#[derive(Default, Serialize)]
struct UserEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    groups: BTreeSet<&'a str>,
    #[serde(flatten)]
    held: Held<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary: Option<PolicyRef>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'a str, &'a str>,
}

#[derive(Default, Serialize)]
struct GroupEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
    #[serde(flatten)]
    held: Held<'a>,
}

/// The policies of a user or group.
#[derive(Default, Serialize)]
struct Held<'a> {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    policies: BTreeSet<&'a PolicyRef>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    inline_policies: BTreeMap<&'a str, Inline<'a>>,
}

#[derive(Serialize)]
struct PolicyEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    document: &'a Document,
}

impl<'a> People<'a> {
    pub(super) fn add(&mut self, address: &'a Address, body: &'a Body) {
        match (address, body) {
            (Address::PasswordPolicy, Body::PasswordPolicy(policy)) => {
                self.password_policy = Some(policy);
            }
            (Address::User(name), Body::User(user)) => {
                self.users.entry(name.as_str()).or_default().declare(user);
            }
            (Address::Group(name), Body::Group(group)) => {
                self.groups.entry(name.as_str()).or_default().path = yaml::path(&group.path);
            }
            (Address::Policy(PolicyRef::Local(name)), Body::Policy(policy)) => {
                let entry = PolicyEntry {
                    path: yaml::path(&policy.path),
                    description: policy.description.as_deref(),
                    document: &policy.document,
                };
                self.policies.insert(name.as_str(), entry);
            }
            (Address::Membership(group, user), _) => {
                let user = self.users.entry(user.as_str()).or_default();
                user.groups.insert(group.as_str());
                self.parts += 1;
            }
            (Address::Attachment(principal, policy), _) => {
                if let Some(held) = self.held(principal) {
                    held.policies.insert(policy);
                    self.parts += 1;
                }
            }
            (Address::InlinePolicy(principal, name), Body::InlinePolicy(policy)) => {
                let document = &policy.document;
                if let Some(held) = self.held(principal) {
                    held.inline_policies
                        .insert(name.as_str(), Inline { document });
                    self.parts += 1;
                }
            }
            // Roles and AWS's own policies are only looked at; passwords and devices are declared with a recipient,
            // whom AWS doesn't know.
            _ => {}
        }
    }

    /// Returns what a user or group holds. What roles hold isn't declared.
    fn held(&mut self, principal: &'a Principal) -> Option<&mut Held<'a>> {
        match principal {
            Principal::User(name) => Some(&mut self.users.entry(name.as_str()).or_default().held),
            Principal::Group(name) => Some(&mut self.groups.entry(name.as_str()).or_default().held),
            Principal::Role(_) => None,
        }
    }

    pub(super) fn declared(&self) -> usize {
        let own = self.users.len() + self.groups.len() + self.policies.len();
        own + self.parts + usize::from(self.password_policy.is_some())
    }

    pub(super) fn sections(&self) -> [(&'static str, String); 4] {
        let password_policy = self.password_policy.map(settings).unwrap_or_default();
        [
            ("password_policy.yaml", password_policy),
            ("users.yaml", yaml::names("users", &self.users)),
            ("groups.yaml", yaml::names("groups", &self.groups)),
            ("policies.yaml", yaml::names("policies", &self.policies)),
        ]
    }
}

impl<'a> UserEntry<'a> {
    fn declare(&mut self, user: &'a User) {
        let User {
            path,
            tags,
            boundary,
            renamed_from: _,
        } = user;
        self.path = yaml::path(path);
        self.tags = yaml::tags(tags);
        self.boundary = boundary.policy().map(model::ManagedPolicy::reference);
    }
}

/// Writes the password policy; what isn't set is left out.
#[expect(clippy::expect_used, reason = "it is numbers and truths")]
fn settings(policy: &PasswordPolicy) -> String {
    let mut settings = serde_json::to_value(policy).expect("a password policy should be JSON");
    if let Some(settings) = settings.as_object_mut() {
        settings.retain(|_, value| !value.is_null());
    }
    yaml::section("password_policy", &settings)
}
