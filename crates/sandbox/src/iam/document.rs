//! Policy documents: checked when they come, measured, and encoded when they go.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{Document, ParseError};

use super::names::LATIN_1;
use crate::call::Shape;
use crate::error::{Code, Error};

pub(crate) const DOCUMENT: Shape = Shape {
    lengths: 1..=131_072,
    pattern: LATIN_1,
};

/// Everything that RFC 3986 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Refuses a document that is not a policy for an identity.
pub(crate) fn check_identity_policy(document: &str) -> Result<(), Error> {
    Document::parse(document)
        .map(|_| ())
        .map_err(|error| malformed(&error))
}

/// Reads a role's trust policy.
pub(super) fn trust_policy(document: &str) -> Result<Document, Error> {
    Document::parse_trust(document).map_err(|error| malformed(&error))
}

fn malformed(error: &ParseError) -> Error {
    Error::new(Code::MalformedPolicyDocument, error.to_string())
}

/// Returns a document's size as quotas count it: without white space.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Returns a document as answers carry it.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}
