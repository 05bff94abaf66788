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

/// Writes a person's kit as plain text, for a terminal and for an editor.
pub(crate) fn write(
    user: &UserName,
    account: &Account,
    secrets: &Secrets,
) -> Result<Zeroizing<String>, QrCodeError> {
    let Secrets { password, seeds } = secrets;
    let mut text = Zeroizing::new(String::with_capacity(ROOM));
    introduction(&mut text, user, account);
    if let Some(password) = password {
        sign_in(&mut text, user, account, password);
    }
    for seed in seeds {
        device(&mut text, user, account, seed)?;
    }
    Ok(text)
}

/// Adds lines. Unlike `format!` it writes into the room that there is.
macro_rules! line {
    ($text:ident) => { $text.push('\n') };
    ($text:ident, $($part:expr),+) => {{ $($text.push_str($part);)+ $text.push('\n'); }};
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
}

fn alias(account: &Account) -> String {
    let alias = account.alias.as_ref();
    alias.map(|alias| format!(" ({alias})")).unwrap_or_default()
}

fn sign_in(text: &mut String, user: &UserName, account: &Account, password: &FirstPassword) {
    let FirstPassword {
        text: password,
        reset_required,
    } = password;
    line!(text, "  Sign in    ", sign_in_address(account).as_str());
    line!(text, "  User name  ", user.as_str());
    line!(text, "  Password   ", password.expose_secret());
    if *reset_required {
        line!(text);
        line!(
            text,
            "You choose another password when you sign in for the first time."
        );
    }
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

fn device(
    text: &mut String,
    user: &UserName,
    account: &Account,
    seed: &Seed,
) -> Result<(), QrCodeError> {
    let Seed {
        device,
        serial,
        base32,
    } = seed;
    let address = otpauth(device.as_str(), account, base32.expose_secret());
    let code = qr::encode(&address)?;
    line!(text);
    line!(text, "MFA device ", device.as_str());
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
    line!(text);
    line!(
        text,
        "2. Let the device be enabled with two codes of the app that follow each other, by your administrator or"
    );
    line!(text, "   by yourself, where you may:");
    line!(text);
    line!(
        text,
        "   aws iam enable-mfa-device --user-name ",
        user.as_str(),
        " --serial-number ",
        serial,
        " \\"
    );
    line!(
        text,
        "     --authentication-code1 CODE --authentication-code2 NEXT-CODE"
    );
    Ok(())
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
            seeds: vec![Seed {
                device: DeviceName::new("alice").unwrap(),
                serial: "arn:aws:iam::123456789012:mfa/alice".to_owned(),
                base32: SecretString::from("JBSWY3DPEHPK3PXP"),
            }],
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
            "choose another password",
            "   JBSWY3DPEHPK3PXP\n",
            "otpauth://totp/Amazon%20Web%20Services:alice@acme?secret=JBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services\n",
            "\ndata:image/png;base64,iVBORw0KGgo",
            "--serial-number arn:aws:iam::123456789012:mfa/alice",
            "█",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{}", *text);
        }
    }

    #[test]
    fn the_room_for_a_kit_is_enough_for_the_longest_names() {
        let user = UserName::new("u".repeat(64)).unwrap();
        let mut secrets = secrets();
        secrets.seeds[0].device = DeviceName::new("@".repeat(226)).unwrap();
        secrets.seeds[0].base32 = SecretString::from("A".repeat(64));
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
