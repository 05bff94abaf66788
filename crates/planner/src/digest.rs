//! The digest that binds an apply to the plan that was reviewed.

use model::{Action, Plan, Region};
use serde::Serialize;
use sha2::{Digest, Sha256};

#[derive(Serialize)]
struct Head<'a> {
    account: &'a str,
    region: &'a Region,
}

/// Returns SHA-256 of lines of canonical JSON (RFC 8785): the account and region, then every action with what it was
/// planned on, in hexadecimal.
///
/// What binds an apply is all that it would do. So it leaves out where the spec declares an object, since moving a line
/// changes no action; what is withheld, since that isn't done, and an action is in here as soon as it isn't withheld any
/// more; and who asks, since plans are often made with fewer permissions than they are applied with.
pub fn digest(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    let head = Head {
        account: plan.account.id.as_str(),
        region: &plan.region,
    };
    add(&mut hash, &head);
    for action in &plan.actions {
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
