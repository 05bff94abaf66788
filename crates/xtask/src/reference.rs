//! The reference: every command with its options as the program says them, and every key of the spec as its schema says.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::cargo::Workspace;
use crate::step::{self, call, output};

const PATH: &str = "docs/reference.md";

const INTRODUCTION: &str = "# Reference

Written by `cargo xtask docs` from the program itself.

";

const EXIT_CODES: &str = "## Exit codes

| Code | Means |
|---|---|
| 0 | done, or nothing to do |
| 1 | an error, an incomplete read among them; or the question was declined |
| 2 | changes are pending (`plan --detailed-exitcode`), there is drift (`drift`), or somebody meets a condition of `report --fail-on` |
| 3 | refused: by a guard or a proof, or since the account is not the spec's |
| 130 | interrupted; an apply finished the actions under way, unless a second signal ended it at once |

1 goes before 3, and 3 before 2.

";

/// Writes the reference.
///
/// # Errors
///
/// When the program can't be built, or the file can't be written.
pub(crate) fn write(workspace: &Workspace) -> step::Result {
    let text = reference(workspace)?;
    Ok(fs::write(workspace.root().join(PATH), text)?)
}

/// Checks that the reference is what the program says.
///
/// # Errors
///
/// When it isn't.
pub(crate) fn check(workspace: &Workspace) -> step::Result {
    let text = reference(workspace)?;
    if fs::read_to_string(workspace.root().join(PATH)).is_ok_and(|written| written == text) {
        Ok(())
    } else {
        Err(format!("{PATH} is out of date; run `cargo xtask docs`").into())
    }
}

fn reference(workspace: &Workspace) -> step::Result<String> {
    call(&mut workspace.cargo("build --quiet --package mfactl"))?;
    let says = |words: &[&str]| {
        let mut program = Command::new(workspace.target("debug/mfactl"));
        output(program.args(words).env("COLUMNS", "100"))
    };
    let help = says(&["--help"])?;
    let mut text = format!(
        "{INTRODUCTION}## Commands\n\n```text\n{}\n```\n",
        help.trim()
    );
    for command in commands(&help) {
        let help = says(&[command, "--help"])?;
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "\n### mfactl {command}\n\n```text\n{}\n```\n",
            own(&help)
        );
        for nested in commands(&help) {
            let help = says(&[command, nested, "--help"])?;
            let _ = write!(
                text,
                "\n### mfactl {command} {nested}\n\n```text\n{}\n```\n",
                own(&help)
            );
        }
    }
    text.push('\n');
    text.push_str(EXIT_CODES);
    text.push_str("## Keys of the spec\n\n`NAME` stands for a name of your choice, `N` for each item of a list.\n\n| Key | Value | Meaning |\n|---|---|---|\n");
    let schema: Value = serde_json::from_str(&says(&["schema"])?)?;
    add_keys(&mut text, "", &schema);
    Ok(text)
}

/// Lists the commands that a help text names.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help")
}

/// Leaves out the options that every command has, which the first help text shows.
fn own(help: &str) -> &str {
    help.split("\nCommon options:")
        .next()
        .unwrap_or(help)
        .trim()
}

/// Adds a row for each key below a place in the schema.
fn add_keys(text: &mut String, at: &str, schema: &Value) {
    for form in forms(schema) {
        for (key, value) in form
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let at = format!("{at}{key}");
            let about = value
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let _ = writeln!(text, "| `{at}` | {} | {} |", kind(value), cell(about));
            add_keys(text, &format!("{at}."), value);
        }
        if let Some(items) = form
            .get("additionalProperties")
            .filter(|items| items.is_object())
        {
            add_keys(text, &format!("{at}NAME."), items);
        }
        if let Some(items) = form.get("items") {
            add_keys(text, &format!("{at}N."), items);
        }
    }
}

/// Lists the forms that a value may have.
fn forms(schema: &Value) -> Vec<&Value> {
    schema
        .get("anyOf")
        .and_then(Value::as_array)
        .map_or_else(|| vec![schema], |forms| forms.iter().collect())
}

/// Says in a few words what may be written.
fn kind(schema: &Value) -> String {
    let mut kinds: Vec<String> = forms(schema).into_iter().map(kind_of_one).collect();
    kinds.dedup();
    kinds.join(" or ")
}

fn kind_of_one(form: &Value) -> String {
    if let Some(words) = form.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("`{}`", plain(word)))
            .collect();
        return words.join(", ");
    }
    if let Some(value) = form.get("const") {
        return format!("`{}`", plain(value));
    }
    let bound = |name| form.get(name).map(plain);
    match (
        form.get("type").and_then(Value::as_str),
        bound("minimum"),
        bound("maximum"),
    ) {
        (Some("integer"), Some(least), Some(most)) => format!("{least} to {most}"),
        (Some("string"), ..) => "text".to_owned(),
        (Some("boolean"), ..) => "`true`, `false`".to_owned(),
        (Some("array"), ..) => "list".to_owned(),
        (Some("object"), ..) => "map".to_owned(),
        (Some("null"), ..) => "nothing".to_owned(),
        (Some(kind), ..) => kind.to_owned(),
        (None, ..) => "any".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A bar would end a cell of the table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_commands_of_a_help_text_are_found_without_help_itself() {
        let help =
            "About\n\nCommands:\n  plan   Show\n         more\n  help   Print\n\nOptions:\n  -h\n";
        assert_eq!(commands(help).collect::<Vec<_>>(), ["plan"]);
    }

    #[test]
    fn keys_below_names_and_lists_are_found_at_their_places() {
        let user = json!({"properties": {"mfa": {"enum": ["required", "optional"], "description": "a|b"}}});
        let schema = json!({"properties": {"users": {"type": "object", "description": "People.", "additionalProperties": {"anyOf": [user, {"type": "null"}]}}}});
        let mut text = String::new();
        add_keys(&mut text, "", &schema);
        assert_eq!(
            text,
            "| `users` | map | People. |\n| `users.NAME.mfa` | `required`, `optional` | a\\|b |\n"
        );
    }
}
