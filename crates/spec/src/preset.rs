//! Policies that ship with mfactl.

use policy::Document;

use crate::document::Written;
use crate::draft::Draft;
use crate::keys;
use crate::node::Node;
use crate::reading::{Reading, Section};

/// Lets people do nothing without MFA but set it up.
const ENFORCE_MFA: &str = include_str!("../../../specs/presets/enforce-mfa.json");

/// Reads the document of a policy that has `preset`.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    node: &Node,
    section: &Section<'_>,
    draft: &mut Draft,
) -> Option<Written> {
    for key in ["document", "file"] {
        if let Some(node) = section.get(key) {
            reading.error(node, format!("a policy has either `preset` or `{key}`"));
        }
    }
    let text = reading.word(node, &[("enforce-mfa", ENFORCE_MFA)])?;
    let list_users = match section.get("parameters") {
        Some(node) => {
            let section = reading.section(node, "parameters of `enforce-mfa`", keys::PARAMETERS)?;
            let list_users = section.get("list_users");
            list_users.and_then(|node| reading.bool(node)) == Some(true)
        }
        None => false,
    };
    draft.lists_users |= list_users;
    let partition = draft
        .region
        .as_ref()
        .map_or("aws", |region| region.partition());
    let mut text = text.replace("arn:aws:", &format!("arn:{partition}:"));
    if list_users {
        text = text.replace(
            "\"iam:ListVirtualMFADevices\"",
            "\"iam:ListUsers\", \"iam:ListVirtualMFADevices\"",
        );
    }
    let document = reading.ok(node, Document::parse(&text))?;
    Some(Written {
        document,
        statements: Vec::new(),
    })
}
