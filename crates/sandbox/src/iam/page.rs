//! Lists in pages: `MaxItems` and `Marker` in, `IsTruncated` and the next `Marker` out.

use std::ops::Bound;

use data_encoding::BASE64URL_NOPAD;

use crate::call::{Call, Pattern, Shape};
use crate::error::Error;
use crate::value::{Record, Value};

/// Says which part of a list is asked for.
pub(super) struct Page {
    /// The key of the last item of the page before.
    after: Option<String>,
    size: usize,
}

impl Page {
    /// Returns the page that a call asks for; 100 items unless it says otherwise.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Error> {
        let size = call.input.integer("MaxItems", 1..=1000)?.unwrap_or(100);
        let after = call
            .input
            .text("Marker", &MARKER)?
            .map(decode)
            .transpose()?;
        Ok(Self {
            after,
            size: usize::try_from(size).unwrap_or(100),
        })
    }

    /// Returns where the page begins in a list sorted by key.
    pub(super) fn start(&self) -> Bound<&str> {
        self.after
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded)
    }

    /// Returns where the page begins in a list whose keys are those of the call's after `prefix`.
    pub(super) fn start_after(&self, prefix: &str) -> Bound<&str> {
        match self.after.as_deref() {
            Some(after) => match after.strip_prefix(prefix) {
                Some(key) => Bound::Excluded(key),
                None => Bound::Unbounded,
            },
            None => Bound::Unbounded,
        }
    }

    /// Returns the items of the page out of a list sorted by key, and the marker of the next.
    pub(super) fn take<K: AsRef<str>, T>(
        &self,
        items: impl Iterator<Item = (K, T)>,
    ) -> (Vec<T>, Option<String>) {
        let mut page = Vec::new();
        let mut last = None;
        let after = self.after.as_deref();
        for (key, item) in items.filter(|(key, _)| after.is_none_or(|after| key.as_ref() > after)) {
            if page.len() == self.size {
                return (page, last.map(|key: K| encode(key.as_ref())));
            }
            page.push(item);
            last = Some(key);
        }
        (page, None)
    }

    /// Returns the answer with the items of the page in its member `list`.
    pub(super) fn answer<K: AsRef<str>, T: Into<Value>>(
        &self,
        list: &'static str,
        items: impl Iterator<Item = (K, T)>,
    ) -> Record {
        let (items, marker) = self.take(items);
        truncated(
            Record::new().with(list, items.into_iter().collect::<Value>()),
            marker,
        )
    }
}

/// Adds to an answer whether there is a next page.
pub(super) fn truncated(answer: Record, marker: Option<String>) -> Record {
    answer
        .with("IsTruncated", marker.is_some())
        .with_some("Marker", marker)
}

const MARKER: Shape = Shape {
    lengths: 1..=usize::MAX,
    pattern: Pattern::ANY,
};

fn encode(key: &str) -> String {
    BASE64URL_NOPAD.encode(key.as_bytes())
}

fn decode(marker: &str) -> Result<String, Error> {
    let bytes = BASE64URL_NOPAD.decode(marker.as_bytes()).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Error::validation("Invalid Marker."))
}
