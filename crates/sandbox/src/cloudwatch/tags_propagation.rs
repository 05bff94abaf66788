//! Which of an alarm's tags its notifications carry: kept, so that whoever reads an alarm and puts it back loses nothing.

use serde::{Deserialize, Serialize};

use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::{Record, Value};

/// Says which of the alarm's tags its notifications carry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagsPropagation {
    enabled: bool,
    included: Vec<String>,
    excluded: Vec<String>,
}

const TAG_KEY: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern::ANY,
};

impl TagsPropagation {
    /// Reads the `ActionConfiguration` of a call that puts an alarm.
    pub(super) fn sent(input: &Fields<'_>) -> Result<Option<Self>, Error> {
        let propagation = match input.record("ActionConfiguration")? {
            Some(action) => action.record("AlarmTagsPropagation")?,
            None => None,
        };
        propagation.map(|it| Self::of(&it)).transpose()
    }

    /// Returns the `ActionConfiguration` of an alarm's record.
    pub(super) fn configuration(&self) -> Record {
        Record::new().with("AlarmTagsPropagation", self.record())
    }

    fn of(fields: &Fields<'_>) -> Result<Self, Error> {
        let enabled = fields.boolean("Enabled")?;
        let propagation = Self {
            enabled: enabled.ok_or_else(|| fields.missing("Enabled"))?,
            included: tag_keys(fields, "IncludedTagKeys")?,
            excluded: tag_keys(fields, "ExcludedTagKeys")?,
        };
        if !propagation.included.is_empty() && !propagation.excluded.is_empty() {
            return Err(Error::validation(
                "IncludedTagKeys and ExcludedTagKeys can't both be specified.",
            ));
        }
        Ok(propagation)
    }

    fn record(&self) -> Record {
        let Self {
            enabled,
            included,
            excluded,
        } = self;
        let listed = |keys: &[String]| (!keys.is_empty()).then(|| keys.iter().collect::<Value>());
        Record::new()
            .with("Enabled", *enabled)
            .with_some("IncludedTagKeys", listed(included))
            .with_some("ExcludedTagKeys", listed(excluded))
    }
}

fn tag_keys(fields: &Fields<'_>, name: &str) -> Result<Vec<String>, Error> {
    let keys = fields.texts(name, &TAG_KEY)?.unwrap_or_default();
    if keys.len() > super::tags::LIMIT {
        let limit = super::tags::LIMIT;
        let rule = format!("Member must have length less than or equal to {limit}");
        return Err(fields.constraint(name, None, &rule));
    }
    Ok(keys.into_iter().map(str::to_owned).collect())
}
