//! The log group that metric filters read.

use model::{Address, Body, LogGroup, LogGroupName, Retention, Tags};

use crate::draft::Draft;
use crate::keys;
use crate::node::{Node, Value};
use crate::reading::Reading;
use crate::tags::{Case, tags};

pub(crate) fn read(
    reading: &mut Reading<'_>,
    node: &Node,
    draft: &mut Draft,
) -> Option<LogGroupName> {
    let section = reading.section(node, "`log_group`", keys::LOG_GROUP)?;
    let at = reading.required(node, &section, "name");
    let name = at.and_then(|node| reading.parsed(node, "the name of a log group"));
    let create = section
        .get("create")
        .map(|node| create(reading, node, &draft.tags));
    let (at, name): (_, LogGroupName) = (at?, name?);
    match create {
        Some(log_group) => {
            let body = Body::LogGroup(log_group);
            draft.declare_body(reading, at, Address::LogGroup(name.clone()), body);
        }
        None => {
            let origin = reading.origin(at);
            draft.required_log_groups.insert(name.clone(), origin);
        }
    }
    Some(name)
}

/// Reads what is managed of the log group. Without `create` nothing is, its tags included.
fn create(reading: &mut Reading<'_>, node: &Node, defaults: &Tags) -> LogGroup {
    let section = reading.section_or_nothing(node, "`create`", keys::CREATE);
    let days = section
        .as_ref()
        .and_then(|section| section.get("retention_days"))
        .and_then(|node| retention(reading, node));
    LogGroup {
        retention: days.unwrap_or(Retention::Undeclared),
        tags: section.map_or_else(Tags::default, |section| {
            tags(reading, &section, defaults, Case::Counts)
        }),
    }
}

fn retention(reading: &mut Reading<'_>, node: &Node) -> Option<Retention> {
    let days = match &node.value {
        Value::Text(text) if text == "never" => return Some(Retention::Never),
        Value::Integer(days) => u32::try_from(*days)
            .ok()
            .filter(|days| Retention::DAYS.contains(days)),
        _ => None,
    };
    if days.is_none() {
        let allowed: Vec<String> = Retention::DAYS.iter().map(ToString::to_string).collect();
        let hint = format!(
            "CloudWatch Logs has {} days, and `never`",
            allowed.join(", ")
        );
        reading.error_with_hint(node, "events can't be kept for this long", hint);
    }
    days.map(Retention::Days)
}
