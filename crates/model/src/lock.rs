//! The lock that keeps two applies on one account apart.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{NameError, Region};

/// Says where the lock of an account is: an object of S3 that is there for as long as somebody holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The object.
    pub object: S3Object,
    /// The region of its bucket.
    pub region: Region,
}

/// Names an object of S3, as `BUCKET/KEY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Object {
    bucket: Arc<str>,
    key: Arc<str>,
}

impl S3Object {
    /// Returns the name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Returns the key in the bucket.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for S3Object {
    type Err = NameError;

    /// Checks the bucket by the rules for general purpose buckets, and the key by what URLs and policies carry as it is.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
    fn from_str(text: &str) -> Result<Self, NameError> {
        let error = |reason: &str| NameError {
            what: "an object of S3",
            value: text.to_owned(),
            reason: reason.to_owned(),
        };
        if text.contains("://") || text.starts_with("arn:") {
            return Err(error("it is BUCKET/KEY, such as `acme-locks/mfactl.lock`"));
        }
        let (bucket, key) = text.split_once('/').ok_or_else(|| {
            error("it has no key: it is BUCKET/KEY, such as `acme-locks/mfactl.lock`")
        })?;
        check_bucket(bucket).map_err(error)?;
        check_key(key).map_err(error)?;
        Ok(Self {
            bucket: bucket.into(),
            key: key.into(),
        })
    }
}

impl fmt::Display for S3Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

fn check_bucket(bucket: &str) -> Result<(), &'static str> {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_address =
        bucket.split('.').count() == 4 && bucket.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !(3..=63).contains(&bucket.len()) {
        Err("the name of a bucket has 3 to 63 characters")
    } else if !bucket.chars().all(|c| is_end(c) || ".-".contains(c)) {
        Err("the name of a bucket has lowercase letters, digits, `.` and `-` only")
    } else if !bucket.starts_with(is_end) || !bucket.ends_with(is_end) {
        Err("the name of a bucket begins and ends with a letter or a digit")
    } else if bucket.contains("..") || is_address {
        Err("the name of a bucket has no `..` in it and is no IP address")
    } else {
        Ok(())
    }
}

fn check_key(key: &str) -> Result<(), &'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/!-_.'()=+@:,".contains(c);
    if key.len() > 1024 {
        Err("a key has 1,024 characters at most")
    } else if !key.chars().all(is_allowed) {
        Err("a lock's key has letters, digits and `/!-_.'()=+@:,` only")
    } else if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
        Err("no part of a lock's key is empty, `.` or `..`")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        text.parse::<S3Object>().unwrap_err().reason
    }

    #[test]
    fn an_object_is_a_bucket_and_all_of_its_key() {
        let object: S3Object = "acme-locks/prod/mfactl.lock".parse().unwrap();
        assert_eq!(
            (object.bucket(), object.key()),
            ("acme-locks", "prod/mfactl.lock")
        );
        assert_eq!(object.to_string(), "acme-locks/prod/mfactl.lock");
    }

    #[test]
    fn an_address_of_another_form_is_told_the_form() {
        for text in [
            "s3://acme-locks/x",
            "arn:aws:s3:::acme-locks/x",
            "acme-locks",
        ] {
            assert!(reason(text).contains("BUCKET/KEY"), "{text}");
        }
    }

    #[test]
    fn a_bucket_is_named_as_s3_names_buckets() {
        for bucket in ["ab", "Acme", "-acme", "acme.", "a..b", "10.0.0.1", "a_b"] {
            assert!(
                reason(&format!("{bucket}/x")).contains("bucket"),
                "{bucket}"
            );
        }
    }

    #[test]
    fn a_key_has_no_wildcard_and_no_part_that_urls_take_away() {
        for key in ["", "a*", "a?b", "${x}", "a b", "a//b", "../b", "a/", "/a"] {
            assert!(
                reason(&format!("acme-locks/{key}")).contains("key"),
                "{key}"
            );
        }
    }
}
