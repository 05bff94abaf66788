//! What is read in rows: a table, what there is to say of it, and what it comes to.

mod html;

use anstyle::Style;

use crate::document::{Mark, Remark};
use crate::markdown;
use crate::plot::Plot;
use crate::shown::shown;
use crate::style;

pub(crate) use self::html::html;

/// The spaces between two columns of a text.
const GAP: usize = 2;

/// Holds a table with what belongs to it.
#[derive(Debug)]
pub(crate) struct TablePage {
    /// What it is about.
    pub(crate) title: String,
    /// The table.
    pub(crate) table: Table,
    /// What there is to say of it, a line each.
    pub(crate) notes: Vec<Remark>,
    /// What it comes to.
    pub(crate) verdict: Vec<Remark>,
    /// How it came to that; pages of HTML have it only.
    pub(crate) plot: Option<Plot>,
    /// The query that it was made by.
    pub(crate) query: Option<String>,
}

/// Holds rows of cells.
#[derive(Debug)]
pub(crate) struct Table {
    /// What the columns are.
    pub(crate) columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub(crate) rows: Vec<Row>,
}

/// Describes a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The characters that it may take in a text. Together with what is between them they are no more than a hundred.
    pub(crate) most: usize,
}

/// Holds a row.
#[derive(Debug)]
pub(crate) struct Row {
    /// How much it matters.
    pub(crate) mark: Option<Mark>,
    /// What is in it. The first cell is whom or what the row is about.
    pub(crate) cells: Vec<String>,
}

/// Returns a page as text with ANSI styles.
pub(crate) fn text(page: &TablePage) -> String {
    let TablePage {
        title,
        table,
        notes,
        verdict,
        plot: _,
        query,
    } = page;
    let mut text = line(style::STRONG, title);
    if !table.rows.is_empty() {
        text.push('\n');
        text.push_str(&table_text(table));
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        let sign = note.mark.map_or(" ", Mark::sign);
        text.push_str(&line(
            note.mark.map_or(style::PLAIN, style::of_mark),
            &format!("  {sign} {}", note.text),
        ));
    }
    text.push('\n');
    for remark in verdict {
        let style = remark.mark.map_or(style::STRONG, style::of_mark);
        text.push_str(&line(style, &remark.text));
    }
    if let Some(query) = query {
        text.push('\n');
        for part in query.lines() {
            text.push_str(&line(style::FAINT, part));
        }
    }
    text
}

fn line(style: Style, data: &str) -> String {
    format!("{style}{}{style:#}\n", shown(data))
}

fn table_text(table: &Table) -> String {
    let Table { columns, rows } = table;
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = rows.iter().filter_map(|row| row.cells.get(place));
            let longest = cells.map(|cell| shown(cell).chars().count()).max();
            longest
                .unwrap_or_default()
                .max(column.name.chars().count())
                .min(column.most)
        })
        .collect();
    let names = columns.iter().map(|column| column.name.to_uppercase());
    let mut text = cells_text(" ", style::FAINT, names, &widths);
    for row in rows {
        let style = row.mark.map_or(style::PLAIN, style::of_mark);
        let sign = row.mark.map_or(" ", Mark::sign);
        text.push_str(&cells_text(sign, style, row.cells.iter(), &widths));
    }
    text
}

fn cells_text<T: AsRef<str>>(
    sign: &str,
    style: Style,
    cells: impl Iterator<Item = T>,
    widths: &[usize],
) -> String {
    let mut text = format!("  {sign} ");
    let mut spaces = 0;
    for (cell, width) in cells.zip(widths) {
        let shown = cut(&shown(cell.as_ref()), *width);
        text.extend(std::iter::repeat_n(' ', spaces));
        text.push_str(&shown);
        spaces = GAP + width.saturating_sub(shown.chars().count());
    }
    format!("{style}{}{style:#}\n", text.trim_end())
}

/// Cuts what is longer than a column, so that the columns stand below each other.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Returns a page as GitHub-flavoured Markdown.
pub(crate) fn markdown(page: &TablePage) -> String {
    let TablePage {
        title,
        table,
        notes,
        verdict,
        plot: _,
        query,
    } = page;
    let mut verdict = verdict.iter();
    let mut text = String::new();
    if let Some(first) = verdict.next() {
        text.push_str(&format!("### {}\n\n", marked(first)));
    }
    for remark in verdict {
        text.push_str(&format!("{}\n\n", marked(remark)));
    }
    text.push_str(&format!("{}\n\n", markdown::prose(title)));
    for note in notes {
        text.push_str(&format!("- {}\n", marked(note)));
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    if !table.rows.is_empty() {
        text.push_str(&table_markdown(table));
    }
    if let Some(query) = query {
        text.push_str(&format!("\n{}\n", markdown::fenced(query)));
    }
    text
}

fn marked(remark: &Remark) -> String {
    let sign = remark
        .mark
        .map(|mark| format!("{} ", markdown::code(mark.sign())));
    sign.unwrap_or_default() + &markdown::prose(&remark.text)
}

/// A bar would end a cell, in code too, unless it is escaped ("Tables" in the GitHub Flavored Markdown specification).
fn table_markdown(table: &Table) -> String {
    let row = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let names = table.columns.iter().map(|it| it.name.to_owned());
    let mut text = row(std::iter::once(String::new()).chain(names).collect());
    text.push_str(&"|---".repeat(table.columns.len() + 1));
    text.push_str("|\n");
    for Row { mark, cells } in &table.rows {
        let sign = mark.map(|mark| markdown::code(mark.sign()));
        let mut cells = cells.iter();
        let first = cells.next().map(|cell| markdown::code(cell));
        let others = cells.map(|cell| markdown::prose(cell));
        let all = std::iter::once(sign.unwrap_or_default())
            .chain(first)
            .chain(others);
        text.push_str(&row(all.collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> TablePage {
        TablePage {
            title: "Account 123456789012.".to_owned(),
            table: Table {
                columns: vec![
                    Column {
                        name: "User",
                        most: 10,
                    },
                    Column {
                        name: "MFA",
                        most: 10,
                    },
                ],
                rows: vec![
                    Row {
                        mark: Some(Mark::Failure),
                        cells: vec![name.to_owned(), "none".to_owned()],
                    },
                    Row {
                        mark: None,
                        cells: vec!["bob".to_owned(), "virtual".to_owned()],
                    },
                ],
            },
            notes: Vec::new(),
            verdict: vec![Remark {
                mark: None,
                text: "1 of 2 has MFA.".to_owned(),
            }],
            plot: None,
            query: None,
        }
    }

    #[test]
    fn columns_stand_below_each_other_and_long_names_are_cut() {
        let text = anstream::adapter::strip_str(&text(&page("a.very.long.name"))).to_string();
        assert_eq!(
            text,
            "Account 123456789012.\n\n    USER        MFA\n  ✗ a.very.lo…  none\n    bob         virtual\n\n1 of 2 has MFA.\n"
        );
    }

    #[test]
    fn a_name_ends_no_cell_and_begins_no_element() {
        let text = markdown(&page("a|b`<img>"));
        assert!(text.contains("| `✗` | ``a\\|b`<img>`` | none |"), "{text}");
        let html = html(&page("a|b`<img>"));
        assert!(
            !html.contains("<img>") && html.contains("a|b`&#60;img&#62;"),
            "{html}"
        );
    }
}
