//! The digest that binds an apply to the plan that was reviewed.

use model::{Account, Action, Region};
use serde::Serialize;
use sha2::{Digest, Sha256};

#[derive(Serialize)]
struct Bound<'a> {
    account: &'a str,
    region: &'a Region,
    actions: &'a [Action],
}

/// Returns SHA-256 of the account, the region and the actions with what each was planned on, as canonical JSON (RFC 8785).
///
/// Where the spec declares an object isn't part of it: moving a line changes no action.
pub(crate) fn digest(account: &Account, region: &Region, actions: &[Action]) -> String {
    let actions: Vec<Action> = actions
        .iter()
        .map(|action| Action {
            origin: None,
            ..action.clone()
        })
        .collect();
    let bound = Bound {
        account: account.id.as_str(),
        region,
        actions: &actions,
    };
    let json = canonical(&bound);
    Sha256::digest(json)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The canonicalizer takes texts as keys only, so ids of actions become texts first.
#[expect(
    clippy::expect_used,
    reason = "all of it is texts, finite numbers and maps keyed by texts; an empty digest would make all plans alike"
)]
fn canonical(bound: &Bound<'_>) -> Vec<u8> {
    let value = serde_json::to_value(bound).expect("an action can be written as JSON");
    serde_json_canonicalizer::to_vec(&value).expect("JSON has a canonical form")
}
