//! Whom a secret is sealed for.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

/// Names the age recipient whom a person's first secrets are encrypted to: `age1…`, a public key; with the feature `ssh`
/// also an ssh key, without its comment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Recipient(Arc<str>);

/// Says why a text is not a recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// A private key was given, which must not be in a spec.
    #[error(
        "this is a private key: take it out of the spec, make a new one, and write its public key, which begins with `age1`"
    )]
    Private,
    /// An ssh key was given, and the feature `ssh` is off.
    #[error(
        "this mfactl is built without ssh keys as recipients: make a key with `age-keygen` and write its public key, which begins with `age1`, or build mfactl with `--features ssh`"
    )]
    NoSsh,
    /// It is an ssh key that nothing can be sealed for, or a mistyped one.
    #[error(
        "`{}` is not an ssh key that can be a recipient: it begins with `ssh-ed25519` or, with 2048 bits at least, `ssh-rsa`", .0.escape_debug()
    )]
    Ssh(String),
    /// It is none, or it is mistyped.
    #[error("`{}` is not an age recipient: it begins with `age1` and has 62 characters, and its checksum must be right", .0.escape_debug())]
    Form(String),
}

impl Recipient {
    /// Checks a text, its checksum included, and makes it a recipient.
    pub fn new(text: impl AsRef<str>) -> Result<Self, RecipientError> {
        let text = text.as_ref().trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(RecipientError::Private);
        }
        if text.starts_with("ssh-") {
            return ssh_key(text);
        }
        match bech32::decode(text) {
            Ok((prefix, key)) if prefix.as_str() == "age" && key.len() == 32 => {
                Ok(Self(text.into()))
            }
            Ok(_) | Err(_) => Err(RecipientError::Form(text.to_owned())),
        }
    }

    /// Returns the recipient as age writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "ssh")]
fn ssh_key(text: &str) -> Result<Recipient, RecipientError> {
    let mut words = text.split_whitespace();
    let key = match (words.next(), words.next()) {
        (Some(algorithm), Some(key)) => format!("{algorithm} {key}"),
        (_, _) => text.to_owned(),
    };
    match key.parse::<age::ssh::Recipient>() {
        Ok(_) => Ok(Recipient(key.into())),
        Err(_) => Err(RecipientError::Ssh(key)),
    }
}

#[cfg(not(feature = "ssh"))]
fn ssh_key(_: &str) -> Result<Recipient, RecipientError> {
    Err(RecipientError::NoSsh)
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn a_mistyped_recipient_is_caught_by_its_checksum() {
        assert!(Recipient::new(KEY).is_ok());
        assert!(matches!(
            Recipient::new(KEY.replace("zv", "zw")),
            Err(RecipientError::Form(_))
        ));
    }

    #[cfg(not(feature = "ssh"))]
    #[test]
    fn an_ssh_key_needs_another_build() {
        assert_eq!(
            Recipient::new("ssh-ed25519 AAAA"),
            Err(RecipientError::NoSsh)
        );
    }

    #[cfg(feature = "ssh")]
    #[test]
    fn an_ssh_key_is_checked_and_its_comment_left_out() {
        const KEY: &str =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKp3+wS5/rJxlegGW+Yz+5XaAm4D810XJfnYGDNiOWvM";
        let recipient = Recipient::new(format!("{KEY} alice@laptop"));
        assert_eq!(recipient.unwrap().as_str(), KEY);
        for wrong in [
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-dss AAAAB3NzaC1kc3MAAACBAA==",
            &KEY[..60],
        ] {
            let error = Recipient::new(wrong).unwrap_err();
            assert!(matches!(error, RecipientError::Ssh(_)), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_private_key_is_refused_and_not_repeated() {
        let error = Recipient::new("AGE-SECRET-KEY-1QQQQ").unwrap_err();
        assert_eq!(error, RecipientError::Private);
        assert!(!error.to_string().contains("QQQQ"));
    }
}
