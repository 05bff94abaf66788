//! What a reviewer should know beyond the actions.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressPattern, Body, Boundary, Change, Desired, Finding, FindingCode, Level,
    PolicyRef, Retention, Snapshot, UserName, Wish,
};
use policy::{Document, Resources};

use crate::draft::Draft;

/// Lists what isn't declared, what can't be changed, and what a rename or move leaves behind.
pub(crate) fn findings(
    desired: &Desired,
    live: &Snapshot,
    renames: &BTreeMap<UserName, UserName>,
    drafts: &[Draft],
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(unchangeable(desired, live));
    findings.extend(overridden_retentions(desired, live));
    findings.extend(undeclared_boundaries(desired, live));
    findings.extend(named_elsewhere(live, renames, drafts));
    findings.extend(undeclared(desired, live));
    findings
}

pub(crate) fn finding(
    level: Level,
    code: FindingCode,
    address: &Address,
    message: String,
    hint: Option<String>,
) -> Finding {
    Finding {
        level,
        code,
        address: Some(address.clone()),
        message,
        because: Vec::new(),
        hint,
        suggestion: None,
    }
}

fn undeclared(desired: &Desired, live: &Snapshot) -> Vec<Finding> {
    let is_reported = |address: &Address, body: &Body| {
        matches!(
            address,
            Address::User(_) | Address::Group(_) | Address::Policy(PolicyRef::Local(_))
        ) && !desired.objects.contains_key(address)
            && !desired.ignores(address)
            && !desired.prunes(address, body)
    };
    live.iter()
        .filter(|(address, body)| is_reported(address, body))
        .map(|(address, _)| {
            finding(
                Level::Note,
                FindingCode::Undeclared,
                address,
                "not declared; left alone".to_owned(),
                None,
            )
        })
        .collect()
}

fn declared_and_live<'a>(
    desired: &'a Desired,
    live: &'a Snapshot,
) -> impl Iterator<Item = (&'a Address, &'a Body, &'a Body)> {
    desired
        .objects
        .iter()
        .filter(|(address, _)| !desired.ignores(address))
        .filter_map(|(address, declared)| match &declared.wish {
            Wish::Present(body) => Some((address, body, live.get(address)?)),
            Wish::Absent => None,
        })
}

fn unchangeable(desired: &Desired, live: &Snapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (address, declared, live) in declared_and_live(desired, live) {
        let (Body::Policy(declared), Body::Policy(live)) = (declared, live) else {
            continue;
        };
        let differing = [
            ("path", declared.path != live.path, live.path.to_string()),
            (
                "description",
                declared.description.is_some()
                    && declared.description.as_deref()
                        != Some(live.description.as_deref().unwrap_or("")),
                live.description.clone().unwrap_or_default(),
            ),
        ];
        for (field, _, value) in differing.into_iter().filter(|(_, differs, _)| *differs) {
            let message = format!(
                "its {field} stays \"{}\", since IAM can't change it in place",
                value.escape_debug()
            );
            let hint =
                "declare what is there, or move its users to a policy of another name".to_owned();
            findings.push(finding(
                Level::Note,
                FindingCode::Unchangeable,
                address,
                message,
                Some(hint),
            ));
        }
    }
    findings
}

fn overridden_retentions(desired: &Desired, live: &Snapshot) -> Vec<Finding> {
    let policy = |declared: &Body, live: &Body| match (declared, live) {
        (Body::LogGroup(declared), Body::LogGroup(live)) => match &live.retention {
            Retention::AccountPolicy(policy) if declared.retention != Retention::Undeclared => {
                Some(policy.clone())
            }
            _ => None,
        },
        _ => None,
    };
    declared_and_live(desired, live)
        .filter_map(|(address, declared, live)| {
            let message = format!(
                "the account's retention policy \"{}\" decides how long it keeps its events; what is declared has no effect",
                policy(declared, live)?.escape_debug()
            );
            let hint = "leave `retention_days` out, or exclude the log group from that policy".to_owned();
            Some(finding(
                Level::Warning,
                FindingCode::RetentionOverridden,
                address,
                message,
                Some(hint),
            ))
        })
        .collect()
}

fn undeclared_boundaries(desired: &Desired, live: &Snapshot) -> Vec<Finding> {
    let boundary = |declared: &Body, live: &Body| match (declared, live) {
        (Body::User(declared), Body::User(live)) if declared.boundary == Boundary::Undeclared => {
            live.boundary.policy().cloned()
        }
        _ => None,
    };
    declared_and_live(desired, live)
        .filter_map(|(address, declared, live)| {
            let message = format!(
                "has the boundary {}, not declared; left alone",
                boundary(declared, live)?
            );
            let hint = "declare it, or remove it with `boundary: false`".to_owned();
            Some(finding(
                Level::Note,
                FindingCode::UndeclaredBoundary,
                address,
                message,
                Some(hint),
            ))
        })
        .collect()
}

/// Finds the documents that name a user who gets another ARN: they don't follow.
fn named_elsewhere(
    live: &Snapshot,
    renames: &BTreeMap<UserName, UserName>,
    drafts: &[Draft],
) -> Vec<Finding> {
    let moved: Vec<(&Draft, String, String)> = drafts
        .iter()
        .filter(|draft| draft.withheld.is_none())
        .filter_map(|draft| moved(draft, renames))
        .collect();
    if moved.is_empty() {
        return Vec::new();
    }
    let patterns = user_patterns(live);
    let mut findings = Vec::new();
    for (draft, name, path_and_name) in moved {
        let naming = patterns.iter().filter(|(pattern, _)| {
            let pattern = pattern.replace("${aws:username}", &name);
            pattern != "*" && AddressPattern::new(&pattern).matches(&path_and_name)
        });
        let documents: BTreeSet<&Address> = naming
            .flat_map(|(_, documents)| documents)
            .copied()
            .collect();
        for document in documents {
            let message = format!(
                "{document} names its ARN as it is now, user{path_and_name}, and does not follow"
            );
            let hint = "change that document in the same apply".to_owned();
            findings.push(finding(
                Level::Warning,
                FindingCode::NamedElsewhere,
                &draft.address,
                message,
                Some(hint),
            ));
        }
    }
    findings
}

/// Returns the name a moved or renamed user has now, and its path and name.
fn moved<'a>(
    draft: &'a Draft,
    renames: &BTreeMap<UserName, UserName>,
) -> Option<(&'a Draft, String, String)> {
    let (
        Address::User(name),
        Some(Change::Update {
            before: Body::User(before),
            after: Body::User(after),
            ..
        }),
    ) = (&draft.address, &draft.change)
    else {
        return None;
    };
    let old = after.renamed_from.as_ref();
    if before.path == after.path && old.is_none() {
        return None;
    }
    let name = old.or_else(|| renames.get(name)).unwrap_or(name);
    Some((draft, name.to_string(), format!("{}{name}", before.path)))
}

/// Returns the part after `user` of every resource that documents name users by, with those documents.
fn user_patterns(live: &Snapshot) -> BTreeMap<&str, BTreeSet<&Address>> {
    let mut patterns: BTreeMap<&str, BTreeSet<&Address>> = BTreeMap::new();
    for (address, body) in live.iter() {
        let document = match (address, body) {
            (Address::Policy(PolicyRef::Local(_)), Body::Policy(policy)) => &policy.document,
            (_, Body::InlinePolicy(inline)) => &inline.document,
            _ => continue,
        };
        for pattern in user_resources(document) {
            patterns.entry(pattern).or_default().insert(address);
        }
    }
    patterns
}

fn user_resources(document: &Document) -> impl Iterator<Item = &str> {
    let resources = document
        .statements()
        .filter_map(|statement| statement.resources());
    let patterns = resources.flat_map(|resources| match resources {
        Resources::Resource(patterns) | Resources::NotResource(patterns) => patterns,
    });
    patterns.filter_map(|pattern| {
        pattern
            .as_str()
            .split_once(":user")
            .map(|(_, path_and_name)| path_and_name)
    })
}
