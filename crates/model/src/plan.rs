//! Plans: ordered actions, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Account, Address, Body, Caller, Finding, FindingCode, Gain, Kind, Level, Origin, ReadFailure,
    Region,
};

/// Holds what is to be done, in an order that AWS accepts, and everything a reviewer should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The account it is for.
    pub account: Account,
    /// The region of CloudWatch and Logs.
    pub region: Region,
    /// Whose credentials read the account.
    pub caller: Caller,
    /// What is to be done. The id of an action is its place here, and each comes after those it waits for.
    pub actions: Vec<Action>,
    /// What would be done if something didn't stand in its way.
    pub withheld: Vec<Withheld>,
    /// What else a reviewer should know, and why a plan must not be applied.
    pub findings: Vec<Finding>,
    /// What was proved of access once the plan is carried out.
    pub proofs: Vec<Proof>,
    /// What the plan gives to each user and role whose rights it changes, and to each user who comes or gets a password; none where that isn't known.
    pub gains: Option<Vec<Gain>>,
    /// The kinds that couldn't be read, each with the reason.
    pub unread: BTreeMap<Kind, ReadFailure>,
    /// SHA-256 over the account, the actions with what each was planned on, and the verdicts, in hexadecimal.
    pub digest: String,
}

/// Counts for how many users and roles a claim holds; for the others there is a finding of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The claim, by the finding that there is where it doesn't hold.
    pub claim: FindingCode,
    /// For how many it is proved.
    pub proved: usize,
    /// How many it is about.
    pub of: usize,
}

/// Holds one change of one object. An object may have several, such as a rename and a lifted boundary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Action {
    /// The action's place in its plan.
    pub id: ActionId,
    /// The object.
    pub address: Address,
    /// What is done to it.
    #[serde(flatten)]
    pub change: Change,
    /// The actions that this one waits for.
    #[serde(rename = "waits_for")]
    pub after: BTreeMap<ActionId, Edge>,
    /// Where the spec declares the object.
    pub origin: Option<Origin>,
    /// The user or group that is deleted and takes this object with it.
    pub part_of: Option<Address>,
    /// How many of the account's users this changes the documents in force for, where a group or policy is changed.
    pub people: usize,
}

/// Identifies an action by its place in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActionId(pub usize);

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Tells how one action waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The other must be done: AWS would refuse this one otherwise.
    Needs,
    /// The other must be done and in force everywhere: somebody would have too much or too little meanwhile.
    Settled,
}

/// Tells what is done to an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a plan is mostly bodies, and updates are the usual case"
)]
pub enum Change {
    /// It is created.
    Create {
        /// What it will be.
        after: Body,
    },
    /// It is changed in place.
    Update {
        /// What it was when it was read.
        before: Body,
        /// What it will be.
        after: Body,
        /// The fields that differ, in the order in which the kind has them.
        fields: Vec<FieldChange>,
    },
    /// It is deleted.
    Delete {
        /// What it was when it was read.
        before: Body,
    },
}

/// Describes one field that an update changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name as in a spec; of a tag, `tags.KEY`.
    pub field: String,
    /// The value it had; null if none.
    pub before: Value,
    /// The value it gets; null if none.
    pub after: Value,
}

/// Holds a change that is not made, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Withheld {
    /// The object.
    pub address: Address,
    /// What would have been done, where that is known.
    #[serde(flatten)]
    pub change: Option<Change>,
    /// Why it isn't.
    pub reason: Reason,
    /// Where the spec declares the object.
    pub origin: Option<Origin>,
}

/// Tells why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Objects of this kind couldn't be read, so it isn't known what there is.
    Unread(Kind),
    /// It waits for a change that is withheld itself.
    WaitsFor(Address),
    /// It would touch this object, which the spec ignores.
    Ignored(Address),
    /// AWS would refuse it while this object, which nobody declared, is as it is.
    UsedBy(Address),
    /// It needs this object, which doesn't exist and isn't declared.
    Missing(Address),
    /// It and what is named can't both be done: the sentence says why, without a full stop.
    Conflict(String),
    /// No order of it and this one keeps everybody's rights within what they have before or after.
    Cycle(Address),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(kind) => write!(f, "{kind}/* could not be read"),
            Self::WaitsFor(address) => write!(f, "it waits for {address}, which is withheld"),
            Self::Ignored(address) => write!(f, "it would touch {address}, which the spec ignores"),
            Self::UsedBy(address) => write!(f, "{address}, which nobody declared, still uses it"),
            Self::Missing(address) => write!(f, "{address} does not exist"),
            Self::Conflict(sentence) => f.write_str(sentence),
            Self::Cycle(address) => {
                write!(
                    f,
                    "no order of this and {address} is safe throughout; make the two changes in two applies"
                )
            }
        }
    }
}

/// Counts what a plan would do. Objects that go with their user or group are not counted again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Objects to create.
    pub add: usize,
    /// Objects to change in place.
    pub change: usize,
    /// Objects to delete.
    pub destroy: usize,
    /// Changes that are withheld.
    pub withheld: usize,
}

impl Plan {
    /// Counts what the plan would do.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            withheld: self.withheld.len(),
            ..Counts::default()
        };
        let mut changed = BTreeSet::new();
        for action in self
            .actions
            .iter()
            .filter(|action| action.part_of.is_none())
        {
            match action.change {
                Change::Create { .. } => counts.add += 1,
                Change::Update { .. } => {
                    counts.change += usize::from(changed.insert(&action.address));
                }
                Change::Delete { .. } => counts.destroy += 1,
            }
        }
        counts
    }

    /// Lists the findings for which the plan must not be applied.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.level == Level::Refusal)
    }

    /// Tells whether AWS is as the spec says and everything that had to be known is known.
    pub fn is_clean(&self) -> bool {
        self.actions.is_empty() && self.withheld.is_empty() && self.unread.is_empty()
    }

    /// Returns an action by its id.
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.get(id.0)
    }
}

impl Change {
    /// Returns what the object was when it was read.
    pub fn before(&self) -> Option<&Body> {
        match self {
            Self::Create { .. } => None,
            Self::Update { before, .. } | Self::Delete { before } => Some(before),
        }
    }

    /// Returns what the object will be.
    pub fn after(&self) -> Option<&Body> {
        match self {
            Self::Create { after } | Self::Update { after, .. } => Some(after),
            Self::Delete { .. } => None,
        }
    }
}
