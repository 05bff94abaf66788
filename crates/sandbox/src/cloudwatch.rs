//! CloudWatch: alarms, region by region, and dashboards, which have no region.
//!
//! Limits, codes and words are those of the
//! [API reference](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::operation::Operation;

mod alarm_definition;
mod alarm_options;
mod alarms;
mod dashboard_body;
mod dashboards;
mod metric_query;
mod metrics;
mod tags;

use alarms::Alarm;
use dashboards::Dashboard;
use metrics::Metrics;
pub(crate) use metrics::{MetricId, StatisticSet};
use tags::Tags;

/// Returns the operations, family by family.
pub(crate) fn operations() -> Vec<&'static [Operation]> {
    vec![alarms::OPERATIONS, dashboards::OPERATIONS, tags::OPERATIONS]
}

/// Holds the CloudWatch of one account.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CloudWatch {
    /// By region and name.
    alarms: BTreeMap<String, BTreeMap<String, Alarm>>,
    dashboards: BTreeMap<String, Dashboard>,
    /// By region.
    metrics: BTreeMap<String, Metrics>,
}
