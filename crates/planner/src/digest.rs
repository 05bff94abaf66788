//! The digest that binds an apply to the plan that was reviewed.

use model::{Account, Action, Region};
use serde::Serialize;
use sha2::{Digest, Sha256};

#[derive(Serialize)]
struct Head<'a> {
    account: &'a str,
    region: &'a Region,
}

/// Returns SHA-256 of lines of canonical JSON (RFC 8785): the account and region, then every action with what it was
/// planned on.
///
/// Where the spec declares an object isn't part of it: moving a line changes no action.
pub(crate) fn digest(account: &Account, region: &Region, actions: &[Action]) -> String {
    let mut hash = Sha256::new();
    let account = account.id.as_str();
    add(&mut hash, &Head { account, region });
    for action in actions {
        let unplaced = Action {
            origin: None,
            ..action.clone()
        };
        add(&mut hash, &unplaced);
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds a line. The canonicalizer takes texts as keys only, so ids of actions become texts first.
#[expect(
    clippy::expect_used,
    reason = "all of it is texts, finite numbers and maps keyed by texts; an empty digest would make all plans alike"
)]
fn add(hash: &mut Sha256, line: &impl Serialize) {
    let value = serde_json::to_value(line).expect("an action can be written as JSON");
    let json = serde_json_canonicalizer::to_vec(&value).expect("JSON has a canonical form");
    hash.update(json);
    hash.update(b"\n");
}
