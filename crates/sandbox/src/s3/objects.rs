//! Objects.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use flate2::Crc;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::condition::{self, NO_SUCH_KEY};
use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

const CHECKSUMS: &str = "checks Content-MD5 and CRC32, and passes over other checksums";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutObject", put).unlike(CHECKSUMS),
    Operation::read("GetObject", get).unlike("gives the whole object only"),
    Operation::read("HeadObject", head),
    Operation::write("DeleteObject", delete).unlike("has no versions"),
];

/// The longest key in bytes.
const LONGEST_KEY: usize = 1024;

/// Holds an object.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Object {
    /// In Base64.
    body: String,
    /// In quotes, as HTTP has it.
    tag: String,
    content_type: String,
    modified: Timestamp,
    metadata: BTreeMap<String, String>,
}

impl Object {
    /// Tells whether this is the object that a client knows. Quotes may be missing.
    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        tag.trim_matches('"') == self.tag.trim_matches('"')
    }

    fn content(&self) -> Vec<u8> {
        // A damaged state shows as an empty object.
        BASE64.decode(self.body.as_bytes()).unwrap_or_default()
    }

    fn properties(&self, length: usize) -> Record {
        let metadata = self.metadata.iter();
        let metadata = metadata.map(|(name, value)| (name.clone(), Value::from(value)));
        Record::new()
            .with("ETag", &self.tag)
            .with("ContentType", &self.content_type)
            .with("ContentLength", length)
            .with("LastModified", self.modified)
            .with("Metadata", Value::Map(metadata.collect()))
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let key = key(call);
    let bucket = account.bucket_mut(call)?;
    if key.len() > LONGEST_KEY {
        return Err(Error::new(Code::KeyTooLong, "Your key is too long"));
    }
    let body = call.input.bytes("Body").unwrap_or_default();
    check_body(call, body)?;
    condition::check_write(call, bucket.objects.get(key))?;
    let tag = format!("\"{}\"", HEXLOWER.encode(&Md5::digest(body)));
    let content_type = call.input.any_text("ContentType");
    let metadata = call.input.text_map("Metadata")?.unwrap_or_default();
    let metadata = metadata.into_iter();
    let object = Object {
        body: BASE64.encode(body),
        tag: tag.clone(),
        content_type: content_type.unwrap_or("binary/octet-stream").to_owned(),
        modified: call.now,
        metadata: metadata
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    bucket.objects.insert(key.to_owned(), object);
    Ok(Record::new()
        .with("ETag", tag)
        .with_some("ChecksumCRC32", call.input.any_text("ChecksumCRC32")))
}

/// Refuses a body that isn't what the client sent.
fn check_body(call: &Call<'_>, body: &[u8]) -> Result<(), Error> {
    if let Some(sent) = call.input.any_text("ContentMD5")
        && sent != BASE64.encode(&Md5::digest(body))
    {
        let message = "The Content-MD5 you specified did not match what we received.";
        return Err(Error::new(Code::BadDigest, message));
    }
    let mut crc = Crc::new();
    crc.update(body);
    if let Some(sent) = call.input.any_text("ChecksumCRC32")
        && sent != BASE64.encode(&crc.sum().to_be_bytes())
    {
        let message = "The CRC32 you specified did not match the calculated checksum.";
        return Err(Error::new(Code::BadDigest, message));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let object = found(account, call)?;
    let content = object.content();
    Ok(object.properties(content.len()).with("Body", content))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
fn head(account: &Account, call: &Call<'_>) -> Answer {
    let object = found(account, call)?;
    Ok(object.properties(object.content().len()))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let key = key(call);
    let bucket = account.bucket_mut(call)?;
    condition::check_delete(call, bucket.objects.get(key))?;
    bucket.objects.remove(key);
    Ok(Record::new())
}

fn found<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a Object, Error> {
    let object = account.bucket(call)?.objects.get(key(call));
    let object = object.ok_or_else(|| Error::new(Code::NoSuchKey, NO_SUCH_KEY))?;
    condition::check_read(call, object)?;
    Ok(object)
}

fn key<'a>(call: &Call<'a>) -> &'a str {
    call.input.any_text("Key").unwrap_or_default()
}
