//! Alarms find out which state they are in.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::alarm_options::Window;
use super::alarms::{Alarm, Definition, Finding, State};
use super::datapoints::Datapoints;
use super::metric_alarm::Criteria;
use super::metrics::{Datum, MetricId};
use super::threshold::Threshold;
use super::watched_metric::WatchedMetric;
use super::{CloudWatch, Metrics};

impl Alarm {
    /// Returns the metric that the alarm watches, if it watches a single one.
    pub(super) fn watched_metric(&self) -> Option<Cow<'_, WatchedMetric>> {
        self.threshold()?.metric()
    }

    fn threshold(&self) -> Option<&Threshold> {
        let Definition::Metric(alarm) = &self.definition else {
            return None;
        };
        match &alarm.criteria {
            Criteria::Threshold(threshold) => Some(threshold),
            Criteria::PromQl(_) => None,
        }
    }

    /// Returns whether it is time to evaluate: each minute, or each ten seconds if the period is under a minute.
    fn is_due(&self, now: Timestamp) -> bool {
        let is_short = self.watched_metric().is_some_and(|it| it.period < 60);
        let interval = SignedDuration::from_secs(if is_short { 10 } else { 60 });
        now.duration_since(self.evaluated) >= interval
    }

    /// Returns the state that the alarm is to come into, if that is another.
    ///
    /// Alarms on metric math, on extended statistics, with wall clock windows or with `PromQL` are not evaluated.
    fn finding(&self, metrics: Option<&Metrics>, now: Timestamp) -> Option<Finding> {
        let threshold = self.threshold()?;
        let metric = threshold.metric()?;
        let data = metrics.and_then(|metrics| metrics.get(&metric.id()));
        let points = Datapoints::of(threshold, &metric, data, now)?;
        if self.has_wall_clock_window() || self.is_warming_up(points.are_complete(), now) {
            return None;
        }
        points
            .finding()
            .filter(|finding| finding.state != self.state)
    }

    fn has_wall_clock_window(&self) -> bool {
        match &self.definition {
            Definition::Metric(alarm) => {
                matches!(alarm.options.window, Some(Window::WallClock { .. }))
            }
            Definition::Composite(_) => false,
        }
    }

    /// Returns whether the alarm is so new that it stays as it is.
    fn is_warming_up(&self, has_enough_data: bool, now: Timestamp) -> bool {
        let Definition::Metric(alarm) = &self.definition else {
            return false;
        };
        alarm.options.warm_up.as_ref().is_some_and(|warm_up| {
            let until = SignedDuration::from_mins(warm_up.minutes);
            let waits = warm_up.whole == Some(true) || !has_enough_data;
            now.duration_since(self.created) < until && waits
        })
    }
}

impl CloudWatch {
    /// Adds data to metrics of a region and evaluates the alarms that watch these.
    pub(crate) fn put_metric_data(&mut self, region: &str, data: Vec<Datum>, now: Timestamp) {
        if data.is_empty() {
            return;
        }
        let changed: BTreeSet<MetricId> = data.iter().map(|datum| datum.metric.clone()).collect();
        let metrics = self.metrics.entry(region.to_owned()).or_default();
        data.into_iter().for_each(|datum| metrics.add(datum));
        self.evaluate(region, now, |alarm| {
            let metric = alarm.watched_metric();
            metric.is_some_and(|metric| changed.contains(&metric.id()))
        });
    }

    /// Evaluates the metric alarms of a region for which it is time.
    pub(super) fn evaluate_due(&mut self, region: &str, now: Timestamp) {
        self.evaluate(region, now, |alarm| alarm.is_due(now));
    }

    fn evaluate(&mut self, region: &str, now: Timestamp, which: impl Fn(&Alarm) -> bool) {
        let Some(alarms) = self.alarms.get_mut(region) else {
            return;
        };
        let metrics = self.metrics.get(region);
        let mut findings = Vec::new();
        for (name, alarm) in alarms.iter_mut().filter(|(_, alarm)| which(alarm)) {
            alarm.evaluated = now;
            let finding = alarm.finding(metrics, now);
            findings.extend(finding.map(|finding| (name.clone(), finding)));
        }
        self.set_states(region, findings, now);
    }

    /// Sets alarms to states, and evaluates the composite alarms that look at them.
    pub(super) fn set_states(
        &mut self,
        region: &str,
        findings: Vec<(String, Finding)>,
        now: Timestamp,
    ) {
        let mut changed = Vec::new();
        for (name, finding) in findings {
            if self.set_state(region, &name, finding, now) {
                changed.push(name);
            }
        }
        if !changed.is_empty() {
            let parents = self.parents(region);
            let parents_of = |name: &String| parents.get(name).cloned().unwrap_or_default();
            let composites = changed.iter().flat_map(parents_of).collect();
            self.evaluate_composites(region, composites, now);
        }
    }

    /// Sets the state of an alarm and returns whether that is another than before.
    fn set_state(&mut self, region: &str, name: &str, finding: Finding, now: Timestamp) -> bool {
        let alarms = self.alarms.get_mut(region);
        let Some(alarm) = alarms.and_then(|alarms| alarms.get_mut(name)) else {
            return false;
        };
        let Some(old) = alarm.set(finding, now) else {
            return false;
        };
        let history = self.alarm_history.entry(region.to_owned()).or_default();
        history.changed(name, alarm, old);
        true
    }

    /// Evaluates composite alarms and, where one changes, those that look at it.
    pub(super) fn evaluate_composites(
        &mut self,
        region: &str,
        mut names: BTreeSet<String>,
        now: Timestamp,
    ) {
        let parents = self.parents(region);
        // Alarms that look at one another in a circle may never come to rest.
        let mut evaluations = 10 * (parents.len() + 1);
        while let Some(name) = names.pop_first()
            && evaluations > 0
        {
            evaluations -= 1;
            if let Some(finding) = self.composite_finding(region, &name)
                && self.set_state(region, &name, finding, now)
            {
                names.extend(parents.get(&name).cloned().unwrap_or_default());
            }
        }
    }

    /// Returns the state that a composite alarm is to come into, if that is another.
    fn composite_finding(&self, region: &str, name: &str) -> Option<Finding> {
        let alarms = self.alarms.get(region)?;
        let alarm = alarms.get(name)?;
        let Definition::Composite(composite) = &alarm.definition else {
            return None;
        };
        let state_of = |name: &str| alarms.get(name).map(|alarm| alarm.state);
        let state = if composite.rule().holds(&state_of) {
            State::Alarm
        } else {
            State::Ok
        };
        (state != alarm.state).then(|| Finding {
            state,
            reason: format!("The rule of the alarm evaluates to {}", state.name()),
            data: None,
        })
    }

    /// Returns the composite alarms of a region by the alarms that they look at.
    fn parents(&self, region: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, alarm) in self.alarms.get(region).into_iter().flatten() {
            if let Definition::Composite(composite) = &alarm.definition {
                for child in composite.rule().children() {
                    parents
                        .entry(child.to_owned())
                        .or_default()
                        .insert(name.clone());
                }
            }
        }
        parents
    }
}
