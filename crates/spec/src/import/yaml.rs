//! Values as they are written in YAML.

use std::collections::BTreeMap;

use model::{Path, Tags};
use policy::Document;
use serde::{Serialize, Serializer};

/// Writes a section under its key.
#[expect(clippy::expect_used, reason = "maps, texts and numbers are YAML")]
pub(super) fn section(key: &str, section: &impl Serialize) -> String {
    serde_saphyr::to_string(&BTreeMap::from([(key, section)])).expect("a section should be YAML")
}

/// Writes a section of names, and nothing where it has none.
pub(super) fn names<T: Serialize>(key: &str, names: &BTreeMap<&str, T>) -> String {
    if names.is_empty() {
        String::new()
    } else {
        section(key, names)
    }
}

/// Holds a policy document as a spec has it.
#[derive(Serialize)]
pub(super) struct Inline<'a> {
    pub(super) document: &'a Document,
}

/// Returns a path unless it is the default one.
pub(super) fn path(path: &Path) -> Option<&Path> {
    (*path != Path::root()).then_some(path)
}

/// Returns the tags that a spec can declare: neither AWS's own nor mfactl's.
pub(super) fn tags(tags: &Tags) -> BTreeMap<&str, &str> {
    let declarable = |(key, value): &(&str, &str)| {
        !key.to_lowercase().starts_with("mfactl:") && Tags::default().set(key, value).is_ok()
    };
    tags.iter().filter(declarable).collect()
}

/// Writes a number as people do: `1`, not `1.0`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
pub(super) fn number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    /// Up to 2^53 every whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// Writes a number that may be missing.
pub(super) fn some_number<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => number(value, serializer),
        None => serializer.serialize_none(),
    }
}
