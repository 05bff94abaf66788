//! CloudWatch: metrics and alarms, region by region, and dashboards, which have no region.
//!
//! Limits, codes and words are those of the
//! [API reference](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::operation::Operation;

mod alarm_actions;
mod alarm_history;
mod alarm_options;
mod alarm_rule;
mod alarms;
mod composite_alarm;
mod dashboard_body;
mod dashboards;
mod datapoints;
mod describe_alarms;
mod evaluation;
mod metric_alarm;
mod metric_data;
mod metric_query;
mod metrics;
mod promql;
mod statistics;
mod tags;
mod tags_propagation;
mod threshold;
mod watched_metric;

use alarm_history::AlarmHistory;
use alarms::Alarm;
use dashboards::Dashboard;
use metrics::Metrics;
pub(crate) use metrics::{Datum, MetricId, StatisticSet};
use tags::Tags;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![
        alarms::OPERATIONS,
        describe_alarms::OPERATIONS,
        alarm_history::OPERATIONS,
        metric_data::OPERATIONS,
        statistics::OPERATIONS,
        dashboards::OPERATIONS,
        tags::OPERATIONS,
    ]
}

/// Holds the CloudWatch of one account.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CloudWatch {
    /// By region and name.
    alarms: BTreeMap<String, BTreeMap<String, Alarm>>,
    dashboards: BTreeMap<String, Dashboard>,
    /// By region, as the history of alarms.
    metrics: BTreeMap<String, Metrics>,
    alarm_history: BTreeMap<String, AlarmHistory>,
}

impl CloudWatch {
    fn alarm_history(&mut self, region: &str) -> &mut AlarmHistory {
        self.alarm_history.entry(region.to_owned()).or_default()
    }
}
