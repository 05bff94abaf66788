//! Drift as JSON.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, Address, Caller, Difference, Drift, DriftCounts, Finding, Kind, ReadFailure, Region,
    Trail, TrailCall, TrailSource, UndeclaredPrincipal,
};
use serde::Serialize;
use serde_json::Value;

use crate::Header;
use crate::json::{FORMAT_VERSION, value};

#[derive(Serialize)]
struct DriftJson<'a> {
    format_version: &'static str,
    mfactl_version: &'static str,
    #[serde(flatten)]
    header: &'a Header,
    account: &'a Account,
    region: &'a Region,
    caller: &'a Caller,
    counts: DriftCounts,
    differences: Vec<Told<'a, Difference>>,
    undeclared_principals: Vec<Told<'a, UndeclaredPrincipal>>,
    findings: &'a [Finding],
    not_compared: &'a BTreeSet<Address>,
    unread: &'a BTreeMap<Kind, ReadFailure>,
    trail: Option<TrailJson<'a>>,
}

/// Something that was found, and the call that made it so, where CloudTrail tells it.
#[derive(Serialize)]
struct Told<'a, T> {
    #[serde(flatten)]
    what: &'a T,
    by: Option<&'a TrailCall>,
}

fn told<'a, T>(all: &'a [T], by: impl Fn(&T) -> Option<&'a TrailCall>) -> Vec<Told<'a, T>> {
    all.iter().map(|what| Told { what, by: by(what) }).collect()
}

/// How CloudTrail was searched.
#[derive(Serialize)]
struct TrailJson<'a> {
    source: &'a TrailSource,
    is_cut_short: bool,
    failure: Option<&'a ReadFailure>,
}

/// Returns drift as JSON: `before` of a field is as declared, `after` as found; `trail` is null where CloudTrail wasn't asked.
pub fn drift_json(drift: &Drift, trail: Option<&Trail>, header: &Header) -> Value {
    let Drift {
        account,
        region,
        caller,
        differences,
        principals,
        findings,
        unknown,
        unread,
    } = drift;
    let by = |address: &Address| trail.and_then(|trail| trail.calls.get(address));
    value(&DriftJson {
        format_version: FORMAT_VERSION,
        mfactl_version: env!("CARGO_PKG_VERSION"),
        header,
        account,
        region,
        caller,
        counts: drift.counts(),
        differences: told(differences, |it| by(&it.address)),
        undeclared_principals: told(principals, |it| by(&it.address)),
        findings,
        not_compared: unknown,
        unread,
        trail: trail.map(|trail| TrailJson {
            source: &trail.source,
            is_cut_short: trail.is_cut_short,
            failure: trail.failure.as_ref(),
        }),
    })
}
