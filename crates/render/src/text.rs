//! A document as text for a terminal or a log.

use anstyle::Style;

use crate::document::{Detail, DiffLine, Document, Entry, Mark, Remark, Section, Side};
use crate::shown::shown;
use crate::style;

/// The column at which the note of an entry begins.
const NOTE: usize = 29;

/// The column at which the origin of an entry begins. Neither depends on the other entries, so that a line is the same
/// whatever else a plan holds.
const ORIGIN: usize = 59;

/// The spaces between the columns of a line, at least.
const GAP: usize = 3;

/// Returns a document as text with ANSI styles.
pub(crate) fn text(document: &Document) -> String {
    let Document {
        view: _,
        about: _,
        title,
        affected: _,
        claims: _,
        sections,
        refusal,
        verdict,
    } = document;
    let mut page = Page::default();
    if !title.is_empty() {
        page.put(style::STRONG, title);
        page.end_line();
    }
    for section in sections
        .iter()
        .filter(|section| !section.entries.is_empty())
    {
        page.blank_line();
        page.section(section);
    }
    page.blank_line();
    for remark in verdict.iter().chain(refusal) {
        page.remark(remark);
    }
    page.text
}

/// Returns one entry as text, its details left out.
pub(crate) fn line(entry: &Entry) -> String {
    let mut page = Page::default();
    page.entry_line(entry, 0, NOTE);
    page.text.trim_end().to_owned()
}

/// A text that grows. Data gets into it only by [`Page::put`], which shows control characters and obeys none.
#[derive(Default)]
struct Page {
    text: String,
    /// The characters of the current line.
    column: usize,
}

impl Page {
    fn put(&mut self, style: Style, data: &str) {
        let shown = shown(data);
        self.column += shown.chars().count();
        self.text.push_str(&format!("{style}{shown}{style:#}"));
    }

    fn pad(&mut self, spaces: usize) {
        self.text.extend(std::iter::repeat_n(' ', spaces));
        self.column += spaces;
    }

    /// Goes on at a column, or a little further on where the line has got beyond it.
    fn go_to(&mut self, column: usize) {
        self.pad(column.saturating_sub(self.column).max(GAP));
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.column = 0;
    }

    fn blank_line(&mut self) {
        if !self.text.is_empty() {
            self.end_line();
        }
    }

    fn section(&mut self, section: &Section) {
        if let Some(heading) = &section.heading {
            self.remark(heading);
        }
        for entry in &section.entries {
            self.entry(entry, 2, NOTE);
        }
    }

    fn remark(&mut self, remark: &Remark) {
        self.put(
            remark.mark.map_or(style::STRONG, style::of_mark),
            &remark.text,
        );
        self.end_line();
    }

    fn entry(&mut self, entry: &Entry, indentation: usize, note: usize) {
        self.entry_line(entry, indentation, note);
        let inner = indentation + 4;
        self.details(&entry.details, inner);
        let longest = entry.parts.iter().map(|part| width(&part.address)).max();
        for part in &entry.parts {
            self.entry(part, inner, inner + 2 + longest.unwrap_or(0) + GAP);
        }
    }

    fn entry_line(&mut self, entry: &Entry, indentation: usize, note_column: usize) {
        let style = style::of_mark(entry.mark);
        self.pad(indentation);
        self.put(style, entry.mark.sign());
        self.pad(1);
        let address_style = if entry.mark == Mark::Failure {
            style
        } else {
            style::STRONG
        };
        self.put(address_style, &entry.address);
        if let Some(note) = &entry.note {
            self.go_to(note_column);
            self.put(style::PLAIN, note);
        }
        if let Some(origin) = &entry.origin {
            self.go_to(ORIGIN);
            self.put(style::FAINT, origin);
        }
        self.end_line();
    }

    fn details(&mut self, details: &[Detail], indentation: usize) {
        let longest = details.iter().filter_map(name).map(width).max();
        let values = indentation + longest.unwrap_or(0) + GAP;
        for detail in details {
            self.detail(detail, indentation, values);
        }
    }

    fn detail(&mut self, detail: &Detail, indentation: usize, values: usize) {
        self.pad(indentation);
        match detail {
            Detail::Text(text) => self.put(style::FAINT, text),
            Detail::Field { name, value } => {
                self.put(style::PLAIN, name);
                self.go_to(values);
                self.put(style::PLAIN, value);
            }
            Detail::Change {
                name,
                before,
                after,
            } => {
                self.put(style::PLAIN, name);
                self.go_to(values);
                self.put(style::of_piece(Side::Before, false), before);
                self.put(style::PLAIN, " → ");
                self.put(style::of_piece(Side::After, false), after);
            }
            Detail::Diff { title, lines } => {
                self.put(style::PLAIN, title);
                for line in lines {
                    self.end_line();
                    self.diff_line(line, indentation);
                }
            }
        }
        self.end_line();
    }

    /// The sign of a line stands left of the title, the text right of it.
    fn diff_line(&mut self, line: &DiffLine, indentation: usize) {
        let sign = match line.side {
            Side::Before => "-",
            Side::After => "+",
            Side::Both => " ",
        };
        self.pad(indentation - 2);
        self.put(style::of_piece(line.side, false), sign);
        self.pad(3);
        for piece in &line.pieces {
            self.put(style::of_piece(line.side, piece.differs), &piece.text);
        }
    }
}

/// Returns the characters that data takes.
fn width(data: &str) -> usize {
    shown(data).chars().count()
}

fn name(detail: &Detail) -> Option<&str> {
    match detail {
        Detail::Field { name, .. } | Detail::Change { name, .. } => Some(name),
        Detail::Text(_) | Detail::Diff { .. } => None,
    }
}
