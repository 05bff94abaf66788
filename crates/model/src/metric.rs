//! CloudWatch metrics, as filters emit and alarms watch them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Holds a metric's dimensions by name.
pub type Dimensions = BTreeMap<String, String>;

/// Names a CloudWatch metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// The namespace, such as `AWS/CloudTrailMetrics`.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
