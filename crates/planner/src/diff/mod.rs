//! How a declared object differs from the live one. One file a kind.
//!
//! A diff takes what is declared and what is there, and says what will be there afterwards: fields that nobody declared
//! keep their live values, so that planning again after the update finds nothing to do.

mod alarm;
mod dashboard;
mod group;
mod inline_policy;
mod log_group;
mod login_profile;
mod metric_filter;
mod mfa_device;
mod password_policy;
mod policy;
mod tags;
mod user;

pub(crate) use user::recorded;

use model::{Body, FieldChange, LoginProfile, MfaDevice, Reason, User};
use serde::Serialize;
use serde_json::Value;

/// Holds one update: what the object will be and which fields get it there.
pub(crate) struct Update {
    pub(crate) after: Body,
    pub(crate) fields: Vec<FieldChange>,
}

/// Returns the updates that make the live object as declared, in the order in which they are made.
///
/// Mostly there is one or none. An object whose changes belong to different phases has several.
pub(crate) fn updates(declared: &Body, live: &Body) -> Result<Vec<Update>, Reason> {
    match (declared, live) {
        (Body::User(declared), Body::User(live)) => Ok(user::updates(declared, live)),
        (Body::MfaDevice(declared), Body::MfaDevice(live)) => mfa_device::update(declared, live).map(Vec::from_iter),
        (Body::Group(declared), Body::Group(live)) => Ok(Vec::from_iter(group::update(declared, live))),
        (Body::Policy(declared), Body::Policy(live)) => Ok(Vec::from_iter(policy::update(declared, live))),
        (Body::InlinePolicy(declared), Body::InlinePolicy(live)) => Ok(Vec::from_iter(inline_policy::update(declared, live))),
        (Body::PasswordPolicy(declared), Body::PasswordPolicy(live)) => Ok(Vec::from_iter(password_policy::update(declared, live))),
        (Body::LogGroup(declared), Body::LogGroup(live)) => Ok(Vec::from_iter(log_group::update(declared, live))),
        (Body::MetricFilter(declared), Body::MetricFilter(live)) => Ok(Vec::from_iter(metric_filter::update(declared, live))),
        (Body::Alarm(declared), Body::Alarm(live)) => alarm::update(declared, live).map(Vec::from_iter),
        (Body::Dashboard(declared), Body::Dashboard(live)) => Ok(Vec::from_iter(dashboard::update(declared, live))),
        // They have no field that could differ: a password is set once, or on request, and the rest is in the address.
        (Body::LoginProfile(_), Body::LoginProfile(_))
        | (Body::Membership, Body::Membership)
        | (Body::Attachment(_), Body::Attachment(_))
        // These are never declared.
        | (Body::Credential(_), Body::Credential(_))
        | (Body::Role(_), Body::Role(_)) => Ok(Vec::new()),
        (declared, live) => {
            Err(Reason::Conflict(format!("a {} is declared and a {} is there", declared.kind(), live.kind())))
        }
    }
}

/// Returns the update of a device that isn't enabled, whose seed nobody may have.
pub(crate) fn made_anew(declared: &MfaDevice, live: &MfaDevice) -> Update {
    mfa_device::made_anew(declared, live)
}

/// Returns the update that gives a user another password, on the request that a text names.
pub(crate) fn reset_password(declared: &LoginProfile, request: &str) -> Update {
    login_profile::reset(declared, request)
}

/// Returns what a declared object will be when it is created: what nobody declared gets AWS's default.
pub(crate) fn created(declared: &Body) -> Body {
    match declared {
        Body::User(user) => Body::User(user::created(user)),
        Body::LogGroup(log_group) => Body::LogGroup(log_group::created(log_group)),
        other => other.clone(),
    }
}

/// Returns what a read finds of an object after an update: not what only a declaration has.
pub(crate) fn read_back(after: &Body) -> Body {
    match after {
        Body::User(user) => Body::User(User {
            renamed_from: None,
            ..user.clone()
        }),
        other => other.clone(),
    }
}

/// Collects the fields that differ.
#[derive(Default)]
struct Fields(Vec<FieldChange>);

impl Fields {
    fn compare<T: PartialEq + Serialize>(&mut self, field: &str, before: &T, after: &T) {
        if before != after {
            self.add(field, value(before), value(after));
        }
    }

    fn add(&mut self, field: &str, before: Value, after: Value) {
        self.0.push(FieldChange {
            field: field.to_owned(),
            before,
            after,
        });
    }

    fn into_update(self, after: impl FnOnce() -> Body) -> Option<Update> {
        if self.0.is_empty() {
            return None;
        }
        Some(Update {
            after: after(),
            fields: self.0,
        })
    }
}

/// Every field is made of texts, numbers and maps keyed by texts, so serialising can't fail.
fn value(field: &impl Serialize) -> Value {
    serde_json::to_value(field).unwrap_or_default()
}
