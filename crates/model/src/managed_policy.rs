//! Managed policies: how people refer to them and how AWS does.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::{Account, NameError, Path, PathError, PolicyName};

/// Refers to a managed policy as people write it: `NAME`, `aws/NAME` or `aws/PATH/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyRef {
    /// A policy of this account. Its path isn't needed: names are unique in the account.
    Local(PolicyName),
    /// A policy that AWS manages. Its path is part of its identity: `aws/job-function/Billing`.
    Aws {
        /// The policy's path, as in its ARN.
        path: Path,
        /// The policy's name.
        name: PolicyName,
    },
}

impl PolicyRef {
    /// Returns the policy's name without its path.
    pub fn name(&self) -> &PolicyName {
        match self {
            Self::Local(name) | Self::Aws { name, .. } => name,
        }
    }
}

impl fmt::Display for PolicyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(name) => write!(f, "{name}"),
            Self::Aws { path, name } => write!(f, "aws{path}{name}"),
        }
    }
}

/// Says why a text doesn't refer to a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefError {
    /// The name has a character or length that AWS doesn't allow.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The path is not one.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A local policy was written with a path.
    #[error("`{}` refers to no policy: write `NAME`, `aws/NAME`, `aws/PATH/NAME` or an ARN", .0.escape_debug())]
    Form(String),
}

impl FromStr for PolicyRef {
    type Err = PolicyRefError;

    fn from_str(text: &str) -> Result<Self, PolicyRefError> {
        let Some((before, name)) = text.rsplit_once('/') else {
            return Ok(Self::Local(PolicyName::new(text)?));
        };
        let name = PolicyName::new(name)?;
        match before.strip_prefix("aws") {
            Some("") => Ok(Self::Aws {
                path: Path::root(),
                name,
            }),
            Some(path) if path.starts_with('/') => Ok(Self::Aws {
                path: Path::new(format!("{path}/"))?,
                name,
            }),
            _ => Err(PolicyRefError::Form(text.to_owned())),
        }
    }
}

impl Serialize for PolicyRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Tells whose a managed policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// This account.
    Account,
    /// AWS.
    Aws,
}

/// Identifies a managed policy as its ARN does, but for the partition and account that the ARN begins with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManagedPolicy {
    /// Whose it is.
    pub owner: Owner,
    /// Its path.
    pub path: Path,
    /// Its name.
    pub name: PolicyName,
}

impl ManagedPolicy {
    /// Returns the policy's ARN in an account.
    pub fn arn(&self, account: &Account) -> String {
        let Self { owner, path, name } = self;
        let owner = match owner {
            Owner::Account => account.id.as_str(),
            Owner::Aws => "aws",
        };
        format!("arn:{}:iam::{owner}:policy{path}{name}", account.partition)
    }

    /// Reads a policy's ARN. The partition isn't kept; an account's policy must be of `account`.
    pub fn from_arn(arn: &str, account: &crate::AccountId) -> Result<Self, PolicyRefError> {
        let form = || PolicyRefError::Form(arn.to_owned());
        let mut parts = arn.splitn(6, ':').skip(1);
        let (_partition, service, region) = (parts.next(), parts.next(), parts.next());
        let (owner, resource) = (
            parts.next().ok_or_else(form)?,
            parts.next().ok_or_else(form)?,
        );
        if !arn.starts_with("arn:") || service != Some("iam") || region != Some("") {
            return Err(form());
        }
        let owner = match owner {
            "aws" => Owner::Aws,
            id if id == account.as_str() => Owner::Account,
            _ => return Err(form()),
        };
        let path_and_name = resource.strip_prefix("policy").ok_or_else(form)?;
        let (path, name) = path_and_name.rsplit_once('/').ok_or_else(form)?;
        Ok(Self {
            owner,
            path: Path::new(format!("{path}/"))?,
            name: PolicyName::new(name)?,
        })
    }

    /// Returns how people refer to the policy.
    pub fn reference(&self) -> PolicyRef {
        match self.owner {
            Owner::Account => PolicyRef::Local(self.name.clone()),
            Owner::Aws => PolicyRef::Aws {
                path: self.path.clone(),
                name: self.name.clone(),
            },
        }
    }
}

impl fmt::Display for ManagedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reference().fmt(f)
    }
}

impl Serialize for ManagedPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Partition};

    fn account() -> Account {
        Account {
            id: AccountId::new("123456789012").unwrap(),
            partition: Partition::new("aws-cn").unwrap(),
            alias: None,
        }
    }

    #[test]
    fn an_arn_and_a_policy_are_the_same_thing() {
        for arn in [
            "arn:aws-cn:iam::aws:policy/job-function/Billing",
            "arn:aws-cn:iam::123456789012:policy/people/x",
        ] {
            let policy = ManagedPolicy::from_arn(arn, &account().id).unwrap();
            assert_eq!(policy.arn(&account()), arn);
        }
    }

    #[test]
    fn a_policy_of_another_account_can_not_be_attached() {
        assert!(
            ManagedPolicy::from_arn("arn:aws:iam::999999999999:policy/x", &account().id).is_err()
        );
        assert!(
            ManagedPolicy::from_arn("arn:aws:iam::123456789012:user/x", &account().id).is_err()
        );
        assert!(ManagedPolicy::from_arn("policy/x", &account().id).is_err());
    }

    #[test]
    fn a_reference_prints_as_it_is_written() {
        for text in [
            "enforce-mfa",
            "aws/ReadOnlyAccess",
            "aws/job-function/Billing",
        ] {
            assert_eq!(text.parse::<PolicyRef>().unwrap().to_string(), text);
        }
        for wrong in ["people/x", "aws/", "awsome/x", "a b"] {
            assert!(wrong.parse::<PolicyRef>().is_err(), "{wrong}");
        }
    }
}
