//! CloudWatch dashboards.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// Describes a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// What it shows.
    pub body: DashboardBody,
}

/// Holds a dashboard's body: a JSON object, compared by meaning, not by its order or spacing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DashboardBody(Value);

/// Says why a text can't be a dashboard's body.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// It isn't JSON.
    #[error("a dashboard's body is JSON")]
    Json(#[source] serde_json::Error),
    /// It is JSON, but not an object.
    #[error("a dashboard's body is a JSON object with `widgets`")]
    NotAnObject,
    /// It has no list of widgets.
    #[error("a dashboard's `widgets` are a list of at most 500 objects")]
    Widgets,
}

impl DashboardBody {
    /// Reads a body as `GetDashboard` returns or a file holds it.
    pub fn parse(text: &str) -> Result<Self, DashboardError> {
        Self::from_value(serde_json::from_str(text).map_err(DashboardError::Json)?)
    }

    /// Checks the outer form of a body: an object whose `widgets`, if there are any, are up to 500 objects.
    pub fn from_value(value: Value) -> Result<Self, DashboardError> {
        let Value::Object(body) = &value else {
            return Err(DashboardError::NotAnObject);
        };
        match body.get("widgets") {
            None => {}
            Some(Value::Array(widgets))
                if widgets.len() <= 500 && widgets.iter().all(Value::is_object) => {}
            Some(_) => return Err(DashboardError::Widgets),
        }
        Ok(Self(plain_numbers(value)))
    }

    /// Returns the body as JSON.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl<'de> Deserialize<'de> for DashboardBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Writes whole numbers one way, since `6` and `6.0` are the same width of a widget.
fn plain_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(plain(number)),
        Value::Array(items) => items.into_iter().map(plain_numbers).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, plain_numbers(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

fn plain(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT =>
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^53 is exact"
            )]
            Number::from(float as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_equal_by_meaning() {
        let one = DashboardBody::parse(r#"{"widgets":[{"width":6.0,"type":"metric"}]}"#).unwrap();
        let other =
            DashboardBody::parse(r#"{ "widgets": [ {"type": "metric", "width": 6} ] }"#).unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn a_body_is_an_object_with_a_list_of_widgets() {
        assert!(matches!(
            DashboardBody::parse("[]"),
            Err(DashboardError::NotAnObject)
        ));
        assert!(matches!(
            DashboardBody::parse(r#"{"widgets":3}"#),
            Err(DashboardError::Widgets)
        ));
        assert!(matches!(
            DashboardBody::parse("{"),
            Err(DashboardError::Json(_))
        ));
    }
}
