//! Temporary credentials of a user, or of the account itself.

use super::mfa;
use super::session::{Holder, Session, SessionMfa};
use crate::call::Call;
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::operation::Answer;
use crate::state::Account;
use crate::value::Record;

/// How long the account's own temporary credentials last at most, in seconds.
const LONGEST_OF_ROOT: i64 = 3_600;

/// Gives the caller temporary credentials, with MFA if a code is shown. No permission is needed.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(super) fn get(account: &mut Account, call: &Call<'_>) -> Answer {
    let seconds = call.input.integer("DurationSeconds", 900..=129_600)?;
    let seconds = seconds.unwrap_or(43_200);
    if call.session.is_some() {
        let message = "Cannot call GetSessionToken with session credentials";
        return Err(Error::new(Code::AccessDenied, message));
    }
    let mfa = if mfa::is_shown(account, call)? {
        SessionMfa::Present
    } else {
        SessionMfa::Absent
    };
    let (holder, seconds) = match call.caller {
        Caller::Root => (Holder::Root, seconds.min(LONGEST_OF_ROOT)),
        Caller::User(name) => {
            let user = account.iam.user(name)?;
            let holder = Holder::User {
                name: user.name.clone(),
                id: user.id.clone(),
            };
            (holder, seconds)
        }
        // Its credentials are temporary, so this was refused already.
        Caller::Role { .. } => return Err(crate::caller::invalid_token()),
    };
    let session = Session::begin(holder, call.now, seconds, mfa)?;
    let credentials = account.sts.issue(session)?;
    Ok(Record::new().with("Credentials", credentials))
}
