//! The account's password policy.

use aws_sdk_iam::operation::get_account_password_policy::GetAccountPasswordPolicyError;
use aws_sdk_iam::types;
use model::{Address, Body, Kind, PasswordPolicy};

use crate::Clients;
use crate::part::{Part, failure};

/// Reads it, declared or not: `AllowUsersToChangePassword` in it is a right of every user.
pub(crate) async fn read(clients: &Clients) -> Part {
    match clients.iam.get_account_password_policy().send().await {
        Ok(answer) => {
            let policy = answer
                .password_policy()
                .map(|policy| Body::PasswordPolicy(password_policy(policy)));
            Part::found(
                policy
                    .into_iter()
                    .map(|policy| (Address::PasswordPolicy, policy))
                    .collect(),
            )
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetAccountPasswordPolicyError::is_no_such_entity_exception) =>
        {
            Part::default()
        }
        Err(error) => Part::unread(
            &[Kind::PasswordPolicy],
            &failure("iam:GetAccountPasswordPolicy", &error),
        ),
    }
}

/// Returns the account's password policy as it is planned on.
pub fn password_policy(policy: &types::PasswordPolicy) -> PasswordPolicy {
    let positive = |number: Option<i32>| {
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0)
    };
    let default = PasswordPolicy::default();
    PasswordPolicy {
        minimum_length: positive(policy.minimum_password_length())
            .unwrap_or(default.minimum_length),
        require_symbols: policy.require_symbols(),
        require_numbers: policy.require_numbers(),
        require_uppercase: policy.require_uppercase_characters(),
        require_lowercase: policy.require_lowercase_characters(),
        allow_users_to_change_password: policy.allow_users_to_change_password(),
        max_age_days: positive(policy.max_password_age()).filter(|_| policy.expire_passwords()),
        reuse_prevention: positive(policy.password_reuse_prevention()),
        hard_expiry: policy.hard_expiry().unwrap_or(default.hard_expiry),
    }
}
