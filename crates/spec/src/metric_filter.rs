//! Metric filters.

use model::{Address, Body, FilterName, LogGroupName, MetricFilter};
use pattern::{Pattern, PatternError, Selector};

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::Draft;
use crate::keys;
use crate::metric::{dimensions, metric, unit};
use crate::node::{Node, Value};
use crate::reading::{Reading, Section};

/// A filter has 3 dimensions at most (API reference of `MetricTransformation`).
const DIMENSIONS: usize = 3;

/// Tells which log group is meant where a filter names none.
pub(crate) enum Source {
    Given(LogGroupName),
    /// It is given, and wrong.
    Wrong,
    Missing,
}

pub(crate) fn read(
    reading: &mut Reading<'_>,
    at: &Node,
    node: &Node,
    source: &Source,
    draft: &mut Draft,
) {
    let name = reading.name(at, |text| FilterName::new(text));
    let what = "a metric filter with `pattern` and `metric`";
    let Some(section) = reading.section(node, what, keys::METRIC_FILTER) else {
        return;
    };
    let log_group = log_group(reading, at, &section, source, draft);
    let written = reading.required(at, &section, "pattern");
    let pattern = written.and_then(|node| pattern(reading, node));
    let parsed = pattern.as_ref().map(|(_, parsed)| parsed);
    let filter = reading
        .required(at, &section, "metric")
        .and_then(|node| emitted(reading, node, parsed));
    let (Some(name), Some((pattern, _)), Some(log_group), Some(filter)) =
        (name, pattern, log_group, filter)
    else {
        return;
    };
    if let (Some(node), Some((message, hint))) = (written, idle(&pattern, &filter)) {
        reading.warn(node, message, hint);
    }
    let body = Body::MetricFilter(MetricFilter { pattern, ..filter });
    draft.declare_body(reading, at, Address::MetricFilter(log_group, name), body);
}

/// Returns the log group that a filter reads: its own, which must exist, or the spec's.
fn log_group(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
    source: &Source,
    draft: &mut Draft,
) -> Option<LogGroupName> {
    if let Some(node) = section.get("log_group") {
        let own: LogGroupName = reading.parsed(node, "the name of a log group")?;
        if !matches!(source, Source::Given(given) if *given == own) {
            let origin = reading.origin(node);
            draft
                .required_log_groups
                .entry(own.clone())
                .or_insert(origin);
        }
        return Some(own);
    }
    match source {
        Source::Given(given) => Some(given.clone()),
        Source::Wrong => None,
        Source::Missing => {
            let hint = "add `log_group: {name: …}` under `monitoring`";
            reading.error_with_hint(at, "it isn't said which log group this reads", hint);
            None
        }
    }
}

/// Parses a pattern. What is sent to AWS is the text as written.
fn pattern(reading: &mut Reading<'_>, node: &Node) -> Option<(String, Pattern)> {
    let text = reading.text(node, "a filter pattern")?;
    match Pattern::parse(text) {
        Ok(pattern) => Some((text.to_owned(), pattern)),
        Err(error) => {
            misspelt(reading, node, text, "filter pattern", &error);
            None
        }
    }
}

/// Returns what of a pattern selects nothing, and what to do: fields without a condition or a use, and optional terms
/// beside others, which CloudWatch Logs ignores (its guide, "Filter pattern syntax").
fn idle(pattern: &str, filter: &MetricFilter) -> Option<(&'static str, &'static str)> {
    let pattern = pattern.trim();
    let takes_values = filter.value.starts_with('$') || !filter.dimensions.is_empty();
    match pattern.chars().next() {
        Some('[') if !takes_values && !pattern.contains(['=', '<', '>']) => Some((
            "this pattern has no condition, so it counts every event with that many fields",
            "add one, such as `[ip, user, status = 4*]`",
        )),
        Some('[' | '{' | '%') => None,
        _ => {
            let words: String = pattern.split('"').step_by(2).collect::<Vec<_>>().join("-");
            let optional = words
                .split_whitespace()
                .filter(|word| word.starts_with('?'));
            let count = optional.count();
            (count > 0 && count < words.split_whitespace().count()).then_some((
                "terms with a `?` are ignored beside others",
                "give every term a `?`, or none",
            ))
        }
    }
}

fn selector(reading: &mut Reading<'_>, node: &Node, text: &str) -> Option<Selector> {
    Selector::parse(text)
        .map_err(|error| misspelt(reading, node, text, "selector", &error))
        .ok()
}

/// Shows a mistake inside of a text: at its own place, if the text stands in the file as it is.
fn misspelt(reading: &mut Reading<'_>, node: &Node, text: &str, what: &str, error: &PatternError) {
    let mut place = reading.place(node);
    if let Some(offset) = reading.source_of(node).find(text) {
        let start = place.range.start + offset + error.position();
        place.range = start..start;
    }
    let message = format!("{what}: {error}");
    reading
        .diagnostics
        .push(Diagnostic::at(Severity::Error, &place, message));
}

/// Reads what a filter emits. Its pattern is put in later.
fn emitted(
    reading: &mut Reading<'_>,
    node: &Node,
    pattern: Option<&Pattern>,
) -> Option<MetricFilter> {
    let section = reading.section(node, "`metric`", keys::FILTER_METRIC)?;
    let metric = metric(reading, node, &section);
    let value = match section.get("value") {
        Some(node) => value(reading, node, pattern),
        None => Some("1".to_owned()),
    };
    let default_value = section
        .get("default_value")
        .and_then(|node| reading.number(node));
    let dimensions = dimensions(reading, &section);
    dimensions_of(reading, &section, pattern);
    let unit = unit(reading, &section);
    Some(MetricFilter {
        pattern: String::new(),
        metric: metric?,
        value: value?,
        default_value,
        unit,
        dimensions,
    })
}

/// Reads what an event adds: a number, or a selector of a pattern that has properties or fields.
fn value(reading: &mut Reading<'_>, node: &Node, pattern: Option<&Pattern>) -> Option<String> {
    if let Value::Integer(_) | Value::Float(_) = node.value {
        return reading.written(node);
    }
    let text = reading.text(node, "a number, or a selector such as `$.latency`")?;
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Some(text.to_owned());
    }
    selector(reading, node, text)?;
    if pattern.is_some_and(|pattern| !pattern.supports_dimensions()) {
        let message = "only JSON and space-delimited patterns can select a `value`";
        reading.error(node, message);
        return None;
    }
    Some(text.to_owned())
}

/// Dimensions come from properties or fields that the pattern mentions, and exclude a default value (CloudWatch Logs
/// guide, "Publishing dimensions with metrics").
fn dimensions_of(reading: &mut Reading<'_>, section: &Section<'_>, pattern: Option<&Pattern>) {
    let Some(node) = section.get("dimensions") else {
        return;
    };
    let Value::Map(pairs) = &node.value else {
        return;
    };
    if section.get("default_value").is_some() {
        let message = "a metric filter has `dimensions` or a `default_value`, not both";
        reading.error(section.key("dimensions").unwrap_or(node), message);
    }
    if pairs.len() > DIMENSIONS {
        let message = format!(
            "{} dimensions, and CloudWatch Logs allows {DIMENSIONS}",
            pairs.len()
        );
        reading.error(section.key("dimensions").unwrap_or(node), message);
    }
    if pattern.is_some_and(|pattern| !pattern.supports_dimensions()) {
        let message = "only JSON and space-delimited patterns can have `dimensions`";
        reading.error(section.key("dimensions").unwrap_or(node), message);
        return;
    }
    for (_, node) in pairs {
        let Value::Text(text) = &node.value else {
            continue;
        };
        if let Some(selector) = selector(reading, node, text)
            && pattern.is_some_and(|pattern| !pattern.mentions(&selector))
        {
            let message =
                format!("the pattern doesn't mention `{text}`, so it can't be a dimension");
            reading.error(node, message);
        }
    }
}
