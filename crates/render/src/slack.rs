//! A document as a message in Slack's markup, which other chats take as well: a few lines.
//!
//! "Formatting text for app surfaces" in Slack's documentation: `&`, `<` and `>` are escaped, and what is between backticks
//! is neither formatted nor linked, nor does it call anybody.

use crate::document::{Detail, Document, Entry, Remark};
use crate::fit::{Block, Counted, LeftOut, Role, fit};
use crate::prose::{Text, runs};
use crate::shown::shown;
use crate::words::count;

/// The bytes that a message takes at most. Slack asks for no more than 4,000 characters.
const LIMIT: usize = 3_000;

/// The characters that one line takes at most.
const LINE: usize = 400;

/// Returns what a document comes to, what it is about, and a line for each entry.
pub(crate) fn message(document: &Document) -> String {
    let Document {
        view: _,
        about: _,
        title,
        affected: _,
        claims: _,
        sections,
        refusal: _,
        verdict: _,
    } = document;
    let (heading, rest) = document.heading();
    let mut head = heading.map(remark).unwrap_or_default();
    head.push_str(&format!("{}\n", sentence(title)));
    let entries = sections.iter().flat_map(|section| &section.entries);
    let entries = entries.map(|entry| Block {
        whole: format!("• {}\n", sentence(&cut(&line(entry)))),
        line: None,
        role: Role::Entry {
            importance: entry.importance,
            counted: Counted::Change,
            objects: entry.objects,
        },
    });
    let rest = rest.into_iter().map(|it| Block::text(remark(it)));
    let blocks: Vec<Block> = rest.chain(entries).collect();
    let room = LIMIT.saturating_sub(head.len());
    head + fit(&blocks, room, left_out).trim_end()
}

fn remark(remark: &Remark) -> String {
    format!("{}\n", sentence(&remark.text))
}

/// Says of an entry what it is, and in a text what there is to say of it. Values and lines that differ are left out.
fn line(entry: &Entry) -> String {
    let Entry {
        mark,
        address,
        note,
        origin: _,
        details,
        parts: _,
        importance: _,
        objects: _,
    } = entry;
    let texts = details.iter().filter_map(|detail| match detail {
        Detail::Text(text) => Some(text),
        Detail::Field { .. } | Detail::Change { .. } | Detail::Diff { .. } => None,
    });
    let more: Vec<&str> = note.iter().chain(texts).map(String::as_str).collect();
    let colon = if more.is_empty() { "" } else { ": " };
    format!("{} {address}{colon}{}", mark.sign(), more.join("; "))
}

/// Returns a line that isn't too long, without its end.
fn cut(line: &str) -> String {
    if line.chars().count() <= LINE {
        return line.to_owned();
    }
    line.chars().take(LINE).chain(['…']).collect()
}

/// Returns a sentence with its data as code.
pub(crate) fn sentence(sentence: &str) -> String {
    let runs = runs(sentence).into_iter();
    runs.map(|run| {
        let space = if run.is_apart { " " } else { "" };
        let text = match run.text {
            Text::Words(words) => escaped(&words),
            // There is no way to write a backtick in code.
            Text::Code(data) => format!("`{}`", escaped(&shown(&data).replace('`', "'"))),
        };
        format!("{space}{text}")
    })
    .collect()
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn left_out(left: LeftOut) -> String {
    format!(
        "{} left out here.\n",
        count(left.changes, "object is", "objects are")
    )
}
