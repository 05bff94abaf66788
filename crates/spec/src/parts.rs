//! The files of a spec, which together are one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::keys::Key;
use crate::node::{Node, Value, parse};
use crate::reading::{Reading, Section};
use crate::source::{self, Source};

const EMPTY: &str = "the spec is empty; it begins with `version: 1`, `account` and `region`";

/// Holds one file of the spec and its tree.
pub(crate) struct File {
    pub(crate) source: Arc<Source>,
    pub(crate) tree: Node,
}

/// Reads the files of a spec: one, or those of a folder.
pub(crate) fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let unreadable = |path: &Path, reason: &str| {
        let message = format!("can't read the spec: {reason}");
        Diagnostic::of_file(Severity::Error, &path.display().to_string(), message)
    };
    let paths = source::files(path).unwrap_or_else(|reason| {
        diagnostics.push(unreadable(path, &reason));
        Vec::new()
    });
    for folder in source::unread_subfolders(path) {
        let message = "the YAML in this subfolder is not read: a spec's files are side by side";
        let name = folder.display().to_string();
        diagnostics.push(Diagnostic::of_file(Severity::Warning, &name, message));
    }
    let mut files = Vec::new();
    for path in paths {
        match Source::read(&path).map(Arc::new) {
            Ok(source) => match tree(&source) {
                Ok(tree) => files.push(File { source, tree }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            },
            Err(reason) => diagnostics.push(unreadable(&path, &reason)),
        }
    }
    files
}

fn tree(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    match parse(source) {
        Ok(Node {
            value: Value::Null, ..
        }) => Err(Diagnostic::of_file(Severity::Error, &source.name, EMPTY)),
        tree => tree,
    }
}

/// Holds one key of one file, or of one section of it.
struct Part<'n> {
    source: &'n Arc<Source>,
    key: &'n Node,
    value: &'n Node,
}

/// Holds the same section of all files by its keys.
#[derive(Default)]
pub(crate) struct Parts<'n>(BTreeMap<String, Vec<Part<'n>>>);

impl<'n> Parts<'n> {
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn add(&mut self, source: &'n Arc<Source>, section: &Section<'n>) {
        for (key, at, value) in section.iter() {
            self.0.entry(key.to_owned()).or_default().push(Part {
                source,
                key: at,
                value,
            });
        }
    }

    /// Reads a value that is there once. In two files it is an error, which shows both.
    pub(crate) fn single<T>(
        &self,
        key: &str,
        diagnostics: &mut Vec<Diagnostic>,
        read: impl FnOnce(&mut Reading<'_>, &Node) -> Option<T>,
    ) -> Option<T> {
        let (first, others) = self.0.get(key)?.split_first()?;
        for other in others {
            let place = first.key.place(first.source);
            reading(other, diagnostics).twice(other.key, &place);
        }
        read(&mut reading(first, diagnostics), first.value)
    }

    /// Reads a value in each file that has it.
    pub(crate) fn each(
        &self,
        key: &str,
        diagnostics: &mut Vec<Diagnostic>,
        mut read: impl FnMut(&mut Reading<'_>, &Node),
    ) {
        for part in self.0.get(key).into_iter().flatten() {
            read(&mut reading(part, diagnostics), part.value);
        }
    }

    /// Reads the maps of all files that have names as keys. A name that is there in two files is an error that shows both.
    pub(crate) fn each_named(
        &self,
        key: &str,
        diagnostics: &mut Vec<Diagnostic>,
        mut read: impl FnMut(&mut Reading<'_>, &Node, &Node),
    ) {
        let mut seen = BTreeMap::new();
        for part in self.0.get(key).into_iter().flatten() {
            let mut reading = reading(part, diagnostics);
            let Some(section) = reading.names(part.value, &format!("`{key}` as a map of names"))
            else {
                continue;
            };
            for (name, at, value) in section.iter() {
                if let Some(first) = seen.get(name) {
                    reading.twice(at, first);
                    continue;
                }
                seen.insert(name.to_owned(), reading.place(at));
                read(&mut reading, at, value);
            }
        }
    }

    /// Reads the sections under a key of all files as one.
    pub(crate) fn under(&self, key: &str, keys: &[Key], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut parts = Self::default();
        for part in self.0.get(key).into_iter().flatten() {
            let section = reading(part, diagnostics).section(part.value, &format!("`{key}`"), keys);
            if let Some(section) = section {
                parts.add(part.source, &section);
            }
        }
        parts
    }
}

fn reading<'a>(part: &Part<'_>, diagnostics: &'a mut Vec<Diagnostic>) -> Reading<'a> {
    Reading {
        source: part.source.clone(),
        diagnostics,
    }
}
