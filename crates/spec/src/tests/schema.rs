//! The JSON Schema.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::load_text;
use crate::json_schema;

#[test]
fn the_schema_that_ships_is_the_schema_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/mfactl.schema.json");
    let built = format!("{:#}\n", json_schema());
    if std::env::var_os("WRITE_SCHEMA").is_some() {
        fs::write(&path, &built).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == built,
        "write it anew: WRITE_SCHEMA=1 cargo nextest run -p mfactl-spec schema"
    );
}

/// Returns the messages about a spec that has one key of the schema, at a place such as `/users/x/path`.
fn messages(place: &[&str]) -> Vec<String> {
    let value = place
        .iter()
        .rev()
        .fold(Value::Null, |value, key| json!({ *key: value }));
    let errors = load_text(&value.to_string()).unwrap_err();
    let messages = errors.diagnostics.into_iter();
    messages.map(|diagnostic| diagnostic.message).collect()
}

/// Walks through the schema and calls for each section with its place, and for each key of it.
fn walk<'s>(schema: &'s Value, place: &mut Vec<&'s str>, visit: &mut impl FnMut(&[&str], bool)) {
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        walk(form, place, visit);
    }
    if schema["additionalProperties"].is_object() {
        place.push("x");
        walk(&schema["additionalProperties"], place, visit);
        place.pop();
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    visit(place, false);
    for (key, schema) in properties {
        place.push(key);
        visit(place, true);
        walk(schema, place, visit);
        place.pop();
    }
}

#[test]
fn the_reader_knows_exactly_the_keys_of_the_schema() {
    let mut visited = 0;
    walk(&json_schema(), &mut Vec::new(), &mut |place, is_key| {
        visited += 1;
        let unknown = |message: &String| {
            message.starts_with("unknown key") || message.ends_with("not available yet")
        };
        if is_key {
            assert!(!messages(place).iter().any(unknown), "{place:?}");
        } else {
            let other = [place, &["other"]].concat();
            assert!(messages(&other).iter().any(unknown), "{other:?}");
        }
    });
    assert!(visited > 80, "{visited} places");
}
