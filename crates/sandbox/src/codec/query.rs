//! awsQuery: `Action=CreateUser&Tags.member.1.Key=…` in, XML out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::collections::BTreeMap;

use data_encoding::BASE64;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::Decoded;
use crate::call::is_xml;
use crate::error::{Code, Error};
use crate::operation::{Answer, Service};
use crate::value::{Record, Value};

/// How deep a parameter may be nested; the deepest of the API models are shallower.
const DEPTH: usize = 16;

/// Reads the form of a request.
pub(super) fn decode(body: &[u8]) -> Result<Decoded, Error> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(body) {
        let path: Vec<_> = name.split('.').collect();
        if path.len() > DEPTH {
            return Err(Error::new(
                Code::MalformedRequest,
                format!("the parameter {name} is nested too deep"),
            ));
        }
        root.set(&path, value.into_owned());
    }
    let Some(Node {
        value: Some(operation),
        ..
    }) = root.children.remove("Action")
    else {
        return Err(Error::new(
            Code::InvalidAction,
            "the request has no parameter Action",
        ));
    };
    root.children.remove("Version");
    Ok(Decoded {
        operation,
        parameters: root.members(),
    })
}

/// Holds what is known of a parameter while the form is read.
#[derive(Default)]
struct Node {
    value: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn set(&mut self, path: &[&str], value: String) {
        match path {
            [] => self.value = Some(value),
            [first, rest @ ..] => self
                .children
                .entry((*first).to_owned())
                .or_default()
                .set(rest, value),
        }
    }

    fn into_value(mut self) -> Value {
        if let Some(value) = self.value {
            return Value::Text(value);
        }
        match self.children.remove("member") {
            Some(list) => list.into_list(),
            None => Value::Map(self.members()),
        }
    }

    /// Returns the children `1`, `2`, … in the order of these numbers.
    fn into_list(self) -> Value {
        let numbered = self
            .children
            .into_iter()
            .filter_map(|(key, node)| Some((key.parse::<u32>().ok()?, node)));
        let sorted: BTreeMap<u32, Node> = numbered.collect();
        Value::List(sorted.into_values().map(Node::into_value).collect())
    }

    fn members(self) -> Vec<(String, Value)> {
        self.children
            .into_iter()
            .map(|(name, node)| (name, node.into_value()))
            .collect()
    }
}

/// Writes an answer as XML.
pub(super) fn encode(
    service: Option<Service>,
    operation: &str,
    request_id: &str,
    answer: &Answer,
) -> Vec<u8> {
    let mut xml = Writer::new(Vec::new());
    let namespace = service.map_or("", Service::xml_namespace);
    let written = match answer {
        Ok(record) => write_result(&mut xml, namespace, operation, request_id, record),
        Err(error) => write_error(&mut xml, namespace, request_id, error),
    };
    // Writing to memory does not fail.
    written.map_or_else(|_| Vec::new(), |()| xml.into_inner())
}

pub(super) type Written = std::io::Result<()>;

fn write_result(
    xml: &mut Writer<Vec<u8>>,
    namespace: &str,
    operation: &str,
    id: &str,
    record: &Record,
) -> Written {
    let response = format!("{operation}Response");
    xml.write_event(Event::Start(
        BytesStart::new(&response).with_attributes([("xmlns", namespace)]),
    ))?;
    // boto3 asks for it where an operation's output is a structure without members, such as UpdateRole's; where there is
    // no output, clients pass over it.
    element(xml, &format!("{operation}Result"), |xml| {
        write_members(xml, record)
    })?;
    element(xml, "ResponseMetadata", |xml| text(xml, "RequestId", id))?;
    xml.write_event(Event::End(BytesEnd::new(&response)))
}

fn write_error(xml: &mut Writer<Vec<u8>>, namespace: &str, id: &str, error: &Error) -> Written {
    xml.write_event(Event::Start(
        BytesStart::new("ErrorResponse").with_attributes([("xmlns", namespace)]),
    ))?;
    element(xml, "Error", |xml| {
        text(xml, "Type", error.fault())?;
        text(xml, "Code", error.code.name())?;
        text(xml, "Message", &error.message)
    })?;
    text(xml, "RequestId", id)?;
    xml.write_event(Event::End(BytesEnd::new("ErrorResponse")))
}

fn write_members(xml: &mut Writer<Vec<u8>>, record: &Record) -> Written {
    record
        .members()
        .iter()
        .try_for_each(|(name, value)| write_value(xml, name, value))
}

fn write_value(xml: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> Written {
    match value {
        Value::Text(value) => text(xml, name, value),
        Value::Boolean(flag) => text(xml, name, if *flag { "true" } else { "false" }),
        Value::Integer(number) => text(xml, name, &number.to_string()),
        Value::Number(number) => text(xml, name, &number.to_string()),
        Value::Time(time) => text(xml, name, &time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        Value::Bytes(bytes) => text(xml, name, &BASE64.encode(bytes)),
        Value::Record(record) => element(xml, name, |xml| write_members(xml, record)),
        Value::List(items) => element(xml, name, |xml| {
            items
                .iter()
                .try_for_each(|item| write_value(xml, "member", item))
        }),
        Value::Map(entries) => element(xml, name, |xml| {
            entries.iter().try_for_each(|(key, value)| {
                element(xml, "entry", |xml| {
                    text(xml, "key", key)?;
                    write_value(xml, "value", value)
                })
            })
        }),
    }
}

pub(super) fn element(
    xml: &mut Writer<Vec<u8>>,
    name: &str,
    content: impl FnOnce(&mut Writer<Vec<u8>>) -> Written,
) -> Written {
    xml.write_event(Event::Start(BytesStart::new(name)))?;
    content(xml)?;
    xml.write_event(Event::End(BytesEnd::new(name)))
}

pub(super) fn text(xml: &mut Writer<Vec<u8>>, name: &str, value: &str) -> Written {
    element(xml, name, |xml| {
        xml.write_event(Event::Text(BytesText::from_escaped(escaped(value))))
    })
}

/// Escapes text so that it comes out of a parser as it went in: a bare carriage return would become a line feed.
///
/// What XML can't carry at all, which only a refusal repeats, becomes a replacement character.
fn escaped(value: &str) -> String {
    let carried: String = value
        .chars()
        .map(|c| {
            if is_xml(c) {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect();
    quick_xml::escape::escape(carried).replace('\r', "&#13;")
}
