//! What the datapoints that an alarm looks at come to.
//!
//! The tables in the tests are those of the guide, which calls this "configuring how CloudWatch alarms treat missing
//! data": <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>

use jiff::Timestamp;
use serde_json::json;

use super::alarms::{Finding, State};
use super::metrics::{Metric, Statistic};
use super::threshold::{MissingData, Operator, Threshold};
use super::watched_metric::WatchedMetric;

/// How many periods are looked at beyond those to evaluate, in case some have no data: the guide's tables have two.
const SPARE: usize = 2;

/// Holds the datapoints of an alarm, and what they are held against.
pub(super) struct Datapoints {
    /// The oldest first.
    values: Vec<Option<f64>>,
    /// How many of them are evaluated.
    periods: usize,
    /// How many of those have to breach.
    to_alarm: usize,
    operator: Operator,
    threshold: f64,
    missing: MissingData,
    period: i64,
    statistic: Statistic,
    now: Timestamp,
}

impl Datapoints {
    /// Reads the datapoints that count now, or nothing if the alarm is of a kind that is not evaluated here: with an
    /// extended statistic or an anomaly detection band.
    ///
    /// The minute under way counts where more data can only bring the alarm closer to going off, so that an alarm goes
    /// off at once; else it would go off at the beginning of each minute.
    pub(super) fn of(
        alarm: &Threshold,
        metric: &WatchedMetric,
        data: Option<&Metric>,
        now: Timestamp,
    ) -> Option<Self> {
        let statistic = metric.statistic?;
        let threshold = alarm.threshold?;
        let step = metric.period.min(60);
        let periods = usize::try_from(alarm.evaluation_periods).ok()?;
        let begun = i64::from(alarm.operator.is_upper());
        let end = (now.as_second().div_euclid(step) + begun) * step;
        let starts = (1..=i64::try_from(periods + SPARE).ok()?).rev();
        let values = starts.map(|back| {
            let start = end - back * metric.period;
            let set = data?.total(start, start + metric.period, metric.unit.as_deref())?;
            Some(set.get(statistic))
        });
        let to_alarm = alarm
            .datapoints_to_alarm
            .unwrap_or(alarm.evaluation_periods);
        Some(Self {
            values: values.collect(),
            periods,
            to_alarm: usize::try_from(to_alarm).ok()?,
            operator: alarm.operator,
            threshold,
            missing: metric.missing_data(alarm.missing_data),
            period: metric.period,
            statistic,
            now,
        })
    }

    /// Returns whether there is data for all that is evaluated.
    pub(super) fn are_complete(&self) -> bool {
        self.values.iter().flatten().count() >= self.periods
    }

    /// Returns the state that the datapoints come to, or nothing if the alarm stays in its state.
    pub(super) fn finding(&self) -> Option<Finding> {
        // Back from the newest: how many periods ago, and the value.
        let known = self.values.iter().rev().zip(1..);
        let known = known.filter_map(|(value, age)| Some((age, (*value)?)));
        let known: Vec<(usize, f64)> = known.take(self.periods).collect();
        let state = self.state(&known)?;
        let values: Vec<f64> = known.iter().map(|(_, value)| *value).collect();
        Some(Finding {
            state,
            reason: self.reason(&values),
            data: Some(self.reason_data(&values)),
        })
    }

    fn state(&self, known: &[(usize, f64)]) -> Option<State> {
        let breaches = |value: f64| self.operator.breaches(value, self.threshold);
        let breaching = known.iter().filter(|(_, value)| breaches(*value)).count();
        let missing = self.periods.saturating_sub(known.len());
        if breaching >= self.to_alarm {
            return Some(State::Alarm);
        }
        let stays_ok = missing == 0 || breaching < known.len();
        match self.missing {
            MissingData::Breaching if breaching + missing >= self.to_alarm => Some(State::Alarm),
            MissingData::Breaching | MissingData::NotBreaching => Some(State::Ok),
            MissingData::Ignore | MissingData::Missing if stays_ok => Some(State::Ok),
            MissingData::Ignore => None,
            // All that is known breaches: whether long enough shows the oldest.
            MissingData::Missing => match known.last() {
                None => Some(State::InsufficientData),
                Some((age, _)) if *age >= self.to_alarm => Some(State::Alarm),
                Some(_) => None,
            },
        }
    }

    fn reason(&self, values: &[f64]) -> String {
        let periods = self.periods;
        if values.is_empty() {
            return format!(
                "Threshold Crossed: no datapoints were received for {periods} periods."
            );
        }
        let breaches = |value: &&f64| self.operator.breaches(**value, self.threshold);
        let breaching = values.iter().filter(breaches).count();
        let words = self.operator.words();
        let threshold = self.threshold;
        format!(
            "Threshold Crossed: {breaching} out of the last {periods} datapoints {values:?} were {words} the threshold ({threshold:?})."
        )
    }

    /// Returns in JSON what was evaluated, the newest datapoint first.
    fn reason_data(&self, values: &[f64]) -> String {
        let data = json!({
            "version": "1.0",
            "queryDate": self.now.to_string(),
            "statistic": self.statistic.name(),
            "period": self.period,
            "recentDatapoints": values,
            "threshold": self.threshold,
        });
        data.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the state that datapoints come to, which are written as in the guide: X breaches, 0 doesn't.
    fn state(points: &str, to_alarm: usize, missing: MissingData) -> Option<State> {
        let value = |point| match point {
            "X" => Some(1.0),
            "0" => Some(0.0),
            _ => None,
        };
        let datapoints = Datapoints {
            values: points.split(' ').map(value).collect(),
            periods: 3,
            to_alarm,
            operator: Operator::GreaterOrEqual,
            threshold: 1.0,
            missing,
            period: 300,
            statistic: Statistic::Sum,
            now: Timestamp::UNIX_EPOCH,
        };
        datapoints.finding().map(|finding| finding.state)
    }

    /// Returns the states for each way to treat missing data, in the order of the guide's columns.
    fn row(points: &str, to_alarm: usize) -> [Option<State>; 4] {
        [
            MissingData::Missing,
            MissingData::Ignore,
            MissingData::Breaching,
            MissingData::NotBreaching,
        ]
        .map(|missing| state(points, to_alarm, missing))
    }

    const OK: Option<State> = Some(State::Ok);
    const ALARM: Option<State> = Some(State::Alarm);
    const INSUFFICIENT_DATA: Option<State> = Some(State::InsufficientData);
    const STAYS: Option<State> = None;

    #[test]
    fn three_of_three_datapoints_are_evaluated_as_the_guide_says() {
        assert_eq!(row("0 - X - X", 3), [OK, OK, OK, OK]);
        assert_eq!(row("- - - - 0", 3), [OK, OK, OK, OK]);
        assert_eq!(row("- - - - -", 3), [INSUFFICIENT_DATA, STAYS, ALARM, OK]);
        assert_eq!(row("0 X X - X", 3), [ALARM, ALARM, ALARM, ALARM]);
        assert_eq!(row("- - X - -", 3), [ALARM, STAYS, ALARM, OK]);
    }

    #[test]
    fn two_of_three_datapoints_are_evaluated_as_the_guide_says() {
        assert_eq!(row("0 - X - X", 2), [ALARM, ALARM, ALARM, ALARM]);
        assert_eq!(row("0 0 X 0 X", 2), [ALARM, ALARM, ALARM, ALARM]);
        assert_eq!(row("0 - X - -", 2), [OK, OK, ALARM, OK]);
        assert_eq!(row("- - - - 0", 2), [OK, OK, ALARM, OK]);
        assert_eq!(row("- - - X -", 2), [ALARM, STAYS, ALARM, OK]);
    }

    #[test]
    fn an_alarm_does_not_go_off_before_its_time() {
        for points in ["- - - - X", "- - - X -"] {
            assert_eq!(state(points, 3, MissingData::Missing), STAYS, "{points}");
        }
    }
}
