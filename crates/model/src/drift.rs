//! Drift: how what was found differs from what is declared.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    Account, Address, Body, Caller, FieldChange, Finding, Kind, Origin, ReadFailure, Region,
};

/// Holds how an account differs from a spec, seen from the spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The account.
    pub account: Account,
    /// The region of CloudWatch and Logs.
    pub region: Region,
    /// Whose credentials read the account.
    pub caller: Caller,
    /// What the spec declares or prunes and is otherwise in the account, by address.
    pub differences: Vec<Difference>,
    /// Users, groups and roles of the whole account that nobody declared, where they were asked for.
    pub principals: Vec<UndeclaredPrincipal>,
    /// What else somebody should know: access that ends, and who has no MFA yet.
    pub findings: Vec<Finding>,
    /// Declared objects that couldn't be compared, since it isn't known what there is.
    pub unknown: BTreeSet<Address>,
    /// The kinds that couldn't be read, each with the reason.
    pub unread: BTreeMap<Kind, ReadFailure>,
}

/// Holds how one object differs from what is declared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The object.
    pub address: Address,
    /// In what it differs.
    #[serde(flatten)]
    pub deviation: Deviation,
    /// Where the spec declares the object.
    pub origin: Option<Origin>,
    /// The undeclared user or group that this object goes with.
    pub part_of: Option<Address>,
}

/// Tells in what an object differs from what is declared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "drift", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every deviation holds a body"
)]
pub enum Deviation {
    /// It isn't there.
    Missing {
        /// What it should be.
        declared: Body,
    },
    /// It is there and not as it should be.
    Changed {
        /// What it should be. What the spec doesn't say is as it was found.
        declared: Body,
        /// What it is.
        found: Body,
        /// The fields that differ: before is as declared, after as found.
        fields: Vec<FieldChange>,
    },
    /// It is there and shouldn't be: nobody declared it, or it is declared not to exist.
    Undeclared {
        /// What it is.
        found: Body,
    },
    /// Something else is there in its place.
    Conflict {
        /// What, as a sentence without a full stop.
        because: String,
    },
}

/// Holds a user, group or role that nobody declared, and what gives it rights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UndeclaredPrincipal {
    /// The user, group or role.
    pub address: Address,
    /// What it is.
    pub found: Body,
    /// Its memberships, attached policies and inline policies; of a group its members, too.
    pub access: BTreeSet<Address>,
}

/// Counts what differs. Objects that go with their user or group are not counted again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DriftCounts {
    /// Objects that aren't there.
    pub missing: usize,
    /// Objects that aren't as they should be, or have something else in their place.
    pub changed: usize,
    /// Objects that shouldn't be there.
    pub undeclared: usize,
    /// Undeclared users, groups and roles of the whole account.
    pub principals: usize,
    /// Objects that couldn't be compared.
    pub unknown: usize,
}

impl Drift {
    /// Counts what differs.
    pub fn counts(&self) -> DriftCounts {
        let mut counts = DriftCounts {
            principals: self.principals.len(),
            unknown: self.unknown.len(),
            ..DriftCounts::default()
        };
        let whole = self.differences.iter().filter(|it| it.part_of.is_none());
        for difference in whole {
            match difference.deviation {
                Deviation::Missing { .. } => counts.missing += 1,
                Deviation::Changed { .. } | Deviation::Conflict { .. } => counts.changed += 1,
                Deviation::Undeclared { .. } => counts.undeclared += 1,
            }
        }
        counts
    }

    /// Tells whether something differs, or somebody is there whom nobody declared.
    pub fn is_drifted(&self) -> bool {
        !self.differences.is_empty() || !self.principals.is_empty()
    }

    /// Tells whether everything that had to be known is known.
    pub fn is_complete(&self) -> bool {
        self.unknown.is_empty() && self.unread.is_empty()
    }
}
