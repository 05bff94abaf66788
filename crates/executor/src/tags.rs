//! Tags: which to set and which to remove.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::Tag;
use model::Tags;

use crate::Error;

/// Tells whether keys that differ only in case are one key: for users they are, for other objects they aren't.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keys {
    AnyCase,
    Exact,
}

/// Holds what is to be done to an object's tags.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TagChanges {
    /// Keys and values to set.
    pub(crate) set: Vec<(String, String)>,
    /// Keys to remove.
    pub(crate) removed: Vec<String>,
}

impl TagChanges {
    pub(crate) fn between(before: &Tags, after: &Tags, keys: Keys) -> Self {
        let before = by_key(before, keys);
        let after = by_key(after, keys);
        let value = |tag: &(&str, &str)| tag.1.to_owned();
        let set = after
            .iter()
            .filter(|(key, tag)| before.get(*key).map(value) != Some(value(tag)))
            .map(|(_, (key, value))| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let removed = before
            .iter()
            .filter(|(key, _)| !after.contains_key(*key))
            .map(|(_, (key, _))| (*key).to_owned())
            .collect();
        Self { set, removed }
    }

    /// Returns the tags to set as IAM takes them, or none if there are none to set.
    pub(crate) fn iam(&self) -> Result<Option<Vec<Tag>>, Error> {
        iam(self
            .set
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str())))
    }
}

fn by_key(tags: &Tags, keys: Keys) -> BTreeMap<String, (&str, &str)> {
    tags.iter().map(|tag| (folded(tag.0, keys), tag)).collect()
}

fn folded(key: &str, keys: Keys) -> String {
    match keys {
        Keys::AnyCase => key.to_lowercase(),
        Keys::Exact => key.to_owned(),
    }
}

/// Leaves of an object's tags those that a change is about: the others are somebody else's.
pub(crate) fn concerned(live: Vec<(String, String)>, change: &[&Tags], keys: Keys) -> Tags {
    let concerned: BTreeSet<String> = change
        .iter()
        .flat_map(|tags| by_key(tags, keys).into_keys())
        .collect();
    let mut tags = Tags::default();
    for (key, value) in live {
        if concerned.contains(&folded(&key, keys)) {
            tags.observe(key, value);
        }
    }
    tags
}

/// Returns all tags of a new object as IAM takes them.
pub(crate) fn iam_tags(tags: &Tags) -> Result<Option<Vec<Tag>>, Error> {
    iam(tags.iter())
}

fn iam<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Option<Vec<Tag>>, Error> {
    let tags: Result<Vec<Tag>, _> = tags
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect();
    let tags = tags.map_err(|error| Error::Internal(error.to_string()))?;
    Ok((!tags.is_empty()).then_some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        let mut tags = Tags::default();
        for (key, value) in pairs {
            tags.observe(*key, *value);
        }
        tags
    }

    #[test]
    fn only_what_differs_is_sent() {
        let before = tags(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let after = tags(&[("a", "1"), ("b", "20"), ("d", "4")]);
        let changes = TagChanges::between(&before, &after, Keys::Exact);
        assert_eq!(
            changes.set,
            [
                ("b".to_owned(), "20".to_owned()),
                ("d".to_owned(), "4".to_owned())
            ]
        );
        assert_eq!(changes.removed, ["c"]);
    }

    #[test]
    fn a_users_key_in_another_case_is_the_same_key() {
        let (before, after) = (tags(&[("Team", "x")]), tags(&[("team", "x")]));
        assert_eq!(
            TagChanges::between(&before, &after, Keys::AnyCase),
            TagChanges::default()
        );
        let changes = TagChanges::between(&before, &after, Keys::Exact);
        assert_eq!(changes.removed, ["Team"]);
    }
}
