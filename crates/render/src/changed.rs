//! What a reviewer needs to know of an object that is changed: the fields that differ, and nothing else.

use model::{Body, FieldChange};
use serde_json::{Number, Value};

use crate::diff::{diff, pretty};
use crate::document::Detail;
use crate::words::quoted;
use crate::{dashboards, policies};

/// The characters up to which a value before and one after stand side by side.
const SHORT: usize = 40;

/// Lists the fields that an update changes, documents by statement and dashboards by widget.
pub(crate) fn details(before: &Body, after: &Body, fields: &[FieldChange]) -> Vec<Detail> {
    fields
        .iter()
        .flat_map(|field| of_field(before, after, field))
        .collect()
}

fn of_field(before: &Body, after: &Body, change: &FieldChange) -> Vec<Detail> {
    match (before, after, change.field.as_str()) {
        (Body::Policy(before), Body::Policy(after), "document") => {
            policies::changes(&before.document, &after.document)
        }
        (Body::InlinePolicy(before), Body::InlinePolicy(after), "document") => {
            policies::changes(&before.document, &after.document)
        }
        (Body::Dashboard(before), Body::Dashboard(after), "body") => {
            dashboards::changes(&before.body, &after.body)
        }
        (Body::LogGroup(before), Body::LogGroup(after), name @ "retention") => {
            vec![Detail::Change {
                name: name.to_owned(),
                before: before.retention.to_string(),
                after: after.retention.to_string(),
            }]
        }
        // The note says it.
        (Body::User(_), Body::User(_), "renamed_from") => Vec::new(),
        _ => vec![side_by_side(change).unwrap_or_else(|| one_below_the_other(change))],
    }
}

fn side_by_side(change: &FieldChange) -> Option<Detail> {
    let FieldChange {
        field,
        before,
        after,
    } = change;
    let (before, after) = (short(before)?, short(after)?);
    Some(Detail::Change {
        name: field.clone(),
        before,
        after,
    })
}

/// Returns a value in one line, where it is one and short, or where there is none.
fn short(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("none".to_owned()),
        Value::Bool(_) => Some(value.to_string()),
        Value::Number(number) => Some(plain(number)),
        Value::String(text) => (text.chars().count() <= SHORT).then(|| quoted(text)),
        Value::Array(items) => items.is_empty().then(|| "none".to_owned()),
        Value::Object(fields) => fields.is_empty().then(|| "none".to_owned()),
    }
}

/// Returns a number without a fraction that is none.
fn plain(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        Some(_) | None => number.to_string(),
    }
}

fn one_below_the_other(change: &FieldChange) -> Detail {
    let FieldChange {
        field,
        before,
        after,
    } = change;
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => pretty(value),
    };
    Detail::Diff {
        title: field.clone(),
        lines: diff(&text(before), &text(after)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(before: Value, after: Value) -> Detail {
        let change = FieldChange {
            field: "x".to_owned(),
            before,
            after,
        };
        of_field(&Body::Membership, &Body::Membership, &change).remove(0)
    }

    #[test]
    fn short_values_stand_side_by_side() {
        for (before, after, expected) in [
            (json!("a"), json!("b"), ("\"a\"", "\"b\"")),
            (json!(null), json!("b"), ("none", "\"b\"")),
            (json!(1.0), json!(2.5), ("1", "2.5")),
            (json!([]), json!(null), ("none", "none")),
        ] {
            let (before, after, name) = (detail(before, after), expected, "x".to_owned());
            let expected = Detail::Change {
                name,
                before: after.0.to_owned(),
                after: after.1.to_owned(),
            };
            assert_eq!(before, expected);
        }
    }

    #[test]
    fn long_values_and_lists_are_compared_line_by_line() {
        let pattern = format!("{{ $.a = {} }}", "x".repeat(SHORT));
        let Detail::Diff { lines, .. } = detail(json!("{ $.a = 1 }"), json!(pattern)) else {
            panic!("a long value makes a diff");
        };
        assert_eq!(lines.len(), 2);
        let Detail::Diff { lines, .. } = detail(json!(["a", "b"]), json!(["a", "b", "c"])) else {
            panic!("a list makes a diff");
        };
        assert_eq!(lines.len(), 1, "the item that comes: {lines:?}");
    }
}
