//! Managed and inline policies.

use model::{
    Address, Body, InlinePolicy, InlinePolicyName, Path, Policy, PolicyName, PolicyRef, Principal,
};

use crate::document::Written;
use crate::draft::Draft;
use crate::node::Node;
use crate::reading::{Reading, Section};
use crate::references::By;
use crate::tags::{Case, tags};
use crate::{document, keys, preset};

/// IAM counts the characters of a managed policy without white space (IAM guide, "IAM and AWS STS quotas").
const LARGEST: usize = 6_144;

/// A description has so many characters at most (API reference of `CreatePolicy`).
const LONGEST_DESCRIPTION: usize = 1_000;

/// So many policies can be attached without a raised quota (IAM guide, "IAM and AWS STS quotas").
const ATTACHED: usize = 10;

pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, node: &Node, draft: &mut Draft) {
    let Some(name) = reading.name(at, |text| PolicyName::new(text)) else {
        return;
    };
    let section = reading.section(
        node,
        "a policy with `document`, `file` or `preset`",
        keys::POLICY,
    );
    let own = section.as_ref().and_then(|section| path(reading, section));
    let path = own.unwrap_or_else(|| draft.path.clone());
    draft.policies.insert(name.clone(), path.clone());
    let Some(section) = section else { return };
    let description = section
        .get("description")
        .and_then(|node| reading.limited(node, "a description", LONGEST_DESCRIPTION));
    let tags = tags(reading, &section, &draft.tags, Case::Counts);
    let written = match section.get("preset") {
        Some(node) => preset::read(reading, node, &section, draft),
        None => {
            if let Some(node) = section.get("parameters") {
                reading.section(node, "`parameters`", keys::PARAMETERS);
                reading.error(
                    node,
                    "`parameters` are those of a `preset`, and there is none",
                );
            }
            document::read(reading, at, &section)
        }
    };
    let Some(Written {
        document,
        statements,
    }) = written
    else {
        return;
    };
    let size = document.size();
    if size > LARGEST {
        let message = format!(
            "the document has {size} characters without white space, and IAM allows {LARGEST}"
        );
        reading.error(at, message);
    }
    let body = Policy {
        path,
        description,
        document,
        tags,
    };
    let address = Address::Policy(PolicyRef::Local(name));
    draft.statements.insert(address.clone(), statements);
    draft.declare_body(reading, at, address, Body::Policy(body));
}

/// Reads a section's own path.
pub(crate) fn path(reading: &mut Reading<'_>, section: &Section<'_>) -> Option<Path> {
    reading.parsed(section.get("path")?, "a path such as `/people/`")
}

/// Reads what a user or a group has of policies: attached ones by reference, and inline ones.
pub(crate) fn held(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    principal: &Principal,
    draft: &mut Draft,
) {
    if let Some(node) = section.get("policies") {
        attached(reading, node, principal, draft);
    }
    if let Some(node) = section.get("inline_policies") {
        inline(reading, node, principal, draft);
    }
}

/// A user's quota can be raised to 20, a group's can't (IAM guide, "IAM and AWS STS quotas").
fn attached(reading: &mut Reading<'_>, node: &Node, principal: &Principal, draft: &mut Draft) {
    let references = reading.list(node, "a list of policies");
    for reference in references {
        let what = "a policy: `NAME`, `aws/NAME` or an ARN";
        draft.refer(reading, reference, what, By::Attachment(principal.clone()));
    }
    let most = match principal {
        Principal::User(_) => 20,
        Principal::Group(_) | Principal::Role(_) => ATTACHED,
    };
    let count = references.len();
    if count > most {
        let message = format!("{count} policies are attached, and IAM allows {most}");
        reading.error(node, message);
    } else if count > ATTACHED {
        let message = format!("more than {ATTACHED} policies are attached");
        let hint = format!("IAM allows {ATTACHED} unless the quota was raised");
        reading.warn(node, message, hint);
    }
}

/// The sizes of a principal's inline policies are summed (IAM guide, "IAM and AWS STS quotas").
fn inline(reading: &mut Reading<'_>, node: &Node, principal: &Principal, draft: &mut Draft) {
    let Some(policies) = reading.names(node, "a map of inline policies by name") else {
        return;
    };
    let mut size = 0;
    for (_, at, node) in policies.iter() {
        let name = reading.name(at, |text| InlinePolicyName::new(text));
        let what = "an inline policy with `document` or `file`";
        let Some(section) = reading.section(node, what, keys::INLINE_POLICY) else {
            continue;
        };
        let (Some(written), Some(name)) = (document::read(reading, at, &section), name) else {
            continue;
        };
        let Written {
            document,
            statements,
        } = written;
        size += document.size();
        let address = Address::InlinePolicy(principal.clone(), name);
        draft.statements.insert(address.clone(), statements);
        let body = Body::InlinePolicy(InlinePolicy { document });
        draft.declare_body(reading, at, address, body);
    }
    let most = match principal {
        Principal::User(_) => 2_048,
        Principal::Group(_) | Principal::Role(_) => 5_120,
    };
    if size > most {
        let message =
            format!("the inline policies have {size} characters together, and IAM allows {most}");
        reading.error(node, message);
    }
}
