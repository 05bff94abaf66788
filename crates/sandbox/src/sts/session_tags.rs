//! Tags of a session of a role, which its requests have as `aws:PrincipalTag/KEY` in place of the role's own.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::session::Session;
use crate::call::Call;
use crate::error::Error;
use crate::iam::{TAG_KEY, TAG_VALUE};

/// How many tags a call may pass.
const TAGS: usize = 50;

/// Holds the tags of a session by their keys in lower case: they are compared without regard to case.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SessionTags(BTreeMap<String, SessionTag>);

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionTag {
    key: String,
    value: String,
    /// Whether sessions of roles that this session assumes have it too.
    transitive: bool,
}

impl SessionTags {
    /// Returns the tags that a new session has: those that the call passes, and the transitive ones of who calls.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Error> {
        let mut tags = call.session.map(inherited).unwrap_or_default();
        let inherited: Vec<String> = tags.0.keys().cloned().collect();
        let passed = call.input.records("Tags")?.unwrap_or_default();
        if passed.len() > TAGS {
            let rule = format!("Member must have length less than or equal to {TAGS}");
            return Err(call.input.constraint("Tags", None, &rule));
        }
        for tag in passed {
            let key = tag.required_text("Key", &TAG_KEY)?;
            let folded = key.to_lowercase();
            if inherited.contains(&folded) {
                return Err(Error::validation(format!(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: {key}"
                )));
            }
            let tag = SessionTag {
                key: key.to_owned(),
                value: tag.required_text("Value", &TAG_VALUE)?.to_owned(),
                transitive: false,
            };
            if tags.0.insert(folded, tag).is_some() {
                let message =
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
                return Err(Error::validation(message));
            }
        }
        for key in transitive_keys(call)? {
            let tag = tags.0.get_mut(&key.to_lowercase()).ok_or_else(|| {
                let message =
                    "The specified transitive tag key must be included in the requested tags.";
                Error::validation(message)
            })?;
            tag.transitive = true;
        }
        Ok(tags)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns keys and values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.0.values();
        tags.map(|tag| (tag.key.as_str(), tag.value.as_str()))
    }
}

/// Returns the keys of the tags that a call passes on to further sessions.
pub(super) fn transitive_keys<'a>(call: &Call<'a>) -> Result<Vec<&'a str>, Error> {
    let keys = call.input.texts("TransitiveTagKeys", &TAG_KEY)?;
    Ok(keys.unwrap_or_default())
}

fn inherited(session: &Session) -> SessionTags {
    let tags = session.tags.0.iter().filter(|(_, tag)| tag.transitive);
    SessionTags(tags.map(|(key, tag)| (key.clone(), tag.clone())).collect())
}
