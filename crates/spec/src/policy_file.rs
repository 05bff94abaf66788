//! A policy document in a file of its own, without a spec.

use std::path::Path;
use std::sync::Arc;

use model::Origin;
use policy::Document;

use crate::SpecErrors;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::document::{self, Written};
use crate::node;
use crate::reading::Reading;
use crate::source::Source;

/// Holds a policy document with the place of each of its statements.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// The document.
    pub document: Document,
    /// Where each statement is written.
    pub statements: Vec<Origin>,
    source: Arc<Source>,
}

/// Loads a policy document from a file of JSON, or of YAML if its name ends in `.yaml` or `.yml`; `-` is the standard input,
/// which is JSON if it begins with a brace.
///
/// # Errors
///
/// When the file can't be read, or isn't a document: with all that is wrong with it.
pub fn load_policy(path: &Path) -> Result<PolicyFile, SpecErrors> {
    let mut diagnostics = Vec::new();
    read(path, &mut diagnostics).ok_or_else(|| SpecErrors {
        path: path.to_owned(),
        diagnostics,
    })
}

fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<PolicyFile> {
    let is_stdin = path == Path::new("-");
    let source = if is_stdin {
        Source::read_stdin()
    } else {
        Source::read(path)
    };
    let source = source
        .map(Arc::new)
        .map_err(|reason| {
            let name = path.display().to_string();
            diagnostics.push(Diagnostic::of_file(Severity::Error, &name, reason));
        })
        .ok()?;
    let is_yaml = match path.extension() {
        Some(end) => end == "yaml" || end == "yml",
        None => is_stdin && !source.text.trim_start().starts_with('{'),
    };
    let written = if is_yaml {
        yaml(&source, diagnostics)
    } else {
        document::parse(&source, diagnostics)
    };
    let Written {
        document,
        statements,
    } = written?;
    Some(PolicyFile {
        document,
        statements,
        source,
    })
}

fn yaml(source: &Arc<Source>, diagnostics: &mut Vec<Diagnostic>) -> Option<Written> {
    let tree = node::parse(source)
        .map_err(|diagnostic| diagnostics.push(diagnostic))
        .ok()?;
    let mut reading = Reading {
        source: source.clone(),
        diagnostics,
    };
    document::inline(&mut reading, &tree)
}

impl PolicyFile {
    /// Returns a diagnostic about a statement, by its place from 0, or about the document.
    pub fn diagnostic(
        &self,
        severity: Severity,
        statement: Option<usize>,
        message: &str,
        hint: &str,
    ) -> Diagnostic {
        let origin = statement.and_then(|statement| self.statements.get(statement));
        let diagnostic = match origin {
            Some(origin) => {
                let place = Place::of_line(self.source.clone(), origin.line);
                Diagnostic::at(severity, &place, message)
            }
            None => Diagnostic::of_file(severity, &self.source.name, message),
        };
        diagnostic.hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_document_is_read_as_json_and_as_yaml_with_the_lines_of_its_statements() {
        let json = "{\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}\n  ]\n}\n";
        let yaml = "Statement:\n\n  - Effect: Allow\n    Action: s3:*\n    Resource: \"*\"\n";
        for (name, text, column) in [("p.json", json, 5), ("p.yaml", yaml, 3), ("p.txt", json, 5)] {
            let (_folder, path) = written(name, text);
            let policy = load_policy(&path).unwrap();
            assert_eq!(policy.statements[0].line, 3, "{name}");
            let diagnostic = policy.diagnostic(Severity::Note, Some(0), "look", "do");
            assert_eq!((diagnostic.line, diagnostic.column), (3, column), "{name}");
        }
    }

    #[test]
    fn everything_that_is_wrong_with_a_document_is_said_at_its_place() {
        for (name, text) in [
            (
                "p.json",
                "{\"Statement\": [{\"Effect\": \"Alow\", \"Action\": 7, \"Resource\": \"*\"}]}",
            ),
            (
                "p.yaml",
                "Statement: [{Effect: Alow, Action: 7, Resource: \"*\"}]",
            ),
        ] {
            let (_folder, path) = written(name, text);
            let errors = load_policy(&path).unwrap_err();
            assert_eq!(errors.diagnostics.len(), 2, "{name}: {errors:?}");
            assert!(errors.diagnostics.iter().all(|found| found.line == 1));
        }
    }
}
