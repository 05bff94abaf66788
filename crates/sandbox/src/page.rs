//! Parts of lists that are too long for one answer.

use std::ops::Bound;

use data_encoding::BASE64URL_NOPAD;

use crate::call::{Pattern, Shape};

/// Says which part of a list sorted by key is asked for.
pub(crate) struct Page {
    /// The key of the last item of the page before.
    after: Option<String>,
    size: usize,
}

/// What a token for the next page may look like.
pub(crate) const TOKEN: Shape = Shape {
    lengths: 1..=usize::MAX,
    pattern: Pattern::ANY,
};

impl Page {
    /// Returns the page that a token stands for, or nothing if it is no token of ours.
    pub(crate) fn after(token: Option<&str>, size: i64) -> Option<Self> {
        let after = match token {
            None => None,
            Some(token) => {
                Some(String::from_utf8(BASE64URL_NOPAD.decode(token.as_bytes()).ok()?).ok()?)
            }
        };
        Some(Self {
            after,
            size: usize::try_from(size).ok()?,
        })
    }

    /// Returns where the page begins in a list sorted by key.
    pub(crate) fn start(&self) -> Bound<&str> {
        self.after
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded)
    }

    /// Returns where the page begins in a list whose keys are those of the whole without `prefix`.
    pub(crate) fn start_after(&self, prefix: &str) -> Bound<&str> {
        let key = self
            .after
            .as_deref()
            .and_then(|after| after.strip_prefix(prefix));
        key.map_or(Bound::Unbounded, Bound::Excluded)
    }

    /// Returns the items of the page out of a list sorted by key, and the token of the next.
    pub(crate) fn take<K: AsRef<str>, T>(
        &self,
        items: impl Iterator<Item = (K, T)>,
    ) -> (Vec<T>, Option<String>) {
        let after = self.after.as_deref();
        self.first(items.filter(|(key, _)| after.is_none_or(|after| key.as_ref() > after)))
    }

    /// Returns the items of the page out of a list sorted by key, the greatest first, and the token of the next.
    pub(crate) fn take_down<K: AsRef<str>, T>(
        &self,
        items: impl Iterator<Item = (K, T)>,
    ) -> (Vec<T>, Option<String>) {
        let after = self.after.as_deref();
        self.first(items.filter(|(key, _)| after.is_none_or(|after| key.as_ref() < after)))
    }

    fn first<K: AsRef<str>, T>(
        &self,
        items: impl Iterator<Item = (K, T)>,
    ) -> (Vec<T>, Option<String>) {
        let mut page = Vec::new();
        let mut last = None;
        for (key, item) in items {
            if page.len() == self.size {
                return (
                    page,
                    last.map(|key: K| BASE64URL_NOPAD.encode(key.as_ref().as_bytes())),
                );
            }
            page.push(item);
            last = Some(key);
        }
        (page, None)
    }
}
