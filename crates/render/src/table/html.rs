//! A table as one page of HTML, which loads nothing and has no script.

use askama::Template;

use super::{Row, TablePage};
use crate::html::{STYLE, Sentence, class, render, source_hash};
use crate::plot::Plot;
use crate::shown::shown;

/// Returns a page as HTML.
pub(crate) fn html(page: &TablePage) -> String {
    let TablePage {
        title,
        table,
        notes,
        verdict,
        plot,
        query,
    } = page;
    let remark = |remark: &crate::document::Remark| {
        (remark.mark.map_or("", class), Sentence::new(&remark.text))
    };
    render(&Page {
        style: STYLE,
        style_hash: source_hash(STYLE),
        heading: verdict
            .first()
            .map(|remark| shown(&remark.text).into_owned())
            .unwrap_or_default(),
        remarks: verdict.iter().skip(1).map(remark).collect(),
        about: Sentence::new(title),
        notes: notes.iter().map(remark).collect(),
        columns: table.columns.iter().map(|column| column.name).collect(),
        rows: table.rows.iter().map(RowPage::new).collect(),
        plot: plot.as_ref(),
        query: query.as_deref().unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "table.html")]
struct Page<'a> {
    style: &'static str,
    style_hash: String,
    heading: String,
    remarks: Vec<(&'static str, Sentence)>,
    about: Sentence,
    notes: Vec<(&'static str, Sentence)>,
    columns: Vec<&'static str>,
    rows: Vec<RowPage>,
    plot: Option<&'a Plot>,
    query: &'a str,
}

struct RowPage {
    mark: &'static str,
    sign: &'static str,
    first: String,
    others: Vec<Sentence>,
}

impl RowPage {
    fn new(row: &Row) -> Self {
        let mut cells = row.cells.iter();
        Self {
            mark: row.mark.map_or("", class),
            sign: row.mark.map_or("", |mark| mark.sign()),
            first: cells
                .next()
                .map(|cell| shown(cell).into_owned())
                .unwrap_or_default(),
            others: cells.map(|cell| Sentence::new(cell)).collect(),
        }
    }
}
