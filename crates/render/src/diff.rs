//! What differs between two texts, line by line, with the lines that say where.

use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, InlineChangeMode, InlineChangeOptions, TextDiff};

use crate::document::{DiffLine, Piece, Side};

/// The bytes of a hunk within which the characters that differ are looked for. The search takes a time that grows with
/// the square, and in longer texts highlights help nobody.
const LONGEST_INLINE: usize = 4096;

/// Returns the lines that differ, and of the others only those that enclose them: the nearest before with less
/// indentation, and so on outwards.
pub(crate) fn diff(before: &str, after: &str) -> Vec<DiffLine> {
    let (before, after): (Vec<&str>, Vec<&str>) = (lines(before), lines(after));
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Histogram)
        .diff_slices(&before, &after);
    let mut outline = Outline::default();
    for op in diff.ops() {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                for line in before.iter().skip(*old_index).take(*len) {
                    outline.pass(line);
                }
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                for line in changed_lines(&diff, op) {
                    outline.show(line);
                }
            }
        }
    }
    outline.shown
}

/// Returns every line of a text as one that only one side has.
pub(crate) fn all_lines(text: &str, side: Side) -> Vec<DiffLine> {
    lines(text)
        .into_iter()
        .map(|line| whole(line, side))
        .collect()
}

/// Returns a value as JSON in several lines.
pub(crate) fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

/// Returns the lines of JSON or other text without what makes a diff restless: the outermost brackets, and the commas
/// that come and go with the line after.
fn lines(text: &str) -> Vec<&str> {
    let inner = [("{\n", "\n}"), ("[\n", "\n]")]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    let dedent = |line| str::strip_prefix(line, "  ").unwrap_or(line);
    match inner {
        Some(inner) => inner
            .lines()
            .map(dedent)
            .map(|line| line.strip_suffix(',').unwrap_or(line))
            .collect(),
        None => text.lines().collect(),
    }
}

fn changed_lines(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Vec<DiffLine> {
    let plain = || {
        diff.iter_changes(op)
            .map(|change| whole(change.value(), side(change.tag())))
    };
    let size: usize = diff
        .iter_changes(op)
        .map(|change| change.value().len())
        .sum();
    if size > LONGEST_INLINE {
        return plain().collect();
    }
    let mut options = InlineChangeOptions::new();
    options.mode(InlineChangeMode::Chars).semantic_cleanup(true);
    // No deadline: the same texts give the same diff on every machine.
    let changes = diff.iter_inline_changes_with_options_deadline(op, options, None);
    changes
        .map(|change| DiffLine {
            side: side(change.tag()),
            pieces: change
                .values()
                .iter()
                .map(|(differs, text)| Piece {
                    differs: *differs,
                    text: (*text).to_owned(),
                })
                .collect(),
        })
        .collect()
}

fn side(tag: ChangeTag) -> Side {
    match tag {
        ChangeTag::Equal => Side::Both,
        ChangeTag::Delete => Side::Before,
        ChangeTag::Insert => Side::After,
    }
}

fn whole(line: &str, side: Side) -> DiffLine {
    DiffLine {
        side,
        pieces: vec![Piece {
            differs: false,
            text: line.to_owned(),
        }],
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Keeps track of the lines that enclose the current one.
#[derive(Default)]
struct Outline {
    shown: Vec<DiffLine>,
    enclosing: Vec<Enclosing>,
}

struct Enclosing {
    indentation: usize,
    /// The line, until it is shown.
    line: Option<String>,
}

impl Outline {
    /// Goes on over an unchanged line.
    fn pass(&mut self, line: &str) {
        self.enter(indentation(line), Some(line.to_owned()));
    }

    /// Shows a changed line, after the lines that enclose it.
    fn show(&mut self, line: DiffLine) {
        let indentation = line
            .pieces
            .first()
            .map_or(0, |piece| indentation(&piece.text));
        self.leave(indentation);
        let pending = self
            .enclosing
            .iter_mut()
            .filter_map(|enclosing| enclosing.line.take());
        self.shown
            .extend(pending.map(|line| whole(&line, Side::Both)));
        self.enclosing.push(Enclosing {
            indentation,
            line: None,
        });
        self.shown.push(line);
    }

    fn enter(&mut self, indentation: usize, line: Option<String>) {
        self.leave(indentation);
        self.enclosing.push(Enclosing { indentation, line });
    }

    fn leave(&mut self, indentation: usize) {
        while self
            .enclosing
            .last()
            .is_some_and(|last| last.indentation >= indentation)
        {
            self.enclosing.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(before: &Value, after: &Value) -> Vec<String> {
        diff(&pretty(before), &pretty(after))
            .iter()
            .map(shown_line)
            .collect()
    }

    fn shown_line(line: &DiffLine) -> String {
        let sign = match line.side {
            Side::Before => '-',
            Side::After => '+',
            Side::Both => ' ',
        };
        let text: String = line
            .pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        format!("{sign}{text}")
    }

    #[test]
    fn an_item_is_shown_with_what_encloses_it_and_nothing_else() {
        let before = json!({"Action": ["a", "b"], "Condition": {"Bool": {"key": ["true"]}}});
        let after = json!({"Action": ["a", "b", "c"], "Condition": {"Bool": {"key": ["false"]}}});
        let expected = [
            " \"Action\": [",
            "+  \"c\"",
            " \"Condition\": {",
            "   \"Bool\": {",
            "     \"key\": [",
            "-      \"true\"",
            "+      \"false\"",
        ];
        assert_eq!(shown(&before, &after), expected);
    }

    #[test]
    fn two_changes_in_one_list_name_the_list_once() {
        let (before, after) = (json!({"x": [1, 2, 3]}), json!({"x": [0, 2, 4]}));
        assert_eq!(
            shown(&before, &after),
            [" \"x\": [", "-  1", "+  0", "-  3", "+  4"]
        );
    }

    #[test]
    fn what_differs_within_a_line_is_marked() {
        let lines = diff("{ $.a = \"Yes\" }", "{ $.a = \"No\" }");
        let marked: Vec<&str> = lines
            .iter()
            .flat_map(|line| &line.pieces)
            .filter(|piece| piece.differs)
            .map(|piece| piece.text.as_str())
            .collect();
        assert_eq!(marked, ["Yes", "No"]);
    }

    #[test]
    fn equal_texts_have_no_lines() {
        assert!(shown(&json!({"a": [1]}), &json!({"a": [1]})).is_empty());
    }
}
