//! When an alarm evaluates and what its notifications carry: settings that few alarms have, kept so that whoever reads
//! an alarm and puts it back loses none.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use serde::{Deserialize, Serialize};

use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::{Record, Value};

/// Holds the settings that were sent.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmOptions {
    window: Option<Window>,
    warm_up: Option<WarmUp>,
    tags_propagation: Option<TagsPropagation>,
}

/// Says which range of data an evaluation looks at.
#[derive(Serialize, Deserialize)]
enum Window {
    Sliding,
    WallClock { timezone: Option<String> },
}

/// Says how long a new alarm waits before it evaluates.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WarmUp {
    minutes: i64,
    whole: Option<bool>,
}

/// Says which of the alarm's tags its notifications carry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TagsPropagation {
    enabled: bool,
    included: Vec<String>,
    excluded: Vec<String>,
}

const TIMEZONE: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
const TAG_KEY: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern::ANY,
};

impl AlarmOptions {
    /// Reads the settings of a call of `PutMetricAlarm`.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let window = input.record("EvaluationWindow")?;
        let warm_up = input.record("WarmUpConfiguration")?;
        let action = input.record("ActionConfiguration")?;
        let propagation = match action {
            Some(action) => action.record("AlarmTagsPropagation")?,
            None => None,
        };
        Ok(Self {
            window: window.map(|it| Window::of(&it)).transpose()?,
            warm_up: warm_up.map(|it| WarmUp::of(&it)).transpose()?,
            tags_propagation: propagation.map(|it| TagsPropagation::of(&it)).transpose()?,
        })
    }

    /// Adds the settings to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self {
            window,
            warm_up,
            tags_propagation,
        } = self;
        let action = tags_propagation
            .as_ref()
            .map(|it| Record::new().with("AlarmTagsPropagation", it.record()));
        record
            .with_some("EvaluationWindow", window.as_ref().map(Window::record))
            .with_some("WarmUpConfiguration", warm_up.as_ref().map(WarmUp::record))
            .with_some("ActionConfiguration", action)
    }
}

impl Window {
    fn of(fields: &Fields<'_>) -> Result<Self, Error> {
        let sliding = fields.record("SlidingWindow")?;
        match (sliding, fields.record("WallClockWindow")?) {
            (Some(_), None) => Ok(Self::Sliding),
            (None, Some(wall_clock)) => {
                let timezone = wall_clock.text("Timezone", &TIMEZONE)?.map(str::to_owned);
                Ok(Self::WallClock { timezone })
            }
            _ => Err(Error::validation(
                "EvaluationWindow must have exactly one of SlidingWindow and WallClockWindow.",
            )),
        }
    }

    fn record(&self) -> Record {
        match self {
            Self::Sliding => Record::new().with("SlidingWindow", Record::new()),
            Self::WallClock { timezone } => {
                let wall_clock = Record::new().with_some("Timezone", timezone.as_ref());
                Record::new().with("WallClockWindow", wall_clock)
            }
        }
    }
}

impl WarmUp {
    fn of(fields: &Fields<'_>) -> Result<Self, Error> {
        let minutes = fields.integer("WarmUpPeriodDurationInMinutes", 1..=i64::MAX)?;
        Ok(Self {
            minutes: minutes.ok_or_else(|| fields.missing("WarmUpPeriodDurationInMinutes"))?,
            whole: fields.boolean("OnlyStartEvaluatingAfterWarmUpPeriodEnds")?,
        })
    }

    fn record(&self) -> Record {
        let Self { minutes, whole } = self;
        Record::new()
            .with("WarmUpPeriodDurationInMinutes", *minutes)
            .with_some("OnlyStartEvaluatingAfterWarmUpPeriodEnds", *whole)
    }
}

impl TagsPropagation {
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
