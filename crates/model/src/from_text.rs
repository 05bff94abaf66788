//! Reading back what is written as text: checked as where it is first read, so that a saved value can't be wrong either.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error};

use crate::{
    AccountId, Address, AlarmName, CredentialId, DashboardName, DeviceName, FilterName,
    FindingCode, GroupName, InlinePolicyName, Kind, LogGroupName, ManagedPolicy, Owner, Partition,
    Path, PolicyName, PolicyRef, Recipient, Region, RoleName, UserName,
};

macro_rules! from_text {
    ($($type:ty),* $(,)?) => {
        $(impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        })*
    };
}

from_text!(
    AccountId,
    Address,
    AlarmName,
    CredentialId,
    DashboardName,
    DeviceName,
    FilterName,
    FindingCode,
    GroupName,
    InlinePolicyName,
    Kind,
    LogGroupName,
    Partition,
    Path,
    PolicyName,
    PolicyRef,
    Recipient,
    Region,
    RoleName,
    UserName,
);

/// Reads a policy as it is written, by its reference: the path of one of the account is not in that, and comes out as `/`.
impl<'de> Deserialize<'de> for ManagedPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match PolicyRef::deserialize(deserializer)? {
            PolicyRef::Local(name) => Self {
                owner: Owner::Account,
                path: Path::root(),
                name,
            },
            PolicyRef::Aws { path, name } => Self {
                owner: Owner::Aws,
                path,
                name,
            },
        })
    }
}
