//! Ids and secrets as IAM forms them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use data_encoding::{BASE32_NOPAD, BASE64};

use crate::error::{Code, Error};

pub(super) const USER: &str = "AIDA";
pub(super) const GROUP: &str = "AGPA";
pub(super) const ROLE: &str = "AROA";
pub(super) const POLICY: &str = "ANPA";
pub(super) const SSH_PUBLIC_KEY: &str = "APKA";
pub(super) const SERVICE_SPECIFIC_CREDENTIAL: &str = "ACCA";

/// Returns a new id of 21 characters that begins with `prefix`.
pub(super) fn unique_id(prefix: &str) -> Result<String, Error> {
    id_of_length(prefix, 21)
}

/// Returns a new access key id: 20 characters.
pub(super) fn access_key_id() -> Result<String, Error> {
    id_of_length("AKIA", 20)
}

/// Returns a new access key id of temporary credentials: 20 characters.
pub(crate) fn temporary_key_id() -> Result<String, Error> {
    id_of_length("ASIA", 20)
}

/// Returns a new session token of 256 characters; AWS documents no length.
pub(crate) fn session_token() -> Result<String, Error> {
    Ok(BASE64.encode(&random::<192>()?))
}

/// Returns a new id of a signing certificate: 32 characters.
pub(super) fn certificate_id() -> Result<String, Error> {
    id_of_length("", 32)
}

/// Returns a new secret of 40 characters.
pub(crate) fn secret_key() -> Result<String, Error> {
    Ok(BASE64.encode(&random::<30>()?))
}

/// Returns random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(
            Code::InternalFailure,
            format!("the system gives no random bytes: {error}"),
        )
    })?;
    Ok(bytes)
}

fn id_of_length(prefix: &str, length: usize) -> Result<String, Error> {
    let letters = BASE32_NOPAD.encode(&random::<20>()?);
    Ok(prefix.chars().chain(letters.chars()).take(length).collect())
}
