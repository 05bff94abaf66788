//! Console passwords.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::names::{EXISTING_USER_NAME, LATIN_1, USER_NAME};
use super::passwords::Passwords;
use super::users::User;
use crate::call::{Call, Shape};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateLoginProfile", create)
        .unlike("a password is required: the root user of a member account has none here"),
    Operation::read("GetLoginProfile", get),
    Operation::write("UpdateLoginProfile", update),
    Operation::write("DeleteLoginProfile", delete),
    Operation::write("ChangePassword", change_password)
        .unlike("a wrong old password is AccessDenied, which AWS doesn't document"),
];

/// Says that a user has a password.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginProfile {
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) reset_required: bool,
    /// Empty in files of before passwords were recognised.
    #[serde(default)]
    passwords: Passwords,
    /// When somebody signed in with it last.
    #[serde(default)]
    pub(super) last_used: Option<Timestamp>,
}

const PASSWORD: Shape = Shape {
    lengths: 1..=128,
    pattern: LATIN_1,
};

/// Gives a user a password. That it may be left out is for the root user of a member account, which the sandbox
/// does not have.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &USER_NAME)?;
    let password = call.input.required_text("Password", &PASSWORD)?;
    let reset_required = call
        .input
        .boolean("PasswordResetRequired")?
        .unwrap_or(false);
    let user = account.iam.user(name)?;
    if user.login_profile.is_some() {
        return Err(Error::already_exists(format!(
            "Login Profile for user {name} already exists."
        )));
    }
    account.check_password(password)?;
    let profile = LoginProfile {
        created: call.now,
        changed: call.now,
        reset_required,
        passwords: Passwords::new(password)?,
        last_used: None,
    };
    let answer = Record::new().with("LoginProfile", record(name, &profile));
    account.iam.user_mut(name)?.login_profile = Some(profile);
    Ok(answer)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let user = account.called_user(call)?;
    let profile = user.login_profile.as_ref().ok_or_else(|| none(user))?;
    Ok(Record::new().with("LoginProfile", record(&user.name, profile)))
}

/// Changes the password, whether it must be reset, or both; what is not sent stays.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let password = call.input.text("Password", &PASSWORD)?;
    let reset_required = call.input.boolean("PasswordResetRequired")?;
    if let Some(password) = password {
        account.check_new_password(name, password)?;
    }
    let user = account.iam.user_mut(name)?;
    let Some(profile) = &mut user.login_profile else {
        return Err(none(user));
    };
    profile.reset_required = reset_required.unwrap_or(profile.reset_required);
    if let Some(password) = password {
        profile.passwords.change(password)?;
        profile.changed = call.now;
    }
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let user = account.called_user_mut(call)?;
    if user.login_profile.take().is_none() {
        return Err(none(user));
    }
    Ok(Record::new())
}

/// Changes the caller's own password, after which it needs no reset.
///
/// That a wrong old password is `AccessDenied` is known from use only.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html>
fn change_password(account: &mut Account, call: &Call<'_>) -> Answer {
    let old = call.input.required_text("OldPassword", &PASSWORD)?;
    let new = call.input.required_text("NewPassword", &PASSWORD)?;
    let Caller::User(name) = call.caller else {
        let message = "Only an IAM user can change its password with this operation.";
        return Err(Error::new(Code::InvalidUserType, message));
    };
    let user = account.iam.user(name)?;
    let profile = user.login_profile.as_ref().ok_or_else(|| none(user))?;
    if !profile.passwords.is(old) {
        let message = "The old password was incorrect.";
        return Err(Error::new(Code::AccessDenied, message));
    }
    account.change_password(name, new, call.now)?;
    Ok(Record::new())
}

/// Says what a right password is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordState {
    Good,
    /// It was set by an administrator who asked for that, or has expired.
    MustChange,
    /// It has expired, and the account's policy lets nobody change it after that.
    Expired,
}

impl Account {
    /// Returns what a password of a user is good for; `None` if it is wrong.
    pub(crate) fn password_state(
        &self,
        name: &str,
        password: &str,
        now: Timestamp,
    ) -> Option<PasswordState> {
        let profile = self.iam.user(name).ok()?.login_profile.as_ref()?;
        if !profile.passwords.is(password) {
            return None;
        }
        let has_expired = self.max_password_age().is_some_and(|days| {
            now.duration_since(profile.changed) >= SignedDuration::from_hours(24 * days)
        });
        Some(if has_expired && self.has_hard_expiry() {
            PasswordState::Expired
        } else if has_expired || profile.reset_required {
            PasswordState::MustChange
        } else {
            PasswordState::Good
        })
    }

    /// Takes note that a user signed in with the password.
    pub(crate) fn password_was_used(&mut self, name: &str, now: Timestamp) {
        let user = self.iam.user_mut(name).ok();
        if let Some(profile) = user.and_then(|user| user.login_profile.as_mut()) {
            profile.last_used = Some(now);
        }
    }

    /// Gives a user who has a password another, as the user's own choice.
    pub(crate) fn change_password(
        &mut self,
        name: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.check_new_password(name, new)?;
        if let Some(profile) = &mut self.iam.user_mut(name)?.login_profile {
            profile.passwords.change(new)?;
            profile.changed = now;
            profile.reset_required = false;
        }
        Ok(())
    }
}

impl Account {
    /// Refuses a password that the account's policy doesn't allow, or doesn't allow again.
    fn check_new_password(&self, name: &str, password: &str) -> Result<(), Error> {
        let user = self.iam.user(name)?;
        let profile = user.login_profile.as_ref().ok_or_else(|| none(user))?;
        self.check_password(password)?;
        let count = self.passwords_not_to_reuse();
        if profile.passwords.is_among(count, password) {
            let message = format!("Password should not be one of the last {count}");
            return Err(Error::new(Code::PasswordPolicyViolation, message));
        }
        Ok(())
    }
}

fn none(user: &User) -> Error {
    Error::no_such_entity(format!(
        "Login Profile for User {} cannot be found.",
        user.name
    ))
}

fn record(name: &str, profile: &LoginProfile) -> Record {
    Record::new()
        .with("UserName", name)
        .with("CreateDate", profile.created)
        .with("PasswordResetRequired", profile.reset_required)
}
