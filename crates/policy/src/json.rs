//! JSON to read a document from: text with positions, or a value without.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

/// The longest text that is read, in characters.
///
/// IAM's API takes 131,072 from customers, and its quotas far less. But AWS's own are longer: `AWSSupportServiceRolePolicy`,
/// which every account has on a role, has over 150,000 and grows. What is longer than this is no policy.
pub(crate) const LONGEST: usize = 1_048_576;

/// One JSON value. It is looked into one level at a time: reading never recurses, however deep the input.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Text(&'a ast::Value<'a>),
    Value(&'a Value),
}

/// What a JSON value is.
pub(crate) enum Shape<'a> {
    Object(Vec<Member<'a>>),
    List(Vec<Node<'a>>),
    String(&'a str),
    Number(String),
    Bool(bool),
    Null,
}

/// A key of an object and its value. Keys of text may repeat.
pub(crate) struct Member<'a> {
    pub(crate) key: &'a str,
    pub(crate) key_range: Range<usize>,
    pub(crate) node: Node<'a>,
}

impl<'a> Node<'a> {
    pub(crate) fn shape(self) -> Shape<'a> {
        match self {
            Self::Text(value) => Shape::of_text(value),
            Self::Value(value) => Shape::of_value(value),
        }
    }

    /// Returns the bytes of the text that the value takes: none where there is no text.
    pub(crate) fn range(self) -> Range<usize> {
        match self {
            Self::Text(value) => bytes(value),
            Self::Value(_) => 0..0,
        }
    }
}

impl<'a> Shape<'a> {
    fn of_text(value: &'a ast::Value<'a>) -> Self {
        match value {
            ast::Value::Object(object) => {
                Self::Object(object.properties.iter().map(Member::of_text).collect())
            }
            ast::Value::Array(array) => Self::List(array.elements.iter().map(Node::Text).collect()),
            ast::Value::StringLit(string) => Self::String(&string.value),
            ast::Value::NumberLit(number) => Self::Number(number.value.to_owned()),
            ast::Value::BooleanLit(boolean) => Self::Bool(boolean.value),
            ast::Value::NullKeyword(_) => Self::Null,
        }
    }

    fn of_value(value: &'a Value) -> Self {
        match value {
            Value::Object(object) => Self::Object(
                object
                    .iter()
                    .map(|(key, value)| Member {
                        key,
                        key_range: 0..0,
                        node: Node::Value(value),
                    })
                    .collect(),
            ),
            Value::Array(list) => Self::List(list.iter().map(Node::Value).collect()),
            Value::String(string) => Self::String(string),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::Bool(boolean) => Self::Bool(*boolean),
            Value::Null => Self::Null,
        }
    }

    /// Returns what the value is, for "expected …, found …".
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Object(_) => "an object",
            Self::List(_) => "a list",
            Self::String(_) => "a string",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
        }
    }
}

impl<'a> Member<'a> {
    fn of_text(property: &'a ast::ObjectProp<'a>) -> Self {
        let key_range = match &property.name {
            ast::ObjectPropName::String(string) => bytes(string),
            ast::ObjectPropName::Word(word) => bytes(word),
        };
        Self {
            key: property.name.as_str(),
            key_range,
            node: Node::Text(&property.value),
        }
    }
}

fn bytes(ranged: &impl Ranged) -> Range<usize> {
    ranged.start()..ranged.end()
}

/// Reads text as strict JSON; the error is where in the text and what.
///
/// `serde_json` decides what is JSON and how deep it may be; jsonc-parser, which is laxer, adds the positions.
pub(crate) fn parse(text: &str) -> Result<ast::Value<'_>, (Range<usize>, String)> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err((
            0..0,
            format!("the document has {length} characters: no policy has more than {LONGEST}"),
        ));
    }
    if let Err(error) = serde_json::from_str::<Value>(text) {
        let at = offset(text, error.line(), error.column());
        let message = error.to_string();
        let reason = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(reason, _)| reason);
        return Err((at..at, format!("the document is not JSON: {reason}")));
    }
    let options = ParseOptions {
        allow_loose_object_property_names: false,
        ..ParseOptions::default()
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => parsed
            .value
            .ok_or_else(|| (0..0, "the document is empty".to_owned())),
        Err(error) => Err((
            bytes(&error.range()),
            format!("the document is not JSON: {}", error.kind()),
        )),
    }
}

/// Returns the byte that `serde_json` means by a line and a column, both from 1, the column in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    before + column.saturating_sub(1)
}
