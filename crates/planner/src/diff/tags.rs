//! Tags: only declared keys are managed.

use model::Tags;
use serde_json::Value;

use super::Fields;

/// Tells how a kind compares keys of tags.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// With regard to case, as policies, MFA devices and CloudWatch do.
    Exact,
    /// Without, as users do.
    AnyCase,
}

/// Returns the live tags with the declared ones set, and adds to `fields` what that changes.
pub(super) fn merged(declared: &Tags, live: &Tags, keys: Keys, fields: &mut Fields) -> Tags {
    let mut after = live.clone();
    for (key, wanted) in declared.iter() {
        let live_key = live_key(live, key, keys);
        let before = live_key.and_then(|key| live.get(key));
        if before == Some(wanted) {
            continue;
        }
        fields.add(
            &format!("tags.{key}"),
            before.map_or(Value::Null, Value::from),
            Value::from(wanted),
        );
        if let Some(key) = live_key {
            after.remove(key);
        }
        after.observe(key, wanted);
    }
    after
}

fn live_key<'a>(live: &'a Tags, key: &str, keys: Keys) -> Option<&'a str> {
    let same = |candidate: &str| match keys {
        Keys::Exact => candidate == key,
        Keys::AnyCase => candidate.eq_ignore_ascii_case(key),
    };
    live.iter()
        .map(|(candidate, _)| candidate)
        .find(|candidate| same(candidate))
}
