//! The JSON of dashboards, as far as it is checked.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

use std::ops::RangeInclusive;

use serde_json::{Map, Value as Json};

const WIDGETS: usize = 500;

/// The types of widget, with the properties that each can't do without.
const TYPES: &[(&str, &[&str])] = &[
    ("metric", &["region"]),
    ("log", &["query"]),
    ("text", &["markdown"]),
    ("alarm", &["alarms"]),
    ("explorer", &[]),
    ("custom", &["endpoint"]),
];

/// Where a widget is on the grid and how big, and what each number may be.
const PLACES: &[(&str, RangeInclusive<i64>)] = &[
    ("x", 0..=23),
    ("y", 0..=i64::MAX),
    ("width", 1..=24),
    ("height", 1..=1000),
];

/// A path into the body, and what is wrong there.
type Mistake = (String, String);

/// Returns what is wrong with a body, in the words of a refusal.
pub(super) fn check(body: &str) -> Result<(), String> {
    let Ok(Json::Object(body)) = serde_json::from_str(body) else {
        return Err("The field DashboardBody must be a valid JSON object".to_owned());
    };
    let mistakes = match body.get("widgets") {
        Some(Json::Array(widgets)) if widgets.len() > WIDGETS => {
            vec![mistake(
                "/widgets",
                format!("Should NOT have more than {WIDGETS} items"),
            )]
        }
        Some(Json::Array(widgets)) => {
            let widgets = widgets.iter().enumerate();
            widgets
                .flat_map(|(index, widget)| widget_mistakes(&format!("/widgets/{index}"), widget))
                .collect()
        }
        Some(_) => vec![mistake("/widgets", "Should be array")],
        None => vec![mistake("/", "Should have required property 'widgets'")],
    };
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(refusal(&mistakes))
    }
}

fn mistake(path: impl Into<String>, message: impl Into<String>) -> Mistake {
    (path.into(), message.into())
}

fn refusal(mistakes: &[Mistake]) -> String {
    let messages: Vec<Json> = mistakes
        .iter()
        .map(|(path, message)| {
            Json::from_iter([("dataPath", path.as_str()), ("message", message.as_str())])
        })
        .collect();
    let count = mistakes.len();
    format!(
        "The dashboard body is invalid, there are {count} validation errors: {}",
        Json::from(messages)
    )
}

fn widget_mistakes(path: &str, widget: &Json) -> Vec<Mistake> {
    let Some(widget) = widget.as_object() else {
        return vec![mistake(path, "Should be object")];
    };
    let mut mistakes: Vec<Mistake> = PLACES
        .iter()
        .filter_map(|(name, within)| place_mistake(path, widget, name, within))
        .collect();
    let kind = widget.get("type").and_then(Json::as_str);
    let Some((_, required)) = kind.and_then(|kind| TYPES.iter().find(|(name, _)| *name == kind))
    else {
        mistakes.push(mistake(
            format!("{path}/type"),
            "Should be equal to one of the allowed values",
        ));
        return mistakes;
    };
    let Some(properties) = widget.get("properties").and_then(Json::as_object) else {
        mistakes.push(mistake(path, "Should have required property 'properties'"));
        return mistakes;
    };
    for name in required
        .iter()
        .filter(|name| !properties.contains_key(**name))
    {
        mistakes.push(mistake(
            format!("{path}/properties"),
            format!("Should have required property '{name}'"),
        ));
    }
    mistakes
}

fn place_mistake(
    path: &str,
    widget: &Map<String, Json>,
    name: &str,
    within: &RangeInclusive<i64>,
) -> Option<Mistake> {
    let fits = widget
        .get(name)?
        .as_i64()
        .is_some_and(|number| within.contains(&number));
    let (least, most) = (within.start(), within.end());
    (!fits).then(|| {
        mistake(
            format!("{path}/{name}"),
            format!("Should be an integer >= {least} and <= {most}"),
        )
    })
}
