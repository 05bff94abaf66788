//! The JSON Schema of a spec, for editors.

use serde_json::{Map, Value, json};

use crate::keys;

/// Returns the JSON Schema (2020-12) of a spec.
pub fn json_schema() -> Value {
    let names = |value: Value| json!({ "type": "object", "additionalProperties": value });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let text_map = json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } });
    let inline = section(
        keys::INLINE_POLICY,
        &[("document", json!({ "type": "object" }))],
    );
    let user = section(
        keys::USER,
        &[
            ("groups", texts.clone()),
            ("policies", texts.clone()),
            ("inline_policies", names(inline.clone())),
            ("tags", text_map.clone()),
            (
                "boundary",
                json!({ "oneOf": [{ "type": "string" }, { "const": false }] }),
            ),
            ("console", json!({ "type": "boolean" })),
            ("mfa", json!({ "enum": ["provisioned", "optional"] })),
            ("exclusive", json!({ "type": "boolean" })),
        ],
    );
    let group = section(
        keys::GROUP,
        &[
            ("policies", texts.clone()),
            ("inline_policies", names(inline)),
            ("exclusive", json!({ "type": "boolean" })),
        ],
    );
    let policy = section(
        keys::POLICY,
        &[
            ("document", json!({ "type": "object" })),
            ("tags", text_map.clone()),
        ],
    );
    let (yes_no, number) = (
        json!({ "type": "boolean" }),
        json!({ "type": "integer", "minimum": 1 }),
    );
    let password_policy = section(
        keys::PASSWORD_POLICY,
        &[
            (
                "minimum_length",
                json!({ "type": "integer", "minimum": 6, "maximum": 128 }),
            ),
            ("require_symbols", yes_no.clone()),
            ("require_numbers", yes_no.clone()),
            ("require_uppercase", yes_no.clone()),
            ("require_lowercase", yes_no.clone()),
            ("allow_users_to_change_password", yes_no.clone()),
            ("max_age_days", number.clone()),
            ("reuse_prevention", number),
            ("hard_expiry", yes_no),
        ],
    );
    let safety = section(
        keys::SAFETY,
        &[
            ("protected", texts.clone()),
            (
                "max_people_removed",
                json!({ "type": ["integer", "string"] }),
            ),
        ],
    );
    let mut spec = section(
        keys::SPEC,
        &[
            ("version", json!({ "const": 1 })),
            (
                "account",
                json!({ "type": "string", "pattern": "^[0-9]{12}$" }),
            ),
            ("prune", names(json!({ "type": ["string", "array"] }))),
            ("ignore", texts),
            ("safety", safety),
            ("defaults", section(keys::DEFAULTS, &[("tags", text_map)])),
            ("password_policy", password_policy),
            ("users", names(or_nothing(&user))),
            ("groups", names(or_nothing(&group))),
            ("policies", names(policy)),
            ("monitoring", monitoring()),
        ],
    );
    if let Some(fields) = spec.as_object_mut() {
        fields.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        fields.insert("title".to_owned(), json!("mfactl spec"));
        fields.insert("required".to_owned(), json!(["version"]));
    }
    spec
}

fn monitoring() -> Value {
    let number = json!({ "type": "number" });
    let map = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let create = section(
        keys::CREATE,
        &[("retention_days", json!({ "type": ["integer", "string"] }))],
    );
    let filter_metric = section(
        keys::FILTER_METRIC,
        &[
            ("value", json!({ "type": ["number", "string"] })),
            ("default_value", number.clone()),
            ("dimensions", map.clone()),
        ],
    );
    let alarm = section(
        keys::ALARM,
        &[
            (
                "metric",
                section(keys::ALARM_METRIC, &[("dimensions", map.clone())]),
            ),
            ("period", json!({ "type": "integer" })),
            ("evaluation_periods", json!({ "type": "integer" })),
            ("datapoints_to_alarm", json!({ "type": "integer" })),
            ("threshold", number),
            (
                "comparison",
                json!({ "enum": ["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"] }),
            ),
            (
                "treat_missing_data",
                json!({ "enum": ["missing", "notBreaching", "breaching", "ignore"] }),
            ),
            ("actions_enabled", json!({ "type": "boolean" })),
            ("actions", texts.clone()),
            ("ok_actions", texts.clone()),
            ("insufficient_data_actions", texts),
            ("tags", map.clone()),
        ],
    );
    let dashboard = section(
        keys::DASHBOARD,
        &[
            ("body", json!({ "type": "object" })),
            ("widgets", json!({ "type": "array" })),
        ],
    );
    let names = |value: Value| json!({ "type": "object", "additionalProperties": value });
    section(
        keys::MONITORING,
        &[
            (
                "log_group",
                section(
                    keys::LOG_GROUP,
                    &[("create", or_nothing(&create)), ("tags", map)],
                ),
            ),
            (
                "metric_filters",
                names(section(keys::METRIC_FILTER, &[("metric", filter_metric)])),
            ),
            ("alarms", names(alarm)),
            ("dashboards", names(dashboard)),
        ],
    )
}

/// Describes a section by its keys, which are text unless said otherwise, and no others.
fn section(keys: &[&str], typed: &[(&str, Value)]) -> Value {
    let mut properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), json!({ "type": "string" })))
        .collect();
    for (key, value) in typed {
        properties.insert((*key).to_owned(), value.clone());
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Allows a name without anything after its colon.
fn or_nothing(schema: &Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}
