//! Metrics, as filters emit and alarms watch them.

use std::collections::BTreeMap;

use model::{Dimensions, Metric};

use crate::node::Node;
use crate::reading::{Reading, Section};

/// Namespaces, names and dimensions have so many characters at most (API reference of `PutMetricAlarm` and of
/// CloudWatch Logs' `MetricTransformation`).
const LONGEST: usize = 255;

pub(crate) fn metric(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
) -> Option<Metric> {
    let namespace = reading
        .required(at, section, "namespace")
        .and_then(|node| part(reading, node, "a namespace"));
    let name = reading
        .required(at, section, "name")
        .and_then(|node| part(reading, node, "a metric's name"));
    Some(Metric {
        namespace: namespace?,
        name: name?,
    })
}

/// CloudWatch Logs refuses `:`, `*` and `$` in both; in what CloudWatch alone accepts, no filter could emit.
fn part(reading: &mut Reading<'_>, node: &Node, what: &str) -> Option<String> {
    let text = reading.limited(node, what, LONGEST)?;
    if text.is_empty() || text.contains([':', '*', '$']) || text.contains(char::is_control) {
        reading.error(
            node,
            format!("{what} is not empty and has no `:`, `*`, `$` or control characters"),
        );
        return None;
    }
    Some(text)
}

pub(crate) fn dimensions(reading: &mut Reading<'_>, section: &Section<'_>) -> Dimensions {
    let mut dimensions: Dimensions = BTreeMap::new();
    let Some(node) = section.get("dimensions") else {
        return dimensions;
    };
    let Some(section) = reading.names(node, "a map of dimensions by name") else {
        return dimensions;
    };
    for (name, at, value) in section.iter() {
        if name.is_empty() || name.chars().count() > LONGEST || name.starts_with(':') {
            let message = format!(
                "a dimension's name has 1 to {LONGEST} characters and doesn't begin with `:`"
            );
            reading.error(at, message);
        }
        if let Some(value) = reading.limited(value, "a dimension's value", 1_024) {
            dimensions.insert(name.to_owned(), value);
        }
    }
    dimensions
}

/// CloudWatch's units (API reference of `PutMetricData`, `StandardUnit`); `None` is no unit.
pub(crate) const UNITS: &[&str] = &[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

pub(crate) fn unit(reading: &mut Reading<'_>, section: &Section<'_>) -> Option<String> {
    let words: Vec<(&str, &str)> = UNITS.iter().map(|unit| (*unit, *unit)).collect();
    let unit = reading.word(section.get("unit")?, &words)?;
    (unit != "None").then(|| unit.to_owned())
}
