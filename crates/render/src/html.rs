//! A document as one page of HTML, which loads nothing and says the same without its script.

use std::collections::BTreeSet;

use askama::Template;
use askama::filters::HtmlSafe;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::document::{self, Detail, DiffLine, Document, Entry, Mark, Remark, Section, Side};
use crate::prose::{Run, Text, runs};
use crate::shown::shown;

pub(crate) const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/page.js");

/// Returns a document as HTML.
pub(crate) fn html(document: &Document) -> String {
    let Document {
        about: _,
        title,
        affected,
        claims,
        sections,
        verdict,
    } = document;
    let (first, then) = document::by_importance(sections);
    let sections = [first, then].concat();
    let entries = || sections.iter().flat_map(|section| &section.entries);
    let marks: BTreeSet<Mark> = entries().map(|entry| entry.mark).collect();
    let page = Page {
        style: STYLE,
        style_hash: source_hash(STYLE),
        script: SCRIPT,
        script_hash: source_hash(SCRIPT),
        heading: verdict
            .first()
            .map(|remark| shown(&remark.text).into_owned())
            .unwrap_or_default(),
        remarks: verdict.iter().skip(1).map(RemarkPage::new).collect(),
        about: Sentence::new(title),
        affected: affected.iter().map(EntryPage::new).collect(),
        claims: claims.iter().map(RemarkPage::new).collect(),
        marks: marks
            .into_iter()
            .map(|mark| (word(mark), mark.sign()))
            .collect(),
        sections: sections.into_iter().map(SectionPage::new).collect(),
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

/// Returns a mark's word, for those who don't see its sign.
pub(crate) fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Create => "create",
        Mark::Update => "update",
        Mark::Delete => "delete",
        Mark::Attention => "attention",
        Mark::Unknown => "unknown",
        Mark::Failure => "failure",
    }
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
    affected: Vec<EntryPage>,
    claims: Vec<RemarkPage>,
    marks: Vec<(&'static str, &'static str)>,
    sections: Vec<SectionPage>,
}

struct RemarkPage {
    mark: &'static str,
    sentence: Sentence,
}

impl RemarkPage {
    fn new(remark: &Remark) -> Self {
        Self {
            mark: remark.mark.map_or("", word),
            sentence: Sentence::new(&remark.text),
        }
    }
}

struct SectionPage {
    heading: RemarkPage,
    entries: Vec<EntryPage>,
}

impl SectionPage {
    fn new(section: &Section) -> Self {
        Self {
            heading: RemarkPage::new(&section.title()),
            entries: section.entries.iter().map(EntryPage::new).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    mark: &'static str,
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
    fn new(entry: &Entry) -> Self {
        Self {
            mark: word(entry.mark),
            sign: entry.mark.sign(),
            address: shown(&entry.address).into_owned(),
            note: entry.note.as_deref().map(Sentence::new),
            origin: entry
                .origin
                .as_deref()
                .map(|origin| shown(origin).into_owned()),
            is_folded: entry.has_more(),
            is_open: entry.is_important(),
            details: entry.details.iter().map(DetailPage::new).collect(),
            parts: entry.parts.iter().map(Self::new).collect(),
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
