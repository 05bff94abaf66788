//! The Security Token Service.
//!
//! Words of refusals that the API reference does not have are known from use.

use crate::call::Call;
use crate::error::Error;
use crate::iam::CREDENTIAL_ID;
use crate::operation::{Answer, Operation};
use crate::state::{Account, State};
use crate::value::Record;

mod assume_role;
mod mfa;
mod session;
mod session_tags;
mod session_token;
mod trust;

pub(crate) use session::{Session, SessionMfa, Sts};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::read("GetCallerIdentity", get_caller_identity),
    Operation::across("GetAccessKeyInfo", get_access_key_info)
        .unlike("knows the sandbox's own keys only"),
    Operation::write("GetSessionToken", session_token::get),
    Operation::across("AssumeRole", assume_role::assume)
        .unlike("does not say how large policies and tags are when packed"),
];

/// Answers who calls: the account's root, a user, or a session of a role.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
fn get_caller_identity(account: &Account, call: &Call<'_>) -> Answer {
    Ok(Record::new()
        .with("UserId", account.caller_id(call.caller)?)
        .with("Account", &account.id)
        .with("Arn", account.caller_arn(call.caller)?))
}

/// Answers whose account a key is that the sandbox gave; AWS finds that in the key itself.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
fn get_access_key_info(state: &mut State, _: &str, call: &Call<'_>) -> Answer {
    let key = call.input.required_text("AccessKeyId", &CREDENTIAL_ID)?;
    let mut accounts = state.accounts_mut();
    let owner = accounts
        .find(|account| account.iam.has_access_key(key) || account.sts.session(key).is_some());
    let owner = owner.ok_or_else(|| Error::validation("The access key ID is not valid."))?;
    Ok(Record::new().with("Account", &owner.id))
}
