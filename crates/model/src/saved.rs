//! Reading back a saved plan's changes. An address tells the kind of the bodies beside it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

use crate::{Action, ActionId, Address, Body, Change, Edge, FieldChange, Origin, Reason, Withheld};

/// The names of changes, as [`Change`] writes them.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    Create,
    Update,
    Delete,
}

/// The bodies of a change; null is a membership's, which has no fields.
struct Bodies {
    before: Value,
    after: Value,
    fields: Vec<FieldChange>,
}

impl Verb {
    fn change(self, address: &Address, bodies: Bodies) -> Result<Change, serde_json::Error> {
        let Bodies {
            before,
            after,
            fields,
        } = bodies;
        let body = |value| Body::from_json(address.kind(), value);
        Ok(match self {
            Self::Create => Change::Create {
                after: body(after)?,
            },
            Self::Update => Change::Update {
                before: body(before)?,
                after: body(after)?,
                fields,
            },
            Self::Delete => Change::Delete {
                before: body(before)?,
            },
        })
    }
}

#[derive(Deserialize)]
struct SavedAction {
    id: ActionId,
    address: Address,
    change: Verb,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    fields: Vec<FieldChange>,
    waits_for: BTreeMap<ActionId, Edge>,
    origin: Option<Origin>,
    part_of: Option<Address>,
    people: usize,
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SavedAction {
            id,
            address,
            change,
            before,
            after,
            fields,
            waits_for,
            origin,
            part_of,
            people,
        } = SavedAction::deserialize(deserializer)?;
        let bodies = Bodies {
            before,
            after,
            fields,
        };
        Ok(Self {
            id,
            change: change.change(&address, bodies).map_err(D::Error::custom)?,
            address,
            after: waits_for,
            origin,
            part_of,
            people,
        })
    }
}

#[derive(Deserialize)]
struct SavedWithheld {
    address: Address,
    change: Option<Verb>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    fields: Vec<FieldChange>,
    reason: Reason,
    origin: Option<Origin>,
}

impl<'de> Deserialize<'de> for Withheld {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SavedWithheld {
            address,
            change,
            before,
            after,
            fields,
            reason,
            origin,
        } = SavedWithheld::deserialize(deserializer)?;
        let bodies = Bodies {
            before,
            after,
            fields,
        };
        let change = change.map(|verb| verb.change(&address, bodies));
        Ok(Self {
            change: change.transpose().map_err(D::Error::custom)?,
            address,
            reason,
            origin,
        })
    }
}
