//! Colours. Without them a text says the same.

use anstyle::{AnsiColor, Style};

use crate::document::{Mark, Side};

/// Text as it is.
pub(crate) const PLAIN: Style = Style::new();
/// What a document is about, and what it comes to.
pub(crate) const STRONG: Style = Style::new().bold();
/// What helps to find something.
pub(crate) const FAINT: Style = Style::new().dimmed();

const ADDED: Style = AnsiColor::Green.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const UNKNOWN: Style = AnsiColor::Cyan.on_default();

/// Returns the style of a mark.
pub(crate) const fn of_mark(mark: Mark) -> Style {
    match mark {
        Mark::Create => ADDED,
        Mark::Update => CHANGED,
        Mark::Delete => REMOVED,
        Mark::Attention => CHANGED.bold(),
        Mark::Unknown => UNKNOWN,
        Mark::Failure => REMOVED.bold(),
    }
}

/// Returns the style of a piece of a diff.
pub(crate) const fn of_piece(side: Side, differs: bool) -> Style {
    let style = match side {
        Side::Before => REMOVED,
        Side::After => ADDED,
        Side::Both => PLAIN,
    };
    if differs {
        style.bold().underline()
    } else {
        style
    }
}

/// Lists every style, so that a test can tell ours from what came with data.
#[cfg(test)]
pub(crate) fn all() -> Vec<Style> {
    use Mark::{Attention, Create, Delete, Failure, Unknown, Update};
    let marks = [Create, Update, Delete, Attention, Unknown, Failure].map(of_mark);
    let pieces = [Side::Before, Side::After, Side::Both].map(|side| of_piece(side, true));
    [&[STRONG, FAINT], marks.as_slice(), pieces.as_slice()].concat()
}
