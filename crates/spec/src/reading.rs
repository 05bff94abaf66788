//! Reading values out of a tree, and collecting what is wrong with them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use model::Origin;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::node::{Node, Value};
use crate::source::Source;

/// Keys of capabilities that are designed and not built.
const LATER: &[&str] = &[
    "accept",
    "break_glass",
    "checks",
    "expires",
    "lock",
    "mfa_grace",
    "preset",
    "presets",
    "require_type",
    "reset",
];

/// Reads one file's tree and collects diagnostics.
pub(crate) struct Reading<'a> {
    pub(crate) source: Arc<Source>,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

/// Holds a map's entries by key.
pub(crate) struct Section<'n> {
    pub(crate) node: &'n Node,
    entries: BTreeMap<String, (&'n Node, &'n Node)>,
}

impl<'n> Section<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.get(key).map(|(_, value)| *value)
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
        let Place { source, range } = self.place(node);
        let before = source.text.get(..range.start).unwrap_or_default();
        let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
        Origin {
            file: source.name.clone(),
            line,
        }
    }

    pub(crate) fn error(&mut self, node: &Node, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(
            Severity::Error,
            &node.place(&self.source),
            message,
        ));
    }

    pub(crate) fn error_with_hint(
        &mut self,
        node: &Node,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.diagnostics
            .push(Diagnostic::at(Severity::Error, &node.place(&self.source), message).hint(hint));
    }

    pub(crate) fn warn(
        &mut self,
        node: &Node,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.diagnostics
            .push(Diagnostic::at(Severity::Warning, &node.place(&self.source), message).hint(hint));
    }

    fn expected(&mut self, node: &Node, what: &str) {
        self.error(node, format!("expected {what}, found {}", node.sort()));
    }

    /// Reads a map whose keys are the reader's to choose, such as names.
    pub(crate) fn names<'n>(&mut self, node: &'n Node, what: &str) -> Option<Section<'n>> {
        let Value::Map(pairs) = &node.value else {
            if !matches!(node.value, Value::Null) {
                self.expected(node, what);
            }
            return None;
        };
        let mut entries: BTreeMap<String, (&Node, &Node)> = BTreeMap::new();
        for (key, value) in pairs {
            let name = key.key();
            if let Some((first, _)) = entries.get(&name) {
                let duplicate = Diagnostic::at(
                    Severity::Error,
                    &self.place(key),
                    format!("`{name}` is there twice"),
                );
                self.diagnostics
                    .push(duplicate.related(&self.place(first), "the first one"));
            } else {
                entries.insert(name, (key, value));
            }
        }
        Some(Section { node, entries })
    }

    /// Reads a map with given keys.
    pub(crate) fn section<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        keys: &[&str],
    ) -> Option<Section<'n>> {
        let section = self.names(node, what)?;
        for (key, at, _) in section.iter().filter(|(key, _, _)| !keys.contains(key)) {
            if LATER.contains(&key) {
                self.error(at, format!("`{key}` is not available yet"));
                continue;
            }
            let hint = match nearest(key, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{what} may have {}", list(keys)),
            };
            self.error_with_hint(at, format!("unknown key `{key}`"), hint);
        }
        Some(section)
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

    pub(crate) fn integer(&mut self, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number)
                .ok()
                .filter(|number| range.contains(number)),
            _ => None,
        };
        if number.is_none() {
            self.expected_number(
                node,
                &format!("a whole number from {} to {}", range.start(), range.end()),
            );
        }
        number
    }

    fn expected_number(&mut self, node: &Node, what: &str) {
        match &node.value {
            Value::Integer(number) => self.error(node, format!("expected {what}, found {number}")),
            Value::Float(number) => self.error(node, format!("expected {what}, found {number}")),
            _ => self.expected(node, what),
        }
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
            Value::Null => &[],
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
    let scored = candidates.map(|candidate| {
        (
            strsim::damerau_levenshtein(&text.to_lowercase(), &candidate.to_lowercase()),
            candidate,
        )
    });
    let (distance, candidate) = scored.min()?;
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
