//! Managed and inline policies.

use model::{
    Address, Body, InlinePolicy, InlinePolicyName, Policy, PolicyName, PolicyRef, Principal,
};

use crate::node::Node;
use crate::reading::{Reading, Section};
use crate::spec::{Draft, tags};
use crate::{document, keys};

/// IAM counts the characters of a managed policy without white space (IAM guide, "IAM and AWS STS quotas").
const LARGEST: usize = 6_144;

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    draft: &mut Draft,
) {
    let name = reading.ok(at, PolicyName::new(name));
    let Some(section) = reading.section(node, "a policy", keys::POLICY) else {
        return reading.error(at, "a policy needs `document` or `file`");
    };
    let path = section
        .get("path")
        .and_then(|node| reading.parsed(node, "a path such as `/people/`"));
    let description = section
        .get("description")
        .and_then(|node| reading.text(node, "a description"));
    if description.is_some_and(|text| text.chars().count() > 1000) {
        reading.error(at, "a policy's description has at most 1000 characters");
    }
    let tags = tags(reading, &section, &draft.tags);
    let Some(document) = document::read(reading, &section) else {
        return;
    };
    if document.size() > LARGEST {
        reading.error(
            at,
            format!(
                "the document has {} characters without white space, and IAM allows {LARGEST}",
                document.size()
            ),
        );
    }
    let Some(name) = name else { return };
    let path = path.unwrap_or_else(|| draft.path.clone());
    let body = Policy {
        path,
        description: description.map(str::to_owned),
        document,
        tags,
    };
    draft.declare_body(
        reading,
        at,
        Address::Policy(PolicyRef::Local(name)),
        Body::Policy(body),
    );
}

/// Reads what a user or a group has of policies: attached ones by reference, and inline ones.
pub(crate) fn held(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    principal: &Principal,
    draft: &mut Draft,
) {
    let (most, quota) = match principal {
        Principal::User(_) => (2_048, 20),
        Principal::Group(_) | Principal::Role(_) => (5_120, 10),
    };
    if let Some(node) = section.get("policies") {
        let references = reading.list(node, "a list of policies");
        for reference in references {
            draft.references.attach(reading, principal, reference);
        }
        if references.len() > quota {
            reading.error(
                node,
                format!(
                    "{} policies are attached, and IAM allows {quota}",
                    references.len()
                ),
            );
        } else if references.len() > 10 {
            reading.warn(
                node,
                "more than 10 policies are attached",
                "IAM allows 10 unless the quota was raised",
            );
        }
    }
    let Some(node) = section.get("inline_policies") else {
        return;
    };
    let Some(policies) = reading.names(node, "inline policies by name") else {
        return;
    };
    let mut size = 0;
    for (name, at, node) in policies.iter() {
        let name = reading.ok(at, InlinePolicyName::new(name));
        let Some(section) = reading.section(node, "an inline policy", keys::INLINE_POLICY) else {
            continue;
        };
        let (Some(document), Some(name)) = (document::read(reading, &section), name) else {
            continue;
        };
        size += document.size();
        let address = Address::InlinePolicy(principal.clone(), name);
        draft.declare_body(
            reading,
            at,
            address,
            Body::InlinePolicy(InlinePolicy { document }),
        );
    }
    if size > most {
        reading.error(
            node,
            format!("the inline policies have {size} characters together, and IAM allows {most}"),
        );
    }
}
