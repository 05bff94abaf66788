//! Policy documents: inline, or in a file of their own.

use std::sync::Arc;

use policy::{Document, Mistake};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::node::{Node, Value};
use crate::reading::{Reading, Section};
use crate::source::Source;

/// Reads the document of a section that has `document` or `file`.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    at: &Node,
    section: &Section<'_>,
) -> Option<Document> {
    match (section.get("document"), section.get("file")) {
        (Some(node), None) => inline(reading, node),
        (None, Some(node)) => file(reading, node),
        (Some(_), Some(node)) => {
            reading.error(node, "a policy has either `document` or `file`");
            None
        }
        (None, None) => {
            reading.error(at, "a policy needs `document` or `file`");
            None
        }
    }
}

fn inline(reading: &mut Reading<'_>, node: &Node) -> Option<Document> {
    if !matches!(node.value, Value::Map(_)) {
        reading.expected(
            node,
            "a policy document as a map; JSON can be written as it is",
        );
        return None;
    }
    match Document::from_value(&reading.json(node)) {
        Ok(document) => Some(document),
        Err(error) => {
            for mistake in error.mistakes() {
                let place = reading.place(node.follow(&mistake.path));
                reading.diagnostics.push(diagnostic(&place, mistake));
            }
            None
        }
    }
}

fn file(reading: &mut Reading<'_>, node: &Node) -> Option<Document> {
    let source = source(reading, node)?;
    match Document::parse(&source.text) {
        Ok(document) => Some(document),
        Err(error) => {
            for mistake in error.mistakes() {
                let range = mistake
                    .location
                    .as_ref()
                    .map_or(0..0, |location| location.range.clone());
                let place = Place {
                    source: source.clone(),
                    range,
                };
                reading.diagnostics.push(diagnostic(&place, mistake));
            }
            None
        }
    }
}

/// Reads a file that the spec names, relative to the spec's file.
pub(crate) fn source(reading: &mut Reading<'_>, node: &Node) -> Option<Arc<Source>> {
    let name = reading.text(node, "the name of a file")?;
    let source = reading.source.beside(name);
    source
        .map(Arc::new)
        .map_err(|reason| reading.error(node, format!("can't read `{name}`: {reason}")))
        .ok()
}

fn diagnostic(place: &Place, mistake: &Mistake) -> Diagnostic {
    let message = if mistake.path.is_empty() {
        mistake.message.clone()
    } else {
        format!("{}: {}", mistake.path, mistake.message)
    };
    let diagnostic = Diagnostic::at(Severity::Error, place, message);
    match &mistake.suggestion {
        Some(suggestion) => diagnostic.hint(format!("did you mean `{suggestion}`?")),
        None => diagnostic,
    }
}
