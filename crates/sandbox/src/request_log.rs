//! A file that says which requests came in, and what came of them.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::SandboxError;
use crate::call::SECRET;
use crate::codec::to_json;
use crate::value::Value;

/// Adds a JSON line to a file for each request. Only its owner may read it, and secrets are masked in it.
pub(crate) struct RequestLog(Mutex<File>);

impl RequestLog {
    pub(crate) fn open(path: &Path) -> Result<Self, SandboxError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| SandboxError::Write {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Mutex::new(file)))
    }

    /// Adds a request; its outcome is `OK`, the code of a refusal, or what happened to the answer.
    pub(crate) fn add(
        &self,
        request_id: &str,
        access_key_id: &str,
        operation: &str,
        parameters: &[(String, Value)],
        outcome: &str,
    ) {
        let line = json!({
            "time": Timestamp::now().to_string(),
            "request_id": request_id,
            "access_key_id": access_key_id,
            "operation": operation,
            "parameters": masked(parameters),
            "outcome": outcome,
        });
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            tracing::error!(%error, "a request is not logged");
        }
    }
}

fn masked(members: &[(String, Value)]) -> Json {
    let member = |(name, value): &(String, Value)| {
        let value = if SECRET.contains(&name.as_str()) {
            Json::from("…")
        } else {
            match value {
                Value::Map(members) => masked(members),
                Value::List(items) => items.iter().map(item).collect(),
                other => to_json(other),
            }
        };
        (name.clone(), value)
    };
    members.iter().map(member).collect()
}

fn item(value: &Value) -> Json {
    match value {
        Value::Map(members) => masked(members),
        other => to_json(other),
    }
}
