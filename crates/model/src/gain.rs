//! What people gain by a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Address;

/// Says what a plan lets a user or role do that it can't do before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gain {
    /// The user or role.
    pub address: Address,
    /// What it can do besides with an access key, or with its password alone.
    pub without_mfa: Gained,
    /// What it can do besides with MFA. A role's sessions are all the same, so that of a role both are equal.
    pub with_mfa: Gained,
    /// Whether it can sign in with a password and nothing that is in force for it asks for MFA.
    pub needs_no_mfa: bool,
}

/// Says how much is gained, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gained {
    /// How much.
    pub extent: Extent,
    /// The groups and policies that it comes from, each with what it does; none where nothing more than self-service is gained.
    pub by: BTreeMap<Address, Means>,
}

/// Says how much somebody gains: each is more than the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Nothing: that is proved of every request.
    #[default]
    Nothing,
    /// Nothing but to manage its own sign-in: that is proved of every request.
    SelfService,
    /// It isn't known.
    Unknown,
    /// Some rights.
    Rights,
    /// All of IAM, so that it can change what anybody may do: that is proved of every request.
    Administration,
    /// All that there is: that is proved of every request.
    Everything,
}

/// Says what a group or policy has to do with what somebody gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// It no longer denies.
    Denies,
    /// It allows.
    Allows,
    /// It allows all of IAM on every resource, and asks for nothing.
    AllowsAdministration,
    /// It allows every action on every resource, and asks for nothing.
    AllowsEverything,
    /// As a permissions boundary it no longer limits, or limits less.
    Limits,
}
