//! First passwords.

use model::{Body, Plan};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::Error;
use crate::step::Step;

/// How long a password is, if the account's policy doesn't ask for more: 144 bits.
const LENGTH: u32 = 24;

/// Every byte's last six bits choose one of these, each as likely as the others. Left out are I, O, l, o, 0 and 1,
/// which are taken for one another. The symbols are among those that IAM counts as symbols.
const ALPHABET: &[u8; 64] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!@#%*+-=";

/// Makes passwords that the account's policy accepts.
#[derive(Debug)]
pub(crate) struct Passwords {
    /// What the plan makes the policy ask for, if it changes it.
    planned: u32,
    /// What the policy asks for now, once it has been read.
    live: OnceCell<u32>,
}

impl Passwords {
    pub(crate) fn of(plan: &Plan) -> Self {
        let planned = plan
            .actions
            .iter()
            .filter_map(|action| match action.change.after() {
                Some(Body::PasswordPolicy(policy)) => Some(policy.minimum_length),
                _ => None,
            });
        Self {
            planned: planned.max().unwrap_or(0),
            live: OnceCell::new(),
        }
    }

    /// Makes a password of all four classes of character, as long as the policies before and after the plan ask.
    pub(crate) async fn generate(&self, step: &Step<'_>) -> Result<SecretString, Error> {
        let live = self.live.get_or_try_init(|| minimum_length(step)).await?;
        let length = LENGTH.max(self.planned).max(*live);
        generate(length, getrandom::fill).map_err(Error::Random)
    }
}

async fn minimum_length(step: &Step<'_>) -> Result<u32, Error> {
    let request = step.clients().iam.get_account_password_policy();
    let found = step.find("iam:GetAccountPasswordPolicy", || request.clone().send());
    let policy = found.await?.and_then(|output| output.password_policy);
    let length = policy.and_then(|policy| policy.minimum_password_length);
    Ok(length
        .and_then(|length| length.try_into().ok())
        .unwrap_or(0))
}

/// Draws whole passwords until one has all four classes, which keeps all such passwords equally likely.
fn generate<E>(
    length: u32,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<SecretString, E> {
    let length = length.try_into().unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(vec![0; length]);
    loop {
        fill(&mut bytes)?;
        let mut text = Zeroizing::new(String::with_capacity(length));
        text.extend(bytes.iter().copied().map(character));
        if has_all_classes(&text) {
            return Ok(SecretString::from(text.as_str()));
        }
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "six bits are less than the 64 characters"
)]
fn character(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte & 63)])
}

fn has_all_classes(text: &str) -> bool {
    let has = |class: fn(char) -> bool| text.contains(class);
    has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        && has(|c| c.is_ascii_punctuation())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_password_is_as_long_as_asked_and_has_all_four_classes() {
        for length in [24, 25, 128] {
            let password = generate(length, getrandom::fill).unwrap();
            let text = password.expose_secret();
            assert_eq!(text.len(), usize::try_from(length).unwrap());
            assert!(has_all_classes(text), "{text}");
        }
    }

    #[test]
    fn a_draw_that_lacks_a_class_is_drawn_again_as_a_whole() {
        let mut draws = vec![[0, 24, 48, 56, 63, 1], [0, 24, 48, 48, 48, 48]];
        let password = generate(6, |bytes| {
            bytes.copy_from_slice(&draws.pop().unwrap());
            Ok::<_, ()>(())
        });
        assert_eq!(password.unwrap().expose_secret(), "Aa2!=B");
    }

    #[test]
    fn each_character_is_as_likely_as_the_others_and_none_is_taken_for_another() {
        let characters: BTreeSet<char> = ALPHABET.iter().copied().map(char::from).collect();
        assert_eq!(characters.len(), 64);
        assert!(!characters.iter().any(|c| "IOlo01|".contains(*c)));
        let of_all_bytes = |wanted| {
            (0..=u8::MAX)
                .filter(|byte| character(*byte) == wanted)
                .count()
        };
        assert!(characters.iter().all(|c| of_all_bytes(*c) == 4));
    }

    #[test]
    fn a_failing_generator_is_an_error() {
        assert_eq!(generate(24, |_| Err("no")).unwrap_err(), "no");
    }
}
