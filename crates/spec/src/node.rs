//! YAML as a tree that knows where everything is.
//!
//! Deserialising into typed structs stops at the first mistake. A tree takes any YAML, and what is wrong with it is
//! collected afterwards, all at once.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, Options, Spanned};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::source::Source;

/// Holds a value and where it is, as byte offsets.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(crate) fn place(&self, source: &Arc<Source>) -> Place {
        let length = source.text.len();
        let start = self.start.min(length);
        Place {
            source: source.clone(),
            range: start..self.end.clamp(start, length),
        }
    }

    /// Says what the value is, for "expected …, found …".
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Integer(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {value}"),
            Value::Text(text) => match text.chars().count() {
                0 => "an empty text".to_owned(),
                1..=40 => format!("the text `{text}`"),
                _ => "a text".to_owned(),
            },
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    /// Returns the text of a key, which is text always.
    pub(crate) fn key(&self) -> &str {
        match &self.value {
            Value::Text(text) => text,
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::List(_)
            | Value::Map(_) => "",
        }
    }

    /// Follows a path such as `Statement[1].Condition` as far as it goes, and returns what is best shown there: a value,
    /// or the key of a list or map, of which only the first character is known.
    pub(crate) fn follow(&self, path: &str) -> &Self {
        let (mut node, mut shown, mut rest) = (self, self, path);
        while let Some((key, value, after)) = node.step(rest) {
            (node, rest) = (value, after);
            shown = match (&value.value, key) {
                (Value::List(_) | Value::Map(_), Some(key)) => key,
                _ => value,
            };
        }
        shown
    }

    /// Takes the first step of a path. Keys may have dots and brackets in them.
    fn step<'p>(&self, path: &'p str) -> Option<(Option<&Self>, &Self, &'p str)> {
        match &self.value {
            Value::List(items) => {
                let (place, rest) = path.strip_prefix('[')?.split_once(']')?;
                Some((None, items.get(place.parse::<usize>().ok()?)?, rest))
            }
            Value::Map(entries) => {
                let path = path.strip_prefix('.').unwrap_or(path);
                entries.iter().find_map(|(key, value)| {
                    let rest = path.strip_prefix(key.key())?;
                    (rest.is_empty() || rest.starts_with(['.', '['])).then_some((
                        Some(key),
                        value,
                        rest,
                    ))
                })
            }
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {
                None
            }
        }
    }
}

/// Parses a source. An error is one of YAML itself; there is at most one.
pub(crate) fn parse(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    serde_saphyr::from_str_with_options(&source.text, options())
        .map_err(|error| invalid(source, &error))
}

/// Returns the parser's options: types as YAML 1.2 has them, and limits that 20,000 users fit in but no bomb does.
fn options() -> Options {
    serde_saphyr::options! {
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
            max_replay_stack_depth: 8,
        },
        budget: serde_saphyr::budget! {
            enforce_alias_anchor_ratio: false,
            max_aliases: 10_000,
            max_anchors: 1_000,
            max_depth: 32,
            max_documents: 1,
            max_events: 16_000_000,
            max_nodes: 4_000_000,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        emit_comments: false,
        leading_zero_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        reject_unsupported_tags: true,
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    }
}

fn invalid(source: &Arc<Source>, error: &Error) -> Diagnostic {
    let start = error.location().map_or(0, |location| {
        // Not every error has an offset; all have a line and a column in characters.
        let (line, column) = (location.line(), location.column());
        source.offset(
            usize::try_from(line).unwrap_or(1),
            usize::try_from(column).unwrap_or(1),
        )
    });
    let place = Place {
        source: source.clone(),
        range: start..start,
    };
    Diagnostic::at(Severity::Error, &place, reason(error))
}

const TOO_DEEP: &str = "this is nested more than 32 deep, and a spec is not";

fn reason(error: &Error) -> String {
    match error {
        Error::AliasError { error, .. } => reason(error),
        Error::NullIntoString { .. } => "a key can't be null: put the name in quotes".to_owned(),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => TOO_DEEP.to_owned(),
            BudgetBreach::Documents { .. } => {
                "a file holds one document: split it at the `---`, or take that line out".to_owned()
            }
            _ => {
                "this is larger than any spec: a limit against hostile files is reached".to_owned()
            }
        },
        Error::AliasReplayLimitExceeded { .. } | Error::AliasReplayStackDepthExceeded { .. } => {
            "the aliases unfold into more than any spec holds".to_owned()
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "this alias is inside of what it refers to".to_owned()
        }
        _ => {
            let text = error.to_string();
            let message = text.lines().next().unwrap_or_default();
            let message = message
                .split_once(" at line ")
                .map_or(message, |(message, _)| message);
            match message {
                // What the parser itself says of brackets that are nested too deep.
                "recursion limit exceeded" => TOO_DEEP.to_owned(),
                _ => format!("this is not valid YAML: {message}"),
            }
        }
    }
}

impl Node {
    /// Makes a node at the place where the YAML says it: of an alias its own, not its anchor's.
    fn new(value: Value, location: Location) -> Self {
        let offset = |byte: Option<u64>| usize::try_from(byte.unwrap_or(0)).unwrap_or(0);
        let start = offset(location.span().byte_offset());
        Self {
            value,
            start,
            end: start + offset(location.span().byte_len()),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self::new(spanned.value, spanned.referenced))
    }
}

/// A key is text as it is written: a user may be called `1.50` or `0x10`.
struct Key(Node);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self(Node::new(
            Value::Text(spanned.value),
            spanned.referenced,
        )))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((Key(key), value)) = entries.next_entry()? {
            map.push((key, value));
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value as Json;

    use super::*;
    use crate::reading::Reading;

    #[test]
    fn the_maintained_serde_yaml_reads_the_example_alike() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mfa-recipe");
        for file in ["mfactl.yaml", "people.yaml", "monitoring.yaml"] {
            let source = Arc::new(Source::read(&example.join(file)).unwrap());
            let tree = parse(&source).unwrap();
            let mut reading = Reading {
                source: source.clone(),
                diagnostics: &mut Vec::new(),
            };
            let other: Json = serde_yaml::from_str(&source.text).unwrap();
            assert_eq!(reading.json(&tree), other, "{file}");
            assert!(reading.diagnostics.is_empty());
        }
    }

    #[test]
    fn a_path_is_followed_through_keys_with_dots_and_brackets() {
        let map = |key: &str, start, value| {
            let key = Node {
                value: Value::Text(key.to_owned()),
                start,
                end: start,
            };
            Node {
                value: Value::Map(vec![(key, value)]),
                start: start + 1,
                end: start + 1,
            }
        };
        let text = Node {
            value: Value::Text("x".to_owned()),
            start: 9,
            end: 10,
        };
        let tree = map("a.b[0]", 1, map("c", 5, text));
        assert_eq!(tree.follow("a.b[0].c").start, 9, "the value itself");
        assert_eq!(tree.follow("a.b[0]").start, 1, "the key of a map");
        assert_eq!(tree.follow("a.b[0].d").start, 1, "as far as it goes");
        assert_eq!(tree.follow("").start, tree.start);
    }
}
