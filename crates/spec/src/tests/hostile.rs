//! Texts that nobody means.

use proptest::prelude::*;

use super::{HEAD, load_text};
use crate::keys;

fn first(text: &str) -> String {
    load_text(text).unwrap_err().diagnostics[0].message.clone()
}

#[test]
fn what_is_no_yaml_is_shown_where_it_is() {
    let errors = load_text("version: 1\nusers:\n  a: b: c\n").unwrap_err();
    let error = &errors.diagnostics[0];
    assert_eq!(
        (error.line, error.column),
        (3, 7),
        "not at the top: {error}"
    );
}

#[test]
fn aliases_that_unfold_into_millions_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..8 {
        let last = level - 1;
        let aliases = vec![format!("*a{last}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(
        first(&text),
        "the aliases unfold into more than any spec holds"
    );
    assert_eq!(
        first("a: &a [*a]\n"),
        "this alias is inside of what it refers to"
    );
}

#[test]
fn deep_nesting_and_second_documents_are_refused() {
    let deep = |open: &str, close: &str| format!("a: {}1{}", open.repeat(40), close.repeat(40));
    let message = "this is nested more than 32 deep, and a spec is not";
    assert_eq!(first(&deep("[", "]")), message);
    assert_eq!(first(&deep("{a: ", "}")), message);
    assert!(first("a: 1\n---\nb: 1\n").starts_with("a file holds one document"));
}

#[test]
fn a_private_key_is_never_shown() {
    let text = format!(
        "{HEAD}users: {{a: {{console: true, deliver_to: age-secret-key-1qqqzzz, agesecret: AGE-SECRET-KEY-1QQQZZZ}}}}\n"
    );
    let errors = load_text(&text).unwrap_err();
    assert_eq!(errors.diagnostics.len(), 2);
    for diagnostic in &errors.diagnostics {
        for shown in [diagnostic.render(false), format!("{diagnostic:?}")] {
            assert!(!shown.to_uppercase().contains("QQQ"), "{shown}");
        }
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped() {
    let errors = load_text(&format!(
        "{HEAD}users: {{\"a\u{202e}b\": {{}}, \"c\\e[31m\": {{}}}}\n"
    ))
    .unwrap_err();
    for diagnostic in &errors.diagnostics {
        let shown = diagnostic.render(false);
        assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
    }
}

#[test]
fn a_line_that_is_shown_has_no_controls_in_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let document = "{\"Statement\": \"\u{9b}31m\u{200f}\u{202e}\"}";
    std::fs::write(folder.path().join("p.json"), document).unwrap();
    let spec = folder.path().join("mfactl.yaml");
    std::fs::write(&spec, format!("{HEAD}policies: {{p: {{file: p.json}}}}\n")).unwrap();
    let shown = crate::load(&spec).unwrap_err().diagnostics[0].render(false);
    assert!(shown.contains("31m"), "the line itself is shown: {shown}");
    assert!(
        !shown.contains(['\u{9b}', '\u{200f}', '\u{202e}']),
        "{shown:?}"
    );
}

#[test]
fn a_long_line_full_of_mistakes_is_shown_in_part() {
    let text = format!("{HEAD}users: {{{}}}\n", "a: {b: 1}, ".repeat(5_000));
    let errors = load_text(&text).unwrap_err();
    assert_eq!(errors.diagnostics.len(), 5_000, "4,999 names and one key");
    assert!(errors.diagnostics[4_000].render(false).len() < 2_000);
}

fn known_keys() -> Vec<&'static str> {
    [keys::SPEC, keys::USER, keys::ALARM, keys::MONITORING]
        .into_iter()
        .flatten()
        .map(|key| key.name)
        .collect()
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = load_text(&text);
        let _ = load_text(&format!("{HEAD}{text}"));
    }

    #[test]
    fn no_map_of_known_keys_makes_it_panic(
        keys in prop::collection::vec(prop::sample::select(known_keys()), 0..8),
        value in prop::sample::select(vec!["1", "[]", "{}", "[1]", "{a: {}}", "{a: 1}", "x", "", "true"]),
    ) {
        let mut text = String::from(HEAD);
        for (depth, key) in keys.iter().enumerate() {
            text.push_str(&format!("{}{key}:{}\n", "  ".repeat(depth), if depth + 1 == keys.len() { format!(" {value}") } else { String::new() }));
        }
        let _ = load_text(&text);
    }
}
