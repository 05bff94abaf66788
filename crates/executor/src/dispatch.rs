//! From an action's address to the calls of its kind.

use model::{Action, Address, Body, Change};

use crate::step::Step;
use crate::{
    Error, Outcome, alarm, attachment, credential, dashboard, group, inline_policy, log_group,
    login_profile, membership, metric_filter, mfa_device, password_policy, policy, user,
};

/// Holds what is to be done to an object of one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Write<'a, B> {
    /// It is created.
    Create(&'a B),
    /// It is changed in place.
    Update { before: &'a B, after: &'a B },
    /// It is deleted.
    Delete(&'a B),
}

impl<'a, B> Write<'a, B> {
    /// Takes what is there now for what is to be changed, where it was read.
    fn of(
        action: &'a Action,
        live: Option<&'a Body>,
        as_kind: fn(&Body) -> Option<&B>,
    ) -> Result<Self, Error> {
        let Action {
            address, change, ..
        } = action;
        let typed = |body| {
            let mismatch = || Error::Internal(format!("{address} has the body of another kind"));
            as_kind(body).ok_or_else(mismatch)
        };
        Ok(match change {
            Change::Create { after } => Self::Create(typed(after)?),
            Change::Update { before, after, .. } => Self::Update {
                before: typed(live.unwrap_or(before))?,
                after: typed(after)?,
            },
            Change::Delete { before } => Self::Delete(typed(before)?),
        })
    }
}

/// Reads an action's bodies as those of a kind.
macro_rules! write {
    ($step:ident, $live:ident, $kind:ident) => {
        Write::of($step.action(), $live, |body| match body {
            Body::$kind(body) => Some(body),
            _ => None,
        })?
    };
}

/// Performs an action on what is there, where that was read.
pub(crate) async fn perform(step: &Step<'_>, live: Option<&Body>) -> Result<Outcome, Error> {
    match &step.action().address {
        Address::User(name) => user::perform(step, name, write!(step, live, User)).await,
        Address::LoginProfile(user) => {
            login_profile::perform(step, user, write!(step, live, LoginProfile)).await
        }
        Address::Credential(user, id) => {
            credential::perform(step, user, id, write!(step, live, Credential)).await
        }
        Address::MfaDevice(name) => {
            mfa_device::perform(step, name, write!(step, live, MfaDevice)).await
        }
        Address::Group(name) => group::perform(step, name, write!(step, live, Group)).await,
        Address::Membership(group, user) => {
            let write = Write::of(step.action(), live, |body| {
                matches!(body, Body::Membership).then_some(&())
            })?;
            membership::perform(step, group, user, write).await
        }
        Address::Policy(reference) => {
            policy::perform(step, reference, write!(step, live, Policy)).await
        }
        Address::Attachment(principal, _) => {
            attachment::perform(step, principal, write!(step, live, Attachment)).await
        }
        Address::InlinePolicy(principal, name) => {
            inline_policy::perform(step, principal, name, write!(step, live, InlinePolicy)).await
        }
        Address::Role(_) => Err(step.impossible("is a role, and roles are only observed")),
        Address::PasswordPolicy => {
            password_policy::perform(step, write!(step, live, PasswordPolicy)).await
        }
        Address::LogGroup(name) => {
            log_group::perform(step, name, write!(step, live, LogGroup)).await
        }
        Address::MetricFilter(log_group, name) => {
            metric_filter::perform(step, log_group, name, write!(step, live, MetricFilter)).await
        }
        Address::Alarm(name) => alarm::perform(step, name, write!(step, live, Alarm)).await,
        Address::Dashboard(name) => {
            dashboard::perform(step, name, write!(step, live, Dashboard)).await
        }
    }
}

/// Reads the object of an action, as far as it can be planned on.
pub(crate) async fn live(step: &Step<'_>) -> Result<Option<Body>, Error> {
    let Action {
        address, change, ..
    } = step.action();
    match (address, change.after().or(change.before())) {
        (Address::User(name), Some(Body::User(planned))) => user::live(step, name, planned).await,
        (Address::LoginProfile(user), _) => login_profile::live(step, user).await,
        (Address::Credential(user, id), Some(Body::Credential(planned))) => {
            credential::live(step, user, id, planned).await
        }
        (Address::MfaDevice(name), Some(Body::MfaDevice(planned))) => {
            mfa_device::live(step, name, planned).await
        }
        (Address::Group(name), _) => group::live(step, name).await,
        (Address::Membership(group, user), _) => membership::live(step, group, user).await,
        (Address::Policy(reference), Some(Body::Policy(planned))) => {
            policy::live(step, reference, planned).await
        }
        (Address::Attachment(principal, policy), _) => {
            attachment::live(step, principal, policy).await
        }
        (Address::InlinePolicy(principal, name), _) => {
            inline_policy::live(step, principal, name).await
        }
        (Address::PasswordPolicy, _) => password_policy::live(step).await,
        (Address::LogGroup(name), _) => log_group::live(step, name).await,
        (Address::MetricFilter(log_group, name), _) => {
            metric_filter::live(step, log_group, name).await
        }
        (Address::Alarm(name), _) => alarm::live(step, name).await,
        (Address::Dashboard(name), _) => dashboard::live(step, name).await,
        (
            Address::User(_)
            | Address::Credential(..)
            | Address::MfaDevice(_)
            | Address::Policy(_)
            | Address::Role(_),
            _,
        ) => Err(step.impossible("has the body of another kind")),
    }
}
