//! The log group that metric filters read.

use model::{Address, Body, LogGroup, LogGroupName, Retention};

use crate::keys;
use crate::node::{Node, Value};
use crate::reading::Reading;
use crate::spec::{Draft, tags};

pub(crate) fn read(
    reading: &mut Reading<'_>,
    node: &Node,
    draft: &mut Draft,
) -> Option<LogGroupName> {
    let section = reading.section(node, "`log_group`", keys::LOG_GROUP)?;
    let Some(at) = section.get("name") else {
        reading.error(node, "a log group needs a `name`");
        return None;
    };
    let name: LogGroupName = reading.parsed(at, "the name of a log group")?;
    let Some(create) = section.get("create") else {
        draft
            .desired
            .required_log_groups
            .insert(name.clone(), reading.origin(at));
        return Some(name);
    };
    let create = reading.section(create, "`create`", keys::CREATE);
    let days = create.and_then(|create| create.get("retention_days"));
    let retention = days
        .and_then(|node| retention(reading, node))
        .unwrap_or(Retention::Undeclared);
    let tags = tags(reading, &section, &draft.tags);
    draft.declare_body(
        reading,
        at,
        Address::LogGroup(name.clone()),
        Body::LogGroup(LogGroup { retention, tags }),
    );
    Some(name)
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
