//! The entries of what a plan doesn't do, or wants a reviewer to know.

use model::{Address, Finding, Level, Plan, Reason, Suggestion, Withheld};

use crate::collapse::collapse;
use crate::document::{Detail, Entry, Mark};
use crate::policies;
use crate::words::participle;

/// Returns an entry for each finding of one sort: those for which the plan must not be applied, or the others.
pub(crate) fn findings(findings: &[Finding], refusals: bool) -> Vec<Entry> {
    let mut findings: Vec<&Finding> = findings
        .iter()
        .filter(|finding| (finding.level == Level::Refusal) == refusals)
        .collect();
    findings.sort_by_key(|finding| {
        (
            std::cmp::Reverse(finding.level),
            finding.code,
            &finding.address,
        )
    });
    let entries = findings.into_iter().map(|finding| {
        let kind = finding.address.as_ref().map(Address::kind);
        (kind, finding_entry(finding))
    });
    say_hints_once(collapse(entries))
}

/// Returns the entry of one finding.
pub(crate) fn finding_entry(finding: &Finding) -> Entry {
    let Finding {
        level,
        code,
        address,
        message,
        because,
        hint,
        suggestion,
    } = finding;
    let mark = match level {
        Level::Note | Level::Warning | Level::Accepted => Mark::Attention,
        Level::Refusal => Mark::Failure,
    };
    let about = address
        .as_ref()
        .map_or_else(|| code.to_string(), ToString::to_string);
    Entry {
        note: Some(message.clone()),
        details: because
            .iter()
            .chain(hint)
            .cloned()
            .map(Detail::Text)
            .chain(suggestion.iter().flat_map(suggested))
            .collect(),
        ..Entry::new(mark, &about)
    }
}

/// Shows a suggested change as the lines that differ.
fn suggested(suggestion: &Suggestion) -> Vec<Detail> {
    let Suggestion { before, after } = suggestion;
    let mut details = policies::changes(before, after);
    for detail in &mut details {
        if let Detail::Diff { title, .. } = detail {
            title.insert_str(0, "suggested: ");
        }
    }
    details
}

/// Leaves a hint that several entries in a row have to the last of them.
fn say_hints_once(mut entries: Vec<Entry>) -> Vec<Entry> {
    let is_said_below: Vec<bool> = entries
        .iter()
        .zip(entries.iter().skip(1))
        .map(|(one, next)| one.details == next.details)
        .collect();
    for (entry, _) in entries
        .iter_mut()
        .zip(is_said_below)
        .filter(|(_, is_said_below)| *is_said_below)
    {
        entry.details.clear();
    }
    entries
}

/// Returns an entry for each change that is withheld for another reason than a kind whose entry says so already.
pub(crate) fn withheld(plan: &Plan) -> Vec<Entry> {
    let is_said =
        |reason: &Reason| matches!(reason, Reason::Unread(kind) if plan.unread.contains_key(kind));
    let mut withheld: Vec<&Withheld> = plan
        .withheld
        .iter()
        .filter(|change| !is_said(&change.reason))
        .collect();
    withheld.sort_by_key(|change| &change.address);
    collapse(
        withheld
            .into_iter()
            .map(|change| (Some(change.address.kind()), withheld_entry(change))),
    )
}

fn withheld_entry(withheld: &Withheld) -> Entry {
    let Withheld {
        address,
        change,
        reason,
        origin,
    } = withheld;
    let what = match change {
        Some(change) => format!("not {}", participle(change)),
        None => "withheld".to_owned(),
    };
    Entry {
        note: Some(format!("{what}: {reason}")),
        origin: origin.as_ref().map(ToString::to_string),
        ..Entry::new(Mark::Unknown, address)
    }
}
