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
    fn of(action: &'a Action, as_kind: fn(&Body) -> Option<&B>) -> Result<Self, Error> {
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
                before: typed(before)?,
                after: typed(after)?,
            },
            Change::Delete { before } => Self::Delete(typed(before)?),
        })
    }
}

/// Reads an action's bodies as those of a kind.
macro_rules! write {
    ($step:ident, $kind:ident) => {
        Write::of($step.action(), |body| match body {
            Body::$kind(body) => Some(body),
            _ => None,
        })?
    };
}

/// Performs an action.
pub(crate) async fn perform(step: &Step<'_>) -> Result<Outcome, Error> {
    match &step.action().address {
        Address::User(name) => user::perform(step, name, write!(step, User)).await,
        Address::LoginProfile(user) => {
            login_profile::perform(step, user, write!(step, LoginProfile)).await
        }
        Address::Credential(user, id) => {
            credential::perform(step, user, id, write!(step, Credential)).await
        }
        Address::MfaDevice(name) => mfa_device::perform(step, name, write!(step, MfaDevice)).await,
        Address::Group(name) => group::perform(step, name, write!(step, Group)).await,
        Address::Membership(group, user) => {
            let write = Write::of(step.action(), |body| {
                matches!(body, Body::Membership).then_some(&())
            })?;
            membership::perform(step, group, user, write).await
        }
        Address::Policy(reference) => policy::perform(step, reference, write!(step, Policy)).await,
        Address::Attachment(principal, _) => {
            attachment::perform(step, principal, write!(step, Attachment)).await
        }
        Address::InlinePolicy(principal, name) => {
            inline_policy::perform(step, principal, name, write!(step, InlinePolicy)).await
        }
        Address::Role(_) => Err(step.impossible("is a role, and roles are only observed")),
        Address::PasswordPolicy => {
            password_policy::perform(step, write!(step, PasswordPolicy)).await
        }
        Address::LogGroup(name) => log_group::perform(step, name, write!(step, LogGroup)).await,
        Address::MetricFilter(log_group, name) => {
            metric_filter::perform(step, log_group, name, write!(step, MetricFilter)).await
        }
        Address::Alarm(name) => alarm::perform(step, name, write!(step, Alarm)).await,
        Address::Dashboard(name) => dashboard::perform(step, name, write!(step, Dashboard)).await,
    }
}
