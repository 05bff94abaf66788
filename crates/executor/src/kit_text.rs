//! What a person reads when they open their kit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{Account, UserName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::kit::{FirstPassword, Secrets, Seed};
use crate::qr::{self, QrCodeError};

/// Room for a whole text, so that it isn't moved while it grows and leaves copies behind.
const ROOM: usize = 32 * 1024;

/// Adds lines. Unlike `format!` it writes into the room that there is.
macro_rules! line {
    ($text:ident) => { $text.push('\n') };
    ($text:ident, $($part:expr),+) => {{ $($text.push_str($part);)+ $text.push('\n'); }};
}

/// Writes a person's kit as plain text, for a terminal and for an editor.
pub(crate) fn write(
    user: &UserName,
    account: &Account,
    secrets: &Secrets,
) -> Result<Zeroizing<String>, QrCodeError> {
    let Secrets { password, seed } = secrets;
    let mut text = Zeroizing::new(String::with_capacity(ROOM));
    introduction(&mut text, user, account);
    if let Some(password) = password {
        line!(text, "  Password   ", password.text.expose_secret());
    }
    if let Some(seed) = seed {
        device(&mut text, account, seed)?;
    }
    sign_in(&mut text, password.as_ref(), seed.as_ref());
    Ok(text)
}

fn introduction(text: &mut String, user: &UserName, account: &Account) {
    line!(text, "AWS access for ", user.as_str());
    line!(text);
    line!(
        text,
        "This is for you alone: whoever reads it can sign in as you."
    );
    line!(text, "Delete it when you have done what it says.");
    line!(text);
    line!(
        text,
        "  Account    ",
        account.id.as_str(),
        alias(account).as_str()
    );
    line!(text, "  Sign in    ", sign_in_address(account).as_str());
    line!(text, "  User name  ", user.as_str());
}

fn alias(account: &Account) -> String {
    let alias = account.alias.as_ref();
    alias.map(|alias| format!(" ({alias})")).unwrap_or_default()
}

/// Returns the sign-in page of an account: "How IAM users sign in to AWS" in the IAM User Guide of each partition.
fn sign_in_address(account: &Account) -> String {
    let domain = match account.partition.as_str() {
        "aws" => "signin.aws.amazon.com",
        "aws-cn" => "signin.www.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        partition => return format!("at the console of the AWS partition {partition}"),
    };
    format!("https://{}.{domain}/console", account.id)
}

/// Says how to add the device to an app, which must come first.
fn device(text: &mut String, account: &Account, seed: &Seed) -> Result<(), QrCodeError> {
    let Seed {
        device,
        serial,
        base32,
    } = seed;
    let address = otpauth(device.as_str(), account, base32.expose_secret());
    let code = qr::encode(&address)?;
    line!(text, "  MFA device ", serial);
    line!(text);
    line!(
        text,
        "MFA is on already: to sign in you need a code of this device, which only you can make. So begin with the app."
    );
    line!(text);
    line!(text, "1. Scan this with an authenticator app:");
    line!(text);
    line!(text, qr::terminal(&code).as_str());
    line!(text);
    line!(
        text,
        "   It needs light text on a dark ground. Or give the app this secret key:"
    );
    line!(text);
    line!(text, "   ", base32.expose_secret());
    line!(text);
    line!(text, "   Or open this address where the app is:");
    line!(text);
    line!(text, "   ", address.as_str());
    line!(text);
    line!(
        text,
        "   Or put this whole line into the address bar of a private browser window, which shows the code as an image:"
    );
    line!(text);
    image(text, &qr::image(&code)?);
    Ok(())
}

/// Says how to sign in, with the device if there is one.
fn sign_in(text: &mut String, password: Option<&FirstPassword>, device: Option<&Seed>) {
    line!(text);
    match (password, device) {
        (Some(_), Some(_)) => {
            line!(
                text,
                "2. Sign in with the password above. When you are asked for an MFA code, type the one that the app shows."
            );
        }
        (None, Some(_)) => {
            line!(
                text,
                "2. Sign in as before. When you are asked for an MFA code, type the one that the app shows."
            );
        }
        (Some(_) | None, None) => line!(text, "Sign in with the password above."),
    }
    if password.is_some_and(|password| password.reset_required) {
        let indent = device.map_or("", |_| "   ");
        line!(text, indent, "You choose another password then.");
    }
}

fn image(text: &mut String, png: &[u8]) {
    text.push_str("data:image/png;base64,");
    STANDARD.encode_string(png, text);
    text.push('\n');
}

/// Returns the address that authenticator apps read, in the form that they agree on
/// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>) and with the console's issuer.
pub(crate) fn otpauth(device: &str, account: &Account, seed: &str) -> Zeroizing<String> {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    const ISSUER: &str = "Amazon%20Web%20Services";
    let account = account.alias.as_deref().unwrap_or(account.id.as_str());
    let mut address = Zeroizing::new(String::with_capacity(2048));
    let parts = ["otpauth://totp/", ISSUER, ":"];
    address.extend(parts);
    address.extend(utf8_percent_encode(device, KEPT));
    address.push('@');
    address.extend(utf8_percent_encode(account, KEPT));
    address.extend(["?secret=", seed, "&issuer=", ISSUER]);
    address
}

#[cfg(test)]
mod tests {
    use model::{AccountId, DeviceName, Partition};
    use secrecy::SecretString;

    use super::*;

    fn account(partition: &str, alias: Option<&str>) -> Account {
        Account {
            id: AccountId::new("123456789012").unwrap(),
            partition: Partition::new(partition).unwrap(),
            alias: alias.map(str::to_owned),
        }
    }

    fn secrets() -> Secrets {
        Secrets {
            password: Some(FirstPassword {
                text: SecretString::from("pass-word"),
                reset_required: true,
            }),
            seed: Some(Seed {
                device: DeviceName::new("alice").unwrap(),
                serial: "arn:aws:iam::123456789012:mfa/alice".to_owned(),
                base32: SecretString::from("JBSWY3DPEHPK3PXP"),
            }),
        }
    }

    #[test]
    fn a_kit_says_all_that_its_person_needs() {
        let alice = UserName::new("alice").unwrap();
        let text = write(&alice, &account("aws", Some("acme")), &secrets()).unwrap();
        for part in [
            "  Account    123456789012 (acme)\n",
            "  Sign in    https://123456789012.signin.aws.amazon.com/console\n",
            "  User name  alice\n",
            "  Password   pass-word\n",
            "  MFA device arn:aws:iam::123456789012:mfa/alice\n",
            "MFA is on already",
            "You choose another password then.",
            "   JBSWY3DPEHPK3PXP\n",
            "otpauth://totp/Amazon%20Web%20Services:alice@acme?secret=JBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services\n",
            "\ndata:image/png;base64,iVBORw0KGgo",
            "█",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{}", *text);
        }
    }

    #[test]
    fn a_kit_with_a_password_alone_speaks_of_no_device() {
        let alice = UserName::new("alice").unwrap();
        let secrets = Secrets {
            seed: None,
            ..secrets()
        };
        let text = write(&alice, &account("aws", None), &secrets).unwrap();
        assert!(text.ends_with(
            "  Password   pass-word\n\nSign in with the password above.\nYou choose another password then.\n"
        ));
        assert!(!text.contains("MFA"));
    }

    #[test]
    fn the_room_for_a_kit_is_enough_for_the_longest_names() {
        let user = UserName::new("u".repeat(64)).unwrap();
        let mut secrets = secrets();
        let seed = secrets.seed.as_mut().unwrap();
        seed.device = DeviceName::new("@".repeat(226)).unwrap();
        seed.base32 = SecretString::from("A".repeat(64));
        let text = write(&user, &account("aws", None), &secrets).unwrap();
        assert_eq!(text.capacity(), ROOM);
    }

    #[test]
    fn each_partition_has_its_own_sign_in_page() {
        assert_eq!(
            sign_in_address(&account("aws-cn", None)),
            "https://123456789012.signin.www.amazonaws.cn/console"
        );
        assert!(sign_in_address(&account("aws-iso", None)).contains("aws-iso"));
    }
}
