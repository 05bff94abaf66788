//! Console passwords.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{EXISTING_USER_NAME, LATIN_1, USER_NAME};
use super::users::User;
use crate::call::{Call, Shape};
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateLoginProfile", create),
    Operation::read("GetLoginProfile", get),
    Operation::write("UpdateLoginProfile", update),
    Operation::write("DeleteLoginProfile", delete),
];

/// Says that a user has a password. The password itself is not kept: nobody signs in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginProfile {
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) reset_required: bool,
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
    let user = account.iam.user(name)?;
    user.login_profile.as_ref().ok_or_else(|| none(user))?;
    if let Some(password) = password {
        account.check_password(password)?;
    }
    if let Some(profile) = &mut account.iam.user_mut(name)?.login_profile {
        profile.reset_required = reset_required.unwrap_or(profile.reset_required);
        if password.is_some() {
            profile.changed = call.now;
        }
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
