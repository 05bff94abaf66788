//! Paths of IAM objects.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

/// Holds the path of an IAM object: `/`, or `/…/` of up to 512 characters. It is part of the object's ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Path(Arc<str>);

/// Says why a text can't be a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` can't be a path: {reason}", value.escape_debug())]
pub struct PathError {
    /// The text itself.
    pub value: String,
    /// The rule it breaks, as a clause.
    pub reason: &'static str,
}

impl Path {
    /// Checks a text and makes it a path.
    pub fn new(value: impl AsRef<str>) -> Result<Self, PathError> {
        let value = value.as_ref();
        let error = |reason| {
            Err(PathError {
                value: value.to_owned(),
                reason,
            })
        };
        if !value.starts_with('/') || !value.ends_with('/') {
            return error("it begins and ends with `/`, as in `/people/`");
        }
        if value.len() > 512 {
            return error("it has more than 512 characters");
        }
        if value.contains("//") {
            return error("it has an empty part");
        }
        if !value.chars().all(|c| c.is_ascii_graphic()) {
            return error("only printable ASCII without spaces is allowed");
        }
        Ok(Self(value.into()))
    }

    /// Returns `/`, the path of an object created without one.
    pub fn root() -> Self {
        Self("/".into())
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::root()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(value: &str) -> Result<Self, PathError> {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_and_ends_with_a_slash() {
        assert!(Path::new("/").is_ok());
        assert!(Path::new("/people/eng/").is_ok());
        for wrong in ["", "people", "/people", "people/", "//", "/a//b/", "/a b/"] {
            assert!(Path::new(wrong).is_err(), "{wrong}");
        }
    }
}
