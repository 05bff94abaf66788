//! What all readers of a part share: where they are, what they found, and how lists and objects are read.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::document::Document;
use crate::json::{Node, Shape};
use crate::location::{Element, Found, Places};
use crate::mistake::{Mistake, ParseError, locate, nearest, shown};

/// Says which elements a document has.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// What is attached to a user, group or role: resources, no principals.
    Identity,
    /// Who may assume a role: principals, no resources.
    Trust,
}

/// A value and where it is in the document.
pub(super) struct At<'a> {
    pub(super) node: Node<'a>,
    pub(super) path: String,
}

impl<'a> At<'a> {
    pub(super) fn member(&self, key: &str, node: Node<'a>) -> Self {
        let plain = key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b":/-_".contains(&byte));
        let path = match (plain, self.path.as_str()) {
            (true, "") => shown(key),
            (true, path) => format!("{path}.{}", shown(key)),
            (false, path) => format!("{path}[\"{}\"]", shown(key)),
        };
        Self { node, path }
    }

    pub(super) fn item(&self, index: usize, node: Node<'a>) -> Self {
        Self {
            node,
            path: format!("{}[{index}]", self.path),
        }
    }
}

/// The members of an object whose keys are known.
pub(super) type Members<'a> = BTreeMap<&'a str, At<'a>>;

/// A document being read, and the mistakes found so far. What can't be read is `None`, with a mistake.
pub(super) struct Reading {
    pub(super) form: Form,
    found: Vec<(Range<usize>, Mistake)>,
    /// What was found of each statement.
    statements: Vec<Vec<Found>>,
}

impl Reading {
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            found: Vec::new(),
            statements: Vec::new(),
        }
    }

    /// Returns the document with its places, or the mistakes: with lines and columns where there is a text.
    pub(super) fn finish(
        self,
        document: Option<Document>,
        text: Option<&str>,
    ) -> Result<Document, ParseError> {
        match document {
            Some(document) if self.found.is_empty() => Ok(Document {
                places: Places::new(self.statements, text),
                ..document
            }),
            _ => Err(ParseError {
                mistakes: match text {
                    Some(text) => locate(text, self.found),
                    None => self.found.into_iter().map(|(_, mistake)| mistake).collect(),
                },
            }),
        }
    }

    /// Remembers where a statement and its elements are.
    pub(super) fn found_statement(&mut self, at: &At<'_>, members: &Members<'_>) {
        let found = |element, at: &At<'_>| Found {
            element,
            range: at.node.range(),
            path: at.path.clone(),
        };
        let element = |(name, at): (&&str, &At<'_>)| match *name {
            "Action" | "NotAction" => Some(found(Element::Action, at)),
            "Resource" | "NotResource" => Some(found(Element::Resource, at)),
            "Condition" => Some(found(Element::Condition, at)),
            _ => None,
        };
        let elements = members.iter().filter_map(element);
        let statement = std::iter::once(found(Element::Statement, at));
        self.statements.push(statement.chain(elements).collect());
    }

    pub(super) fn mistake(&mut self, range: Range<usize>, path: &str, message: impl Into<String>) {
        self.suggest(range, path, message, None);
    }

    pub(super) fn suggest(
        &mut self,
        range: Range<usize>,
        path: &str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let mistake = Mistake {
            path: path.to_owned(),
            location: None,
            message: message.into(),
            suggestion,
        };
        self.found.push((range, mistake));
    }

    /// Records a mistake about a value, and has nothing to return for it.
    pub(super) fn wrong<T>(&mut self, at: &At<'_>, message: impl Into<String>) -> Option<T> {
        self.mistake(at.node.range(), &at.path, message);
        None
    }

    /// Reads an object whose keys are elements of the language.
    pub(super) fn known_members<'a>(
        &mut self,
        at: &At<'a>,
        what: &str,
        known: &[&'static str],
    ) -> Option<Members<'a>> {
        let mut members = Members::new();
        for (key, range, at) in self.members(at, &format!("{what}, an object"))? {
            if known.contains(&key) {
                members.insert(key, at);
            } else {
                let message = format!(
                    "`{}` is not an element of {what}: expected {}",
                    shown(key),
                    known.join(", ")
                );
                self.suggest(
                    range,
                    &at.path,
                    message,
                    nearest(key, known.iter().copied()).map(str::to_owned),
                );
            }
        }
        Some(members)
    }

    /// Reads an object whose keys are names of a kind: at least one, none twice.
    pub(super) fn named_members<'a, K: Ord + Clone>(
        &mut self,
        at: &At<'a>,
        expected: &str,
        what: &str,
        read: fn(&str) -> Result<K, String>,
        near: impl Fn(&str) -> Option<String>,
    ) -> Option<BTreeMap<K, At<'a>>> {
        let mut named = BTreeMap::new();
        let members = self.members(at, expected)?;
        if members.is_empty() {
            return self.wrong(at, format!("expected a {what}, found an empty object"));
        }
        for (key, range, at) in members {
            match read(key) {
                Ok(name) if named.contains_key(&name) => {
                    self.mistake(
                        range,
                        &at.path,
                        format!("the {what} `{}` is given twice", shown(key)),
                    );
                }
                Ok(name) => {
                    named.insert(name, at);
                }
                Err(reason) => {
                    self.suggest(
                        range,
                        &at.path,
                        format!("invalid {what} `{}`: {reason}", shown(key)),
                        near(key),
                    );
                }
            }
        }
        Some(named)
    }

    /// Reads an object's members: its keys with their places, none of them twice.
    pub(super) fn members<'a>(
        &mut self,
        at: &At<'a>,
        expected: &str,
    ) -> Option<Vec<(&'a str, Range<usize>, At<'a>)>> {
        let members = match at.node.shape() {
            Shape::Object(members) => members,
            other => return self.wrong(at, format!("expected {expected}, found {}", other.name())),
        };
        let mut seen = HashSet::new();
        let mut unique = Vec::new();
        for member in members {
            let child = at.member(member.key, member.node);
            if seen.insert(member.key) {
                unique.push((member.key, member.key_range, child));
            } else {
                self.mistake(
                    member.key_range,
                    &child.path,
                    format!(
                        "the key `{}` is given twice in one object",
                        shown(member.key)
                    ),
                );
            }
        }
        Some(unique)
    }

    /// Returns which of an element and its negation a statement has, and whether it is the negation.
    pub(super) fn either<'m, 'a>(
        &mut self,
        members: &'m Members<'a>,
        element: &str,
        negation: &str,
    ) -> Option<(&'m At<'a>, bool)> {
        match (members.get(element), members.get(negation)) {
            (Some(at), None) => Some((at, false)),
            (None, Some(at)) => Some((at, true)),
            (Some(at), Some(other)) => {
                self.wrong::<()>(
                    other,
                    format!("a statement can't have both `{element}` and `{negation}`"),
                );
                Some((at, false))
            }
            (None, None) => None,
        }
    }

    /// Reads a value or a list of values, all of them even after a mistake.
    pub(super) fn one_or_many<'a, T>(
        &mut self,
        at: &At<'a>,
        mut read: impl FnMut(&mut Self, &At<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        match at.node.shape() {
            Shape::List(items) if items.is_empty() => {
                self.wrong(at, "the list is empty: expected at least one item")
            }
            Shape::List(items) => {
                let read: Vec<Option<T>> = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, node)| read(self, &at.item(index, node)))
                    .collect();
                read.into_iter().collect()
            }
            _ => read(self, at).map(|item| vec![item]),
        }
    }

    /// Reads a string of a certain form.
    pub(super) fn word<T>(
        &mut self,
        at: &At<'_>,
        what: &str,
        read: fn(&str) -> Result<T, String>,
        near: &[&str],
    ) -> Option<T> {
        let text = self.string(at, &format!("the {what}, a string"))?;
        match read(text) {
            Ok(word) => Some(word),
            Err(reason) => {
                let message = format!("invalid {what} `{}`: {reason}", shown(text));
                let suggestion = nearest(text, near.iter().copied()).map(str::to_owned);
                self.suggest(at.node.range(), &at.path, message, suggestion);
                None
            }
        }
    }

    pub(super) fn string<'a>(&mut self, at: &At<'a>, expected: &str) -> Option<&'a str> {
        match at.node.shape() {
            Shape::String(text) => Some(text),
            other => self.wrong(at, format!("expected {expected}, found {}", other.name())),
        }
    }
}
