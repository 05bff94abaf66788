//! Metric filters, alarms and dashboards, as a spec declares them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Alarm, AlarmMetric, AlarmSource, Body, Dimensions, LogGroupName, Metric, MetricFilter,
    MissingData,
};
use serde::Serialize;
use serde_json::Value;

use super::LeftOut;
use super::yaml;

/// Holds what is declared of monitoring, by name.
#[derive(Default)]
pub(super) struct Monitoring<'a> {
    filters: BTreeMap<&'a str, FilterEntry<'a>>,
    alarms: BTreeMap<&'a str, AlarmEntry<'a>>,
    dashboards: BTreeMap<&'a str, DashboardEntry<'a>>,
    pub(super) left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct Section<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group: Option<LogGroupEntry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metric_filters: &'a BTreeMap<&'a str, FilterEntry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    alarms: &'a BTreeMap<&'a str, AlarmEntry<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dashboards: &'a BTreeMap<&'a str, DashboardEntry<'a>>,
}

#[derive(Serialize)]
struct LogGroupEntry<'a> {
    name: &'a LogGroupName,
}

#[derive(Serialize)]
struct FilterEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group: Option<&'a LogGroupName>,
    pattern: &'a str,
    metric: FilterMetric<'a>,
}

#[derive(Serialize)]
struct FilterMetric<'a> {
    namespace: &'a str,
    name: &'a str,
    /// What isn't the default, 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "yaml::some_number"
    )]
    default_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dimensions: &'a Dimensions,
}

#[derive(Serialize)]
struct AlarmEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    metric: WatchedMetric<'a>,
    statistic: String,
    period: u32,
    evaluation_periods: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    datapoints_to_alarm: Option<u32>,
    #[serde(serialize_with = "yaml::number")]
    threshold: f64,
    comparison: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    treat_missing_data: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions_enabled: Option<bool>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    actions: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    ok_actions: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    insufficient_data_actions: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct WatchedMetric<'a> {
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dimensions: &'a Dimensions,
}

#[derive(Serialize)]
struct DashboardEntry<'a> {
    body: &'a Value,
}

impl<'a> Monitoring<'a> {
    pub(super) fn add(&mut self, address: &'a Address, body: &'a Body) {
        match (address, body) {
            (Address::MetricFilter(log_group, name), Body::MetricFilter(filter)) => {
                if self.filters.contains_key(name.as_str()) {
                    self.leave_out(address, "a filter of another log group has its name");
                } else {
                    self.filters
                        .insert(name.as_str(), FilterEntry::new(log_group, filter));
                }
            }
            (Address::Alarm(name), Body::Alarm(alarm)) => match &alarm.source {
                AlarmSource::Metric(source) => {
                    self.alarms
                        .insert(name.as_str(), AlarmEntry::new(alarm, source));
                }
                AlarmSource::Expression => self.leave_out(address, "it watches an expression"),
                AlarmSource::Composite => self.leave_out(address, "it watches other alarms"),
            },
            (Address::Dashboard(name), Body::Dashboard(dashboard)) => {
                let body = dashboard.body.value();
                self.dashboards
                    .insert(name.as_str(), DashboardEntry { body });
            }
            // Log groups are declared where they are to be created. The others are no monitoring.
            _ => {}
        }
    }

    fn leave_out(&mut self, address: &Address, reason: &'static str) {
        self.left_out.push(LeftOut {
            address: address.clone(),
            reason,
        });
    }

    pub(super) fn declared(&self) -> usize {
        self.filters.len() + self.alarms.len() + self.dashboards.len()
    }

    pub(super) fn section(mut self) -> String {
        if self.declared() == 0 {
            return String::new();
        }
        let section = Section {
            log_group: self.only_log_group().map(|name| LogGroupEntry { name }),
            metric_filters: &self.filters,
            alarms: &self.alarms,
            dashboards: &self.dashboards,
        };
        yaml::section("monitoring", &section)
    }
}

impl<'a> Monitoring<'a> {
    /// Takes the log group out of the filters where all of them read the same one.
    fn only_log_group(&mut self) -> Option<&'a LogGroupName> {
        let log_groups: BTreeSet<&LogGroupName> = self
            .filters
            .values()
            .filter_map(|filter| filter.log_group)
            .collect();
        let only = *log_groups.first()?;
        if log_groups.len() > 1 {
            return None;
        }
        for filter in self.filters.values_mut() {
            filter.log_group = None;
        }
        Some(only)
    }
}

impl<'a> FilterEntry<'a> {
    fn new(log_group: &'a LogGroupName, filter: &'a MetricFilter) -> Self {
        let MetricFilter {
            pattern,
            metric: Metric { namespace, name },
            value,
            default_value,
            unit,
            dimensions,
        } = filter;
        let metric = FilterMetric {
            namespace,
            name,
            value: (value != "1").then_some(value),
            default_value: *default_value,
            unit: unit.as_deref(),
            dimensions,
        };
        Self {
            log_group: Some(log_group),
            pattern,
            metric,
        }
    }
}

impl<'a> AlarmEntry<'a> {
    fn new(alarm: &'a Alarm, source: &'a AlarmMetric) -> Self {
        let Alarm {
            description,
            source: _,
            evaluation_periods,
            datapoints_to_alarm,
            threshold,
            comparison,
            treat_missing_data,
            actions_enabled,
            alarm_actions,
            ok_actions,
            insufficient_data_actions,
            tags: _,
        } = alarm;
        let AlarmMetric {
            metric: Metric { namespace, name },
            dimensions,
            statistic,
            period,
            unit,
        } = source;
        let is_default = *treat_missing_data == MissingData::default();
        Self {
            description: description.as_deref(),
            metric: WatchedMetric {
                namespace,
                name,
                unit: unit.as_deref(),
                dimensions,
            },
            statistic: statistic.to_string(),
            period: *period,
            evaluation_periods: *evaluation_periods,
            datapoints_to_alarm: *datapoints_to_alarm,
            threshold: *threshold,
            comparison: comparison.as_str(),
            treat_missing_data: (!is_default).then_some(treat_missing_data.as_str()),
            actions_enabled: (!actions_enabled).then_some(false),
            actions: alarm_actions,
            ok_actions,
            insufficient_data_actions,
        }
    }
}
