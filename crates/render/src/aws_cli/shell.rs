//! Lines of a shell script. Whatever is in a plan, bash takes it for data.
//!
//! What is sent to AWS is JSON, as `--cli-input-json` takes it: the AWS CLI then looks for nothing in it, while in options
//! of their own it would load a value such as `https://…` or `file://…` and take `-x` for another option. The JSON is ASCII
//! only, so that the locale doesn't matter, and nothing in it can look like something else.

use serde_json::Value;

/// How long the words of a call may be; in a longer one each member has a line of its own.
const LONGEST: usize = 126;

/// The line that ends a document. No line of JSON is it: a word in JSON has quotation marks, but for `true`, `false` and
/// `null`.
const END: &str = "JSON";

/// Returns text as one word of the shell, which stands for itself.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._:@+-=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a call of AWS: `iam create-user` and its parameters, of which those that are null are left out.
pub(super) fn call(operation: &str, input: &Value) -> String {
    format!("aws {}", words(operation, input))
}

/// Returns the words of a call.
pub(super) fn words(operation: &str, input: &Value) -> String {
    let words = |input: &str| format!("{operation} --cli-input-json {}", quoted(&ascii(input)));
    let input = without_nulls(input);
    let short = words(&input.to_string());
    if short.len() <= LONGEST {
        short
    } else {
        words(&format!("{input:#}"))
    }
}

/// Returns a call with a document, which a parameter of its own takes: people want to read it, and it may be longer than
/// a word of a command can be.
pub(super) fn call_with(operation: &str, input: &Value, parameter: &str, document: &str) -> String {
    format!(
        "{} {parameter} file:///dev/stdin <<'{END}'\n{}\n{END}",
        call(operation, input),
        ascii(document)
    )
}

/// Returns a call of one of the script's own functions.
pub(super) fn function(name: &str, argument: &str) -> String {
    format!("{name} {}", quoted(argument))
}

/// Returns a comment of one line. What is in it has no other line and nothing that a terminal obeys: it is shown.
pub(super) fn comment(text: &str) -> String {
    format!("# {}", crate::shown::shown(text))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Returns JSON with every other character as an escape. Outside texts, JSON has none.
pub(super) fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || (' '..='~').contains(&character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_quotation_mark_ends_no_word() {
        assert_eq!(quoted("/people/"), "/people/");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn a_call_has_what_is_known_and_nothing_beyond_ascii() {
        let input = json!({"UserName": "alice", "Tags": null, "Path": "/ä\u{7f}𝄞/"});
        let expected = r#"aws iam create-user --cli-input-json '{"Path":"/\u00e4\u007f\ud834\udd1e/","UserName":"alice"}'"#;
        assert_eq!(call("iam create-user", &input), expected);
    }

    #[test]
    fn a_long_call_has_a_line_for_each_member() {
        let long = "x".repeat(LONGEST);
        let expected = format!("aws a b --cli-input-json '{{\n  \"C\": \"{long}\"\n}}'");
        assert_eq!(call("a b", &json!({"C": long})), expected);
    }
}
