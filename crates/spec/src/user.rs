//! Users, with their passwords and MFA devices.

use model::{
    Address, Body, Boundary, Delivery, DeviceName, DeviceType, LoginProfile, MfaDevice, Path,
    Principal, Recipient, User, UserName, Wish,
};

use crate::node::{Node, Value};
use crate::reading::{Reading, Section};
use crate::spec::{Draft, tags};
use crate::{keys, policy};

/// A user is in 10 groups at most (IAM guide, "IAM and AWS STS quotas").
const GROUPS: usize = 10;

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    draft: &mut Draft,
) {
    let Some(name) = reading.ok(at, UserName::new(name)) else {
        return;
    };
    let Some(section) = reading.section(node, "a user", keys::USER) else {
        let user = user(draft.path.clone(), draft.tags.clone());
        return draft.declare_body(reading, at, Address::User(name), Body::User(user));
    };
    let path = section
        .get("path")
        .and_then(|node| reading.parsed(node, "a path such as `/eng/`"));
    let path: Path = path.unwrap_or_else(|| draft.path.clone());
    let tags = tags(reading, &section, &draft.tags);
    let renamed_from = section
        .get("renamed_from")
        .and_then(|node| reading.parsed(node, "the user's former name"));
    let mut user = User {
        renamed_from,
        ..user(path.clone(), tags)
    };
    match section.get("boundary") {
        Some(Node {
            value: Value::Bool(false),
            ..
        }) => user.boundary = Boundary::None,
        Some(node) => draft.references.bound(reading, &name, node),
        None => {}
    }
    draft.declare_body(reading, at, Address::User(name.clone()), Body::User(user));
    if section.get("exclusive").and_then(|node| reading.bool(node)) == Some(false) {
        draft.desired.inclusive.insert(Address::User(name.clone()));
    }
    groups(reading, &section, &name, draft);
    policy::held(reading, &section, &Principal::User(name.clone()), draft);
    secrets(reading, &section, &name, path, draft);
}

fn user(path: Path, tags: model::Tags) -> User {
    User {
        path,
        tags,
        boundary: Boundary::Undeclared,
        renamed_from: None,
    }
}

fn groups(reading: &mut Reading<'_>, section: &Section<'_>, name: &UserName, draft: &mut Draft) {
    let Some(node) = section.get("groups") else {
        return;
    };
    let groups = reading.list(node, "a list of groups");
    for group in groups {
        draft.references.join(reading, name, group);
    }
    if groups.len() > GROUPS {
        reading.error(
            node,
            format!(
                "{name} is in {} groups, and IAM allows {GROUPS}",
                groups.len()
            ),
        );
    }
}

/// A password or a device is made only for somebody whom it can be sealed for.
fn secrets(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    name: &UserName,
    path: Path,
    draft: &mut Draft,
) {
    let recipient_node = section.get("deliver_to");
    let recipient: Option<Recipient> =
        recipient_node.and_then(|node| reading.parsed(node, "an age recipient, `age1…`"));
    if let Some(node) = section.get("console") {
        match reading.bool(node) {
            Some(true) if recipient_node.is_none() => {
                needs_recipient(reading, node, "`console: true`", "first password");
            }
            Some(true) => {
                let profile = LoginProfile {
                    reset_required: true,
                    deliver_to: recipient.clone(),
                };
                draft.declare_body(
                    reading,
                    node,
                    Address::LoginProfile(name.clone()),
                    Body::LoginProfile(profile),
                );
            }
            Some(false) => draft.declare(
                reading,
                node,
                Address::LoginProfile(name.clone()),
                Wish::Absent,
            ),
            None => {}
        }
    }
    let Some(node) = section.get("mfa") else {
        return;
    };
    if matches!(&node.value, Value::Text(text) if text == "required") {
        return reading.error_with_hint(
            node,
            "`mfa: required` is not available yet",
            "`provisioned` makes a device, `optional` doesn't",
        );
    }
    if reading.word(node, &[("provisioned", true), ("optional", false)]) != Some(true) {
        return;
    }
    let Some(recipient) = recipient else {
        if recipient_node.is_none() {
            needs_recipient(reading, node, "`mfa: provisioned`", "MFA seed");
        }
        return;
    };
    let Some(device) = reading.ok(node, DeviceName::new(name.as_str())) else {
        return;
    };
    let deliver_to = Some(Delivery {
        user: name.clone(),
        recipient,
    });
    let body = MfaDevice {
        device: DeviceType::Virtual { path },
        user: None,
        tags: draft.tags.clone(),
        deliver_to,
    };
    draft.declare_body(
        reading,
        node,
        Address::MfaDevice(device),
        Body::MfaDevice(body),
    );
}

fn needs_recipient(reading: &mut Reading<'_>, node: &Node, what: &str, secret: &str) {
    let hint =
        format!("the {secret} is sealed for that key; its owner makes one with `age-keygen`");
    reading.error_with_hint(node, format!("{what} needs `deliver_to: age1…`"), hint);
}
