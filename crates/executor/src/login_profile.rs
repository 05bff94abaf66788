//! Console passwords.

use model::{LoginProfile, UserName};
use secrecy::ExposeSecret;

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    user: &UserName,
    write: Write<'_, LoginProfile>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, user, after).await,
        Write::Update { .. } => Err(step.impossible("is a password, which is set once")),
        Write::Delete(_) => {
            let request = step
                .clients()
                .iam
                .delete_login_profile()
                .user_name(user.as_str());
            step.delete("iam:DeleteLoginProfile", || request.clone().send())
                .await
        }
    }
}

/// The kit is on disk before AWS knows the password, so that no crash can lose it.
async fn create(step: &Step<'_>, user: &UserName, after: &LoginProfile) -> Result<Outcome, Error> {
    let LoginProfile {
        reset_required,
        deliver_to,
    } = after;
    let Some(recipient) = deliver_to else {
        return Err(step.impossible("is a password that nobody is to get"));
    };
    let password = step.new_password().await?;
    let request = step
        .clients()
        .iam
        .create_login_profile()
        .user_name(user.as_str());
    let request = request
        .password(password.expose_secret())
        .password_reset_required(*reset_required);
    step.kits()
        .add_password(user, recipient, password.clone())
        .await?;
    match step
        .create("iam:CreateLoginProfile", || request.clone().send())
        .await
    {
        Ok(_) => Ok(Outcome::Applied),
        Err(error) => {
            // Where it isn't known whether AWS took the password, the kit keeps it.
            if error.is_certain() {
                step.kits().remove_password(user, recipient).await?;
            }
            Err(error.without(password.expose_secret()))
        }
    }
}
