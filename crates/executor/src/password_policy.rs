//! The account's password policy.

use model::{Body, PasswordPolicy};

use crate::differences::Differences;
use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    write: Write<'_, PasswordPolicy>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) | Write::Update { before: _, after } => put(step, after).await,
        Write::Delete(_) => {
            Err(step.impossible("is the account's password policy, which is never deleted"))
        }
    }
}

/// The call replaces the whole policy. "Never expires" and "no limit on reuse" are said by leaving them out: AWS
/// takes no zero for them.
async fn put(step: &Step<'_>, after: &PasswordPolicy) -> Result<Outcome, Error> {
    let PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        allow_users_to_change_password,
        max_age_days,
        reuse_prevention,
        hard_expiry,
    } = after;
    let number = |value: u32| {
        i32::try_from(value).map_err(|_| step.impossible("has a number that is too large"))
    };
    let request = step
        .clients()
        .iam
        .update_account_password_policy()
        .minimum_password_length(number(*minimum_length)?)
        .require_symbols(*require_symbols)
        .require_numbers(*require_numbers)
        .require_uppercase_characters(*require_uppercase)
        .require_lowercase_characters(*require_lowercase)
        .allow_users_to_change_password(*allow_users_to_change_password)
        .set_max_password_age(max_age_days.map(number).transpose()?)
        .set_password_reuse_prevention(reuse_prevention.map(number).transpose()?)
        .hard_expiry(*hard_expiry);
    step.call("iam:UpdateAccountPasswordPolicy", || request.clone().send())
        .await?;
    Ok(Outcome::Applied)
}

/// Reads the policy; none is AWS's default.
pub(crate) async fn live(step: &Step<'_>) -> Result<Option<Body>, Error> {
    let request = step.clients().iam.get_account_password_policy();
    let found = step.find("iam:GetAccountPasswordPolicy", || request.clone().send());
    let policy = found.await?.and_then(|output| output.password_policy);
    Ok(policy.map(|policy| Body::PasswordPolicy(reader::password_policy(&policy))))
}

/// Names the fields in which a live one isn't as planned.
pub(crate) fn differences(
    live: &PasswordPolicy,
    planned: &PasswordPolicy,
    fields: &mut Differences,
) {
    let PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        allow_users_to_change_password,
        max_age_days,
        reuse_prevention,
        hard_expiry,
    } = live;
    fields.add("minimum_length", *minimum_length == planned.minimum_length);
    fields.add(
        "require_symbols",
        *require_symbols == planned.require_symbols,
    );
    fields.add(
        "require_numbers",
        *require_numbers == planned.require_numbers,
    );
    fields.add(
        "require_uppercase",
        *require_uppercase == planned.require_uppercase,
    );
    fields.add(
        "require_lowercase",
        *require_lowercase == planned.require_lowercase,
    );
    fields.add(
        "allow_users_to_change_password",
        *allow_users_to_change_password == planned.allow_users_to_change_password,
    );
    fields.add("max_age_days", *max_age_days == planned.max_age_days);
    fields.add(
        "reuse_prevention",
        *reuse_prevention == planned.reuse_prevention,
    );
    fields.add("hard_expiry", *hard_expiry == planned.hard_expiry);
}
