//! Printing a document as JSON.

use std::collections::BTreeMap;
use std::io;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::condition::{Condition, Operator};
use crate::document::Document;
use crate::principal::{PrincipalKind, PrincipalSet, Principals};
use crate::statement::{Actions, Resources, Statement};

impl Document {
    /// Returns the document as JSON without white space: the text to send to IAM.
    ///
    /// A list of one item is printed as the item. Characters that the API's pattern for documents leaves out (beyond
    /// U+00FF) are escaped.
    pub fn to_json(&self) -> String {
        json(self, ApiFormatter)
    }

    /// Returns the document as JSON in several lines, indented by two spaces.
    pub fn to_json_pretty(&self) -> String {
        json(self, PrettyFormatter::new())
    }

    /// Returns the size that counts for IAM's quotas: the characters of [`Document::to_json`] but for white space
    /// ("IAM and AWS STS quotas" in the IAM User Guide).
    pub fn size(&self) -> usize {
        self.to_json()
            .chars()
            .filter(|character| !character.is_whitespace())
            .count()
    }
}

impl Statement {
    /// Returns the statement as JSON in several lines, made for being compared line by line: lists are sorted and
    /// without repetitions as in [`Document::canonical`], each item is on its own line, even of a list of one.
    pub fn to_json_pretty(&self) -> String {
        json(
            &Print(&self.sorted(), Lists::Always),
            PrettyFormatter::new(),
        )
    }
}

#[expect(
    clippy::expect_used,
    reason = "strings under string keys, written to memory as UTF-8, can't fail"
)]
fn json(value: &impl Serialize, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            &mut text, formatter,
        ))
        .expect("a document can be written as JSON");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Writes characters beyond U+00FF as `\u` escapes.
struct ApiFormatter;

impl Formatter for ApiFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if character <= '\u{ff}' {
                write!(writer, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// Says how a list of one item is printed.
#[derive(Clone, Copy)]
enum Lists {
    /// As the item alone.
    OfSeveral,
    /// As a list.
    Always,
}

/// A part of a document to be printed with its lists in one of the ways.
struct Print<'a, T: ?Sized>(&'a T, Lists);

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            version,
            id,
            statements,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Version", version.as_str())?;
        if let Some(id) = id {
            map.serialize_entry("Id", id)?;
        }
        map.serialize_entry("Statement", statements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Print(self, Lists::OfSeveral).serialize(serializer)
    }
}

impl Serialize for Print<'_, Statement> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(
            Statement {
                sid,
                effect,
                principals,
                actions,
                resources,
                condition,
            },
            lists,
        ) = self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = sid {
            map.serialize_entry("Sid", sid.as_str())?;
        }
        map.serialize_entry("Effect", effect.as_str())?;
        match principals {
            Some(Principals::Principal(set)) => {
                map.serialize_entry("Principal", &Print(set, *lists))?;
            }
            Some(Principals::NotPrincipal(set)) => {
                map.serialize_entry("NotPrincipal", &Print(set, *lists))?;
            }
            None => {}
        }
        match actions {
            Actions::Action(list) => {
                map.serialize_entry("Action", &Print(list.as_slice(), *lists))?;
            }
            Actions::NotAction(list) => {
                map.serialize_entry("NotAction", &Print(list.as_slice(), *lists))?;
            }
        }
        match resources {
            Some(Resources::Resource(list)) => {
                map.serialize_entry("Resource", &Print(list.as_slice(), *lists))?;
            }
            Some(Resources::NotResource(list)) => {
                map.serialize_entry("NotResource", &Print(list.as_slice(), *lists))?;
            }
            None => {}
        }
        if let Some(condition) = condition {
            map.serialize_entry("Condition", &Print(condition, *lists))?;
        }
        map.end()
    }
}

impl Serialize for Print<'_, PrincipalSet> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            PrincipalSet::Everyone => serializer.serialize_str("*"),
            PrincipalSet::Named(named) => serializer.collect_map(
                named
                    .iter()
                    .map(|(kind, names)| (kind, Print(names.as_slice(), self.1))),
            ),
        }
    }
}

impl Serialize for Print<'_, Condition> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Condition(tests), lists) = self;
        let mut map = serializer.serialize_map(Some(tests.len()))?;
        for (operator, keys) in tests {
            map.serialize_key(operator)?;
            map.serialize_value(&Print(keys, *lists))?;
        }
        map.end()
    }
}

impl<K: Serialize> Serialize for Print<'_, BTreeMap<K, Vec<String>>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(key, values)| (key, Print(values.as_slice(), self.1))),
        )
    }
}

impl<T: Serialize> Serialize for Print<'_, [T]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            ([item], Lists::OfSeveral) => item.serialize(serializer),
            (list, _) => serializer.collect_seq(list),
        }
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for PrincipalKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
