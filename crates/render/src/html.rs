//! A document as one page of HTML, which loads nothing and says the same without its script.

use std::collections::BTreeSet;

use askama::Template;
use askama::filters::HtmlSafe;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::document::{self, Detail, DiffLine, Document, Entry, Mark, Remark, Section, Side, View};
use crate::prose::{Run, Text, runs};
use crate::shown::shown;

pub(crate) const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/page.js");

/// Returns a document as HTML.
pub(crate) fn html(document: &Document) -> String {
    let Document {
        view,
        about: _,
        title,
        affected,
        claims,
        sections,
        refusal: _,
        verdict: _,
    } = document;
    let (heading, remarks) = document.heading();
    let (first, then) = document::by_importance(sections);
    let entries = first.iter().chain(&then).flat_map(|it| &it.entries);
    let marks: BTreeSet<Mark> = entries.map(|entry| entry.mark).collect();
    let pages = |sections: Vec<&Section>| {
        let pages = sections.into_iter();
        pages.map(|it| SectionPage::new(it, *view)).collect()
    };
    let page = Page {
        style: STYLE,
        style_hash: source_hash(STYLE),
        script: SCRIPT,
        script_hash: source_hash(SCRIPT),
        heading: heading
            .map(|remark| shown(&remark.text).into_owned())
            .unwrap_or_default(),
        remarks: remarks
            .into_iter()
            .map(|it| RemarkPage::new(it, *view))
            .collect(),
        about: Sentence::new(title),
        affected_heading: view.affected(),
        affected: affected
            .iter()
            .map(|it| EntryPage::new(it, *view))
            .collect(),
        claims: claims.iter().map(|it| RemarkPage::new(it, *view)).collect(),
        marks: marks
            .into_iter()
            .map(|mark| (class(mark), mark.sign(), view.word(mark)))
            .collect(),
        first: pages(first),
        then: pages(then),
    };
    render(&page)
}

#[expect(
    clippy::expect_used,
    reason = "a template fails only where what it shows does, and texts don't"
)]
pub(crate) fn render(page: &impl Template) -> String {
    page.render().expect("texts can be shown")
}

/// Returns what a content security policy calls a script or style by.
pub(crate) fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// Returns a mark's name in the style, whatever it stands for.
pub(crate) fn class(mark: Mark) -> &'static str {
    View::Changes.word(mark)
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    style: &'static str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    heading: String,
    remarks: Vec<RemarkPage>,
    about: Sentence,
    affected_heading: &'static str,
    affected: Vec<EntryPage>,
    claims: Vec<RemarkPage>,
    /// Each with its class, its sign and its word.
    marks: Vec<(&'static str, &'static str, &'static str)>,
    /// Why it must not be done, or failed.
    first: Vec<SectionPage>,
    then: Vec<SectionPage>,
}

/// A line of text with its mark as class, sign and word, all of them empty where it is plain.
#[derive(Template)]
#[template(
    source = r#"{% if !mark.is_empty() %}<span class="mark {{ mark }}" aria-hidden="true">{{ sign }}</span><span class="unseen">{{ word }} </span>{% endif %}{{ sentence }}"#,
    ext = "html"
)]
struct RemarkPage {
    mark: &'static str,
    sign: &'static str,
    word: &'static str,
    sentence: Sentence,
}

impl HtmlSafe for RemarkPage {}

impl RemarkPage {
    fn new(remark: &Remark, view: View) -> Self {
        Self {
            mark: remark.mark.map_or("", class),
            sign: remark.mark.map_or("", Mark::sign),
            word: remark.mark.map_or("", |mark| view.word(mark)),
            sentence: Sentence::new(&remark.text),
        }
    }
}

struct SectionPage {
    heading: RemarkPage,
    entries: Vec<EntryPage>,
}

impl SectionPage {
    fn new(section: &Section, view: View) -> Self {
        Self {
            heading: RemarkPage::new(&section.title(view), view),
            entries: section
                .entries
                .iter()
                .map(|it| EntryPage::new(it, view))
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    mark: &'static str,
    word: &'static str,
    sign: &'static str,
    address: String,
    note: Option<Sentence>,
    origin: Option<String>,
    is_folded: bool,
    is_open: bool,
    details: Vec<DetailPage>,
    parts: Vec<Self>,
}

impl HtmlSafe for EntryPage {}

impl EntryPage {
    fn new(entry: &Entry, view: View) -> Self {
        Self {
            mark: class(entry.mark),
            word: view.word(entry.mark),
            sign: entry.mark.sign(),
            address: shown(&entry.address).into_owned(),
            note: entry.note.as_deref().map(Sentence::new),
            origin: entry
                .origin
                .as_deref()
                .map(|origin| shown(origin).into_owned()),
            is_folded: entry.has_more(),
            is_open: entry.is_important(view),
            details: entry.details.iter().map(DetailPage::new).collect(),
            parts: entry.parts.iter().map(|it| Self::new(it, view)).collect(),
        }
    }
}

enum DetailPage {
    Text(Sentence),
    Field {
        name: String,
        value: String,
    },
    Change {
        name: String,
        before: String,
        after: String,
    },
    Diff {
        title: Sentence,
        lines: Vec<LinePage>,
    },
}

impl DetailPage {
    fn new(detail: &Detail) -> Self {
        let text = |data: &str| shown(data).into_owned();
        match detail {
            Detail::Text(sentence) => Self::Text(Sentence::new(sentence)),
            Detail::Field { name, value } => Self::Field {
                name: text(name),
                value: text(value),
            },
            Detail::Change {
                name,
                before,
                after,
            } => Self::Change {
                name: text(name),
                before: text(before),
                after: text(after),
            },
            Detail::Diff { title, lines } => Self::Diff {
                title: Sentence::new(title),
                lines: lines.iter().map(LinePage::new).collect(),
            },
        }
    }
}

struct LinePage {
    class: &'static str,
    sign: &'static str,
    pieces: Vec<(bool, String)>,
}

impl LinePage {
    fn new(line: &DiffLine) -> Self {
        let (class, sign) = match line.side {
            Side::Before => ("delete", "-"),
            Side::After => ("create", "+"),
            Side::Both => ("", " "),
        };
        let pieces = line.pieces.iter();
        Self {
            class,
            sign,
            pieces: pieces
                .map(|piece| (piece.differs, shown(&piece.text).into_owned()))
                .collect(),
        }
    }
}

/// A sentence with its data as code.
#[derive(Template)]
#[template(
    source = "{% for run in runs %}{% if run.is_apart %} {% endif %}{% match run.text %}{% when Text::Words with (words) %}{{ words }}{% when Text::Code with (data) %}<code>{{ data }}</code>{% endmatch %}{% endfor %}",
    ext = "html"
)]
pub(crate) struct Sentence {
    runs: Vec<Run>,
}

impl HtmlSafe for Sentence {}

impl Sentence {
    pub(crate) fn new(sentence: &str) -> Self {
        Self {
            runs: runs(sentence),
        }
    }
}
