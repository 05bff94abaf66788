//! What is wrong with a spec, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::source::Source;

/// Tells how bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The spec can't be used.
    Error,
    /// The spec can be used, but this is probably not meant.
    Warning,
}

/// Says one thing that is wrong with a spec, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to do, if there is something to say about it.
    pub hint: Option<String>,
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1. Zero where it is about the file as a whole.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    place: Option<(Arc<Source>, Range<usize>)>,
    related: Option<(Arc<Source>, Range<usize>, &'static str)>,
}

/// Points to a part of a source, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) range: Range<usize>,
}

impl Diagnostic {
    pub(crate) fn at(severity: Severity, place: &Place, message: impl Into<String>) -> Self {
        let Place { source, range } = place;
        let before = source.text.get(..range.start).unwrap_or(&source.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            severity,
            message: message.into(),
            hint: None,
            file: source.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            place: Some((source.clone(), range.clone())),
            related: None,
        }
    }

    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            hint: None,
            file: file.into(),
            line: 0,
            column: 0,
            place: None,
            related: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub(crate) fn related(self, place: &Place, label: &'static str) -> Self {
        Self {
            related: Some((place.source.clone(), place.range.clone(), label)),
            ..self
        }
    }

    /// Renders the diagnostic with the line it is about; with colours if `styled`.
    pub fn render(&self, styled: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let message = self.message.escape_controls();
        let mut group = level
            .primary_title(message.as_str())
            .elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
        let whole_file = format!("  in {}", self.file);
        match &self.place {
            Some((source, range)) => {
                group = group.element(snippet(source, range, AnnotationKind::Primary, None));
            }
            None => group = group.element(Level::NOTE.no_name().message(whole_file.as_str())),
        }
        if let Some((source, range, label)) = &self.related {
            group = group.element(snippet(source, range, AnnotationKind::Context, Some(label)));
        }
        let hint = self.hint.as_deref().map(EscapeControls::escape_controls);
        if let Some(hint) = &hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if styled {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }
}

/// Shows only the lines that a range is in, so that a large file costs nothing.
fn snippet<'a>(
    source: &'a Source,
    range: &Range<usize>,
    kind: AnnotationKind,
    label: Option<&'static str>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = &source.text;
    let first = text
        .get(..range.start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let after = text
        .get(range.start..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |end| range.start + end);
    let line = text.get(..first).unwrap_or_default().matches('\n').count() + 1;
    let start = range.start - first;
    let end = range.end.clamp(range.start, after) - first;
    let annotation = kind.span(start..end.max(start)).label(label);
    Snippet::source(text.get(first..after).unwrap_or_default())
        .line_start(line)
        .path(&*source.name)
        .annotation(annotation)
}

trait EscapeControls {
    fn escape_controls(&self) -> String;
}

impl EscapeControls for str {
    fn escape_controls(&self) -> String {
        self.chars()
            .map(|c| {
                if c.is_control() {
                    c.escape_debug().to_string()
                } else {
                    c.to_string()
                }
            })
            .collect()
    }
}

impl EscapeControls for String {
    fn escape_controls(&self) -> String {
        self.as_str().escape_controls()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {word}: {}",
            self.file,
            self.line,
            self.column,
            self.message.escape_controls()
        )
    }
}
