//! The account, the region and who asks.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{NameError, RoleName, UserName};

/// Identifies an AWS account: 12 digits, leading zeros kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// Checks that a text has 12 digits and makes it an account id.
    pub fn new(value: impl AsRef<str>) -> Result<Self, NameError> {
        let value = value.as_ref();
        if value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(value.into()));
        }
        Err(NameError {
            what: "an account id",
            value: value.to_owned(),
            reason: "it has 12 digits".to_owned(),
        })
    }

    /// Returns the twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = NameError;

    fn from_str(value: &str) -> Result<Self, NameError> {
        Self::new(value)
    }
}

fn lowercase_words(what: &'static str, value: &str) -> Result<Arc<str>, NameError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !value.is_empty() && value.len() <= 64 && value.bytes().all(allowed) {
        return Ok(value.into());
    }
    let reason = "it has lowercase letters, digits and `-`".to_owned();
    Err(NameError {
        what,
        value: value.to_owned(),
        reason,
    })
}

/// Names an AWS region, such as `us-east-1`. Whether it exists, AWS knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Region(Arc<str>);

impl Region {
    /// Checks the characters of a text and makes it a region.
    pub fn new(value: impl AsRef<str>) -> Result<Self, NameError> {
        lowercase_words("a region", value.as_ref()).map(Self)
    }

    /// Returns the region as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the partition that the region is in, by the beginnings that AWS gives to regions outside `aws` ("AWS
    /// partitions" in the fault isolation whitepaper). For ARNs of an account that was read, take [`Account::partition`].
    pub fn partition(&self) -> &'static str {
        const PARTITIONS: [(&str, &str); 7] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("eusc-", "aws-eusc"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
        ];
        let is_in = |(start, _): &&(&str, &str)| self.0.starts_with(start);
        PARTITIONS
            .iter()
            .find(is_in)
            .map_or("aws", |(_, partition)| partition)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = NameError;

    fn from_str(value: &str) -> Result<Self, NameError> {
        Self::new(value)
    }
}

/// Names an AWS partition, the second part of each ARN: `aws`, `aws-cn`, `aws-us-gov` and others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Partition(Arc<str>);

impl Partition {
    /// Checks the characters of a text and makes it a partition.
    pub fn new(value: impl AsRef<str>) -> Result<Self, NameError> {
        lowercase_words("a partition", value.as_ref()).map(Self)
    }

    /// Returns the partition as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Partition {
    type Err = NameError;

    fn from_str(value: &str) -> Result<Self, NameError> {
        Self::new(value)
    }
}

/// Holds what is known of the account that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// The partition of the caller's ARN, which begins every ARN of the account.
    pub partition: Partition,
    /// The account's alias, if it has one and it could be read.
    pub alias: Option<String>,
}

/// Tells whose credentials are in use, by `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The account's root user.
    Root,
    /// An IAM user.
    User(UserName),
    /// A session of an IAM role.
    Role(RoleName),
    /// A federated user or another principal, by its ARN.
    Other(String),
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::User(name) => write!(f, "user/{name}"),
            Self::Role(name) => write!(f, "role/{name}"),
            Self::Other(arn) => f.write_str(arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_keeps_its_leading_zeros() {
        assert_eq!(
            AccountId::new("001234567890").unwrap().to_string(),
            "001234567890"
        );
        assert!(AccountId::new("1234567890").is_err());
        assert!(AccountId::new("12345678901x").is_err());
    }
}
