//! S3, as much of it as locks need: buckets, and small objects that are written, read and deleted on conditions.
//!
//! Codes and words are those of the [error list](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
//! and of the User Guide's pages on
//! [conditional requests](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::Operation;
use crate::state::Account;

mod buckets;
mod condition;
mod objects;

use buckets::Bucket;
pub(crate) use buckets::is_bucket_name;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![buckets::OPERATIONS, objects::OPERATIONS]
}

/// Holds the buckets of one account, by name.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct S3(BTreeMap<String, Bucket>);

impl S3 {
    /// Makes an empty bucket unless there is one of that name.
    pub(crate) fn add_bucket(&mut self, name: &str, region: &str) {
        let bucket = || Bucket::new(region);
        self.0.entry(name.to_owned()).or_insert_with(bucket);
    }
}

impl Account {
    /// Returns the bucket that a call names.
    fn bucket(&self, call: &Call<'_>) -> Result<&Bucket, Error> {
        let bucket = self.s3.0.get(bucket_name(call));
        bucket.ok_or_else(no_such_bucket)?.reached_by(call)
    }

    fn bucket_mut(&mut self, call: &Call<'_>) -> Result<&mut Bucket, Error> {
        self.bucket(call)?;
        let bucket = self.s3.0.get_mut(bucket_name(call));
        bucket.ok_or_else(no_such_bucket)
    }

    /// Tells whether there is a bucket without the object that a call names.
    pub(crate) fn lacks_object(&self, bucket: &str, key: &str) -> bool {
        let bucket = self.s3.0.get(bucket);
        bucket.is_some_and(|bucket| !bucket.has(key))
    }
}

fn bucket_name<'a>(call: &Call<'a>) -> &'a str {
    call.input.any_text("Bucket").unwrap_or_default()
}

fn no_such_bucket() -> Error {
    Error::new(Code::NoSuchBucket, "The specified bucket does not exist")
}
