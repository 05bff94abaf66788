//! What alarms do when their state changes: kept, and never done.

use serde::{Deserialize, Serialize};

use super::tags_propagation::TagsPropagation;
use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::{Record, Value};

/// Holds the actions of an alarm by the state that it comes into.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmActions {
    pub(super) enabled: bool,
    ok: Vec<String>,
    alarm: Vec<String>,
    insufficient_data: Vec<String>,
    tags_propagation: Option<TagsPropagation>,
}

const ACTION: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};
const ACTIONS: usize = 5;

impl AlarmActions {
    /// Reads the actions of a call that puts an alarm.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            enabled: input.boolean("ActionsEnabled")?.unwrap_or(true),
            ok: actions(input, "OKActions")?,
            alarm: actions(input, "AlarmActions")?,
            insufficient_data: actions(input, "InsufficientDataActions")?,
            tags_propagation: TagsPropagation::sent(input)?,
        })
    }

    /// Returns whether an action begins with `prefix`.
    pub(super) fn has(&self, prefix: &str) -> bool {
        let Self {
            enabled: _,
            ok,
            alarm,
            insufficient_data,
            tags_propagation: _,
        } = self;
        let mut all = [ok, alarm, insufficient_data].into_iter().flatten();
        all.any(|action| action.starts_with(prefix))
    }

    /// Adds the actions to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            enabled,
            ok,
            alarm,
            insufficient_data,
            tags_propagation,
        } = self;
        let tags = tags_propagation.as_ref();
        let listed = |actions: &[String]| actions.iter().collect::<Value>();
        record
            .with("ActionsEnabled", *enabled)
            .with("OKActions", listed(ok))
            .with("AlarmActions", listed(alarm))
            .with("InsufficientDataActions", listed(insufficient_data))
            .with_some(
                "ActionConfiguration",
                tags.map(TagsPropagation::configuration),
            )
    }
}

fn actions(input: &Fields<'_>, name: &str) -> Result<Vec<String>, Error> {
    let actions = input.texts(name, &ACTION)?.unwrap_or_default();
    if actions.len() > ACTIONS {
        let rule = format!("Member must have length less than or equal to {ACTIONS}");
        return Err(input.constraint(name, None, &rule));
    }
    if let Some(action) = actions.iter().find(|action| !action.starts_with("arn:")) {
        return Err(Error::validation(format!("Invalid arn syntax: {action}")));
    }
    Ok(actions.into_iter().map(str::to_owned).collect())
}
