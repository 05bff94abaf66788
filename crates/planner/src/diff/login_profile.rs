use model::{Body, LoginProfile};
use serde_json::Value;

use super::{Fields, Update};

/// Returns the update that gives a user another password, on the request that a text names.
pub(super) fn reset(declared: &LoginProfile, request: &str) -> Update {
    let mut fields = Fields::default();
    fields.add("reset", Value::Null, request.into());
    Update {
        after: Body::LoginProfile(declared.clone()),
        fields: fields.0,
    }
}
