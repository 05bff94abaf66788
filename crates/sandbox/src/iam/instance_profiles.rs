//! Instance profiles, of which there are none: clients that delete a role ask for them first.

use super::names::ROLE_NAME;
use super::page::Page;
use crate::call::Call;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("ListInstanceProfiles", list).unlike("there are none, and none can be made"),
    Operation::read("ListInstanceProfilesForRole", list_for_role)
        .unlike("there are none, and none can be made"),
];

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>
fn list(_: &Account, call: &Call<'_>) -> Answer {
    let none = std::iter::empty::<(String, Record)>();
    Ok(Page::of(call)?.answer("InstanceProfiles", none))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>
fn list_for_role(account: &Account, call: &Call<'_>) -> Answer {
    account
        .iam
        .role(call.input.required_text("RoleName", &ROLE_NAME)?)?;
    list(account, call)
}
