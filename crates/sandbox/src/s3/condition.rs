//! Conditions of a request: whether an object is there, and whether it is as the client knows it.

use super::objects::Object;
use crate::call::Call;
use crate::error::{Code, Error};

/// Refuses to write over what isn't as the client says: `If-None-Match: *`, that nothing is there; `If-Match`, what.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
pub(super) fn check_write(call: &Call<'_>, there: Option<&Object>) -> Result<(), Error> {
    let (if_match, if_none_match) = sent(call);
    match (if_match, if_none_match) {
        (Some(_), Some(_)) => Err(not_implemented("If-Match together with If-None-Match")),
        (None, Some("*")) if there.is_some() => Err(failed()),
        (None, None | Some("*")) => Ok(()),
        (None, Some(_)) => Err(not_implemented("If-None-Match with anything but `*`")),
        (Some("*"), None) => Err(not_implemented("If-Match with `*` on a write")),
        (Some(tag), None) => match there {
            None => Err(Error::new(Code::NoSuchKey, NO_SUCH_KEY)),
            Some(object) if object.is_tagged(tag) => Ok(()),
            Some(_) => Err(failed()),
        },
    }
}

/// Refuses to delete what isn't as the client says. Without a condition, what isn't there may be deleted.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>
pub(super) fn check_delete(call: &Call<'_>, there: Option<&Object>) -> Result<(), Error> {
    match (sent(call).0, there) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Error::new(Code::NoSuchKey, NO_SUCH_KEY)),
        (Some(tag), Some(object)) if tag == "*" || object.is_tagged(tag) => Ok(()),
        (Some(_), Some(_)) => Err(failed()),
    }
}

/// Refuses to show what isn't as the client says, or what the client has already.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) fn check_read(call: &Call<'_>, object: &Object) -> Result<(), Error> {
    let is_it = |tag: &str| tag == "*" || object.is_tagged(tag);
    match sent(call) {
        (Some(tag), _) if !is_it(tag) => Err(failed()),
        (_, Some(tag)) if is_it(tag) => Err(Error::new(Code::NotModified, "Not Modified")),
        _ => Ok(()),
    }
}

pub(super) const NO_SUCH_KEY: &str = "The specified key does not exist.";

/// Returns `If-Match` and `If-None-Match`.
fn sent<'a>(call: &Call<'a>) -> (Option<&'a str>, Option<&'a str>) {
    let text = |name| call.input.any_text(name);
    (text("IfMatch"), text("IfNoneMatch"))
}

fn failed() -> Error {
    Error::new(
        Code::PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold",
    )
}

fn not_implemented(what: &str) -> Error {
    let message =
        format!("A header you provided implies functionality that is not implemented: {what}");
    Error::new(Code::NotImplemented, message)
}
