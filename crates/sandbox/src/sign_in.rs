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
use crate::cloudtrail::{Sender, SignIn};
use crate::error::{Code, Error};
use crate::iam::PasswordState;
use crate::operation::Service;
use crate::state::{Account, State};
use crate::sts::Session;

pub(crate) const PATH: &str = "/sign-in";

/// Holds what is known of a request to sign in, beyond its form.
pub(crate) struct Door<'a> {
    pub(crate) rules: Rules,
    pub(crate) sender: &'a Sender<'a>,
    /// The id of the event that tells of the sign-in.
    pub(crate) event_id: &'a str,
    pub(crate) clock: Timestamp,
}

impl Door<'_> {
    /// Signs a user in.
    ///
    /// Whoever has a device has to show a code of it, and the session then counts as with MFA; else its requests say that
    /// there was none. A password that must be changed is changed on the way, if the user may do that in this session.
    pub(crate) fn sign_in(
        &self,
        state: &mut State,
        default_account: &str,
        form: &[u8],
    ) -> Result<Json, Error> {
        let form: BTreeMap<Cow<'_, str>, Cow<'_, str>> = form_urlencoded::parse(form).collect();
        let field = |name: &str| form.get(name).map(AsRef::as_ref);
        let account = state
            .existing_account(field("account").unwrap_or(default_account))
            .ok_or_else(refused)?;
        let (user, password) = (field("user"), field("password"));
        let (user, password) = user.zip(password).ok_or_else(refused)?;
        let Some(password_state) = account.password_state(user, password, self.now()) else {
            return Err(self.failed(account, user));
        };
        let shown = account
            .iam
            .shown_code_of_any(user, field("code"), self.now());
        let Ok(shown) = shown else {
            return Err(self.failed(account, user));
        };
        if shown.is_none() && field("code").is_some() {
            let message = "The user has no MFA device that is enabled: sign in without code.";
            return Err(Error::new(Code::AccessDenied, message));
        }
        let session = Session::of_console(account.iam.user(user)?, self.now(), shown.is_some())?;
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
                self.change_password(account, user, new, &session)?;
            }
        }
        if let Some(code) = shown {
            account.iam.spend(&code);
        }
        account.password_was_used(user, self.now());
        self.tell(account, user, true);
        account.sts.issue_for_process(session)
    }

    /// Changes the password as the user, whose policies have to allow it where they are enforced.
    fn change_password(
        &self,
        account: &mut Account,
        user: &str,
        new: &str,
        session: &Session,
    ) -> Result<(), Error> {
        let caller = Caller::User(user.to_owned());
        let call = Call {
            session: Some(session),
            ..self.call(&caller)
        };
        authorization::check(account, &call, Service::Iam, "ChangePassword")?;
        account.change_password(user, new, call.now)
    }

    /// Tells of a sign-in with a wrong name, password or code, and returns its refusal.
    fn failed(&self, account: &mut Account, user: &str) -> Error {
        self.tell(account, user, false);
        refused()
    }

    /// Tells CloudTrail and its trails of a sign-in.
    fn tell(&self, account: &mut Account, user: &str, succeeded: bool) {
        let event = SignIn {
            user,
            mfa: account.iam.has_device(user),
            succeeded,
        };
        let event = event.event(account, self.sender, self.event_id, self.now());
        account.write_to_trails(&self.call(&Caller::Root), &event.to_string());
        account.cloudtrail.add(event);
    }

    fn call<'c>(&self, caller: &'c Caller) -> Call<'c> {
        let time = Timestamp::from_millisecond(self.clock.as_millisecond());
        Call {
            input: Fields::new(Service::Iam, &[]),
            caller,
            session: None,
            rules: self.rules,
            now: self.now(),
            time: time.unwrap_or(self.clock),
            region: "us-east-1",
        }
    }

    /// Returns the time in whole seconds.
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.as_second()).unwrap_or_default()
    }
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
