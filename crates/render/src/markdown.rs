//! A document as GitHub-flavoured Markdown, for a comment.
//!
//! Words are written as they are; everything else is code, in which neither Markdown nor HTML, mentions, references nor
//! links mean anything.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::document::{
    self, About, Detail, DiffLine, Document, Entry, Mark, Remark, Section, Side, View,
};
use crate::fit::{Block, Counted, LeftOut, Role, fit};
use crate::prose::{Run, Text, runs};
use crate::shown::shown;
use crate::words::count;

/// What a hidden marker is written in: it can't end the comment.
const MARKER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'_')
    .remove(b'-');

/// Returns a document as Markdown in no more than `limit` bytes.
pub(crate) fn markdown(document: &Document, limit: usize) -> String {
    let Document {
        view,
        about,
        title,
        affected,
        claims,
        sections,
        refusal: _,
        verdict: _,
    } = document;
    let (first, then) = document.heading();
    let mut head = about
        .as_ref()
        .map(|about| marker(*view, about))
        .unwrap_or_default();
    head.push_str(&first.map(heading).unwrap_or_default());
    let then = then.into_iter();
    let mut blocks: Vec<Block> = then.map(|remark| Block::text(paragraph(remark))).collect();
    if !title.is_empty() {
        blocks.push(Block::text(format!("{}\n\n", prose(title))));
    }
    let (first, then) = document::by_importance(sections);
    blocks.extend(first.into_iter().flat_map(|it| section(it, *view)));
    if !affected.is_empty() {
        blocks.push(list_title(view.affected()));
        // They say it in other words once more.
        blocks.extend(entries(affected, *view, |_| Counted::Affected));
    }
    blocks.extend((!claims.is_empty()).then(|| proved(claims)));
    blocks.extend(then.into_iter().flat_map(|it| section(it, *view)));
    let room = limit.saturating_sub(head.len());
    let left_out = |left| left_out(left, *view);
    head + fit(&blocks, room, left_out).trim_end() + "\n"
}

fn list_title(title: &str) -> Block {
    Block {
        role: Role::Title,
        ..Block::text(format!("#### {title}\n\n"))
    }
}

/// Returns a comment that nobody sees, by which the comment or issue about the same spec and account is found again.
fn marker(view: View, about: &About) -> String {
    let About { spec, account } = about;
    let name = match view {
        View::Changes => "mfactl",
        View::Drift => "mfactl drift",
    };
    let encoded = |text| {
        utf8_percent_encode(text, MARKER)
            .to_string()
            .replace("--", "-%2D")
    };
    format!("<!-- {name}: {} {} -->\n", encoded(spec), encoded(account))
}

fn heading(remark: &Remark) -> String {
    format!("### {}\n\n", marked(remark))
}

fn paragraph(remark: &Remark) -> String {
    match remark.mark {
        Some(_) => format!("**{}**\n\n", marked(remark)),
        None => format!("{}\n\n", prose(&remark.text)),
    }
}

fn marked(remark: &Remark) -> String {
    let sign = remark.mark.map(sign).unwrap_or_default();
    format!("{sign}{}", prose(&remark.text))
}

fn sign(mark: Mark) -> String {
    format!("{} ", code(mark.sign()))
}

fn proved(claims: &[Remark]) -> Block {
    let lines: String = claims
        .iter()
        .map(|claim| format!("- {}\n", marked(claim)))
        .collect();
    let is_open = if claims.iter().any(|claim| claim.mark.is_some()) {
        " open"
    } else {
        ""
    };
    Block::text(format!(
        "<details{is_open}><summary>What is proved</summary>\n\n{lines}\n</details>\n\n"
    ))
}

fn section(section: &Section, view: View) -> Vec<Block> {
    let title = list_title(&marked(&section.title(view)));
    std::iter::once(title)
        .chain(entries(&section.entries, view, counted))
        .collect()
}

fn counted(entry: &Entry) -> Counted {
    match entry.mark {
        Mark::Create | Mark::Update | Mark::Delete => Counted::Change,
        Mark::Attention | Mark::Unknown | Mark::Failure => Counted::Note,
    }
}

/// Returns a block for each entry. A list ends before what is folded, and after the last.
fn entries(entries: &[Entry], view: View, counted: fn(&Entry) -> Counted) -> Vec<Block> {
    let followers = entries.iter().skip(1).map(Some).chain([None]);
    entries
        .iter()
        .zip(followers)
        .map(|(entry, follower)| {
            let end = if follower.is_some_and(|follower| !follower.has_more()) {
                ""
            } else {
                "\n"
            };
            let line = format!("- {}\n{end}", line(entry));
            let role = Role::Entry {
                importance: entry.importance,
                counted: counted(entry),
                objects: entry.objects,
            };
            if entry.has_more() {
                Block {
                    whole: folded(entry, view),
                    line: Some(line + if end.is_empty() { "\n" } else { "" }),
                    role,
                }
            } else {
                Block {
                    whole: line,
                    line: None,
                    role,
                }
            }
        })
        .collect()
}

/// Returns an entry of which the details can be folded. What is important is open.
fn folded(entry: &Entry, view: View) -> String {
    let open = if entry.is_important(view) {
        " open"
    } else {
        ""
    };
    format!(
        "<details{open}><summary>{}</summary>\n\n{}\n</details>\n\n",
        summary(entry),
        one_by_one(&body(entry))
    )
}

fn line(entry: &Entry) -> String {
    let Entry {
        mark,
        address,
        note,
        origin,
        details: _,
        parts: _,
        importance: _,
        objects: _,
    } = entry;
    let note = note.as_ref().map(|note| format!(" {}", prose(note)));
    let origin = origin.as_ref().map(|origin| format!(" – {}", code(origin)));
    format!(
        "{}**{}**{}{}",
        sign(*mark),
        code(address),
        note.unwrap_or_default(),
        origin.unwrap_or_default()
    )
}

/// Returns an entry's line as HTML, since Markdown isn't read within `<summary>`.
fn summary(entry: &Entry) -> String {
    let Entry {
        mark,
        address,
        note,
        origin,
        details: _,
        parts: _,
        importance: _,
        objects: _,
    } = entry;
    let code = |data: &str| {
        html(&Run {
            is_apart: false,
            text: Text::Code(shown(data).into_owned()),
        })
    };
    let note: String = note
        .iter()
        .flat_map(|note| runs(note))
        .map(|run| html(&run))
        .collect();
    let space = if note.is_empty() { "" } else { " " };
    let origin = origin.as_ref().map(|origin| format!(" – {}", code(origin)));
    format!(
        "{} <b>{}</b>{space}{note}{}",
        code(mark.sign()),
        code(address),
        origin.unwrap_or_default()
    )
}

fn html(run: &Run) -> String {
    let space = if run.is_apart { " " } else { "" };
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('>', "&gt;").replace('"', "&quot;")
    };
    match &run.text {
        Text::Words(words) => format!("{space}{}", escaped(words)),
        Text::Code(data) => format!("{space}<code>{}</code>", escaped(data)),
    }
}

/// Returns what is below an entry's line: lists, and diffs in fences between them.
fn body(entry: &Entry) -> String {
    let mut text: String = entry.details.iter().map(detail).collect();
    for part in &entry.parts {
        text.push_str(&format!("- {}\n", line(part)));
        if part.has_more() {
            text.push('\n');
            text.push_str(&body(part));
            text.push('\n');
        }
    }
    text
}

/// Leaves one empty line where several follow each other, and none at the ends. What is in a fence has no empty line.
fn one_by_one(body: &str) -> String {
    let mut text = String::new();
    for line in body.lines() {
        if !(line.is_empty() && (text.is_empty() || text.ends_with("\n\n"))) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.trim_end().to_owned() + "\n"
}

fn detail(detail: &Detail) -> String {
    match detail {
        Detail::Text(text) => format!("- {}\n", prose(text)),
        Detail::Field { name, value } => format!("- {}: {}\n", code(name), code(value)),
        Detail::Change {
            name,
            before,
            after,
        } => format!("- {}: {} → {}\n", code(name), code(before), code(after)),
        Detail::Diff { title, lines } => {
            let lines: String = lines.iter().map(diff_line).collect();
            let fence = "`".repeat(longest_run(&lines).max(2) + 1);
            format!("\n{}:\n\n{fence}diff\n{lines}{fence}\n\n", prose(title))
        }
    }
}

fn diff_line(line: &DiffLine) -> String {
    let sign = match line.side {
        Side::Before => '-',
        Side::After => '+',
        Side::Both => ' ',
    };
    let text: String = line.pieces.iter().map(|piece| shown(&piece.text)).collect();
    format!("{sign} {text}\n")
}

/// Returns a sentence with its data as code.
pub(crate) fn prose(sentence: &str) -> String {
    let runs = runs(sentence).into_iter();
    runs.map(|run| {
        let space = if run.is_apart { " " } else { "" };
        let text = match run.text {
            Text::Words(words) => words_as_text(&words),
            Text::Code(data) => code(&data),
        };
        format!("{space}{text}")
    })
    .collect()
}

/// Returns plain words such that a number at their begin is no item of a list.
fn words_as_text(words: &str) -> String {
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    match words.split_at(digits) {
        (number, rest) if digits > 0 && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ => words.to_owned(),
    }
}

/// Returns data as code, between more backticks than there are in it.
pub(crate) fn code(data: &str) -> String {
    let data = shown(data);
    if data.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&data) + 1);
    let edge = |character: Option<char>| matches!(character, Some('`' | ' '));
    if edge(data.chars().next()) || edge(data.chars().next_back()) {
        format!("{fence} {data} {fence}")
    } else {
        format!("{fence}{data}{fence}")
    }
}

/// Returns text in a fence of its own, longer than any in it.
pub(crate) fn fenced(text: &str) -> String {
    let lines: String = text
        .lines()
        .map(|line| format!("{}\n", shown(line)))
        .collect();
    let fence = "`".repeat(longest_run(&lines).max(2) + 1);
    format!("{fence}\n{lines}{fence}")
}

/// Returns how many backticks there are in a row, at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`').map(str::len);
    runs.max().unwrap_or_default()
}

fn left_out(left: LeftOut, view: View) -> String {
    let LeftOut {
        details,
        changes,
        of,
        notes,
        affected,
        of_affected,
    } = left;
    let nouns = match view {
        View::Changes => ("change", "changes"),
        View::Drift => ("difference", "differences"),
    };
    let all = count(of, nouns.0, nouns.1);
    let of_all = match view {
        View::Changes => format!("{affected} of {of_affected} who are affected"),
        View::Drift => format!("what it means for {affected} of {of_affected} objects"),
    };
    let what = [
        (affected > 0).then_some(of_all),
        (changes > 0).then(|| format!("{changes} of {all}")),
        (details > 0 && changes > 0).then(|| format!("the details of {details} more")),
        (details > 0 && changes == 0).then(|| format!("the details of {details} of {all}")),
        (notes > 0).then(|| count(notes, "note", "notes")),
    ];
    let what: Vec<String> = what.into_iter().flatten().collect();
    let what = if what.is_empty() {
        "some of what it says".to_owned()
    } else {
        what.join(", and ")
    };
    format!(
        "**Not everything fits here.** This leaves out {what}. The same command with `--format html` shows everything.\n\n"
    )
}
