//! Reading values out of a tree, and collecting what is wrong with them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use model::{NameError, Origin};
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::keys::Key;
use crate::node::{Node, Value};
use crate::source::Source;

/// Keys of capabilities that are designed and not built.
const LATER: &[&str] = &["presets"];

/// Reads one file's tree and collects diagnostics.
pub(crate) struct Reading<'a> {
    pub(crate) source: Arc<Source>,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

/// Holds a map's entries by key.
pub(crate) struct Section<'n> {
    entries: BTreeMap<String, (&'n Node, &'n Node)>,
}

impl<'n> Section<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.get(key).map(|(_, value)| *value)
    }

    /// Returns where a key is.
    pub(crate) fn key(&self, key: &str) -> Option<&'n Node> {
        self.entries.get(key).map(|(at, _)| *at)
    }

    /// Lists keys, where they are, and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'n Node, &'n Node)> {
        self.entries
            .iter()
            .map(|(key, (at, value))| (key.as_str(), *at, *value))
    }
}

impl Reading<'_> {
    pub(crate) fn place(&self, node: &Node) -> Place {
        node.place(&self.source)
    }

    pub(crate) fn origin(&self, node: &Node) -> Origin {
        let place = self.place(node);
        Origin {
            file: place.source.name.clone(),
            line: u32::try_from(place.source.line(place.range.start)).unwrap_or(u32::MAX),
        }
    }

    pub(crate) fn error(&mut self, node: &Node, message: impl AsRef<str>) {
        self.diagnostics.push(Diagnostic::at(
            Severity::Error,
            &node.place(&self.source),
            message,
        ));
    }

    pub(crate) fn error_with_hint(
        &mut self,
        node: &Node,
        message: impl AsRef<str>,
        hint: impl AsRef<str>,
    ) {
        self.diagnostics
            .push(Diagnostic::at(Severity::Error, &node.place(&self.source), message).hint(hint));
    }

    pub(crate) fn warn(&mut self, node: &Node, message: impl AsRef<str>, hint: impl AsRef<str>) {
        self.diagnostics
            .push(Diagnostic::at(Severity::Warning, &node.place(&self.source), message).hint(hint));
    }

    pub(crate) fn expected(&mut self, node: &Node, what: &str) {
        self.error(node, format!("expected {what}, found {}", node.found()));
    }

    /// Returns what the file says where a value is, quotes included.
    pub(crate) fn source_of(&self, node: &Node) -> String {
        let place = self.place(node);
        let written = place.source.text.get(place.range).unwrap_or_default();
        written.to_owned()
    }

    /// Reads a scalar as it is written: `1.10` is not `1.1` where a text is wanted.
    pub(crate) fn written(&mut self, node: &Node) -> Option<String> {
        let source = self.source_of(node);
        match &node.value {
            // An alias stands where the value is written elsewhere.
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) if !source.starts_with('*') => {
                Some(source)
            }
            _ => self.text(node, "a text").map(str::to_owned),
        }
    }

    /// Returns a value as JSON. A key that is there twice is an error.
    pub(crate) fn json(&mut self, node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::from(*value),
            Value::Integer(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::Text(text) => Json::from(text.as_str()),
            Value::List(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Map(pairs) => {
                let section = self.entries(pairs);
                let fields = section
                    .iter()
                    .map(|(key, _, value)| (key.to_owned(), self.json(value)));
                Json::Object(fields.collect())
            }
        }
    }

    fn entries<'n>(&mut self, pairs: &'n [(Node, Node)]) -> Section<'n> {
        let mut entries: BTreeMap<String, (&Node, &Node)> = BTreeMap::new();
        for (key, value) in pairs {
            match entries.entry(key.key().to_owned()) {
                Entry::Vacant(entry) => {
                    entry.insert((key, value));
                }
                Entry::Occupied(entry) => {
                    let first = entry.get().0.place(&self.source);
                    self.twice(key, &first);
                }
            }
        }
        Section { entries }
    }

    /// Says that a key is there twice, and shows both places.
    pub(crate) fn twice(&mut self, key: &Node, first: &Place) {
        let message = format!("`{}` is there twice", key.key());
        let diagnostic = Diagnostic::at(Severity::Error, &self.place(key), message);
        self.diagnostics
            .push(diagnostic.related(first, "the first one"));
    }

    /// Reads a map whose keys are the reader's to choose, such as names.
    pub(crate) fn names<'n>(&mut self, node: &'n Node, what: &str) -> Option<Section<'n>> {
        if let Value::Null = node.value {
            let hint = "write `{}` if nothing is meant to be there, or take the key out";
            self.error_with_hint(node, format!("expected {what}, found nothing"), hint);
            return None;
        }
        self.map(node, what)
    }

    fn map<'n>(&mut self, node: &'n Node, what: &str) -> Option<Section<'n>> {
        match &node.value {
            Value::Map(pairs) => Some(self.entries(pairs)),
            _ => {
                self.expected(node, what);
                None
            }
        }
    }

    /// Reads a map with given keys.
    pub(crate) fn section<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        keys: &[Key],
    ) -> Option<Section<'n>> {
        let section = self.map(node, what)?;
        self.known_keys(&section, what, keys);
        Some(section)
    }

    /// Reads a map with given keys, none of which must be there: `alice:` says as much as `alice: {}`.
    pub(crate) fn section_or_nothing<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        keys: &[Key],
    ) -> Option<Section<'n>> {
        match node.value {
            Value::Null => Some(self.entries(&[])),
            _ => self.section(node, what, keys),
        }
    }

    fn known_keys(&mut self, section: &Section<'_>, what: &str, keys: &[Key]) {
        let keys: Vec<&str> = keys.iter().map(|key| key.name).collect();
        for (key, at, _) in section.iter().filter(|(key, _, _)| !keys.contains(key)) {
            if LATER.contains(&key) {
                self.error(at, format!("`{key}` is not available yet"));
                continue;
            }
            let hint = match nearest(key, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{what} may have {}", list(&keys)),
            };
            self.error_with_hint(at, format!("unknown key `{key}`"), hint);
        }
    }

    /// Returns the value of a key that must be there; `at` is where its absence is shown.
    pub(crate) fn required<'n>(
        &mut self,
        at: &Node,
        section: &Section<'n>,
        key: &str,
    ) -> Option<&'n Node> {
        let node = section.get(key);
        if node.is_none() {
            self.error(at, format!("`{key}` is missing"));
        }
        node
    }

    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            _ => {
                self.expected(node, what);
                None
            }
        }
    }

    pub(crate) fn bool(&mut self, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            _ => {
                self.expected(node, "`true` or `false`");
                None
            }
        }
    }

    pub(crate) fn day(&mut self, node: &Node) -> Option<Date> {
        let written = self.written(node)?;
        let day = written.parse::<Date>();
        day.map_err(|_| self.expected(node, "a day such as `2027-01-31`"))
            .ok()
    }

    /// Reads a number of days: `7d`.
    pub(crate) fn days(&mut self, node: &Node) -> Option<u16> {
        let written = self.written(node)?;
        let days = written.strip_suffix('d').and_then(|days| days.parse().ok());
        if days.is_none() {
            self.expected(node, "a number of days such as `7d`");
        }
        days
    }

    pub(crate) fn integer(&mut self, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number)
                .ok()
                .filter(|number| range.contains(number)),
            _ => None,
        };
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.expected(node, &format!("a whole number from {least} to {most}"));
        }
        number
    }

    pub(crate) fn number(&mut self, node: &Node) -> Option<f64> {
        match &node.value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a threshold is a 64-bit float in CloudWatch too"
            )]
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) if number.is_finite() => Some(*number),
            _ => {
                self.expected(node, "a number");
                None
            }
        }
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            _ => {
                self.expected(node, what);
                &[]
            }
        }
    }

    /// Reads text that a type of the model parses.
    pub(crate) fn parsed<T: FromStr>(&mut self, node: &Node, what: &str) -> Option<T>
    where
        T::Err: Display,
    {
        let text = self.text(node, what)?;
        self.ok(node, text.parse())
    }

    /// Reads a key as a name. Where it can't be one, what belongs to it is read under a name that nothing else has, so that
    /// the mistakes in it are found too.
    pub(crate) fn name<T>(
        &mut self,
        at: &Node,
        new: impl Fn(&str) -> Result<T, NameError>,
    ) -> Option<T> {
        new(at.key())
            .or_else(|error| {
                self.error(at, error.to_string());
                new(&format!("mistake-{}", self.diagnostics.len()))
            })
            .ok()
    }

    /// Reads text of a limited length.
    pub(crate) fn limited(&mut self, node: &Node, what: &str, most: usize) -> Option<String> {
        let text = self.text(node, what)?;
        let length = text.chars().count();
        if length > most {
            self.error(
                node,
                format!("{length} characters, and {what} has {most} at most"),
            );
        }
        Some(text.to_owned())
    }

    /// Returns what is in `result`, or collects its error.
    pub(crate) fn ok<T>(&mut self, node: &Node, result: Result<T, impl Display>) -> Option<T> {
        result
            .map_err(|error| self.error(node, error.to_string()))
            .ok()
    }

    /// Reads one of several words.
    pub(crate) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let text = self.text(node, &format!("one of {}", list(&known)))?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let hint = match nearest(text, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it can be {}", list(&known)),
            };
            self.error_with_hint(node, format!("unknown word `{text}`"), hint);
        }
        found
    }
}

/// Returns the candidate that was probably meant.
pub(crate) fn nearest<'a>(
    text: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Comparing takes the product of both lengths, and nobody mistypes one character of more.
    const LONGEST: usize = 128;
    let text = text.to_lowercase();
    let (distance, candidate) = candidates
        .filter(|candidate| {
            text.len() <= LONGEST && text.len().abs_diff(candidate.len()) <= LONGEST / 4
        })
        .map(|candidate| {
            (
                strsim::osa_distance(&text, &candidate.to_lowercase()),
                candidate,
            )
        })
        .min()?;
    (distance <= 1 + candidate.chars().count() / 4).then_some(candidate)
}

/// Writes words as a list.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
