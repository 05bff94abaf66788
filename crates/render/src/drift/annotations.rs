//! Drift on the lines of a spec.

use std::collections::BTreeMap;

use model::{Address, Drift, Origin, Trail};

use super::{entries, principal};
use crate::Header;
use crate::annotations::{Annotation, Severity, annotation, of_finding};
use crate::document::{Entry, Mark};
use crate::unread;

/// Returns what differs, each with who did it, and what isn't known.
///
/// `declared` says where an object is declared. What isn't is put where the group or user that it gives something is, and
/// else at the beginning of the spec.
pub fn drift_annotations(
    drift: &Drift,
    trail: Option<&Trail>,
    header: &Header,
    declared: impl Fn(&Address) -> Option<Origin>,
) -> Vec<Annotation> {
    let differing: BTreeMap<&Address, &Origin> = drift
        .differences
        .iter()
        .filter_map(|it| Some((&it.address, it.origin.as_ref()?)))
        .collect();
    let place = |entry: &Entry| {
        let address: Address = entry.address.parse().ok()?;
        let own = differing.get(&address).map(|origin| (*origin).clone());
        own.or_else(|| address.owners().iter().find_map(&declared))
    };
    let differences = entries(&drift.differences, trail);
    let differences = differences.into_iter().map(|(_, entry)| entry);
    let principals = drift.principals.iter().map(|it| principal(it, trail));
    let unknown = unread::of_drift(drift);
    let findings = drift.findings.iter().map(|finding| {
        let origin = finding.address.as_ref().and_then(&declared);
        of_finding(finding, origin, header)
    });
    differences
        .chain(principals)
        .chain(unknown)
        .map(|entry| {
            let (severity, rule) = match entry.mark {
                Mark::Delete => (Severity::Warning, "missing"),
                Mark::Create => (Severity::Warning, "undeclared"),
                Mark::Update | Mark::Attention => (Severity::Warning, "changed"),
                Mark::Unknown | Mark::Failure => (Severity::Error, "not-compared"),
            };
            annotation(severity, rule, &entry, place(&entry), header)
        })
        .chain(findings)
        .collect()
}
