//! The account's password policy, and passwords against it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("UpdateAccountPasswordPolicy", update),
    Operation::read("GetAccountPasswordPolicy", get),
    Operation::write("DeleteAccountPasswordPolicy", delete),
];

/// Holds a custom password policy.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordPolicy {
    minimum_length: i64,
    require_symbols: bool,
    require_numbers: bool,
    require_uppercase: bool,
    require_lowercase: bool,
    allow_users_to_change: bool,
    max_age: Option<i64>,
    reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

/// Sets the whole policy: what is not sent goes back to its default.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let flag = |name| call.input.boolean(name).map(Option::unwrap_or_default);
    account.iam.password_policy = Some(PasswordPolicy {
        minimum_length: call
            .input
            .integer("MinimumPasswordLength", 6..=128)?
            .unwrap_or(6),
        require_symbols: flag("RequireSymbols")?,
        require_numbers: flag("RequireNumbers")?,
        require_uppercase: flag("RequireUppercaseCharacters")?,
        require_lowercase: flag("RequireLowercaseCharacters")?,
        allow_users_to_change: flag("AllowUsersToChangePassword")?,
        max_age: call.input.integer("MaxPasswordAge", 1..=1095)?,
        reuse_prevention: call.input.integer("PasswordReusePrevention", 1..=24)?,
        hard_expiry: call.input.boolean("HardExpiry")?,
    });
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html>
fn get(account: &Account, _: &Call<'_>) -> Answer {
    let policy = account
        .iam
        .password_policy
        .as_ref()
        .ok_or_else(|| none(account))?;
    let answer = Record::new()
        .with("MinimumPasswordLength", policy.minimum_length)
        .with("RequireSymbols", policy.require_symbols)
        .with("RequireNumbers", policy.require_numbers)
        .with("RequireUppercaseCharacters", policy.require_uppercase)
        .with("RequireLowercaseCharacters", policy.require_lowercase)
        .with("AllowUsersToChangePassword", policy.allow_users_to_change)
        .with("ExpirePasswords", policy.max_age.is_some())
        .with_some("MaxPasswordAge", policy.max_age)
        .with_some("PasswordReusePrevention", policy.reuse_prevention)
        .with_some("HardExpiry", policy.hard_expiry);
    Ok(Record::new().with("PasswordPolicy", answer))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html>
fn delete(account: &mut Account, _: &Call<'_>) -> Answer {
    account
        .iam
        .password_policy
        .take()
        .ok_or_else(|| none(account))?;
    Ok(Record::new())
}

fn none(account: &Account) -> Error {
    Error::no_such_entity(format!(
        "The Password Policy with domain name {} cannot be found.",
        account.id
    ))
}

impl Account {
    /// Returns the number of days that a password is good for, if they are limited.
    pub(super) fn max_password_age(&self) -> Option<i64> {
        self.iam
            .password_policy
            .as_ref()
            .and_then(|policy| policy.max_age)
    }

    /// Returns whether a password that has expired can be changed by an administrator only.
    pub(super) fn has_hard_expiry(&self) -> bool {
        let policy = self.iam.password_policy.as_ref();
        policy.and_then(|policy| policy.hard_expiry) == Some(true)
    }

    /// Returns whether users may change their own passwords whatever their policies don't say.
    pub(crate) fn lets_users_change_passwords(&self) -> bool {
        let policy = self.iam.password_policy.as_ref();
        policy.is_some_and(|policy| policy.allow_users_to_change)
    }

    /// Returns how many of a user's passwords, the present one among them, it can't use again.
    pub(super) fn passwords_not_to_reuse(&self) -> usize {
        let policy = self.iam.password_policy.as_ref();
        let count = policy.and_then(|policy| policy.reuse_prevention);
        count.map_or(0, |count| usize::try_from(count).unwrap_or_default())
    }

    /// Refuses a password that the account's policy, or AWS's default, does not allow.
    ///
    /// The default asks for 8 characters and three of upper case, lower case, numbers and symbols, and for something
    /// else than the account's name.
    pub(super) fn check_password(&self, password: &str) -> Result<(), Error> {
        let kinds = Kinds::of(password);
        let length = password.chars().count();
        let Some(policy) = &self.iam.password_policy else {
            return self.check_default(password, length, &kinds);
        };
        let minimum = usize::try_from(policy.minimum_length).unwrap_or_default();
        let rules = [
            (length < minimum, format!("a minimum length of {minimum}")),
            (
                policy.require_symbols && !kinds.symbol,
                "at least one symbol".to_owned(),
            ),
            (
                policy.require_numbers && !kinds.number,
                "at least one number".to_owned(),
            ),
            (
                policy.require_uppercase && !kinds.uppercase,
                "at least one uppercase letter".to_owned(),
            ),
            (
                policy.require_lowercase && !kinds.lowercase,
                "at least one lowercase letter".to_owned(),
            ),
        ];
        match rules.into_iter().find(|(broken, _)| *broken) {
            Some((_, rule)) => Err(violation(&format!("Password should have {rule}"))),
            None => Ok(()),
        }
    }

    fn check_default(&self, password: &str, length: usize, kinds: &Kinds) -> Result<(), Error> {
        if length < 8 {
            return Err(violation("Password should have a minimum length of 8"));
        }
        if kinds.count() < 3 {
            return Err(violation(
                "Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols",
            ));
        }
        if self.iam.alias.as_deref() == Some(password) || password == self.id {
            return Err(violation("Password should not be the account name"));
        }
        Ok(())
    }
}

fn violation(message: &str) -> Error {
    Error::new(Code::PasswordPolicyViolation, message)
}

/// Says which kinds of character a password has.
struct Kinds {
    uppercase: bool,
    lowercase: bool,
    number: bool,
    symbol: bool,
}

impl Kinds {
    fn of(password: &str) -> Self {
        Self {
            uppercase: password.chars().any(|c| c.is_ascii_uppercase()),
            lowercase: password.chars().any(|c| c.is_ascii_lowercase()),
            number: password.chars().any(|c| c.is_ascii_digit()),
            symbol: password.chars().any(|c| "!@#$%^&*()_+-=[]{}|'".contains(c)),
        }
    }

    fn count(&self) -> usize {
        [self.uppercase, self.lowercase, self.number, self.symbol]
            .into_iter()
            .filter(|there| *there)
            .count()
    }
}
