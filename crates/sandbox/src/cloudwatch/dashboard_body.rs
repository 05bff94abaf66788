//! The JSON of dashboards, as far as it is checked.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

use std::ops::RangeInclusive;

use serde_json::{Map, Value as Json};

const WIDGETS: usize = 500;

/// The types of widget, with the properties that each can't do without.
const TYPES: &[(&str, &[&str])] = &[
    ("metric", &[]),
    ("log", &["query"]),
    ("text", &["markdown"]),
    ("alarm", &["alarms"]),
    ("explorer", &[]),
    ("custom", &["endpoint"]),
    ("chart", &[]),
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
    if kind == Some("metric") {
        mistakes.extend(metric_mistakes(&format!("{path}/properties"), properties));
    }
    mistakes
}

/// Returns what is wrong with a graph, which shows metrics of a region or what an alarm watches.
fn metric_mistakes(path: &str, properties: &Map<String, Json>) -> Vec<Mistake> {
    let annotations = properties.get("annotations");
    let has_alarm = annotations.is_some_and(|annotations| annotations.get("alarms").is_some());
    match properties.get("metrics") {
        None if has_alarm => Vec::new(),
        None => vec![
            mistake(path, "Should have required property 'metrics'"),
            mistake(path, NOTHING_TO_SHOW),
        ],
        Some(Json::Array(metrics)) => {
            let without_region = !properties.contains_key("region") && !has_alarm;
            let paths = (0..).map(|index| format!("{path}/metrics/{index}"));
            let wrong = paths
                .zip(metrics)
                .filter(|(_, metric)| !is_metric(metric))
                .map(|(path, _)| mistake(path, NO_METRIC));
            let region = without_region.then(|| mistake(path, NOTHING_TO_SHOW));
            wrong.chain(region).collect()
        }
        Some(_) => vec![mistake(format!("{path}/metrics"), "Should be array")],
    }
}

const NOTHING_TO_SHOW: &str =
    "The metric widget should have specified a region and a data source or an alarm annotation";
const NO_METRIC: &str = "Field \"metrics\" has to be an array of array of strings, with an optional metricRenderer object as last element";

/// Returns whether this is a list of texts that may end with, or be only, an object of settings.
fn is_metric(metric: &Json) -> bool {
    let parts = metric.as_array().and_then(|parts| parts.split_last());
    parts.is_some_and(|(last, texts)| {
        (last.is_string() || last.is_object()) && texts.iter().all(Json::is_string)
    })
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
