//! Tags of users, roles, policies and virtual MFA devices.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::names::{ARN, EXISTING_USER_NAME, ROLE_NAME, SERIAL_NUMBER};
use super::page::Page;
use super::quotas;
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("TagUser", |account, call| tag(user(account, call)?, call)),
    Operation::write("UntagUser", |account, call| {
        untag(user(account, call)?, call)
    }),
    Operation::read("ListUserTags", |account, call| {
        list(
            &account
                .iam
                .user(call.input.required_text("UserName", &EXISTING_USER_NAME)?)?
                .tags,
            call,
        )
    }),
    Operation::write("TagRole", |account, call| tag(role(account, call)?, call)),
    Operation::write("UntagRole", |account, call| {
        untag(role(account, call)?, call)
    }),
    Operation::read("ListRoleTags", |account, call| {
        list(
            &account
                .iam
                .role(call.input.required_text("RoleName", &ROLE_NAME)?)?
                .tags,
            call,
        )
    }),
    Operation::write("TagPolicy", |account, call| {
        tag(policy(account, call)?, call)
    }),
    Operation::write("UntagPolicy", |account, call| {
        untag(policy(account, call)?, call)
    }),
    Operation::read("ListPolicyTags", |account, call| {
        list(
            &account
                .iam
                .policy(call.input.required_text("PolicyArn", &ARN)?)?
                .tags,
            call,
        )
    }),
    Operation::write("TagMFADevice", |account, call| {
        tag(device(account, call)?, call)
    }),
    Operation::write("UntagMFADevice", |account, call| {
        untag(device(account, call)?, call)
    }),
    Operation::read("ListMFADeviceTags", |account, call| {
        list(
            &account
                .virtual_device(call.input.required_text("SerialNumber", &SERIAL_NUMBER)?)?
                .tags,
            call,
        )
    }),
];

/// Holds the tags of an object.
///
/// Keys of users and roles are compared without regard to case: a tag replaces one whose key is the same but for case.
/// Keys of policies and MFA devices differ by case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tags {
    case_sensitive: bool,
    /// Key and value, by the key as it is compared.
    tags: BTreeMap<String, (String, String)>,
}

impl Tags {
    /// Returns no tags, with keys compared as those of users and roles.
    pub(super) fn without_case() -> Self {
        Self {
            case_sensitive: false,
            tags: BTreeMap::new(),
        }
    }

    /// Returns no tags, with keys compared as those of policies and MFA devices.
    pub(super) fn with_case() -> Self {
        Self {
            case_sensitive: true,
            tags: BTreeMap::new(),
        }
    }

    /// Returns these tags with those of the call's parameter `Tags`.
    pub(super) fn with_those_of(mut self, call: &Call<'_>) -> Result<Self, Error> {
        self.set(sent(&call.input)?.unwrap_or_default())?;
        Ok(self)
    }

    fn set(&mut self, new: Vec<(&str, &str)>) -> Result<(), Error> {
        let keys: BTreeSet<_> = new.iter().map(|(key, _)| self.compared(key)).collect();
        if keys.len() < new.len() {
            return Err(Error::invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        let added = keys
            .iter()
            .filter(|key| !self.tags.contains_key(*key))
            .count();
        if self.tags.len() + added > quotas::TAGS {
            return Err(Error::new(
                Code::LimitExceeded,
                "The number of tags has reached the maximum limit.",
            ));
        }
        for (key, value) in new {
            self.tags
                .insert(self.compared(key), (key.to_owned(), value.to_owned()));
        }
        Ok(())
    }

    fn compared(&self, key: &str) -> String {
        if self.case_sensitive {
            key.to_owned()
        } else {
            key.to_lowercase()
        }
    }

    /// Returns keys and values.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.tags.values();
        tags.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    fn iter(&self) -> impl Iterator<Item = (&str, Record)> {
        self.tags.iter().map(|(compared, (key, value))| {
            (
                compared.as_str(),
                Record::new().with("Key", key).with("Value", value),
            )
        })
    }

    /// Returns the tags as answers list them, or nothing if there are none.
    pub(super) fn listed(&self) -> Option<Value> {
        (!self.tags.is_empty()).then(|| self.iter().map(|(_, tag)| tag).collect())
    }
}

fn tag(tags: &mut Tags, call: &Call<'_>) -> Answer {
    let new = sent(&call.input)?.ok_or_else(|| call.input.missing("Tags"))?;
    tags.set(new)?;
    Ok(Record::new())
}

fn untag(tags: &mut Tags, call: &Call<'_>) -> Answer {
    let keys = call
        .input
        .texts("TagKeys", &KEY)?
        .ok_or_else(|| call.input.missing("TagKeys"))?;
    for key in keys {
        let compared = tags.compared(key);
        tags.tags.remove(&compared);
    }
    Ok(Record::new())
}

fn list(tags: &Tags, call: &Call<'_>) -> Answer {
    Ok(Page::of(call)?.answer("Tags", tags.iter()))
}

fn user<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    account.iam.user_mut(name).map(|user| &mut user.tags)
}

fn role<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let name = call.input.required_text("RoleName", &ROLE_NAME)?;
    account.iam.role_mut(name).map(|role| &mut role.tags)
}

fn policy<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let arn = call.input.required_text("PolicyArn", &ARN)?;
    account.iam.policy_mut(arn).map(|policy| &mut policy.tags)
}

fn device<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let serial = call.input.required_text("SerialNumber", &SERIAL_NUMBER)?;
    account
        .virtual_device_mut(serial)
        .map(|device| &mut device.tags)
}

/// Returns the tags of a request.
fn sent<'a>(input: &Fields<'a>) -> Result<Option<Vec<(&'a str, &'a str)>>, Error> {
    let Some(records) = input.records("Tags")? else {
        return Ok(None);
    };
    let tag = |record: Fields<'a>| {
        let key = record.required_text("Key", &KEY)?;
        let value = record.required_text("Value", &VALUE)?;
        if is_reserved(key) || is_reserved(value) {
            return Err(Error::invalid_input(format!(
                "The tag `{key}` begins with aws:, which is reserved for AWS."
            )));
        }
        Ok((key, value))
    };
    records
        .into_iter()
        .map(tag)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn is_reserved(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

pub(crate) const KEY: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern {
        expression: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        matches: is_tag_text,
    },
};

pub(crate) const VALUE: Shape = Shape {
    lengths: 0..=256,
    pattern: Pattern {
        expression: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
        matches: is_tag_text,
    },
};

fn is_tag_text(text: &str) -> bool {
    // The separators of Unicode's category Z are its white space without the control characters.
    let allowed = |c: char| {
        c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
    };
    text.chars().all(allowed)
}
