//! Metric filters.

use std::collections::BTreeMap;

use model::{Address, Body, Dimensions, FilterName, LogGroupName, Metric, MetricFilter};
use pattern::Pattern;

use crate::diagnostic::{Diagnostic, Severity};
use crate::keys;
use crate::node::{Node, Value};
use crate::reading::{Reading, Section};
use crate::spec::Draft;

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    log_group: Option<&LogGroupName>,
    draft: &mut Draft,
) {
    let name = reading.ok(at, FilterName::new(name));
    let Some(section) = reading.section(node, "a metric filter", keys::METRIC_FILTER) else {
        return reading.error(at, "a metric filter needs `pattern` and `metric`");
    };
    let pattern =
        required(reading, at, &section, "pattern").and_then(|node| pattern(reading, node));
    let own = section
        .get("log_group")
        .and_then(|node| reading.parsed::<LogGroupName>(node, "the name of a log group"));
    if let Some(own) = &own
        && Some(own) != log_group
    {
        draft
            .desired
            .required_log_groups
            .insert(own.clone(), reading.origin(at));
    }
    let log_group = own.or_else(|| log_group.cloned());
    if log_group.is_none() && section.get("log_group").is_none() {
        reading.error_with_hint(
            at,
            "it isn't said which log group this reads",
            "add `log_group: {name: …}` under `monitoring`",
        );
    }
    let filter = required(reading, at, &section, "metric").and_then(|node| emitted(reading, node));
    let (Some(name), Some(pattern), Some(log_group), Some(filter)) =
        (name, pattern, log_group, filter)
    else {
        return;
    };
    let address = Address::MetricFilter(log_group, name);
    draft.declare_body(
        reading,
        at,
        address,
        Body::MetricFilter(MetricFilter { pattern, ..filter }),
    );
}

/// Returns the node of a key that must be there.
pub(crate) fn required<'n>(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'n>,
    key: &str,
) -> Option<&'n Node> {
    let node = section.get(key);
    if node.is_none() {
        reading.error(at, format!("`{key}` is missing"));
    }
    node
}

/// Parses a pattern. What is sent to AWS is the text as written.
fn pattern(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let text = reading.text(node, "a filter pattern")?;
    match Pattern::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            let mut place = reading.place(node);
            // Where the text stands in the file as it is, the mistake's own place can be shown.
            let written = reading
                .source
                .text
                .get(place.range.clone())
                .and_then(|written| written.find(text));
            if let Some(offset) = written {
                let start = place.range.start + offset + error.position();
                place.range = start..start;
            }
            reading.diagnostics.push(Diagnostic::at(
                Severity::Error,
                &place,
                format!("filter pattern: {error}"),
            ));
            None
        }
    }
}

fn emitted(reading: &mut Reading<'_>, node: &Node) -> Option<MetricFilter> {
    let section = reading.section(node, "`metric`", keys::FILTER_METRIC)?;
    let metric = metric(reading, node, &section)?;
    let value = match section.get("value").map(|node| (&node.value, node)) {
        None => "1".to_owned(),
        Some((Value::Integer(_) | Value::Float(_), node)) => node.key(),
        Some((_, node)) => reading
            .text(node, "a number, or a selector such as `$.latency`")?
            .to_owned(),
    };
    let default_value = section
        .get("default_value")
        .and_then(|node| reading.number(node));
    let dimensions = dimensions(reading, &section);
    if let (Some(node), Some(_)) = (section.get("dimensions"), default_value) {
        reading.error(
            node,
            "a metric filter has `dimensions` or a `default_value`, not both",
        );
    }
    if dimensions.len() > 3 {
        reading.error(
            node,
            format!(
                "{} dimensions, and CloudWatch Logs allows 3",
                dimensions.len()
            ),
        );
    }
    let unit = unit(reading, &section);
    Some(MetricFilter {
        pattern: String::new(),
        metric,
        value,
        default_value,
        unit,
        dimensions,
    })
}

pub(crate) fn metric(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
) -> Option<Metric> {
    let namespace = required(reading, at, section, "namespace")
        .and_then(|node| reading.text(node, "a namespace"));
    let name = required(reading, at, section, "name")
        .and_then(|node| reading.text(node, "a metric's name"));
    Some(Metric {
        namespace: namespace?.to_owned(),
        name: name?.to_owned(),
    })
}

pub(crate) fn dimensions(reading: &mut Reading<'_>, section: &Section<'_>) -> Dimensions {
    let mut dimensions: Dimensions = BTreeMap::new();
    let Some(section) = section
        .get("dimensions")
        .and_then(|node| reading.names(node, "dimensions by name"))
    else {
        return dimensions;
    };
    for (name, _, value) in section.iter() {
        if let Some(value) = reading.text(value, "text") {
            dimensions.insert(name.to_owned(), value.to_owned());
        }
    }
    dimensions
}

/// CloudWatch's units (API reference of `PutMetricData`, `StandardUnit`); `None` is no unit.
const UNITS: &[&str] = &[
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
