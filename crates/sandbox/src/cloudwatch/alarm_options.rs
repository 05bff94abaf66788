//! When an alarm evaluates: settings that few alarms have, kept so that whoever reads an alarm and puts it back loses
//! none.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use serde::{Deserialize, Serialize};

use crate::call::{Fields, Pattern, Shape};
use crate::error::Error;
use crate::value::Record;

/// Holds the settings that were sent.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmOptions {
    pub(super) window: Option<Window>,
    pub(super) warm_up: Option<WarmUp>,
}

/// Says which range of data an evaluation looks at.
#[derive(Serialize, Deserialize)]
pub(super) enum Window {
    Sliding,
    WallClock { timezone: Option<String> },
}

/// Says how long a new alarm waits before it evaluates.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WarmUp {
    pub(super) minutes: i64,
    /// Whether it lasts so long even if there is data enough to evaluate.
    pub(super) whole: Option<bool>,
}

const TIMEZONE: Shape = Shape {
    lengths: 1..=255,
    pattern: Pattern::ANY,
};
impl AlarmOptions {
    /// Reads the settings of a call of `PutMetricAlarm`.
    pub(super) fn of(input: &Fields<'_>) -> Result<Self, Error> {
        let window = input.record("EvaluationWindow")?;
        let warm_up = input.record("WarmUpConfiguration")?;
        Ok(Self {
            window: window.map(|it| Window::of(&it)).transpose()?,
            warm_up: warm_up.map(|it| WarmUp::of(&it)).transpose()?,
        })
    }

    /// Adds the settings to an alarm's record.
    pub(super) fn add_to(&self, record: Record) -> Record {
        let Self { window, warm_up } = self;
        record
            .with_some("EvaluationWindow", window.as_ref().map(Window::record))
            .with_some("WarmUpConfiguration", warm_up.as_ref().map(WarmUp::record))
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
