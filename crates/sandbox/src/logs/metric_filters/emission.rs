//! What metric filters make of events that come in.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html>

use std::collections::{BTreeMap, BTreeSet};

use pattern::{Pattern as FilterPattern, Selector};

use super::{MetricFilter, Transformation};
use crate::call::Call;
use crate::cloudwatch::{Datum, MetricId, StatisticSet};
use crate::logs::streams::LogEvent;
use crate::state::Account;

impl Account {
    /// Adds to the metrics what the filters of a log group make of new events.
    ///
    /// A filter with selection criteria emits nothing, since these are not read here.
    pub(in crate::logs) fn apply_metric_filters(
        &mut self,
        call: &Call<'_>,
        group: &str,
        events: &[LogEvent],
    ) {
        let Some(group) = self.log_groups(call).get(group) else {
            return;
        };
        let filters = group.metric_filters.values();
        let data: Vec<Datum> = filters
            .filter(|filter| filter.field_selection_criteria.is_none())
            .filter_map(|filter| Emitter::of(filter, &self.id, call.region))
            .flat_map(|emitter| {
                emitter.data(events, |metric, minute| {
                    self.has_metric_data(call.region, metric, minute)
                })
            })
            .collect();
        self.cloudwatch
            .put_metric_data(call.region, data, call.time);
    }
}

/// Holds a filter whose parts are parsed.
struct Emitter<'a> {
    pattern: FilterPattern,
    transformation: &'a Transformation,
    value: MetricValue,
    dimensions: Vec<(&'a String, Selector)>,
    /// The dimensions that are the same for all events.
    system_dimensions: BTreeMap<String, String>,
}

enum MetricValue {
    Number(f64),
    Selected(Selector),
}

impl<'a> Emitter<'a> {
    /// Returns nothing if a part can't be parsed, which `PutMetricFilter` has seen to.
    fn of(filter: &'a MetricFilter, account: &str, region: &str) -> Option<Self> {
        let transformation = &filter.transformation;
        let value = match transformation.metric_value.parse() {
            Ok(number) => MetricValue::Number(number),
            Err(_) => MetricValue::Selected(Selector::parse(&transformation.metric_value).ok()?),
        };
        let dimensions = transformation.dimensions.iter();
        let dimensions = dimensions.map(|(name, text)| Some((name, Selector::parse(text).ok()?)));
        let system_fields = filter.emit_system_field_dimensions.iter();
        let system_dimensions = system_fields.map(|field| {
            let value = if field == "@aws.account" {
                account
            } else {
                region
            };
            (field.clone(), value.to_owned())
        });
        Some(Self {
            pattern: FilterPattern::parse(&filter.pattern).ok()?,
            transformation,
            value,
            dimensions: dimensions.collect::<Option<_>>()?,
            system_dimensions: system_dimensions.collect(),
        })
    }

    /// Returns a value for each event that the filter selects, and its default value for each minute in which it
    /// selects none and the metric has no data.
    fn data(&self, events: &[LogEvent], has_data: impl Fn(&MetricId, i64) -> bool) -> Vec<Datum> {
        let is_selected = |event: &&LogEvent| self.pattern.matches(&event.message);
        let (selected, others): (Vec<&LogEvent>, Vec<&LogEvent>) =
            events.iter().partition(is_selected);
        let data = selected.iter().filter_map(|event| self.datum(event));
        let mut data: Vec<Datum> = data.collect();
        if let Some(value) = self.transformation.default_value {
            let metric = self.metric(self.system_dimensions.clone());
            let busy: BTreeSet<i64> = selected.into_iter().map(minute).collect();
            let quiet: BTreeSet<i64> = others.into_iter().map(minute).collect();
            let quiet = quiet.difference(&busy);
            let quiet = quiet.filter(|at| !has_data(&metric, **at));
            data.extend(quiet.map(|at| self.datum_of(metric.clone(), *at, value)));
        }
        data
    }

    /// Returns the value of an event, or nothing if the event has no number or not all dimensions.
    fn datum(&self, event: &LogEvent) -> Option<Datum> {
        let mut dimensions = self.system_dimensions.clone();
        for (name, selector) in &self.dimensions {
            let value = self.pattern.extract(&event.message, selector)?;
            dimensions.insert((*name).clone(), Some(value).filter(|it| !it.is_empty())?);
        }
        let value = match &self.value {
            MetricValue::Number(number) => *number,
            MetricValue::Selected(selector) => {
                self.pattern.extract_number(&event.message, selector)?
            }
        };
        Some(self.datum_of(self.metric(dimensions), minute(event), value))
    }

    fn metric(&self, dimensions: BTreeMap<String, String>) -> MetricId {
        MetricId {
            namespace: self.transformation.metric_namespace.clone(),
            name: self.transformation.metric_name.clone(),
            dimensions,
        }
    }

    fn datum_of(&self, metric: MetricId, minute: i64, value: f64) -> Datum {
        let unit = self.transformation.unit.as_deref().unwrap_or("None");
        Datum {
            metric,
            second: minute,
            unit: unit.to_owned(),
            values: StatisticSet::of_value(value),
        }
    }
}

/// Returns the second at which the minute of an event begins.
fn minute(event: &LogEvent) -> i64 {
    event.time.div_euclid(60_000) * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pattern: &str, value: &str) -> MetricFilter {
        MetricFilter {
            pattern: pattern.to_owned(),
            transformation: Transformation {
                metric_name: "Logins".to_owned(),
                metric_namespace: "App".to_owned(),
                metric_value: value.to_owned(),
                default_value: None,
                dimensions: BTreeMap::new(),
                unit: None,
            },
            created: 0,
            apply_on_transformed_logs: None,
            field_selection_criteria: None,
            emit_system_field_dimensions: Vec::new(),
        }
    }

    /// Returns minute and value of what a filter makes of messages, one a minute.
    fn emitted(filter: &MetricFilter, messages: &[&str]) -> Vec<(i64, f64)> {
        data(filter, messages)
            .iter()
            .map(|it| (it.second, it.values.sum))
            .collect()
    }

    fn data(filter: &MetricFilter, messages: &[&str]) -> Vec<Datum> {
        let event = |(message, time): (&&str, i64)| LogEvent {
            time: time * 60_000 + 59_999,
            number: 0,
            ingested: 0,
            message: (*message).to_owned(),
        };
        let events: Vec<LogEvent> = messages.iter().zip(0..).map(event).collect();
        let emitter = Emitter::of(filter, "123456789012", "eu-west-1").unwrap();
        emitter.data(&events, |_, minute| minute == 180)
    }

    #[test]
    fn each_selected_event_gives_the_value_at_its_minute() {
        let filter = filter("ERROR", "2.5");
        assert_eq!(
            emitted(&filter, &["ERROR", "fine", "an ERROR"]),
            [(0, 2.5), (120, 2.5)]
        );
    }

    #[test]
    fn a_value_may_be_read_from_the_event_and_is_left_out_without_a_number() {
        let filter = filter("{ $.latency = * }", "$.latency");
        let messages = [
            r#"{"latency":7}"#,
            r#"{"latency":"slow"}"#,
            r#"{"latency":"8.5"}"#,
        ];
        assert_eq!(emitted(&filter, &messages), [(0, 7.0), (120, 8.5)]);
    }

    #[test]
    fn the_default_value_comes_once_for_each_minute_without_a_match_or_data() {
        let mut filter = filter("ERROR", "1");
        filter.transformation.default_value = Some(0.0);
        let messages = ["fine", "ERROR", "fine", "minute 180 has data"];
        assert_eq!(
            emitted(&filter, &messages),
            [(60, 1.0), (0, 0.0), (120, 0.0)]
        );
    }

    #[test]
    fn dimensions_are_read_from_the_event_which_must_have_them_all() {
        let mut filter = filter("{ $.user = * || $.city NOT EXISTS }", "1");
        filter.transformation.dimensions =
            BTreeMap::from([("User".to_owned(), "$.user".to_owned())]);
        filter.emit_system_field_dimensions =
            vec!["@aws.account".to_owned(), "@aws.region".to_owned()];
        let data = data(&filter, &[r#"{"user":"alice"}"#, "{}", r#"{"user":""}"#]);
        let dimensions: Vec<_> = data.iter().map(|it| &it.metric.dimensions).collect();
        let expected = [
            ("@aws.account", "123456789012"),
            ("@aws.region", "eu-west-1"),
            ("User", "alice"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(dimensions, [&BTreeMap::from(expected)]);
    }
}
