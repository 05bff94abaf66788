//! Dashboards.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Address, Body, Dashboard, DashboardBody, DashboardError, DashboardName};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::draft::Draft;
use crate::node::Node;
use crate::reading::{Reading, Section};
use crate::source::Source;

use crate::{document, keys};

pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, node: &Node, draft: &mut Draft) {
    let name = reading.name(at, |text| DashboardName::new(text));
    let what = "a dashboard with `file`, `body` or `widgets`";
    let Some(section) = reading.section(node, what, keys::DASHBOARD) else {
        return;
    };
    let Some((body, place)) = body(reading, at, &section) else {
        return;
    };
    let mut queried = BTreeSet::new();
    sources(body.value(), &mut queried);
    for log_group in queried {
        let place = find(&place, &log_group);
        draft.queried.push((log_group, place));
    }
    let Some(name) = name else { return };
    let body = Body::Dashboard(Dashboard { body });
    draft.declare_body(reading, at, Address::Dashboard(name), body);
}

/// Returns a dashboard's body, and the place that its text begins at.
fn body(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
) -> Option<(DashboardBody, Place)> {
    let [file, body, widgets] = ["file", "body", "widgets"].map(|key| section.get(key));
    let (node, body) = match (file, body, widgets) {
        (Some(node), None, None) => return in_file(reading, node),
        (None, Some(node), None) => (node, reading.json(node)),
        (None, None, Some(node)) => (node, json!({ "widgets": reading.json(node) })),
        _ => {
            reading.error(at, "a dashboard has one of `file`, `body` and `widgets`");
            return None;
        }
    };
    let body = reading.ok(node, DashboardBody::from_value(body))?;
    Some((body, reading.place(at)))
}

fn in_file(reading: &mut Reading<'_>, node: &Node) -> Option<(DashboardBody, Place)> {
    let source = document::source(reading, node)?;
    match DashboardBody::parse(&source.text) {
        Ok(body) => Some((
            body,
            Place {
                source,
                range: 0..0,
            },
        )),
        Err(error) => {
            reading.diagnostics.push(wrong(&source, &error));
            None
        }
    }
}

/// Finds a log group's name from a place on; the place itself where the name is written with escapes.
fn find(from: &Place, log_group: &str) -> Place {
    let Place { source, range } = from;
    let quoted = format!("'{log_group}'");
    let found = source
        .text
        .get(range.start..)
        .and_then(|text| text.find(&quoted));
    let start = found.map(|offset| range.start + offset + 1);
    Place {
        source: source.clone(),
        range: start.map_or(range.clone(), |start| start..start + log_group.len()),
    }
}

/// Collects the log groups of Logs Insights queries: `SOURCE 'NAME' | …`.
fn sources(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(query)) = fields.get("query") {
                found.extend(query.split("SOURCE").skip(1).filter_map(quoted));
            }
            fields.values().for_each(|value| sources(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| sources(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the name in quotes that a text begins with.
fn quoted(text: &str) -> Option<String> {
    let (name, _) = text.trim_start().strip_prefix('\'')?.split_once('\'')?;
    Some(name.to_owned())
}

/// Shows a mistake in its own file.
fn wrong(source: &Arc<Source>, error: &DashboardError) -> Diagnostic {
    let (start, message) = match error {
        DashboardError::Json(cause) => {
            let message = cause.to_string();
            let reason = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(reason, _)| reason);
            let start = source.offset(cause.line(), cause.column());
            (start, format!("{error}, and this is not: {reason}"))
        }
        DashboardError::NotAnObject | DashboardError::Widgets => (0, error.to_string()),
    };
    let place = Place {
        source: source.clone(),
        range: start..start,
    };
    Diagnostic::at(Severity::Error, &place, message)
}
