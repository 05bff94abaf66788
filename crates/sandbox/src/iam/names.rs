//! Names, paths and ARNs: their shapes, and maps in which a name is taken without regard to case.

use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::call::{Pattern, Shape};

/// Returns a name as it is compared: AWS gives no two objects names that differ in case only.
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Says what an object of a [`Named`] map is called.
pub(super) trait HasName {
    fn name(&self) -> &str;
}

/// Holds objects by their folded names.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Named<T>(BTreeMap<String, T>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: HasName> Named<T> {
    /// Returns the object of exactly this name.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.0
            .get(&fold(name))
            .filter(|object| object.name() == name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0
            .get_mut(&fold(name))
            .filter(|object| object.name() == name)
    }

    /// Returns the object whose folded name this is.
    pub(super) fn folded(&self, name: &str) -> Option<&T> {
        self.0.get(name)
    }

    pub(super) fn folded_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.get_mut(name)
    }

    /// Returns whether a new object can't have this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.0.contains_key(&fold(name))
    }

    pub(super) fn insert(&mut self, object: T) {
        self.0.insert(fold(object.name()), object);
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        self.0.remove(&fold(name))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the objects with their folded names, in the order of these.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, object)| (name.as_str(), object))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.values_mut()
    }

    /// Returns the objects from a folded name on.
    pub(super) fn from(&self, start: Bound<&str>) -> Range<'_, String, T> {
        self.0.range::<str, _>((start, Bound::Unbounded))
    }
}

const NAME: Pattern = Pattern {
    expression: r"[\w+=,.@-]+",
    matches: |name| {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    },
};

pub(super) const USER_NAME: Shape = Shape {
    lengths: 1..=64,
    pattern: NAME,
};
/// The names of existing users may be longer in old operations.
pub(super) const EXISTING_USER_NAME: Shape = Shape {
    lengths: 1..=128,
    pattern: NAME,
};
pub(super) const GROUP_NAME: Shape = Shape {
    lengths: 1..=128,
    pattern: NAME,
};
pub(super) const ROLE_NAME: Shape = Shape {
    lengths: 1..=64,
    pattern: NAME,
};
pub(super) const POLICY_NAME: Shape = Shape {
    lengths: 1..=128,
    pattern: NAME,
};
pub(super) const DEVICE_NAME: Shape = Shape {
    lengths: 1..=226,
    pattern: NAME,
};

pub(super) const PATH: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
        matches: |path| is_enclosed(path) && path.bytes().all(|b| matches!(b, 0x21..=0x7E)),
    },
};

pub(super) const POLICY_PATH: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: r"((/[A-Za-z0-9\.,\+@=_-]+)*)/",
        matches: |path| {
            let word = |b: u8| b.is_ascii_alphanumeric() || b".,+@=_-/".contains(&b);
            is_enclosed(path) && !path.contains("//") && path.bytes().all(word)
        },
    },
};

/// A prefix of a path; unlike a path it need not end in a slash.
pub(super) const PATH_PREFIX: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: r"\u002F[\u0021-\u007F]*",
        matches: |path| path.starts_with('/') && path.bytes().all(|b| matches!(b, 0x21..=0x7F)),
    },
};

pub(crate) const ARN: Shape = Shape {
    lengths: 20..=2048,
    pattern: Pattern::ANY,
};

pub(crate) const SERIAL_NUMBER: Shape = Shape {
    lengths: 9..=256,
    pattern: Pattern {
        expression: r"[\w+=/:,.@-]+",
        matches: |serial| {
            serial
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b))
        },
    },
};

/// The id of an access key, certificate or other credential.
pub(crate) const CREDENTIAL_ID: Shape = Shape {
    lengths: 16..=128,
    pattern: Pattern {
        expression: r"[\w]+",
        matches: |id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
    },
};

/// Text in the Latin-1 characters that IAM takes in documents and descriptions.
pub(super) const LATIN_1: Pattern = Pattern {
    expression: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    matches: |text| {
        text.chars()
            .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}'))
    },
};

fn is_enclosed(path: &str) -> bool {
    path.starts_with('/') && path.ends_with('/') && path != "//"
}
