//! First passwords.

use aws_sdk_iam::operation::get_account_password_policy::GetAccountPasswordPolicyError;
use model::{Address, Change, Plan};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::Error;
use crate::step::Step;

/// The four classes that a password policy can ask for, without characters that look alike. The symbols are among those
/// that IAM counts (API reference of `UpdateAccountPasswordPolicy`).
const CLASSES: [&str; 4] = [
    "abcdefghijkmnpqrstuvwxyz",
    "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "23456789",
    "!@#$%^&*()_+-=[]{}",
];

/// Characters where the account's policy asks for no more.
const LENGTH: usize = 24;

/// Makes passwords that the account's policy accepts.
pub(crate) struct Passwords {
    /// Whether this run sets the policy, so that its minimum is in the plan, and which that is.
    planned: Option<usize>,
    minimum: OnceCell<usize>,
}

impl Passwords {
    pub(crate) fn of(plan: &Plan) -> Self {
        let planned =
            plan.actions
                .iter()
                .find_map(|action| match (&action.address, &action.change) {
                    (
                        Address::PasswordPolicy,
                        Change::Create {
                            after: model::Body::PasswordPolicy(policy),
                        }
                        | Change::Update {
                            after: model::Body::PasswordPolicy(policy),
                            ..
                        },
                    ) => usize::try_from(policy.minimum_length).ok(),
                    _ => None,
                });
        Self {
            planned,
            minimum: OnceCell::new(),
        }
    }

    pub(crate) async fn generate(&self, step: &Step<'_>) -> Result<SecretString, Error> {
        let minimum = *self.minimum.get_or_try_init(|| minimum(step)).await?;
        password(LENGTH.max(minimum).max(self.planned.unwrap_or(0)))
    }
}

/// Asks once a run for the minimum length that is in force.
async fn minimum(step: &Step<'_>) -> Result<usize, Error> {
    let request = step.clients().iam.get_account_password_policy();
    let answer = request.send().await;
    match answer {
        Ok(answer) => {
            let length = answer
                .password_policy()
                .and_then(aws_sdk_iam::types::PasswordPolicy::minimum_password_length);
            Ok(length
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(0))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetAccountPasswordPolicyError::is_no_such_entity_exception) =>
        {
            Ok(0)
        }
        Err(error) => Err(Error::of_call("iam:GetAccountPasswordPolicy", error)),
    }
}

/// Draws characters from all classes together until each class is there, so that every such password is as likely.
fn password(length: usize) -> Result<SecretString, Error> {
    let characters = CLASSES.concat();
    loop {
        let mut password = Zeroizing::new(String::with_capacity(length));
        while password.len() < length {
            let index = draw(characters.len())?;
            password.extend(characters.chars().nth(index));
        }
        if CLASSES
            .iter()
            .all(|class| password.contains(|c| class.contains(c)))
        {
            return Ok(SecretString::from(password.as_str()));
        }
    }
}

/// Draws a number below `sides`, each as likely: bytes beyond the last whole multiple are drawn again.
fn draw(sides: usize) -> Result<usize, Error> {
    let fair = 256 - 256 % sides;
    loop {
        let mut byte = [0_u8];
        getrandom::fill(&mut byte).map_err(Error::Random)?;
        let [byte] = byte;
        if usize::from(byte) < fair {
            return Ok(usize::from(byte) % sides);
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_password_has_every_class_and_the_length_asked_for() {
        for length in [24, 24, 24, 128] {
            let password = password(length).unwrap();
            let password = password.expose_secret();
            assert_eq!(password.len(), length);
            assert!(
                CLASSES
                    .iter()
                    .all(|class| password.contains(|c| class.contains(c)))
            );
            assert!(
                !password.contains(['l', 'I', 'O', '0', '1', 'o']),
                "look-alikes are left out"
            );
        }
    }

    #[test]
    fn two_passwords_are_never_the_same() {
        assert_ne!(
            password(24).unwrap().expose_secret(),
            password(24).unwrap().expose_secret()
        );
    }
}
