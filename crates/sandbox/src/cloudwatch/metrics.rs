//! The metrics of a region, their data added up by second or minute.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::Account;

/// Names a metric; the same name with other dimensions is another metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricId {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
}

/// Holds values that go into a metric together.
pub(crate) struct Datum {
    pub(crate) metric: MetricId,
    /// In seconds since 1970.
    pub(crate) second: i64,
    pub(crate) unit: String,
    pub(crate) values: StatisticSet,
}

/// Holds the metrics of a region.
#[derive(Default)]
pub(super) struct Metrics(BTreeMap<MetricId, Metric>);

/// Holds the data of a metric, by the second that it begins at and by unit.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Metric(BTreeMap<i64, BTreeMap<String, StatisticSet>>);

/// Holds what is kept of values that fell together; there is at least one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatisticSet {
    pub(crate) samples: f64,
    pub(crate) sum: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
}

/// Names what an alarm or a query makes of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
}

/// The words of `Statistic`.
pub(super) const STATISTICS: &[(&str, Statistic)] = &[
    ("SampleCount", Statistic::SampleCount),
    ("Average", Statistic::Average),
    ("Sum", Statistic::Sum),
    ("Minimum", Statistic::Minimum),
    ("Maximum", Statistic::Maximum),
];

impl Statistic {
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = STATISTICS.iter().find(|(word, _)| *word == name);
        found.map(|(_, statistic)| *statistic)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }
}

impl StatisticSet {
    pub(crate) fn of_value(value: f64) -> Self {
        Self::of_values(value, 1.0)
    }

    /// Returns what `samples` equal values come to.
    pub(crate) fn of_values(value: f64, samples: f64) -> Self {
        Self {
            samples,
            sum: value * samples,
            minimum: value,
            maximum: value,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    pub(super) fn get(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::SampleCount => self.samples,
            Statistic::Average => self.sum / self.samples,
            Statistic::Sum => self.sum,
            Statistic::Minimum => self.minimum,
            Statistic::Maximum => self.maximum,
        }
    }
}

impl Metrics {
    pub(super) fn get(&self, id: &MetricId) -> Option<&Metric> {
        self.0.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&MetricId, &Metric)> {
        self.0.iter()
    }

    pub(super) fn add(&mut self, datum: Datum) {
        let Datum {
            metric,
            second,
            unit,
            values,
        } = datum;
        let units = self
            .0
            .entry(metric)
            .or_default()
            .0
            .entry(second)
            .or_default();
        units
            .entry(unit)
            .and_modify(|all| *all = all.and(values))
            .or_insert(values);
    }
}

impl Metric {
    /// Returns the second of the newest data.
    pub(super) fn last(&self) -> Option<i64> {
        self.0.last_key_value().map(|(second, _)| *second)
    }

    /// Returns what the data of some seconds, the first included and the last not, comes to.
    pub(super) fn total(&self, from: i64, to: i64, unit: Option<&str>) -> Option<StatisticSet> {
        let units = self
            .0
            .range(from..to.max(from))
            .flat_map(|(_, units)| units);
        let wanted = units.filter(|(name, _)| unit.is_none_or(|unit| unit == *name));
        wanted.map(|(_, values)| *values).reduce(StatisticSet::and)
    }

    /// Returns the data of some seconds by unit and by the period that it falls into, counted from the first second.
    pub(super) fn periods(
        &self,
        from: i64,
        to: i64,
        period: i64,
    ) -> BTreeMap<(i64, &str), StatisticSet> {
        let mut periods: BTreeMap<(i64, &str), StatisticSet> = BTreeMap::new();
        for (second, units) in self.0.range(from..to.max(from)) {
            let start = second - (second - from).rem_euclid(period);
            for (unit, values) in units {
                periods
                    .entry((start, unit))
                    .and_modify(|all| *all = all.and(*values))
                    .or_insert(*values);
            }
        }
        periods
    }
}

impl Account {
    /// Returns whether a metric has data of the minute that begins at a second.
    pub(crate) fn has_metric_data(&self, region: &str, id: &MetricId, minute: i64) -> bool {
        let metrics = self.cloudwatch.metrics.get(region);
        metrics
            .and_then(|metrics| metrics.get(id))
            .is_some_and(|metric| metric.total(minute, minute + 60, None).is_some())
    }
}

/// A JSON object's keys are texts, so the metrics are a list.
impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let metrics = Vec::<(MetricId, Metric)>::deserialize(deserializer)?;
        Ok(Self(metrics.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins() -> MetricId {
        MetricId {
            namespace: "App".to_owned(),
            name: "Logins".to_owned(),
            dimensions: BTreeMap::from([("a\0".to_owned(), "\"".to_owned())]),
        }
    }

    /// Returns metrics with values of logins, each with its second and unit.
    fn metrics(data: &[(i64, &str, f64)]) -> Metrics {
        let mut metrics = Metrics::default();
        for (second, unit, value) in data {
            metrics.add(Datum {
                metric: logins(),
                second: *second,
                unit: (*unit).to_owned(),
                values: StatisticSet::of_value(*value),
            });
        }
        metrics
    }

    #[test]
    fn values_of_one_second_and_unit_are_added_up() {
        let metrics = metrics(&[(60, "Count", 2.0), (60, "Count", 5.0), (60, "None", 9.0)]);
        let metric = metrics.get(&logins()).unwrap();
        let count = metric.total(60, 61, Some("Count")).unwrap();
        let all: Vec<f64> = STATISTICS.iter().map(|(_, it)| count.get(*it)).collect();
        assert_eq!(all, [2.0, 3.5, 7.0, 2.0, 5.0]);
        assert_eq!(metric.total(0, 600, None).unwrap().sum, 16.0);
        assert_eq!(metric.total(61, 600, None), None);
        assert_eq!(metric.total(600, 0, None), None);
    }

    #[test]
    fn periods_are_counted_from_the_first_second() {
        let metrics = metrics(&[120, 180, 240, 420].map(|second| (second, "None", 1.0)));
        let periods = metrics.get(&logins()).unwrap().periods(120, 420, 120);
        let starts: Vec<(i64, f64)> = periods.iter().map(|(key, set)| (key.0, set.sum)).collect();
        assert_eq!(starts, [(120, 2.0), (240, 1.0)]);
    }

    #[test]
    fn metrics_come_out_of_json_as_they_went_in() {
        let json = serde_json::to_string(&metrics(&[(-60, "None", 0.1)])).unwrap();
        let read: Metrics = serde_json::from_str(&json).unwrap();
        assert_eq!(read.iter().next().unwrap().0, &logins());
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}
