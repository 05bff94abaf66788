//! Users, with their passwords and MFA devices.

use model::{
    Address, Body, Boundary, DeviceName, DeviceType, LoginProfile, MfaDevice, MfaType, Path,
    Principal, Recipient, RequiredMfa, Reset, Tags, User, UserName, Wish,
};

use crate::draft::Draft;
use crate::keys;
use crate::node::{Node, Value};
use crate::policy::{self, path};
use crate::reading::{Reading, Section};
use crate::references::By;
use crate::tags::{Case, tags};

/// A user is in 10 groups at most (IAM guide, "IAM and AWS STS quotas").
const GROUPS: usize = 10;

pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, node: &Node, draft: &mut Draft) {
    let Some(name) = reading.name(at, |text| UserName::new(text)) else {
        return;
    };
    let Some(section) = reading.section_or_nothing(node, "a user", keys::USER) else {
        return;
    };
    let path = path(reading, &section).unwrap_or_else(|| draft.path.clone());
    let mut tags = tags(reading, &section, &draft.tags, Case::Ignored);
    resets(reading, &section, &mut tags);
    let user = User {
        path: path.clone(),
        tags,
        boundary: boundary(reading, &section, &name, draft),
        renamed_from: renamed_from(reading, &section, &name),
    };
    draft.declare_body(reading, at, Address::User(name.clone()), Body::User(user));
    if let Some(expires) = section.get("expires").and_then(|node| reading.day(node)) {
        draft.expires.insert(Address::User(name.clone()), expires);
    }
    if section.get("exclusive").and_then(|node| reading.bool(node)) == Some(false) {
        draft.inclusive.insert(Address::User(name.clone()));
    }
    groups(reading, &section, &name, draft);
    policy::held(reading, &section, &Principal::User(name.clone()), draft);
    secrets(reading, &section, &name, path, draft);
}

/// Reads a boundary; one that is named is set when the reference is resolved.
fn boundary(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    name: &UserName,
    draft: &mut Draft,
) -> Boundary {
    match section.get("boundary") {
        Some(Node {
            value: Value::Bool(false),
            ..
        }) => return Boundary::None,
        Some(node) => {
            let what = "a policy, or `false` for none";
            draft.refer(reading, node, what, By::Boundary(name.clone()));
        }
        None => {}
    }
    Boundary::Undeclared
}

/// Reads what is to be done once. That it was done is said by a tag with the same value, which is what is declared.
fn resets(reading: &mut Reading<'_>, section: &Section<'_>, tags: &mut Tags) {
    let Some(node) = section.get("reset") else {
        return;
    };
    let Some(resets) = reading.section(node, "what is reset, and for which request", keys::RESET)
    else {
        return;
    };
    for (key, reset) in [("password", Reset::Password), ("mfa", Reset::Mfa)] {
        let Some(node) = resets.get(key) else {
            continue;
        };
        let Some(request) = reading.written(node) else {
            continue;
        };
        if request.trim().is_empty() {
            reading.error(
                node,
                "it is done once for each value, so it needs one: a date will do",
            );
            continue;
        }
        let set = tags.set(reset.tag(), &request);
        reading.ok(node, set);
    }
    let has_password = section
        .get("console")
        .is_some_and(|node| matches!(node.value, Value::Bool(true)));
    if let Some(node) = resets.get("password")
        && !has_password
    {
        reading.error(
            node,
            "a password is reset only of somebody with `console: true` and `deliver_to: age1…`",
        );
    }
}

fn renamed_from(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    name: &UserName,
) -> Option<UserName> {
    let node = section.get("renamed_from")?;
    let old: UserName = reading.parsed(node, "the user's former name")?;
    if old.folded() == name.folded() {
        reading.error(node, "this is the user's own name: IAM ignores case");
        return None;
    }
    Some(old)
}

fn groups(reading: &mut Reading<'_>, section: &Section<'_>, name: &UserName, draft: &mut Draft) {
    let Some(node) = section.get("groups") else {
        return;
    };
    let groups = reading.list(node, "a list of groups");
    for group in groups {
        membership(reading, group, name, draft);
    }
    if groups.len() > GROUPS {
        let count = groups.len();
        let message = format!("`{name}` is in {count} groups, and IAM allows {GROUPS}");
        reading.error(node, message);
    }
}

/// Reads a group's name, or a map of that and the membership's last day.
fn membership(reading: &mut Reading<'_>, node: &Node, name: &UserName, draft: &mut Draft) {
    let (group, expires) = match &node.value {
        Value::Map(_) => {
            let what = "a membership such as `{name: admins, expires: 2027-01-31}`";
            let Some(section) = reading.section(node, what, keys::MEMBERSHIP) else {
                return;
            };
            let expires = section.get("expires").and_then(|node| reading.day(node));
            (reading.required(node, &section, "name"), expires)
        }
        _ => (Some(node), None),
    };
    if let Some(group) = group {
        let by = By::Membership(name.clone(), expires);
        draft.refer(reading, group, "a group", by);
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
    let recipient = match section.get("deliver_to") {
        None => Deliver::Nowhere,
        Some(node) => reading
            .parsed(node, "an age recipient, `age1…`")
            .map_or(Deliver::Wrong, Deliver::To),
    };
    if let Some(node) = section.get("console") {
        password(reading, node, name, &recipient, draft);
    }
    require_type(reading, section, &Principal::User(name.clone()), draft);
    let grace = section.get("mfa_grace").map(|node| reading.days(node));
    let required = RequiredMfa {
        grace_days: grace.unwrap_or(draft.mfa_grace),
    };
    let words = [
        ("provisioned", Mfa::Provisioned),
        ("required", Mfa::Required),
        ("optional", Mfa::Optional),
    ];
    let node = section.get("mfa");
    let wanted = node.and_then(|node| Some((node, reading.word(node, &words)?)));
    match wanted {
        Some((node, Mfa::Provisioned)) => {
            draft.needs_mfa.insert(name.clone(), required);
            let recipient = recipient.needed(reading, node, "`mfa: provisioned`", "MFA seed");
            if let Some(recipient) = recipient {
                device(reading, node, name, path, recipient, draft);
            }
        }
        Some((_, Mfa::Required)) => {
            draft.needs_mfa.insert(name.clone(), required);
        }
        Some((_, Mfa::Optional)) | None => without_mfa(reading, section),
    }
}

/// What is said of MFA says nothing where it needn't be there.
fn without_mfa(reading: &mut Reading<'_>, section: &Section<'_>) {
    for key in ["require_type", "mfa_grace"] {
        if let Some(at) = section.key(key) {
            let hint = "write `mfa: required` as well";
            reading.error_with_hint(at, format!("`{key}` is about who must have MFA"), hint);
        }
    }
}

/// Reads which sort of device a user, or every member of a group, must have.
pub(crate) fn require_type(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    principal: &Principal,
    draft: &mut Draft,
) {
    let words = [
        ("fido2", MfaType::Fido2),
        ("hardware", MfaType::Hardware),
        ("virtual", MfaType::Virtual),
    ];
    let node = section.get("require_type");
    if let Some(required) = node.and_then(|node| reading.word(node, &words)) {
        draft.required_types.insert(principal.clone(), required);
    }
}

/// Says what a user is to have of MFA.
#[derive(Clone, Copy)]
enum Mfa {
    /// A device that mfactl makes.
    Provisioned,
    /// One that the user sets up.
    Required,
    /// Whatever the user likes.
    Optional,
}

/// Tells whom a user's secrets are sealed for.
enum Deliver {
    To(Recipient),
    Wrong,
    Nowhere,
}

impl Deliver {
    fn needed(
        &self,
        reading: &mut Reading<'_>,
        node: &Node,
        what: &str,
        secret: &str,
    ) -> Option<Recipient> {
        match self {
            Self::To(recipient) => return Some(recipient.clone()),
            Self::Wrong => {}
            Self::Nowhere => {
                let hint = format!(
                    "the {secret} is sealed for that key; its owner makes one with `age-keygen`"
                );
                reading.error_with_hint(node, format!("{what} needs `deliver_to: age1…`"), hint);
            }
        }
        None
    }
}

fn password(
    reading: &mut Reading<'_>,
    node: &Node,
    name: &UserName,
    recipient: &Deliver,
    draft: &mut Draft,
) {
    let wish = match reading.bool(node) {
        Some(true) => {
            let what = ("`console: true`", "first password");
            let Some(recipient) = recipient.needed(reading, node, what.0, what.1) else {
                return;
            };
            Wish::Present(Body::LoginProfile(LoginProfile {
                reset_required: true,
                deliver_to: Some(recipient),
            }))
        }
        Some(false) => Wish::Absent,
        None => return,
    };
    draft.declare(reading, node, Address::LoginProfile(name.clone()), wish);
}

fn device(
    reading: &mut Reading<'_>,
    node: &Node,
    name: &UserName,
    path: Path,
    recipient: Recipient,
    draft: &mut Draft,
) {
    let Some(device) = reading.ok(node, DeviceName::new(name.as_str())) else {
        return;
    };
    let body = MfaDevice {
        device: DeviceType::Virtual { path },
        user: Some(name.clone()),
        tags: draft.tags.clone(),
        deliver_to: Some(recipient),
    };
    draft.declare_body(
        reading,
        node,
        Address::MfaDevice(device),
        Body::MfaDevice(body),
    );
}
