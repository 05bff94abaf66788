//! Buckets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bucket_name;
use super::objects::Object;
use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateBucket", create)
        .unlike("the names of buckets are those of the account, not of all accounts"),
    Operation::read("HeadBucket", head),
];

/// Holds a bucket.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bucket {
    region: String,
    /// By key.
    pub(super) objects: BTreeMap<String, Object>,
}

impl Bucket {
    pub(super) fn new(region: &str) -> Self {
        Self {
            region: region.to_owned(),
            objects: BTreeMap::new(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.objects.contains_key(key)
    }

    /// Refuses a call that is signed for another region than the bucket's.
    pub(super) fn reached_by(&self, call: &Call<'_>) -> Result<&Self, Error> {
        if call.region == self.region {
            return Ok(self);
        }
        let message = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
            call.region, self.region
        );
        Err(Error::new(Code::AuthorizationHeaderMalformed, message))
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
fn create(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = bucket_name(call);
    if !is_bucket_name(name) {
        let message = "The specified bucket is not valid.";
        return Err(Error::new(Code::InvalidBucketName, message));
    }
    let constraint = call.input.any_text("LocationConstraint");
    // us-east-1 is where a bucket is without a constraint, and is none.
    let is_right = match constraint {
        None => call.region == "us-east-1",
        Some(region) => region == call.region && region != "us-east-1",
    };
    if !is_right {
        let constraint = constraint.unwrap_or("unspecified");
        let message = format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        let code = Code::IllegalLocationConstraint;
        return Err(Error::new(code, message));
    }
    if account.s3.0.contains_key(name) {
        let message =
            "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Error::new(Code::BucketAlreadyOwnedByYou, message));
    }
    account.s3.add_bucket(name, call.region);
    Ok(Record::new().with("Location", format!("/{name}")))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
fn head(account: &Account, call: &Call<'_>) -> Answer {
    let bucket = account.bucket(call)?;
    Ok(Record::new().with("BucketRegion", &bucket.region))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(crate) fn is_bucket_name(name: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_address =
        name.split('.').count() == 4 && name.chars().all(|c| c.is_ascii_digit() || c == '.');
    (3..=63).contains(&name.len())
        && name.chars().all(|c| is_end(c) || ".-".contains(c))
        && name.starts_with(is_end)
        && name.ends_with(is_end)
        && !name.contains("..")
        && !is_address
}
