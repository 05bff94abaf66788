//! The entries of what couldn't be read: one for each reason, whatever the number of kinds that it hides.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Drift, Kind, Plan, ReadFailure, Reason};

use crate::document::{Detail, Entry, Mark, Remark};
use crate::plan::remark;
use crate::words::{count, first_few};

/// How many of the objects that aren't known are named.
const FEW: usize = 3;

/// Holds the kinds that couldn't be read for one reason. Without one, it wasn't tried.
struct NotRead<'a> {
    failure: Option<&'a ReadFailure>,
    kinds: Vec<Kind>,
}

/// Returns an entry for each reason why a plan doesn't know something, with what that withholds.
pub(crate) fn of_plan(plan: &Plan) -> Vec<Entry> {
    entries(&by_failure(&plan.unread), "plan", |kinds| {
        let is_of =
            |reason: &Reason| matches!(reason, Reason::Unread(kind) if kinds.contains(kind));
        let withheld = plan.withheld.iter().filter(|it| is_of(&it.reason));
        let withheld: Vec<&Address> = withheld.map(|it| &it.address).collect();
        match withheld.len() {
            0 => (String::new(), None),
            number => (
                format!("; {} withheld", count(number, "action", "actions")),
                Some(format!("withheld: {}", first_few(withheld, FEW))),
            ),
        }
    })
}

/// Returns an entry for each reason why something couldn't be compared.
pub(crate) fn of_drift(drift: &Drift) -> Vec<Entry> {
    let Drift {
        unread, unknown, ..
    } = drift;
    let kinds: BTreeSet<Kind> = unknown.iter().map(Address::kind).collect();
    let untried = kinds.into_iter().filter(|kind| !unread.contains_key(kind));
    let untried = NotRead {
        failure: None,
        kinds: untried.collect(),
    };
    let mut groups = by_failure(unread);
    groups.extend((!untried.kinds.is_empty()).then_some(untried));
    entries(&groups, "drift", |kinds| {
        let objects: Vec<&Address> = unknown
            .iter()
            .filter(|it| kinds.contains(&it.kind()))
            .collect();
        let named =
            (!objects.is_empty()).then(|| format!("not compared: {}", first_few(objects, FEW)));
        (String::new(), named)
    })
}

fn by_failure(unread: &BTreeMap<Kind, ReadFailure>) -> Vec<NotRead<'_>> {
    let mut groups: Vec<NotRead<'_>> = Vec::new();
    for (kind, failure) in unread {
        match groups
            .iter_mut()
            .find(|group| group.failure == Some(failure))
        {
            Some(group) => group.kinds.push(*kind),
            None => groups.push(NotRead {
                failure: Some(failure),
                kinds: vec![*kind],
            }),
        }
    }
    groups
}

/// Returns an entry for each reason; `hidden` says what the account's not being known comes to, in the entry's line and below
/// it. What a command lacks permissions for has the hint, once.
fn entries(
    groups: &[NotRead<'_>],
    command: &str,
    hidden: impl Fn(&[Kind]) -> (String, Option<String>),
) -> Vec<Entry> {
    let is_denied = |group: &NotRead<'_>| group.failure.is_some_and(ReadFailure::is_denied);
    let last_denied = groups.iter().rposition(is_denied);
    let entry = |(index, group): (usize, &NotRead<'_>)| {
        let (in_line, below) = hidden(&group.kinds);
        let (failed, why) = match group.failure {
            Some(failure) => failed(failure),
            None => ("it was not looked for".to_owned(), ""),
        };
        let texts = [
            (!why.is_empty()).then(|| why.to_owned()),
            (group.kinds.len() > 1).then(|| format!("not read: {}", list(&group.kinds))),
            below,
            (Some(index) == last_denied).then(|| hint(command)),
        ];
        Entry {
            note: Some(format!("not read: {failed}{in_line}")),
            details: texts.into_iter().flatten().map(Detail::Text).collect(),
            ..Entry::new(Mark::Unknown, &title(&group.kinds))
        }
    };
    groups.iter().enumerate().map(entry).collect()
}

/// Says what isn't known and why, and what a command lacks permissions for with the hint.
pub(crate) fn unknown(what: &str, failure: &ReadFailure, command: &str) -> Remark {
    let (failed, _) = failed(failure);
    let mut text = format!("{what}: {failed}.");
    if failure.is_denied() {
        text.push_str(&format!(" {}.", hint(command)));
    }
    remark(Mark::Unknown, text)
}

/// Says which operation failed with which code, and what else is known of it.
fn failed(failure: &ReadFailure) -> (String, &str) {
    let ReadFailure { operation, message } = failure;
    match failure.answer() {
        Some((code, message)) => (format!("{code} for {operation}"), message),
        None => (format!("{operation} failed"), message),
    }
}

fn hint(command: &str) -> String {
    format!("`mfactl permissions {command}` prints what the credentials need")
}

fn title(kinds: &[Kind]) -> String {
    let all = kinds.iter().map(|kind| format!("{kind}/*"));
    first_few(all, 1)
}

fn list(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    words.join(", ")
}
