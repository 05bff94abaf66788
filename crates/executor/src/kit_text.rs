//! What a kit says once it is opened, for somebody who has never signed in to AWS.

use model::{Account, UserName};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::kit::Secrets;
use crate::qr;

/// Writes a kit's text. It has the secrets in it, so it is wiped from memory after use.
pub(crate) fn text(account: &Account, user: &UserName, secrets: &Secrets) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!("Your access to AWS account {}\n\n", account.id));
    if let Some(url) = sign_in_url(account) {
        text.push_str(&format!("Sign in at      {url}\n"));
    }
    text.push_str(&format!("User name       {user}\n"));
    if let Some(password) = &secrets.password {
        text.push_str(&format!("First password  {}\n", password.expose_secret()));
        text.push_str(
            "                You choose your own when you first sign in; this one ends then.\n",
        );
    }
    if let Some(seed) = &secrets.seed {
        let uri = otpauth_uri(account, user, seed.expose_secret());
        text.push_str("\nMFA device\n\nScan this with your authenticator app:\n\n");
        text.push_str(&qr::blocks(&uri).unwrap_or_default());
        text.push_str("\nor type this secret into it:\n\n    ");
        text.push_str(seed.expose_secret());
        text.push_str("\n\nor open this link on the phone:\n\n    ");
        text.push_str(&uri);
        if let Some(png) = qr::png_data_uri(&uri) {
            text.push_str("\n\nThe same QR code as a picture (paste it into a browser's address bar):\n\n    ");
            text.push_str(&png);
        }
        text.push_str(
            "\n\nThen ask your administrator to enable the device with two codes in a row.\n",
        );
    }
    text.push_str("\nDelete this file when you are done. Nobody else has these secrets.\n");
    text
}

/// Returns where users of the account sign in, in the partitions whose address is documented.
fn sign_in_url(account: &Account) -> Option<String> {
    let domain = match account.partition.as_str() {
        "aws" => "signin.aws.amazon.com",
        "aws-cn" => "signin.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        _ => return None,
    };
    Some(format!("https://{}.{domain}/console", account.id))
}

/// Returns the URI that authenticator apps read, labelled as AWS's own QR codes are.
fn otpauth_uri(account: &Account, user: &UserName, seed: &str) -> Zeroizing<String> {
    let issuer = "Amazon%20Web%20Services";
    let label = utf8_percent_encode(user.as_str(), NON_ALPHANUMERIC);
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{label}@{}?secret={seed}&issuer={issuer}",
        account.id
    ))
}
