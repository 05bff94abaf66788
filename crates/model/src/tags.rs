//! Tags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Holds tags by key. Of a declared object only the keys that are managed; of a live one all of them.
///
/// Keys of users and roles are compared without regard to case, those of policies, MFA devices and
/// CloudWatch objects with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// Says why a key and value can't be a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` can't be a tag: {reason}", key.escape_debug())]
pub struct TagError {
    /// The tag's key.
    pub key: String,
    /// The rule it breaks, as a clause.
    pub reason: &'static str,
}

impl Tags {
    /// Checks a tag as AWS does and sets it.
    ///
    /// 1 to 128 characters in a key, up to 256 in a value, none with `aws:` before it; letters, digits, spaces and `_.:/=+-@`.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), TagError> {
        match problem(key, value) {
            Some(reason) => Err(TagError {
                key: key.to_owned(),
                reason,
            }),
            None => {
                self.0.insert(key.to_owned(), value.to_owned());
                Ok(())
            }
        }
    }

    /// Sets a tag that AWS returned, whatever it looks like.
    pub fn observe(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Removes a key and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    /// Lists keys and values in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Tells whether there are no tags.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts the tags.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn problem(key: &str, value: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let starts_with_aws = |text: &str| {
        text.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    if key.is_empty() {
        Some("its key is empty")
    } else if key.chars().count() > 128 {
        Some("its key has more than 128 characters")
    } else if value.chars().count() > 256 {
        Some("its value has more than 256 characters")
    } else if starts_with_aws(key) || starts_with_aws(value) {
        Some("`aws:` is reserved")
    } else if !key.chars().chain(value.chars()).all(allowed) {
        Some("only letters, digits, spaces and `_.:/=+-@` are allowed")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_checked_as_aws_checks_it() {
        let mut tags = Tags::default();
        assert!(tags.set("team", "plätform eng").is_ok());
        assert!(tags.set("", "x").is_err());
        assert!(tags.set("AWS:x", "x").is_err());
        assert!(tags.set("x", "aws:x").is_err());
        assert!(tags.set("x", "a\nb").is_err());
        assert!(tags.set("x", &"v".repeat(257)).is_err());
        assert_eq!(tags.len(), 1);
    }
}
