//! Console passwords.

use model::{Body, LoginProfile, Recipient, UserName};
use secrecy::ExposeSecret;

use crate::dispatch::Write;
use crate::kit::FirstPassword;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    user: &UserName,
    write: Write<'_, LoginProfile>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) => create(step, user, after).await,
        Write::Update { before: _, after } => reset(step, user, after).await,
        Write::Delete(_) => delete(step, user).await,
    }
}

async fn create(step: &Step<'_>, user: &UserName, after: &LoginProfile) -> Result<Outcome, Error> {
    let (password, recipient) = sealed(step, user, after).await?;
    let request = step
        .clients()
        .iam
        .create_login_profile()
        .user_name(user.as_str())
        .password(password.text.expose_secret())
        .password_reset_required(password.reset_required);
    match step
        .create("iam:CreateLoginProfile", || request.clone().send())
        .await
    {
        Ok(_) => Ok(Outcome::Applied),
        // It wasn't there when this began, and is since AWS didn't answer.
        Err(Error::Appeared(_)) if step.is_repeated() => Ok(Outcome::Applied),
        Err(error) => {
            withdraw(step, user, recipient, &error);
            Err(error.without(password.text.expose_secret()))
        }
    }
}

/// Gives somebody who has a password another.
async fn reset(step: &Step<'_>, user: &UserName, after: &LoginProfile) -> Result<Outcome, Error> {
    let (password, recipient) = sealed(step, user, after).await?;
    let request = step
        .clients()
        .iam
        .update_login_profile()
        .user_name(user.as_str())
        .password(password.text.expose_secret())
        .password_reset_required(password.reset_required);
    match step
        .call("iam:UpdateLoginProfile", || request.clone().send())
        .await
    {
        Ok(_) => Ok(Outcome::Applied),
        Err(error) => {
            withdraw(step, user, recipient, &error);
            Err(error.without(password.text.expose_secret()))
        }
    }
}

/// Returns a new password that is in its kit already, so that no crash can lose it. Begun again, it is the same password.
async fn sealed<'p>(
    step: &Step<'_>,
    user: &UserName,
    after: &'p LoginProfile,
) -> Result<(FirstPassword, &'p Recipient), Error> {
    let LoginProfile {
        reset_required,
        deliver_to,
    } = after;
    let Some(recipient) = deliver_to else {
        return Err(step.impossible("is a password without anybody to seal it for"));
    };
    let password = match step.kits().password(user) {
        Some(sent) => sent,
        None => {
            let password = FirstPassword {
                text: step.new_password().await?,
                reset_required: *reset_required,
            };
            step.kits()
                .put_password(user, recipient, password.clone())?;
            password
        }
    };
    Ok((password, recipient))
}

/// Takes the password out of the kit again, unless AWS may have taken it: then the kit is the only copy.
fn withdraw(step: &Step<'_>, user: &UserName, recipient: &Recipient, error: &Error) {
    if step.is_repeated() || !error.is_certain() {
        return;
    }
    if let Err(error) = step.kits().take_password(user, recipient) {
        step.warn(format!(
            "a password that was never set is still in a kit: {error}"
        ));
    }
}

async fn delete(step: &Step<'_>, user: &UserName) -> Result<Outcome, Error> {
    let request = step
        .clients()
        .iam
        .delete_login_profile()
        .user_name(user.as_str());
    step.delete("iam:DeleteLoginProfile", || request.clone().send())
        .await
}

/// Reads whether the user has a password.
pub(crate) async fn live(step: &Step<'_>, user: &UserName) -> Result<Option<Body>, Error> {
    let request = step.clients().iam.get_login_profile();
    let request = request.user_name(user.as_str());
    let found = step.find("iam:GetLoginProfile", || request.clone().send());
    let profile = found.await?.and_then(|output| output.login_profile);
    Ok(profile.map(|profile| {
        Body::LoginProfile(LoginProfile {
            reset_required: profile.password_reset_required(),
            deliver_to: None,
        })
    }))
}
