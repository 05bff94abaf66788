//! Policy documents: inline, or in a file of their own.

use std::sync::Arc;

use model::Origin;
use policy::{Document, Element, Mistake};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::node::{Node, Value};
use crate::reading::{Reading, Section};
use crate::source::Source;

/// Holds a document with the place of each of its statements.
pub(crate) struct Written {
    pub(crate) document: Document,
    pub(crate) statements: Vec<Origin>,
}

/// Reads the document of a section that has `document` or `file`.
pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, section: &Section<'_>) -> Option<Written> {
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

/// Reads a document that is written as YAML.
pub(crate) fn inline(reading: &mut Reading<'_>, node: &Node) -> Option<Written> {
    if !matches!(node.value, Value::Map(_)) {
        reading.expected(
            node,
            "a policy document as a map; JSON can be written as it is",
        );
        return None;
    }
    match Document::from_value(&reading.json(node)) {
        Ok(document) => {
            let places = statements(&document);
            let statements = places.map(|place| reading.origin(node.follow(&place.path)));
            let statements = statements.collect();
            Some(Written {
                document,
                statements,
            })
        }
        Err(error) => {
            for mistake in error.mistakes() {
                let place = reading.place(node.follow(&mistake.path));
                reading.diagnostics.push(diagnostic(&place, mistake));
            }
            None
        }
    }
}

fn statements(document: &Document) -> impl Iterator<Item = &policy::Place> {
    (0..document.statements().len())
        .filter_map(|statement| document.place(statement, Element::Statement))
}

fn file(reading: &mut Reading<'_>, node: &Node) -> Option<Written> {
    let source = source(reading, node)?;
    parse(&source, reading.diagnostics)
}

/// Reads a document that is a file of JSON.
pub(crate) fn parse(source: &Arc<Source>, diagnostics: &mut Vec<Diagnostic>) -> Option<Written> {
    match Document::parse(&source.text) {
        Ok(document) => {
            let lines =
                statements(&document).filter_map(|place| Some(place.location.as_ref()?.line));
            let statements = lines
                .map(|line| Origin {
                    file: source.name.clone(),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                })
                .collect();
            Some(Written {
                document,
                statements,
            })
        }
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
                diagnostics.push(diagnostic(&place, mistake));
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
