//! What differs between a plan that was reviewed and the one that there would be now.

use std::collections::{BTreeMap, BTreeSet};

use model::{Action, ActionId, Address, Finding, FindingCode, Level, Plan, Proof};
use serde::Serialize;

use crate::Header;
use crate::changes::entry;
use crate::document::{Document, Entry, Mark, Remark, Section};
use crate::findings::{finding_entry, withheld};
use crate::plan::{proofs, remark, short_digest, title};
use crate::unread;

/// What a page about it begins with.
const REFUSED: &str = "Refused: this is not the plan that was reviewed.";

/// What the objects have in common to which not the same is done.
const CHANGED: &str = "What isn't as it was reviewed:";

/// Holds what a reviewed plan does to one object and what is planned for it now, where that isn't the same.
#[derive(Debug, Serialize)]
pub(crate) struct Difference<'a> {
    address: &'a Address,
    reviewed: Vec<&'a Action>,
    now: Vec<&'a Action>,
}

/// Holds the verdicts of a plan that another doesn't have.
#[derive(Debug, Serialize)]
pub(crate) struct Verdicts<'a> {
    findings: Vec<&'a Finding>,
    proofs: &'a [Proof],
}

/// Lists the objects to which not the same is done, by address.
pub(crate) fn differences<'a>(reviewed: &'a Plan, now: &'a Plan) -> Vec<Difference<'a>> {
    let mut by_address: BTreeMap<&Address, (Vec<&Action>, Vec<&Action>)> = BTreeMap::new();
    for action in &reviewed.actions {
        by_address
            .entry(&action.address)
            .or_default()
            .0
            .push(action);
    }
    for action in &now.actions {
        by_address
            .entry(&action.address)
            .or_default()
            .1
            .push(action);
    }
    by_address
        .into_iter()
        .filter(|(_, (reviewed, now))| !are_same(reviewed, now))
        .map(|(address, (reviewed, now))| Difference {
            address,
            reviewed,
            now,
        })
        .collect()
}

fn are_same(reviewed: &[&Action], now: &[&Action]) -> bool {
    reviewed.len() == now.len()
        && reviewed
            .iter()
            .zip(now)
            .all(|(one, other)| placeless(one) == placeless(other))
}

/// Leaves out an action's place in the plan and in the spec.
fn placeless(action: &Action) -> Action {
    Action {
        id: ActionId(0),
        after: BTreeMap::new(),
        origin: None,
        ..action.clone()
    }
}

fn said(finding: &Finding) -> (Level, FindingCode, Option<&Address>, &str) {
    let Finding {
        level,
        code,
        address,
        message,
        because: _,
        hint: _,
        suggestion: _,
    } = finding;
    (*level, *code, address.as_ref(), message)
}

/// Returns the verdicts of one plan that the other doesn't have.
pub(crate) fn verdicts<'a>(of: &'a Plan, other: &'a Plan) -> Verdicts<'a> {
    let known: BTreeSet<_> = other.findings.iter().map(said).collect();
    let is_new = |finding: &&Finding| finding.code.is_verdict() && !known.contains(&said(finding));
    Verdicts {
        findings: of.findings.iter().filter(is_new).collect(),
        proofs: &of.proofs,
    }
}

/// Returns what is to be shown of a plan that isn't the reviewed one. It is about no spec: what a forge keeps of the plan
/// itself is not to be replaced by it.
pub(crate) fn document(reviewed: &Plan, now: &Plan, then: &Header, header: &Header) -> Document {
    let changes = differences(reviewed, now);
    let section = |heading: &str, of: &Plan, other: &Plan| Section {
        heading: Some(remark(Mark::Attention, heading.to_owned())),
        entries: verdicts(of, other)
            .findings
            .into_iter()
            .map(finding_entry)
            .collect(),
    };
    let sections = vec![
        Section {
            heading: Some(remark(Mark::Failure, CHANGED.to_owned())),
            entries: changes.iter().map(difference).collect(),
        },
        Section {
            heading: None,
            entries: unread::of_plan(now)
                .into_iter()
                .chain(withheld(now))
                .collect(),
        },
        section("Found in the reviewed plan only:", reviewed, now),
        section("Found now only:", now, reviewed),
    ];
    let is_order =
        sections.iter().all(|section| section.entries.is_empty()) && reviewed.proofs == now.proofs;
    let mut verdict = Vec::new();
    if is_order {
        verdict.push("The same is planned, in another order.".to_owned());
    }
    verdict.push(line("Reviewed", reviewed, then));
    verdict.push(line("Now", now, header));
    let plain = |text| Remark { mark: None, text };
    Document {
        title: title(now, header),
        sections,
        refusal: Some(remark(Mark::Failure, REFUSED.to_owned())),
        verdict: verdict.into_iter().map(plain).collect(),
        ..Document::default()
    }
}

fn line(when: &str, plan: &Plan, header: &Header) -> String {
    let Header { spec, commit, .. } = header;
    let commit = commit.as_ref().map(|commit| format!(" at {commit}"));
    let proofs = proofs(&plan.proofs).map(|proofs| format!(" {}.", proofs.text));
    format!(
        "{when}: digest {}, spec {spec}{}.{}",
        short_digest(plan),
        commit.unwrap_or_default(),
        proofs.unwrap_or_default()
    )
}

fn difference(difference: &Difference<'_>) -> Entry {
    let Difference {
        address,
        reviewed,
        now,
    } = difference;
    let parts = side("reviewed", reviewed)
        .into_iter()
        .chain(side("now", now));
    Entry {
        parts: parts.collect(),
        ..Entry::new(Mark::Attention, *address)
    }
}

/// Returns what one of the two plans does to an object.
fn side(name: &str, actions: &[&Action]) -> Vec<Entry> {
    let named = |entry: Entry| Entry {
        address: name.to_owned(),
        ..entry
    };
    if actions.is_empty() {
        let nothing = Entry {
            note: Some("nothing is done".to_owned()),
            ..Entry::new(Mark::Unknown, name)
        };
        return vec![nothing];
    }
    actions
        .iter()
        .map(|action| named(entry(action, Vec::new())))
        .collect()
}
