//! Drift as a document: seen from what is declared to what was found.

mod annotations;
mod json;
mod meaning;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Body, Change, Deviation, Difference, Drift, DriftCounts, Kind, Tool, Trail, TrailCall,
    TrailSource, UndeclaredPrincipal,
};

pub use self::annotations::drift_annotations;
pub use self::json::drift_json;
use crate::changes::{details, note, of_rights, with};
use crate::collapse::collapse;
use crate::document::{About, Detail, Document, Entry, Importance, Mark, Remark, Section, View};
use crate::findings;
use crate::plan::{remark, title_of};
use crate::words::{count, first_few};
use crate::{Header, unread};

/// How many of the objects that give a principal rights are named.
const FEW: usize = 3;

/// Returns what is to be shown of drift.
pub(crate) fn document(drift: &Drift, trail: Option<&Trail>, header: &Header) -> Document {
    let Drift {
        account,
        region,
        caller,
        differences,
        principals,
        findings,
        unknown: _,
        unread: _,
    } = drift;
    let plain = |entries| Section {
        heading: None,
        entries,
    };
    let heading = "Users, groups and roles that nobody declared:".to_owned();
    let principals = principals.iter().map(|it| principal(it, trail));
    Document {
        view: View::Drift,
        about: Some(About {
            spec: header.spec.clone(),
            account: account.id.to_string(),
        }),
        affected: meaning::meaning(drift),
        title: title_of(account, region, caller, header),
        sections: vec![
            plain(collapse(entries(differences, trail))),
            Section {
                heading: Some(remark(Mark::Attention, heading)),
                entries: principals.collect(),
            },
            plain(findings::findings(findings, false)),
            plain(unread::of_drift(drift)),
        ],
        verdict: verdict(drift, trail, header),
        ..Document::default()
    }
}

/// Returns an entry for each difference, what is there first; objects that go with their user or group are parts of its
/// entry.
fn entries(differences: &[Difference], trail: Option<&Trail>) -> Vec<(Option<Kind>, Entry)> {
    let addresses: BTreeSet<&Address> = differences.iter().map(|it| &it.address).collect();
    let mut parts: BTreeMap<&Address, Vec<&Difference>> = BTreeMap::new();
    let mut whole = Vec::new();
    for difference in differences {
        match &difference.part_of {
            Some(owner) if addresses.contains(owner) => {
                parts.entry(owner).or_default().push(difference);
            }
            Some(_) | None => whole.push(difference),
        }
    }
    whole.sort_by_key(|it| (mark(&it.deviation), &it.address));
    let entries = whole.into_iter().map(|it| {
        let parts = parts.remove(&it.address).unwrap_or_default();
        (Some(it.address.kind()), entry(it, &parts, trail))
    });
    entries.collect()
}

fn mark(deviation: &Deviation) -> Mark {
    match deviation {
        Deviation::Missing { .. } => Mark::Delete,
        Deviation::Changed { .. } | Deviation::Conflict { .. } => Mark::Update,
        Deviation::Undeclared { .. } => Mark::Create,
    }
}

fn entry(difference: &Difference, parts: &[&Difference], trail: Option<&Trail>) -> Entry {
    let Difference {
        address,
        deviation,
        origin,
        part_of: _,
    } = difference;
    let bodies = parts.iter().filter_map(|part| match &part.deviation {
        Deviation::Undeclared { found } => Some(found),
        Deviation::Missing { .. } | Deviation::Changed { .. } | Deviation::Conflict { .. } => None,
    });
    let notes: Vec<String> = note_of(deviation).into_iter().chain(with(bodies)).collect();
    let parts = parts
        .iter()
        .map(|part| (Some(part.address.kind()), entry(part, &[], trail)));
    let mut details = details_of(deviation);
    details.extend(who(address, deviation, trail));
    Entry {
        note: (!notes.is_empty()).then(|| notes.join(", ")),
        origin: origin.as_ref().map(ToString::to_string),
        details,
        parts: collapse(parts),
        ..rated(Entry::new(mark(deviation), address), address)
    }
}

/// Returns an entry with how much it matters what was found of an object: who may do what goes first.
fn rated(entry: Entry, address: &Address) -> Entry {
    Entry {
        importance: entry.importance.max(of_rights(address).unwrap_or_default()),
        ..entry
    }
}

fn note_of(deviation: &Deviation) -> Option<String> {
    match deviation {
        // What an object is, is said best of one that goes.
        Deviation::Missing { declared: body } | Deviation::Undeclared { found: body } => {
            note(&Change::Delete {
                before: body.clone(),
            })
        }
        Deviation::Changed {
            declared: Body::User(user),
            ..
        } => {
            let old = user.renamed_from.as_ref()?;
            Some(format!("found as {}", Address::User(old.clone())))
        }
        Deviation::Changed { .. } => None,
        Deviation::Conflict { because } => Some(because.clone()),
    }
}

fn details_of(deviation: &Deviation) -> Vec<Detail> {
    match deviation.clone() {
        // The spec says what it should be.
        Deviation::Missing { declared: _ } | Deviation::Conflict { because: _ } => Vec::new(),
        Deviation::Changed {
            declared,
            found,
            fields,
        } => details(&Change::Update {
            before: declared,
            after: found,
            fields,
        }),
        Deviation::Undeclared { found } => details(&Change::Create { after: found }),
    }
}

/// Says who made an object as it was found, where that is known.
fn who(address: &Address, deviation: &Deviation, trail: Option<&Trail>) -> Vec<Detail> {
    let Some(call) = trail.and_then(|trail| trail.calls.get(address)) else {
        return Vec::new();
    };
    let mut texts = vec![sentence(call)];
    let is_there = !matches!(deviation, Deviation::Missing { .. });
    if is_there && call.tool == Some(Tool::Mfactl) {
        texts.push("mfactl made it so, and the spec may have changed since".to_owned());
    }
    texts.into_iter().map(Detail::Text).collect()
}

/// Says what CloudTrail tells of a call, in one line.
pub(crate) fn sentence(call: &TrailCall) -> String {
    let TrailCall {
        event_id: _,
        time,
        operation,
        by,
        session,
        from,
        tool,
        user_agent,
        mfa,
    } = call;
    let session = session.as_ref().map(|name| format!(" (session {name})"));
    let from = from.as_ref().map(|from| format!(" from {from}"));
    let tool = match (tool, user_agent) {
        (Some(tool), _) => Some(format!(" {}", tool.phrase())),
        (None, Some(agent)) => Some(format!(" with \"{agent}\"")),
        (None, None) => None,
    };
    let mfa = mfa.map(|mfa| if mfa { ", with MFA" } else { ", without MFA" });
    format!(
        "{operation} by {by}{} at {time}{}{}{}",
        session.unwrap_or_default(),
        from.unwrap_or_default(),
        tool.unwrap_or_default(),
        mfa.unwrap_or_default()
    )
}

fn principal(principal: &UndeclaredPrincipal, trail: Option<&Trail>) -> Entry {
    let UndeclaredPrincipal {
        address,
        found,
        access,
    } = principal;
    let named = |title: &str, of: fn(&Address) -> bool| {
        let names = access.iter().filter(|it| of(it)).map(Address::name);
        let text = first_few(names, FEW);
        (!text.is_empty()).then(|| Detail::Field {
            name: title.to_owned(),
            value: text,
        })
    };
    let lists = [
        named("memberships", |it| it.kind() == Kind::Membership),
        named("attachments", |it| it.kind() == Kind::Attachment),
        named("inline policies", |it| it.kind() == Kind::InlinePolicy),
    ];
    let mut details = details(&Change::Create {
        after: found.clone(),
    });
    details.extend(lists.into_iter().flatten());
    let found = Deviation::Undeclared {
        found: found.clone(),
    };
    details.extend(who(address, &found, trail));
    Entry {
        details,
        importance: Importance::Attachment,
        ..Entry::new(Mark::Create, address)
    }
}

fn verdict(drift: &Drift, trail: Option<&Trail>, header: &Header) -> Vec<Remark> {
    let is_unsure = !drift.is_drifted() && !drift.is_complete();
    let mut verdict = vec![Remark {
        mark: is_unsure.then_some(Mark::Unknown),
        text: outcome(drift, header),
    }];
    if !drift.is_complete() && !is_unsure {
        let text = "Incomplete: not everything could be read, and what isn't known isn't compared.";
        verdict.push(remark(Mark::Unknown, text.to_owned()));
    }
    if let Some(trail) = trail {
        verdict.extend(not_told(drift, trail));
        verdict.extend(cost(trail));
    }
    verdict
}

fn outcome(drift: &Drift, header: &Header) -> String {
    if !drift.is_drifted() {
        return match (drift.is_complete(), header.declared) {
            (false, _) => {
                let what = match drift.counts().unknown {
                    0 => "not everything could be read".to_owned(),
                    1 => "1 object could not be compared".to_owned(),
                    number => format!("{number} objects could not be compared"),
                };
                format!("Incomplete: {what}. No drift in what could be read.")
            }
            (true, 1) => "No drift. 1 object is as the spec says.".to_owned(),
            (true, number) => format!("No drift. {number} objects are as the spec says."),
        };
    }
    let DriftCounts {
        missing,
        changed,
        undeclared,
        principals,
        unknown,
    } = drift.counts();
    let more = |number: usize, what: &str| match number {
        0 => String::new(),
        number => format!(", {number} {what}"),
    };
    format!(
        "Drift: {missing} missing (-), {changed} changed (~), {undeclared} undeclared (+){}{}.",
        more(principals, "more in the account that nobody declared"),
        more(unknown, "not compared")
    )
}

/// Says of how many objects it isn't known who made them as they are, and why that can be.
fn not_told(drift: &Drift, trail: &Trail) -> Option<Remark> {
    if let Some(failure) = &trail.failure {
        let what = "Who did it isn't known, or not of all";
        return Some(unread::unknown(what, failure, "drift"));
    }
    let whole = drift.differences.iter().filter(|it| it.part_of.is_none());
    let addresses = whole.map(|it| &it.address);
    let addresses = addresses.chain(drift.principals.iter().map(|it| &it.address));
    let untold = addresses
        .filter(|address| !trail.calls.contains_key(address))
        .count();
    if untold == 0 {
        return None;
    }
    let of = count(untold, "object", "objects");
    let (teller, since) = match &trail.source {
        TrailSource::EventHistory => ("CloudTrail".to_owned(), "for 90 days".to_owned()),
        TrailSource::LogGroup { name, since, .. } => {
            (format!("Log group {name}"), format!("since {since}"))
        }
    };
    let why = if trail.is_cut_short {
        "there are more events than are searched".to_owned()
    } else {
        format!(
            "it tells of a call after some minutes and {since}, and not of what never was applied"
        )
    };
    let text = format!("{teller} doesn't tell who did it for {of}: {why}.");
    Some(remark(Mark::Unknown, text))
}

/// Says how much was looked through where that costs.
fn cost(trail: &Trail) -> Option<Remark> {
    match &trail.source {
        TrailSource::LogGroup {
            name,
            since: _,
            bytes_scanned: Some(bytes),
        } => Some(Remark {
            mark: None,
            text: format!(
                "Logs Insights scanned {} of log group {name}.",
                size(*bytes)
            ),
        }),
        TrailSource::LogGroup { .. } | TrailSource::EventHistory => None,
    }
}

/// Returns bytes in the unit that fits, as AWS counts them: a GB has 1024³.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes * 10 / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => count(usize::try_from(bytes).unwrap_or_default(), "byte", "bytes"),
    }
}
