//! awsJson: an object in, an object out; the operation is in the header `X-Amz-Target`.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use data_encoding::BASE64;
use serde_json::{Map, Number, Value as Json};

use super::Decoded;
use crate::error::{Code, Error};
use crate::operation::Answer;
use crate::value::{Record, Value};

/// Reads a request; an empty body is an empty object.
pub(super) fn decode(target: &str, body: &[u8]) -> Result<Decoded, Error> {
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    if body.is_empty() {
        return Ok(Decoded {
            operation,
            parameters: Vec::new(),
        });
    }
    let object: Map<String, Json> = serde_json::from_slice(body).map_err(|error| {
        Error::new(
            Code::SerializationException,
            format!("the request is no JSON object: {error}"),
        )
    })?;
    Ok(Decoded {
        operation,
        parameters: members(object),
    })
}

/// Returns the members that have a value; `null` is none.
fn members(object: Map<String, Json>) -> Vec<(String, Value)> {
    object
        .into_iter()
        .filter_map(|(name, value)| Some((name, from_json(value)?)))
        .collect()
}

fn from_json(value: Json) -> Option<Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(flag) => Value::Boolean(flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Number(number.as_f64()?),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().filter_map(from_json).collect()),
        Json::Object(object) => Value::Map(members(object)),
    })
}

/// Writes an answer as an object.
pub(super) fn encode(answer: &Answer) -> Vec<u8> {
    let json = match answer {
        Ok(record) => to_object(record),
        Err(error) => {
            Json::from_iter([("__type", error.code.shape()), ("message", &error.message)])
        }
    };
    json.to_string().into_bytes()
}

fn to_object(record: &Record) -> Json {
    record
        .members()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), to_json(value)))
        .collect()
}

/// Returns a value as answers in JSON have it.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Boolean(flag) => Json::from(*flag),
        Value::Integer(number) => Json::from(*number),
        Value::Number(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Time(time) => Json::from(time.as_duration().as_secs_f64()),
        Value::Bytes(bytes) => Json::from(BASE64.encode(bytes)),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Record(record) => to_object(record),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), to_json(value)))
            .collect(),
    }
}
