//! restXml as S3 speaks it: method, path and headers say what is wanted; headers and the bare body are the answer.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use quick_xml::Writer;
use quick_xml::events::Event;

use super::chunked::{self, Chunked};
use super::query::{element, text};
use super::{Decoded, Encoded};
use crate::error::{Code, Error};
use crate::operation::Answer;
use crate::value::{Record, Value};

/// The headers that are parameters, each with the member that it is in the API model.
const MEMBERS: [(&str, &str); 6] = [
    ("if-match", "IfMatch"),
    ("if-none-match", "IfNoneMatch"),
    ("content-type", "ContentType"),
    ("content-md5", "ContentMD5"),
    (CRC32, "ChecksumCRC32"),
    ("x-amz-expected-bucket-owner", "ExpectedBucketOwner"),
];
const CRC32: &str = "x-amz-checksum-crc32";
const METADATA: &str = "x-amz-meta-";

/// The beginnings of headers of S3's that say nothing of what is to be done.
const TECHNICAL: [&str; 10] = [
    "x-amz-checksum-",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-te",
    "x-amz-trailer",
    "x-amz-user-agent",
    METADATA,
];

/// Headers of HTTP that would change the answer, and don't here.
const UNREAD: [&str; 3] = ["range", "if-modified-since", "if-unmodified-since"];

/// Reads a request; the bucket is the first part of the path, or the first label of a host `BUCKET.localhost`.
pub(super) fn decode(head: &Parts, body: &[u8]) -> Result<Decoded, Error> {
    let (bucket, key) = place(head)?;
    let operation = operation(head, &bucket, &key)?;
    check_headers(&head.headers)?;
    let mut parameters = vec![("Bucket".to_owned(), Value::Text(bucket))];
    if !key.is_empty() {
        parameters.push(("Key".to_owned(), Value::Text(key)));
    }
    let Chunked { body, trailers } = match header(&head.headers, "x-amz-content-sha256") {
        Some(hash) if hash.starts_with("STREAMING-") => chunked::decode(body)?,
        _ => Chunked {
            body: body.to_vec(),
            trailers: Vec::new(),
        },
    };
    for (name, member) in MEMBERS {
        let trailer = trailers.iter().find(|(trailer, _)| trailer == name);
        let trailer = trailer.map(|(_, value)| value.as_str());
        if let Some(value) = header(&head.headers, name).or(trailer) {
            parameters.push((member.to_owned(), Value::from(value)));
        }
    }
    match operation {
        "PutObject" => {
            parameters.push(("Metadata".to_owned(), metadata(&head.headers)));
            parameters.push(("Body".to_owned(), Value::Bytes(body)));
        }
        "CreateBucket" => {
            parameters.extend(
                location(&body)?.map(|it| ("LocationConstraint".to_owned(), Value::Text(it))),
            );
        }
        _ => {}
    }
    Ok(Decoded {
        operation: operation.to_owned(),
        parameters,
    })
}

/// Returns the bucket and the key, each of which may be empty.
fn place(head: &Parts) -> Result<(String, String), Error> {
    let host = header(&head.headers, HOST.as_str()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let path = head.uri.path().trim_start_matches('/');
    let (bucket, key) = match host.strip_suffix(".localhost") {
        Some(bucket) => (
            bucket,
            head.uri.path().strip_prefix('/').unwrap_or_default(),
        ),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        let text =
            text.map_err(|_| Error::new(Code::InvalidUri, "Couldn't parse the specified URI."));
        text.map(std::borrow::Cow::into_owned)
    };
    Ok((decoded(bucket)?, decoded(key)?))
}

/// Returns the name of the operation in the API. What is in the query chooses others, but for what SDKs add to all.
fn operation(head: &Parts, bucket: &str, key: &str) -> Result<&'static str, Error> {
    let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    let asked: Vec<_> = query
        .map(|(name, _)| name)
        .filter(|it| it != "x-id")
        .collect();
    let what = match (bucket, key) {
        ("", _) => "the account",
        (_, "") => "a bucket",
        _ => "an object",
    };
    let found = match (&head.method, what) {
        _ if !asked.is_empty() => None,
        (&Method::PUT, "a bucket") => Some("CreateBucket"),
        (&Method::HEAD, "a bucket") => Some("HeadBucket"),
        (&Method::PUT, "an object") => Some("PutObject"),
        (&Method::GET, "an object") => Some("GetObject"),
        (&Method::HEAD, "an object") => Some("HeadObject"),
        (&Method::DELETE, "an object") => Some("DeleteObject"),
        _ => None,
    };
    found.ok_or_else(|| {
        let query = asked.join("&");
        let query = if query.is_empty() {
            query
        } else {
            format!(" with ?{query}")
        };
        not_implemented(&format!("{} of {what}{query}", head.method))
    })
}

/// Refuses a request whose headers ask for what isn't there, such as encryption or a copy.
fn check_headers(headers: &HeaderMap) -> Result<(), Error> {
    let is_member = |name: &str| MEMBERS.iter().any(|(header, _)| *header == name);
    let is_known = |name: &str| {
        is_member(name)
            || TECHNICAL.iter().any(|start| name.starts_with(start))
            || !(name.starts_with("x-amz-") || UNREAD.contains(&name))
    };
    match headers
        .keys()
        .map(HeaderName::as_str)
        .find(|name| !is_known(name))
    {
        Some(name) => Err(not_implemented(&format!("the header {name}"))),
        None => Ok(()),
    }
}

fn not_implemented(what: &str) -> Error {
    Error::new(
        Code::NotImplemented,
        format!("the sandbox's s3 doesn't have {what}"),
    )
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn metadata(headers: &HeaderMap) -> Value {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(METADATA)?;
        Some((name.to_owned(), Value::from(value.to_str().ok()?)))
    });
    Value::Map(pairs.collect())
}

/// Returns the region that a bucket's configuration asks for.
fn location(body: &[u8]) -> Result<Option<String>, Error> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Error::new(Code::MalformedXml, message)
    };
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut is_in = false;
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(tag) => is_in = tag.local_name().as_ref() == "LocationConstraint",
            Event::Text(text) if is_in => {
                return Ok(Some(text.to_string()));
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// Writes an answer or a refusal.
pub(super) fn encode(operation: &str, request_id: &str, answer: &Answer) -> Encoded {
    let mut headers = HeaderMap::new();
    set(&mut headers, "x-amz-request-id", request_id);
    let (status, body) = match answer {
        Ok(record) => {
            set_members(&mut headers, record);
            let status = if operation == "DeleteObject" {
                204
            } else {
                200
            };
            (status, content(record))
        }
        Err(error) => {
            set(&mut headers, "content-type", "application/xml");
            (error.code.status(), refusal(error, request_id))
        }
    };
    // What answers HEAD has no body, and neither has what the client has already.
    let is_bare = operation.starts_with("Head") || status == 304;
    Encoded {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers,
        body: if is_bare { Vec::new() } else { body },
    }
}

fn content(record: &Record) -> Vec<u8> {
    let body = record.members().iter().find(|(name, _)| *name == "Body");
    match body {
        Some((_, Value::Bytes(bytes))) => bytes.clone(),
        _ => Vec::new(),
    }
}

fn set_members(headers: &mut HeaderMap, record: &Record) {
    for (name, value) in record.members() {
        match (*name, value) {
            ("ETag", Value::Text(tag)) => set(headers, "etag", tag),
            ("ContentType", Value::Text(kind)) => set(headers, "content-type", kind),
            ("ContentLength", Value::Integer(length)) => {
                set(headers, "content-length", &length.to_string());
            }
            ("LastModified", Value::Time(time)) => {
                let date = time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                set(headers, "last-modified", &date);
            }
            ("Location", Value::Text(path)) => set(headers, "location", path),
            ("BucketRegion", Value::Text(region)) => set(headers, "x-amz-bucket-region", region),
            ("ChecksumCRC32", Value::Text(sum)) => set(headers, CRC32, sum),
            ("Metadata", Value::Map(pairs)) => {
                for (name, value) in pairs {
                    if let Value::Text(value) = value {
                        set(headers, &format!("{METADATA}{name}"), value);
                    }
                }
            }
            _ => {}
        }
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn refusal(error: &Error, request_id: &str) -> Vec<u8> {
    let mut xml = Writer::new(Vec::new());
    let written = element(&mut xml, "Error", |xml| {
        text(xml, "Code", error.code.name())?;
        text(xml, "Message", &error.message)?;
        text(xml, "RequestId", request_id)
    });
    // Writing to memory does not fail.
    written.map_or_else(|_| Vec::new(), |()| xml.into_inner())
}
