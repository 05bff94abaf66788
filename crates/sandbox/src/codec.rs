//! The protocols: how a request says what it wants, and how an answer is written.
//!
//! Which one a request speaks shows in its headers and path; what an operation does is the same in all of them.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use crate::error::{Code, Error};
use crate::operation::{Answer, Service};
use crate::value::Value;

mod query;

/// Names a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// A form in, XML out.
    Query,
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

/// Returns the protocol of a request.
pub(crate) fn protocol(_headers: &HeaderMap, _path: &str) -> Protocol {
    Protocol::Query
}

impl Protocol {
    /// Reads a request's operation and parameters.
    pub(crate) fn decode(self, method: &Method, body: &[u8]) -> Result<Decoded, Error> {
        if method != Method::POST {
            return Err(Error::new(
                Code::MalformedRequest,
                format!("the sandbox answers POST, not {method}"),
            ));
        }
        match self {
            Self::Query => query::decode(body),
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
        };
        let status = answer
            .as_ref()
            .err()
            .map_or(200, |error| error.code.status());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Encoded {
            status,
            headers,
            body,
        }
    }
}
