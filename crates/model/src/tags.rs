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
    /// Whether it is the value that breaks the rule, and not the key.
    pub is_of_value: bool,
    /// The rule it breaks, as a clause.
    pub reason: &'static str,
}

impl Tags {
    /// Checks a tag as AWS does and sets it.
    ///
    /// 1 to 128 characters in a key, up to 256 in a value, none with `aws:` before it; letters, digits, spaces and `_.:/=+-@`.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), TagError> {
        let wrong = |is_of_value| {
            move |reason| TagError {
                key: key.to_owned(),
                is_of_value,
                reason,
            }
        };
        check_key(key).map_err(wrong(false))?;
        check_value(value).map_err(wrong(true))?;
        self.0.insert(key.to_owned(), value.to_owned());
        Ok(())
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

fn check_key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        Err("its key is empty")
    } else if key.chars().count() > 128 {
        Err("its key has more than 128 characters")
    } else if is_reserved(key) {
        Err("`aws:` is reserved")
    } else if !key.chars().all(is_allowed) {
        Err("its key may have only letters, digits, spaces and `_.:/=+-@`")
    } else {
        Ok(())
    }
}

fn check_value(value: &str) -> Result<(), &'static str> {
    if value.chars().count() > 256 {
        Err("its value has more than 256 characters")
    } else if is_reserved(value) {
        Err("`aws:` is reserved, in a value, too")
    } else if !value.chars().all(is_allowed) {
        Err("its value may have only letters, digits, spaces and `_.:/=+-@`")
    } else {
        Ok(())
    }
}

fn is_reserved(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
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
        assert!(!tags.set("a\nb", "a\nb").unwrap_err().is_of_value);
        assert!(tags.set("x", "a\nb").unwrap_err().is_of_value);
    }
}
