//! The MFA device and code of a request for temporary credentials.

use crate::call::{Call, Pattern, Shape};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::iam::{CodeError, SERIAL_NUMBER};
use crate::state::Account;

const TOKEN_CODE: Shape = Shape {
    lengths: 6..=6,
    pattern: Pattern {
        expression: r"[\d]*",
        matches: |code| code.bytes().all(|b| b.is_ascii_digit()),
    },
};

/// Returns whether a call shows a code of a device of the caller's, which is spent by that; without device and code it
/// doesn't.
///
/// The refusals are `AccessDenied`, which is known from use only.
pub(super) fn is_shown(account: &mut Account, call: &Call<'_>) -> Result<bool, Error> {
    let serial = call.input.text("SerialNumber", &SERIAL_NUMBER)?;
    let code = call.input.text("TokenCode", &TOKEN_CODE)?;
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        (Some(_), None) | (None, Some(_)) => {
            return Err(denied(
                "must provide both MFA serial number and one time pass code.",
            ));
        }
    };
    let user = match call.caller {
        Caller::Root => None,
        Caller::User(user) => Some(user.as_str()),
        Caller::Role { .. } => return Err(no_such_device()),
    };
    match account.iam.shown_code(user, serial, code, call.now) {
        Err(CodeError::NoSuchDevice) => Err(no_such_device()),
        Err(CodeError::Wrong) => Err(denied("with invalid MFA one time pass code. ")),
        Ok(shown) => {
            account.iam.spend(&shown);
            Ok(true)
        }
    }
}

fn no_such_device() -> Error {
    denied(
        "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    )
}

fn denied(why: &str) -> Error {
    let separator = if why.starts_with("with") { "" } else { "," };
    let message = format!("MultiFactorAuthentication failed{separator} {why}");
    Error::new(Code::AccessDenied, message)
}
