//! The limits that a plan must keep, and patterns of addresses.

use model::{AddressPattern, Kind, Limit, Safety};

use crate::keys;
use crate::node::{Node, Value};
use crate::reading::{Reading, nearest};

pub(crate) fn read(reading: &mut Reading<'_>, node: &Node) -> Option<Safety> {
    let section = reading.section(node, "`safety`", keys::SAFETY)?;
    let protected = section
        .get("protected")
        .map(|node| patterns(reading, node))
        .unwrap_or_default();
    let max_people_removed = section
        .get("max_people_removed")
        .and_then(|node| limit(reading, node));
    Some(Safety {
        protected,
        max_people_removed,
    })
}

fn limit(reading: &mut Reading<'_>, node: &Node) -> Option<Limit> {
    let limit = match &node.value {
        Value::Integer(count) => u32::try_from(*count).ok().map(Limit::Count),
        Value::Text(text) => text
            .strip_suffix('%')
            .and_then(|text| text.parse().ok())
            .filter(|percent| *percent <= 100)
            .map(Limit::Percent),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    };
    if limit.is_none() {
        reading.expected(
            node,
            "a number of people such as `3`, or a share such as `\"30%\"`",
        );
    }
    limit
}

/// Reads patterns of addresses: `user/ci-*`.
pub(crate) fn patterns(reading: &mut Reading<'_>, node: &Node) -> Vec<AddressPattern> {
    let items = reading.list(node, "a list of addresses such as `user/ci-*`");
    items
        .iter()
        .filter_map(|item| pattern(reading, item))
        .collect()
}

fn pattern(reading: &mut Reading<'_>, node: &Node) -> Option<AddressPattern> {
    let text = reading.text(node, "an address such as `user/ci-*`")?;
    let (kind, rest) = text
        .split_once('/')
        .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
    if kind.contains(['*', '?']) {
        return Some(AddressPattern::new(text));
    }
    let near = nearest(kind, Kind::ALL.iter().map(|kind| kind.as_str()));
    match (kind.parse::<Kind>(), rest, near) {
        (Ok(_), Some(_), _) => return Some(AddressPattern::new(text)),
        (Ok(_), None, _) => {
            let hint = format!("for all of them write `{kind}/*`");
            reading.error_with_hint(
                node,
                format!("`{text}` is no address: it has no name"),
                hint,
            );
        }
        (Err(error), _, Some(near)) => {
            reading.error_with_hint(node, error.to_string(), format!("did you mean `{near}/…`?"));
        }
        (Err(error), _, None) => {
            let hint = "an address is KIND/NAME, such as `user/alice`";
            reading.error_with_hint(node, error.to_string(), hint);
        }
    }
    None
}
