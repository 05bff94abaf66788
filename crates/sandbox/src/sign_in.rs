//! A simulated sign-in to the console, for the credentials of somebody who came with a password.
//!
//! AWS has no API for it; here `POST /sign-in` takes a form of `user`, `password`, the `code` of a device if the user has
//! any, `new_password` where the password must be changed, and `account` if it isn't the default one. It answers what the
//! setting `credential_process` of every AWS client takes.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::authorization;
use crate::call::{Call, Fields, Rules};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::iam::{CodeError, PasswordState};
use crate::operation::Service;
use crate::state::{Account, State};
use crate::sts::Session;

pub(crate) const PATH: &str = "/sign-in";

/// Signs a user in.
///
/// Whoever has a device has to show a code of it, and the session then counts as with MFA; else its requests say that
/// there was none. A password that must be changed is changed on the way, if the user may do that in this session.
pub(crate) fn sign_in(
    state: &mut State,
    default_account: &str,
    rules: Rules,
    form: &[u8],
    now: Timestamp,
) -> Result<Json, Error> {
    let form: BTreeMap<Cow<'_, str>, Cow<'_, str>> = form_urlencoded::parse(form).collect();
    let field = |name: &str| form.get(name).map(AsRef::as_ref);
    let account = state
        .existing_account(field("account").unwrap_or(default_account))
        .ok_or_else(refused)?;
    let (user, password) = (field("user"), field("password"));
    let (user, password) = user.zip(password).ok_or_else(refused)?;
    let password_state = account.password_state(user, password, now);
    let password_state = password_state.ok_or_else(refused)?;
    let shown = account.iam.shown_code_of_any(user, field("code"), now);
    let shown = shown.map_err(|_: CodeError| refused())?;
    if shown.is_none() && field("code").is_some() {
        let message = "The user has no MFA device that is enabled: sign in without code.";
        return Err(Error::new(Code::AccessDenied, message));
    }
    let session = Session::of_console(account.iam.user(user)?, now, shown.is_some())?;
    match password_state {
        PasswordState::Good => {}
        PasswordState::Expired => {
            let message = "The password has expired; an administrator has to set another.";
            return Err(Error::new(Code::AccessDenied, message));
        }
        PasswordState::MustChange => {
            let new = field("new_password").ok_or_else(|| {
                let message = "The password must be changed: send new_password.";
                Error::new(Code::AccessDenied, message)
            })?;
            change_password(account, user, new, &session, rules, now)?;
        }
    }
    if let Some(code) = shown {
        account.iam.spend(&code);
    }
    account.sts.issue_for_process(session)
}

/// Changes the password as the user, whose policies have to allow it where they are enforced.
fn change_password(
    account: &mut Account,
    user: &str,
    new: &str,
    session: &Session,
    rules: Rules,
    now: Timestamp,
) -> Result<(), Error> {
    let call = Call {
        input: Fields::new(Service::Iam, &[]),
        caller: &Caller::User(user.to_owned()),
        session: Some(session),
        rules,
        now,
        time: now,
        region: "us-east-1",
    };
    authorization::check(account, &call, Service::Iam, "ChangePassword")?;
    account.change_password(user, new, now)
}

/// Returns the one refusal of wrong names, passwords and codes, so that it doesn't tell which it was.
fn refused() -> Error {
    let message = "Your authentication information is incorrect. Please try again.";
    Error::new(Code::AccessDenied, message)
}

/// Returns a refusal as this path answers it.
pub(crate) fn refusal(error: &Error) -> Json {
    json!({"error": {"code": error.code.name(), "message": error.message}})
}
