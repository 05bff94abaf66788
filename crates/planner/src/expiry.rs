//! Users and memberships that end by themselves.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::{Address, Desired, Finding, FindingCode, Level};

use crate::draft::Draft;
use crate::findings::finding;

/// How many days ahead a plan says that something ends.
const AHEAD: i32 = 14;

/// Lists what has expired and is still to be removed, and what ends soon.
pub(crate) fn findings(desired: &Desired, drafts: &[Draft]) -> Vec<Finding> {
    let Some(today) = desired.as_of else {
        return Vec::new();
    };
    let expiries = desired
        .expires
        .iter()
        .filter(|(address, _)| !desired.ignores(address));
    let removals = drafts.iter().filter(|draft| draft.removal);
    let to_go: BTreeSet<&Address> = removals.map(|draft| &draft.address).collect();
    expiries
        .filter_map(|(address, last)| match days(today, *last) {
            ..0 => to_go.contains(address).then(|| expired(address, *last)),
            left @ 0..=AHEAD => Some(soon(address, *last, left)),
            _ => None,
        })
        .collect()
}

fn days(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

fn expired(address: &Address, last: Date) -> Finding {
    finding(
        Level::Note,
        FindingCode::Expired,
        address,
        format!("has expired: {last} was its last day"),
        Some("move `expires` if access is to go on".to_owned()),
    )
}

fn soon(address: &Address, last: Date, left: i32) -> Finding {
    let message = match left {
        0 => format!("expires tonight: today, {last}, is its last day"),
        1 => format!("expires tomorrow: {last} is its last day"),
        _ => format!("expires in {left} days: {last} is its last day"),
    };
    finding(
        Level::Note,
        FindingCode::ExpiresSoon,
        address,
        message,
        Some("move `expires` if access is to go on".to_owned()),
    )
}
