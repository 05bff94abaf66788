//! The JSON Schema of a spec, for editors.

use serde_json::{Map, Value, json};

use crate::keys::{Form, Key, SPEC};

/// Returns the JSON Schema (2020-12) of one file of a spec.
///
/// It says no more than editors can check and complete by: names and references are checked by [`crate::load`].
pub fn json_schema() -> Value {
    let mut schema = section(SPEC);
    if let Some(fields) = schema.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        fields.insert("$schema".to_owned(), json!(dialect));
        fields.insert("title".to_owned(), json!("mfactl spec"));
        // The others are there once in a folder.
        fields.insert("required".to_owned(), json!(["version"]));
    }
    schema
}

fn section(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|Key { name, about, form }| {
            let mut schema = of(form);
            if let Some(fields) = schema.as_object_mut() {
                fields.insert("description".to_owned(), json!(about));
            }
            ((*name).to_owned(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn of(form: &Form) -> Value {
    match form {
        Form::Text => json!({ "type": "string" }),
        Form::Matching(pattern) => json!({ "type": "string", "pattern": pattern }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Bool => json!({ "type": "boolean" }),
        Form::Number => json!({ "type": "number" }),
        Form::Whole(least, u32::MAX) => json!({ "type": "integer", "minimum": least }),
        Form::Whole(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Form::Either(forms) => json!({ "anyOf": forms.iter().map(of).collect::<Vec<_>>() }),
        Form::Just(text) => json!({ "const": serde_json::from_str::<Value>(text).ok() }),
        Form::Map => json!({ "type": "object" }),
        Form::Nothing => json!({ "type": "null" }),
        Form::List(form) => json!({ "type": "array", "items": of(form) }),
        Form::Names(form) => json!({ "type": "object", "additionalProperties": of(form) }),
        Form::Section(keys) => section(keys),
    }
}
