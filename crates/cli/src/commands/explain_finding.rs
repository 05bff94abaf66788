//! `mfactl explain-finding`

use std::fmt::Write as _;

use access::{Example, Explanation, explain};
use anstyle::Style;
use model::{FindingCode, Level};
use serde_json::{Value, json};

use crate::args::ExplainFindingArgs;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

const STRONG: Style = Style::new().bold();

/// The longest line, in characters.
const WIDTH: usize = 96;

/// How much of a code may be mistyped for another to be suggested; 1 is all of it.
const LIKE: f64 = 0.7;

/// Says what a finding means and what to do, or lists all.
pub(crate) fn run(ui: &Ui, args: &ExplainFindingArgs) -> Result<Exit, CommandError> {
    let ExplainFindingArgs { code, json } = args;
    match (code.as_deref().map(find).transpose()?, json) {
        (Some(code), false) => ui.result(&page(code))?,
        (Some(code), true) => ui.json(&value(code))?,
        (None, false) => ui.result(&list())?,
        (None, true) => ui.json(&FindingCode::ALL.iter().copied().map(value).collect())?,
    }
    Ok(Exit::Done)
}

fn find(text: &str) -> Result<FindingCode, CommandError> {
    let mut codes = FindingCode::ALL.iter().copied();
    let typed = text.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    codes
        .find(|code| code.as_str() == typed)
        .ok_or_else(|| CommandError::FindingCode {
            code: text.escape_debug().to_string(),
            nearest: nearest(&typed),
        })
}

/// Returns the code that is most like what was typed, if one is much like it.
fn nearest(typed: &str) -> Option<FindingCode> {
    let likeness = |code: FindingCode| strsim::jaro_winkler(code.as_str(), typed);
    let codes = FindingCode::ALL.iter().copied();
    codes
        .filter(|code| likeness(*code) > LIKE)
        .max_by(|one, other| likeness(*one).total_cmp(&likeness(*other)))
}

/// Returns the page about a finding. Nothing in it comes from elsewhere.
fn page(code: FindingCode) -> String {
    let Explanation {
        meaning,
        remedy,
        example,
    } = explain(code);
    let mut page = format!(
        "{STRONG}{code}{STRONG:#}, {}\n\n{}\n\n{}\n",
        one(code.level()),
        wrapped(code.summary(), ""),
        wrapped(meaning, "")
    );
    if let Some(Example { wrong, right }) = example {
        // Writing to a string can't fail.
        let _ = write!(
            page,
            "\n{STRONG}Wrong{STRONG:#}\n{}\n\n{STRONG}Right{STRONG:#}\n{}\n",
            indented(wrong),
            indented(right)
        );
    }
    let _ = write!(
        page,
        "\n{STRONG}What to do{STRONG:#}\n{}\n",
        wrapped(&format!("{}.", capitalized(remedy)), "  ")
    );
    if code.can_be_accepted() {
        let _ = write!(
            page,
            "\n{STRONG}If it is meant{STRONG:#}, the spec says so, and every plan shows it:\n{}\n",
            indented(&acceptance(code))
        );
    }
    page
}

fn acceptance(code: FindingCode) -> String {
    let on = match code.level() {
        Level::Refusal => "user/NAME",
        Level::Note | Level::Warning | Level::Accepted => "policy/NAME",
    };
    format!(
        "safety:\n  accept:\n    - {{finding: {code}, on: {on}, reason: WHY, until: YYYY-MM-DD}}"
    )
}

/// Returns every code with a line of its own, those first that matter most.
fn list() -> String {
    let longest = FindingCode::ALL
        .iter()
        .map(|code| code.as_str().len())
        .max();
    let width = longest.unwrap_or_default();
    let mut text = String::new();
    for of in [Level::Refusal, Level::Warning, Level::Note] {
        let _ = writeln!(text, "{STRONG}{}{STRONG:#}", all(of));
        for code in FindingCode::ALL.iter().filter(|code| code.level() == of) {
            let _ = writeln!(text, "  {:width$}  {}", code.as_str(), code.summary());
        }
        text.push('\n');
    }
    text + "`mfactl explain-finding CODE` says what one means, with an example, and what to do.\n"
}

fn one(level: Level) -> &'static str {
    match level {
        Level::Refusal => "a refusal",
        Level::Warning => "a warning",
        Level::Note => "a note",
        Level::Accepted => "accepted",
    }
}

fn all(level: Level) -> &'static str {
    match level {
        Level::Refusal => "Refusals: a plan that has one is not applied",
        Level::Warning => "Warnings: probably not meant",
        Level::Note => "Notes: good to know",
        Level::Accepted => "Accepted: meant, as the spec says",
    }
}

fn value(code: FindingCode) -> Value {
    let Explanation {
        meaning,
        remedy,
        example,
    } = explain(code);
    json!({
        "code": code,
        "level": code.level(),
        "summary": code.summary(),
        "meaning": meaning,
        "remedy": remedy,
        "can_be_accepted": code.can_be_accepted(),
        "example": example.map(|Example { wrong, right }| json!({"wrong": wrong, "right": right})),
    })
}

fn wrapped(text: &str, indentation: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(indentation)
        .subsequent_indent(indentation);
    textwrap::fill(text, options)
}

fn indented(text: &str) -> String {
    textwrap::indent(text, "  ")
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        for typed in ["path-forgotten", "Path_Forgotten", " path forgotten"] {
            assert_eq!(find(typed).unwrap(), FindingCode::PathForgotten);
        }
    }

    #[test]
    fn a_slip_has_a_suggestion_and_nonsense_none() {
        assert_eq!(nearest("path-forgoten"), Some(FindingCode::PathForgotten));
        assert_eq!(nearest("bool-keys"), Some(FindingCode::BoolLetsKeysThrough));
        assert_eq!(nearest("xyzzy"), None);
    }

    #[test]
    fn no_page_is_wider_than_a_terminal() {
        for code in FindingCode::ALL {
            let page = anstream::adapter::strip_str(&page(*code)).to_string();
            assert!(
                page.lines().all(|line| line.chars().count() <= WIDTH),
                "{page}"
            );
        }
    }
}
