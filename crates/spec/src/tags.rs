//! Tags, own and by default.

use std::collections::BTreeMap;

use model::Tags;

use crate::node::Node;
use crate::reading::{Reading, Section};

/// An object has 50 tags at most (IAM guide, "Tags for IAM resources"; CloudWatch's and Logs' too).
const MOST: usize = 50;

/// Tells whether keys that differ in their case are two keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// They are, as those of policies, MFA devices and CloudWatch objects.
    Counts,
    /// They are one, as those of users.
    Ignored,
}

impl Case {
    fn fold(self, key: &str) -> String {
        match self {
            Self::Counts => key.to_owned(),
            Self::Ignored => key.to_lowercase(),
        }
    }
}

/// Reads a section's tags on top of others. The section's own win.
pub(crate) fn tags(
    reading: &mut Reading<'_>,
    section: &Section<'_>,
    defaults: &Tags,
    case: Case,
) -> Tags {
    let Some(node) = section.get("tags") else {
        return defaults.clone();
    };
    let own = own(reading, node, case);
    let mut tags = Tags::default();
    for (key, value) in defaults.iter() {
        if !own.contains_key(&case.fold(key)) {
            tags.observe(key, value);
        }
    }
    for tag in own.into_values() {
        if let Err(error) = tags.set(&tag.key, &tag.value) {
            let at = if error.is_of_value {
                tag.value_at
            } else {
                tag.key_at
            };
            reading.error(at, error.to_string());
        }
    }
    if tags.len() > MOST {
        let message = format!("{} tags, and AWS allows {MOST}", tags.len());
        reading.error(node, message);
    }
    tags
}

/// Holds a tag and where it is.
struct Own<'n> {
    key: String,
    key_at: &'n Node,
    value: String,
    value_at: &'n Node,
}

/// Returns a section's own tags, by the folded key.
fn own<'n>(reading: &mut Reading<'_>, node: &'n Node, case: Case) -> BTreeMap<String, Own<'n>> {
    let mut own: BTreeMap<String, Own<'_>> = BTreeMap::new();
    let Some(section) = reading.names(node, "tags as a map of texts") else {
        return own;
    };
    for (key, key_at, value_at) in section.iter() {
        let folded = case.fold(key);
        if let Some(first) = own.get(&folded) {
            let first = reading.place(first.key_at);
            reading.twice(key_at, &first);
        } else if key.to_lowercase().starts_with("mfactl:") {
            reading.error(
                key_at,
                format!("`{key}` is reserved: mfactl keeps its own tags under `mfactl:`"),
            );
        } else if let Some(value) = reading.written(value_at) {
            let tag = Own {
                key: key.to_owned(),
                key_at,
                value,
                value_at,
            };
            own.insert(folded, tag);
        }
    }
    own
}
