//! Metric filters.

use serde::{Deserialize, Serialize};

use crate::{Dimensions, Metric};

/// Describes a metric filter by what mfactl manages of it; `PutMetricFilter`'s other fields are put back as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricFilter {
    /// The filter pattern.
    pub pattern: String,
    /// The metric it emits.
    pub metric: Metric,
    /// The value a matching event adds: a number, or a selector such as `$.latency`.
    pub value: String,
    /// The value emitted when no event matches. Not together with dimensions.
    pub default_value: Option<f64>,
    /// The metric's unit, as CloudWatch names it. None is "None".
    pub unit: Option<String>,
    /// Dimensions from fields of the event, three at most.
    pub dimensions: Dimensions,
}
