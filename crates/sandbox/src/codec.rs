//! The protocols: how a request says what it wants, and how an answer is written.
//!
//! Which one a request speaks shows in its headers; what an operation does is the same in all of them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use crate::error::{Code, Error};
use crate::operation::{Answer, Service};
use crate::value::Value;

/// The longest request that is read. The API models' largest parameter has 131,072 characters, a batch of log events
/// 1,048,576 bytes before they are written as JSON.
pub(crate) const BODY_LIMIT: usize = 4 << 20;

mod cbor;
mod chunked;
mod json;
mod query;
mod rest_xml;

pub(crate) use json::to_json;

/// Names a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// A form in, XML out.
    Query,
    /// JSON 1.0, which the older of the SDKs speak to CloudWatch.
    Json10,
    /// JSON 1.1.
    Json11,
    /// Smithy RPC v2 with CBOR, which the newer SDKs speak to CloudWatch.
    Cbor,
    /// Methods, paths and headers, as S3 has it.
    RestXml,
}

/// Holds a request: its operation, and its parameters by name.
pub(crate) struct Decoded {
    pub(crate) operation: String,
    pub(crate) parameters: Vec<(String, Value)>,
}

/// Holds an answer ready to be sent.
pub(crate) struct Encoded {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Protocol {
    /// Returns the protocol that a request to a service speaks.
    pub(crate) fn of(service: Option<Service>, headers: &HeaderMap) -> Self {
        let header = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        if service == Some(Service::S3) {
            Self::RestXml
        } else if header("smithy-protocol") == Some("rpc-v2-cbor") {
            Self::Cbor
        } else if header("x-amz-target").is_none() {
            Self::Query
        } else if header("content-type") == Some("application/x-amz-json-1.0") {
            Self::Json10
        } else {
            Self::Json11
        }
    }

    /// Reads a request's operation and parameters.
    pub(crate) fn decode(self, head: &Parts, body: &[u8]) -> Result<Decoded, Error> {
        if self == Self::RestXml {
            return rest_xml::decode(head, body);
        }
        if head.method != Method::POST {
            let message = format!("the sandbox answers POST, not {}", head.method);
            return Err(Error::new(Code::MalformedRequest, message));
        }
        let body = decompressed(&head.headers, body)?;
        let body = body.as_ref();
        match self {
            Self::Query => query::decode(body),
            Self::Json10 | Self::Json11 => {
                let target = head
                    .headers
                    .get("x-amz-target")
                    .and_then(|target| target.to_str().ok());
                json::decode(target.unwrap_or_default(), body)
            }
            Self::Cbor => cbor::decode(head.uri.path(), body),
            Self::RestXml => rest_xml::decode(head, body),
        }
    }

    /// Writes an operation's answer or refusal.
    pub(crate) fn encode(
        self,
        service: Option<Service>,
        operation: &str,
        request_id: &str,
        answer: &Answer,
    ) -> Encoded {
        let (content_type, body) = match self {
            Self::Query => (
                "text/xml",
                query::encode(service, operation, request_id, answer),
            ),
            Self::Json10 => ("application/x-amz-json-1.0", json::encode(answer)),
            Self::Json11 => ("application/x-amz-json-1.1", json::encode(answer)),
            Self::Cbor => ("application/cbor", cbor::encode(answer)),
            Self::RestXml => return rest_xml::encode(operation, request_id, answer),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if self == Self::Cbor {
            headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
        }
        if let Err(error) = answer {
            self.add_query_error(error, &mut headers);
        }
        let status = answer
            .as_ref()
            .err()
            .map_or(200, |error| error.code.status());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Encoded {
            status,
            headers,
            body,
        }
    }

    /// Adds the code that the service used when it spoke awsQuery, which clients go by.
    ///
    /// <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait>
    fn add_query_error(self, error: &Error, headers: &mut HeaderMap) {
        if matches!(self, Self::Cbor | Self::Json10)
            && let Ok(value) =
                HeaderValue::from_str(&format!("{};{}", error.code.name(), error.fault()))
        {
            headers.insert("x-amzn-query-error", value);
        }
    }
}

/// Returns a body as it was before it was compressed, which SDKs do with much metric data.
fn decompressed<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Error> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else {
        return Ok(Cow::Borrowed(body));
    };
    let malformed = |message: &str| Error::new(Code::MalformedRequest, message);
    if encoding != "gzip" {
        return Err(malformed(
            "the sandbox reads requests compressed with gzip only",
        ));
    }
    let mut plain = Vec::new();
    let mut reader = GzDecoder::new(body).take(BODY_LIMIT as u64 + 1);
    reader
        .read_to_end(&mut plain)
        .map_err(|error| malformed(&format!("the request can't be decompressed: {error}")))?;
    if plain.len() > BODY_LIMIT {
        return Err(Error::new(
            Code::RequestTooLarge,
            format!("the request is longer than {BODY_LIMIT} bytes"),
        ));
    }
    Ok(Cow::Owned(plain))
}
