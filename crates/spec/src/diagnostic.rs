//! What is wrong with a spec, and where.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::source::Source;

/// Tells how bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The spec can't be used.
    Error,
    /// The spec can be used, but this is probably not meant.
    Warning,
    /// Good to know.
    Note,
}

/// Says one thing that is wrong with a spec, and where.
///
/// Its texts can be printed as they are: control characters are escaped, and private keys are blotted out.
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
    /// The column in characters, from 1. Zero where it is about the file as a whole.
    pub column: usize,
    place: Option<Place>,
    related: Option<(Place, &'static str)>,
}

/// Points to a part of a source, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) range: Range<usize>,
}

/// Columns are counted and lines are shown in characters only near a line's begin or the place, so that a hostile line of
/// megabytes with a mistake in every word costs nothing.
const NEAR: usize = 4_000;

impl Place {
    /// Returns the place of a line, without the spaces around its text.
    pub(crate) fn of_line(source: Arc<Source>, line: u32) -> Self {
        let range = source.line_range(source.offset(line as usize, 1));
        let text = source.text.get(range.clone()).unwrap_or_default();
        let start = range.start + (text.len() - text.trim_start().len());
        let range = start..start + text.trim().len();
        Self { source, range }
    }

    fn line(&self) -> usize {
        self.source.line(self.range.start)
    }

    /// Returns the column in characters, from 1; in bytes where the line is far longer than lines are.
    fn column(&self) -> usize {
        let line = self.source.line_range(self.range.start).start;
        match self.source.text.get(line..self.range.start) {
            Some(before) if before.len() <= NEAR => before.chars().count() + 1,
            _ => self.range.start.saturating_sub(line) + 1,
        }
    }

    /// Returns what is shown of the first line: all of it, or what is near the place.
    fn excerpt(&self) -> Range<usize> {
        let Range { start, end } = self.source.line_range(self.range.start);
        let text = &self.source.text;
        let near = self.range.start.saturating_sub(NEAR)..self.range.start.saturating_add(NEAR);
        start.max(text.floor_char_boundary(near.start))..end.min(text.ceil_char_boundary(near.end))
    }

    /// Tells whether another place is shown in the same excerpt.
    fn is_beside(&self, other: &Self) -> bool {
        let excerpt = self.excerpt();
        Arc::ptr_eq(&self.source, &other.source) && excerpt.contains(&other.range.start)
    }

    /// Returns where in this place's excerpt another is.
    fn in_excerpt(&self, other: &Self) -> Range<usize> {
        let excerpt = self.excerpt();
        let start = other.range.start.clamp(excerpt.start, excerpt.end);
        let end = other.range.end.clamp(start, excerpt.end);
        start - excerpt.start..end - excerpt.start
    }
}

impl Diagnostic {
    /// Returns a diagnostic about a line that a spec was read from, which is shown as long as its file can still be read.
    pub fn on_line(
        severity: Severity,
        line: &model::Origin,
        message: impl AsRef<str>,
        hint: Option<&str>,
    ) -> Self {
        let diagnostic = match Source::read(Path::new(&*line.file)) {
            Ok(source) => Self::at(
                severity,
                &Place::of_line(Arc::new(source), line.line),
                message,
            ),
            Err(_) => Self {
                line: line.line as usize,
                column: 1,
                ..Self::of_file(severity, &line.file, message)
            },
        };
        match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }

    pub(crate) fn at(severity: Severity, place: &Place, message: impl AsRef<str>) -> Self {
        Self {
            severity,
            message: shown(message.as_ref()),
            hint: None,
            file: place.source.name.clone(),
            line: place.line(),
            column: place.column(),
            place: Some(place.clone()),
            related: None,
        }
    }

    pub(crate) fn of_file(severity: Severity, file: &str, message: impl AsRef<str>) -> Self {
        Self {
            severity,
            message: shown(message.as_ref()),
            hint: None,
            file: shown(file).into(),
            line: 0,
            column: 0,
            place: None,
            related: None,
        }
    }

    pub(crate) fn hint(self, hint: impl AsRef<str>) -> Self {
        Self {
            hint: Some(shown(hint.as_ref())),
            ..self
        }
    }

    pub(crate) fn related(self, place: &Place, label: &'static str) -> Self {
        Self {
            related: Some((place.clone(), label)),
            ..self
        }
    }

    /// Renders the diagnostic with the line it is about; with colours if `styled`.
    pub fn render(&self, styled: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(self.message.as_str());
        let mut group = match (&self.place, &self.related) {
            (None, _) => title.element(Origin::path(&*self.file)),
            (Some(place), None) => title.element(snippet(place, None)),
            (Some(place), Some((other, label))) if place.is_beside(other) => {
                let label = AnnotationKind::Context
                    .span(place.in_excerpt(other))
                    .label(*label);
                title.element(snippet(place, None).annotation(label))
            }
            (Some(place), Some((other, label))) => title
                .element(snippet(place, None))
                .element(snippet(other, Some(label))),
        };
        if let Some(hint) = &self.hint {
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

/// Shows only the first line of a place, so that a large file costs nothing: the place of a diagnostic, or with a label
/// another one.
fn snippet<'a>(place: &'a Place, label: Option<&'static str>) -> Snippet<'a, Annotation<'a>> {
    let kind = match label {
        None => AnnotationKind::Primary,
        Some(_) => AnnotationKind::Context,
    };
    let text = place.source.text.get(place.excerpt()).unwrap_or_default();
    Snippet::source(without_controls(&without_private_keys(text)))
        .line_start(place.line())
        .path(&*place.source.name)
        .annotation(kind.span(place.in_excerpt(place)).label(label))
}

/// Replaces what a terminal may obey and the renderer lets through, by characters of the same length: C1 controls, of
/// which U+009B begins an escape sequence, and invisible marks of direction and lines.
fn without_controls(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{80}'..='\u{9f}' => '·',
            '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => '\u{fffd}',
            _ => character,
        })
        .collect()
}

/// Returns a text fit to be printed: what a terminal would obey is escaped, and private keys are blotted out.
pub(crate) fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in without_private_keys(text).chars() {
        match character {
            '"' | '\'' | '\\' => safe.push(character),
            _ => safe.extend(character.escape_debug()),
        }
    }
    safe
}

/// Blots out what looks like the private half of an age key, without changing the text's length: people do paste it
/// where the public one belongs, and messages end up in the logs of build servers.
fn without_private_keys(text: &str) -> Cow<'_, str> {
    const START: &str = "AGE-SECRET-KEY-";
    let upper = text.to_ascii_uppercase();
    if !upper.contains(START) {
        return Cow::Borrowed(text);
    }
    let mut blotted = String::with_capacity(text.len());
    let mut in_key = false;
    for (offset, character) in text.char_indices() {
        let after_start = upper
            .get(..offset)
            .is_some_and(|before| before.ends_with(START));
        in_key = (in_key || after_start) && character.is_ascii_alphanumeric();
        blotted.push(if in_key { '*' } else { character });
    }
    Cow::Owned(blotted)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        match line {
            0 => write!(f, "{file}: {word}: {message}"),
            _ => write!(f, "{file}:{line}:{column}: {word}: {message}"),
        }
    }
}
