//! Users' SSH public keys, for `CodeCommit`.

use data_encoding::BASE64;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::access_keys::Status;
use super::names::{CREDENTIAL_ID, EXISTING_USER_NAME, LATIN_1};
use super::page::Page;
use super::users::User;
use super::{ids, quotas};
use crate::call::{Call, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("UploadSSHPublicKey", upload)
        .unlike("of a key in PEM only the frame is checked"),
    Operation::read("GetSSHPublicKey", get).unlike("answers in the encoding of the upload only"),
    Operation::read("ListSSHPublicKeys", list),
    Operation::write("UpdateSSHPublicKey", update),
    Operation::write("DeleteSSHPublicKey", delete),
];

/// Holds an SSH public key as it was uploaded.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SshPublicKey {
    body: String,
    encoding: Encoding,
    fingerprint: String,
    status: Status,
    uploaded: Timestamp,
}

/// Says how a key is written.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Encoding {
    Ssh,
    Pem,
}

const ENCODINGS: &[(&str, Encoding)] = &[("SSH", Encoding::Ssh), ("PEM", Encoding::Pem)];

const BODY: Shape = Shape {
    lengths: 1..=16_384,
    pattern: LATIN_1,
};

const SHORTEST_KEY_BITS: usize = 2_048;

/// Keeps a key that is `ssh-rsa` of 2,048 bits or more, or PEM around something like DER; more of it is not looked at.
///
/// AWS doesn't document what the fingerprint is an MD5 of; here it is what the Base64 says.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html>
fn upload(account: &mut Account, call: &Call<'_>) -> Answer {
    let body = call.input.required_text("SSHPublicKeyBody", &BODY)?;
    let user = called_user_mut(account, call)?;
    let (encoding, bytes) = read(body.trim())?;
    let fingerprint = fingerprint(&bytes);
    if user
        .ssh_public_keys
        .values()
        .any(|key| key.fingerprint == fingerprint)
    {
        let message = "The SSH public key is already associated with the user.";
        return Err(Error::new(Code::DuplicateSshPublicKey, message));
    }
    let limit = quotas::SSH_PUBLIC_KEYS_PER_USER;
    if user.ssh_public_keys.len() >= limit {
        return Err(Error::over_quota("SSHPublicKeysPerUser", limit));
    }
    let id = ids::unique_id(ids::SSH_PUBLIC_KEY)?;
    let key = SshPublicKey {
        body: body.trim().to_owned(),
        encoding,
        fingerprint,
        status: Status::Active,
        uploaded: call.now,
    };
    let answer = whole(user, &id, &key);
    user.ssh_public_keys.insert(id, key);
    Ok(Record::new().with("SSHPublicKey", answer))
}

/// Returns how a key is written, and its bytes.
fn read(body: &str) -> Result<(Encoding, Vec<u8>), Error> {
    if let Some(key) = body.strip_prefix("ssh-rsa ") {
        let base64 = key.split(' ').next().unwrap_or_default();
        let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| invalid())?;
        let bits = rsa_bits(&bytes).ok_or_else(invalid)?;
        return if bits < SHORTEST_KEY_BITS {
            Err(invalid())
        } else {
            Ok((Encoding::Ssh, bytes))
        };
    }
    let inner = body
        .strip_prefix("-----BEGIN PUBLIC KEY-----")
        .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"))
        .ok_or_else(unrecognized)?;
    let base64: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
    match BASE64.decode(base64.as_bytes()) {
        // DER begins with a SEQUENCE.
        Ok(bytes) if bytes.first() == Some(&0x30) => Ok((Encoding::Pem, bytes)),
        _ => Err(invalid()),
    }
}

/// Returns the length of the modulus of an RSA key, which is a name, the exponent and the modulus, each behind its length.
///
/// <https://www.rfc-editor.org/rfc/rfc4253#section-6.6>
fn rsa_bits(bytes: &[u8]) -> Option<usize> {
    let (name, rest) = field(bytes)?;
    let (_exponent, rest) = field(rest)?;
    let (modulus, rest) = field(rest)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let highest = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - usize::try_from(highest.leading_zeros()).ok()?;
    (name == b"ssh-rsa" && rest.is_empty()).then_some(bits)
}

fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn fingerprint(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}

fn invalid() -> Error {
    Error::new(
        Code::InvalidPublicKey,
        "The public key is malformed or too short.",
    )
}

fn unrecognized() -> Error {
    let message = "The public key encoding format is unsupported or unrecognized.";
    Error::new(Code::UnrecognizedPublicKeyEncoding, message)
}

/// Answers a key in the encoding it was uploaded in; the sandbox doesn't translate between them.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSSHPublicKey.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("SSHPublicKeyId", &CREDENTIAL_ID)?;
    let encoding = call
        .input
        .choice("Encoding", ENCODINGS)?
        .ok_or_else(|| call.input.missing("Encoding"))?;
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let user = account.iam.user(name)?;
    let key = user.ssh_public_keys.get(id).ok_or_else(|| none(id))?;
    if key.encoding != encoding {
        let message = "The sandbox answers a key in the encoding that it was uploaded in only.";
        return Err(Error::new(Code::UnrecognizedPublicKeyEncoding, message));
    }
    Ok(Record::new().with("SSHPublicKey", whole(user, id, key)))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let user = account.called_user(call)?;
    let keys = user.ssh_public_keys.iter();
    Ok(Page::of(call)?.answer(
        "SSHPublicKeys",
        keys.map(|(id, key)| (id, metadata(user, id, key))),
    ))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSSHPublicKey.html>
fn update(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("SSHPublicKeyId", &CREDENTIAL_ID)?;
    let status = Status::sent(call)?;
    let keys = &mut called_user_mut(account, call)?.ssh_public_keys;
    keys.get_mut(id).ok_or_else(|| none(id))?.status = status;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSSHPublicKey.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("SSHPublicKeyId", &CREDENTIAL_ID)?;
    let keys = &mut called_user_mut(account, call)?.ssh_public_keys;
    keys.remove(id).ok_or_else(|| none(id))?;
    Ok(Record::new())
}

/// Returns the user that a call names; here a name is asked for even of a user's own key.
fn called_user_mut<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut User, Error> {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    account.iam.user_mut(name)
}

fn metadata(user: &User, id: &str, key: &SshPublicKey) -> Record {
    Record::new()
        .with("UserName", &user.name)
        .with("SSHPublicKeyId", id)
        .with("Status", key.status.name())
        .with("UploadDate", key.uploaded)
}

fn whole(user: &User, id: &str, key: &SshPublicKey) -> Record {
    metadata(user, id, key)
        .with("Fingerprint", &key.fingerprint)
        .with("SSHPublicKeyBody", &key.body)
}

fn none(id: &str) -> Error {
    Error::no_such_entity(format!("The SSH public key with id {id} cannot be found."))
}
