//! Lists in pages: `MaxItems` and `Marker` in, `IsTruncated` and the next `Marker` out.

use crate::call::Call;
use crate::error::Error;
pub(super) use crate::page::Page;
use crate::page::TOKEN;
use crate::value::{Record, Value};

impl Page {
    /// Returns the page that a call asks for; 100 items unless it says otherwise.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Error> {
        let size = call.input.integer("MaxItems", 1..=1000)?.unwrap_or(100);
        let marker = call.input.text("Marker", &TOKEN)?;
        Self::after(marker, size).ok_or_else(|| Error::validation("Invalid Marker."))
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
