//! Smithy RPC v2 CBOR: a map in, a map out; the operation is in the path.
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use ciborium::Value as Cbor;
use ciborium::value::Integer;

use super::Decoded;
use crate::error::{Code, Error};
use crate::operation::Answer;
use crate::value::{Record, Value};

/// The tag of seconds since 1970.
const EPOCH_SECONDS: u64 = 1;

/// Reads a request; an empty body is an empty map.
pub(super) fn decode(path: &str, body: &[u8]) -> Result<Decoded, Error> {
    let operation = path.rsplit('/').next().unwrap_or_default().to_owned();
    if body.is_empty() {
        return Ok(Decoded {
            operation,
            parameters: Vec::new(),
        });
    }
    let parameters = match ciborium::from_reader(body) {
        Ok(Cbor::Map(entries)) => members(entries)?,
        Ok(_) => return Err(unreadable("it is not a map")),
        Err(error) => return Err(unreadable(&error.to_string())),
    };
    Ok(Decoded {
        operation,
        parameters,
    })
}

fn unreadable(why: &str) -> Error {
    Error::new(
        Code::SerializationException,
        format!("the request can't be read as CBOR: {why}"),
    )
}

fn members(entries: Vec<(Cbor, Cbor)>) -> Result<Vec<(String, Value)>, Error> {
    let mut members = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let Cbor::Text(name) = key else {
            return Err(unreadable("a key is not text"));
        };
        if !value.is_null() {
            members.push((name, from_cbor(value)?));
        }
    }
    Ok(members)
}

fn from_cbor(value: Cbor) -> Result<Value, Error> {
    Ok(match value {
        Cbor::Bool(flag) => Value::Boolean(flag),
        Cbor::Integer(number) => {
            Value::Integer(i64::try_from(number).map_err(|_| unreadable("a number is too big"))?)
        }
        Cbor::Float(number) => Value::Number(number),
        Cbor::Text(text) => Value::Text(text),
        Cbor::Bytes(bytes) => Value::Bytes(bytes),
        // A time is the number in its tag.
        Cbor::Tag(_, value) => from_cbor(*value)?,
        Cbor::Array(items) => {
            Value::List(items.into_iter().map(from_cbor).collect::<Result<_, _>>()?)
        }
        Cbor::Map(entries) => Value::Map(members(entries)?),
        _ => return Err(unreadable("a value is of no known kind")),
    })
}

/// Writes an answer as a map.
pub(super) fn encode(answer: &Answer) -> Vec<u8> {
    let cbor = match answer {
        Ok(record) => to_map(record),
        Err(error) => Cbor::Map(vec![
            (
                "__type".into(),
                format!("com.amazonaws.cloudwatch#{}", error.code.shape()).into(),
            ),
            ("message".into(), error.message.as_str().into()),
        ]),
    };
    let mut body = Vec::new();
    // Writing to memory does not fail.
    ciborium::into_writer(&cbor, &mut body).map_or_else(|_| Vec::new(), |()| body)
}

fn to_map(record: &Record) -> Cbor {
    Cbor::Map(
        record
            .members()
            .iter()
            .map(|(name, value)| ((*name).into(), to_cbor(value)))
            .collect(),
    )
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Boolean(flag) => Cbor::Bool(*flag),
        Value::Integer(number) => Cbor::Integer(Integer::from(*number)),
        Value::Number(number) => Cbor::Float(*number),
        Value::Time(time) => Cbor::Tag(
            EPOCH_SECONDS,
            Box::new(Cbor::Float(time.as_duration().as_secs_f64())),
        ),
        Value::Bytes(bytes) => Cbor::Bytes(bytes.clone()),
        Value::List(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Value::Record(record) => to_map(record),
        Value::Map(entries) => Cbor::Map(
            entries
                .iter()
                .map(|(key, value)| (key.as_str().into(), to_cbor(value)))
                .collect(),
        ),
    }
}
