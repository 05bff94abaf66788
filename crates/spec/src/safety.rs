//! The limits that a plan must keep, and patterns of addresses.

use model::{
    Acceptance, Address, AddressPattern, FindingCode, Kind, Limit, Principal, Safety,
    ServiceControlPolicy,
};

use crate::document::{self, Written};
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
    let break_glass = match section.get("break_glass") {
        Some(node) => principals(reading, node),
        None => Vec::new(),
    };
    let accept = section.get("accept").map(|node| acceptances(reading, node));
    let levels = section.get("service_control_policies");
    Some(Safety {
        protected,
        max_people_removed,
        break_glass,
        accept: accept.unwrap_or_default(),
        service_control_policies: levels
            .map(|node| service_control_policies(reading, node))
            .unwrap_or_default(),
    })
}

fn service_control_policies(
    reading: &mut Reading<'_>,
    node: &Node,
) -> Vec<Vec<ServiceControlPolicy>> {
    let what = "a list of levels, each a list such as `[{file: scp/region.json}]`";
    let levels = reading.list(node, what).iter();
    let mut read = Vec::new();
    for level in levels {
        let items = reading.list(
            level,
            "the policies of a level, such as `[{file: scp/region.json}]`",
        );
        let policies = items
            .iter()
            .filter_map(|item| service_control_policy(reading, item));
        read.push(policies.collect());
    }
    read
}

fn service_control_policy(reading: &mut Reading<'_>, node: &Node) -> Option<ServiceControlPolicy> {
    let what = "a service control policy with `document` or `file`";
    let section = reading.section(node, what, keys::INLINE_POLICY)?;
    let Written {
        document,
        statements,
    } = document::read(reading, node, &section)?;
    Some(ServiceControlPolicy {
        document,
        statements,
    })
}

fn principals(reading: &mut Reading<'_>, node: &Node) -> Vec<Principal> {
    let items = reading.list(node, "a list such as `[role/OrgAdmin]`");
    items
        .iter()
        .filter_map(|item| principal(reading, item))
        .collect()
}

/// Reads a user or a role: `user/alice`.
pub(crate) fn principal(reading: &mut Reading<'_>, node: &Node) -> Option<Principal> {
    let what = "`user/NAME` or `role/NAME`";
    match reading.text(node, what)?.parse::<Address>() {
        Ok(Address::User(name)) => Some(Principal::User(name)),
        Ok(Address::Role(name)) => Some(Principal::Role(name)),
        Ok(_) => {
            reading.expected(node, what);
            None
        }
        Err(error) => {
            reading.error_with_hint(node, error.to_string(), format!("write {what}"));
            None
        }
    }
}

fn acceptances(reading: &mut Reading<'_>, node: &Node) -> Vec<Acceptance> {
    let items = reading.list(node, "a list of findings, each with its reason");
    items
        .iter()
        .filter_map(|item| acceptance(reading, item))
        .collect()
}

fn acceptance(reading: &mut Reading<'_>, node: &Node) -> Option<Acceptance> {
    let section = reading.section(node, "an accepted finding", keys::ACCEPT)?;
    let finding = reading.required(node, &section, "finding");
    let finding = finding.and_then(|node| {
        let codes: Vec<(&str, FindingCode)> = FindingCode::ALL
            .iter()
            .filter(|code| code.can_be_accepted())
            .map(|code| (code.as_str(), *code))
            .collect();
        reading.word(node, &codes)
    });
    let on = reading.required(node, &section, "on");
    let on = on.and_then(|node| pattern(reading, node));
    let reason = reading.required(node, &section, "reason");
    let reason = reason.and_then(|node| {
        let reason = reading.text(node, "a reason in a few words")?.trim();
        if reason.is_empty() {
            reading.error(node, "whoever reads the plan needs a reason");
        }
        Some(reason.to_owned())
    });
    let until = section.get("until").map(|node| reading.day(node));
    Some(Acceptance {
        finding: finding?,
        on: on?,
        reason: reason?,
        until: match until {
            Some(until) => Some(until?),
            None => None,
        },
        origin: reading.origin(node),
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
