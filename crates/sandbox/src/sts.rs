//! The Security Token Service.

use crate::call::{Call, Caller};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(crate) const OPERATIONS: &[Operation] =
    &[Operation::read("GetCallerIdentity", get_caller_identity)];

/// Answers the account's root, or the user whose access key signed the request.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
fn get_caller_identity(account: &Account, call: &Call<'_>) -> Answer {
    let (id, arn) = match call.caller {
        Caller::Root => (
            account.id.clone(),
            format!("arn:aws:iam::{}:root", account.id),
        ),
        Caller::User(name) => {
            let user = account.iam.user(name)?;
            (user.id.clone(), account.user_arn(user))
        }
    };
    Ok(Record::new()
        .with("UserId", id)
        .with("Account", &account.id)
        .with("Arn", arn))
}
