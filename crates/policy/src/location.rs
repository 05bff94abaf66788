//! Where in a document something was written.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use crate::document::Document;

/// Holds a place in the text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The line of the first character, from 1.
    pub line: usize,
    /// The column of the first character, from 1, in characters.
    pub column: usize,
    /// The bytes of the value.
    pub range: Range<usize>,
}

/// Names what has a place of its own in a document: a statement, or one of its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// The whole statement.
    Statement,
    /// The value of `Action` or `NotAction`.
    Action,
    /// The value of `Resource` or `NotResource`.
    Resource,
    /// The value of `Condition`.
    Condition,
}

/// Says where an element was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is in the document, such as `Statement[1].NotAction`, as in [`crate::Mistake::path`].
    pub path: String,
    /// Where it is in the text; `None` when the document wasn't read from text.
    pub location: Option<Location>,
}

impl Document {
    /// Returns where a statement, by its index, or an element of it was written; `None` where it has no such element,
    /// and for a document that was computed, such as [`Document::canonical`].
    pub fn place(&self, statement: usize, element: Element) -> Option<&Place> {
        self.places.0.get(statement)?.get(&element)
    }
}

/// Holds where the statements of a document were written.
///
/// Any two are equal, since documents are compared by what they say, not by where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Vec<BTreeMap<Element, Place>>);

/// Holds an element found while reading.
pub(crate) struct Found {
    pub(crate) element: Element,
    /// The bytes of the text that it takes.
    pub(crate) range: Range<usize>,
    pub(crate) path: String,
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

impl Places {
    /// Takes what was found of each statement, and tells its lines and columns where there is a text.
    pub(crate) fn new(found: Vec<Vec<Found>>, text: Option<&str>) -> Self {
        let mut places = vec![BTreeMap::new(); found.len()];
        let statements = found.into_iter().enumerate();
        let mut found: Vec<(usize, Found)> = statements
            .flat_map(|(statement, found)| found.into_iter().map(move |found| (statement, found)))
            .collect();
        found.sort_by_key(|(_, found)| found.range.start);
        let mut locator = text.map(Locator::new);
        for (
            statement,
            Found {
                element,
                range,
                path,
            },
        ) in found
        {
            let location = locator.as_mut().map(|locator| locator.locate(range));
            if let Some(elements) = places.get_mut(statement) {
                elements.insert(element, Place { path, location });
            }
        }
        Self(places)
    }
}

/// Tells lines and columns in one pass over a text.
pub(crate) struct Locator<'t> {
    characters: Peekable<CharIndices<'t>>,
    line: usize,
    column: usize,
}

impl<'t> Locator<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            characters: text.char_indices().peekable(),
            line: 1,
            column: 1,
        }
    }

    /// Returns the place of some bytes, which don't start before those that were asked for last.
    pub(crate) fn locate(&mut self, range: Range<usize>) -> Location {
        while let Some((_, character)) =
            self.characters.next_if(|(offset, _)| *offset < range.start)
        {
            (self.line, self.column) = if character == '\n' {
                (self.line + 1, 1)
            } else {
                (self.line, self.column + 1)
            };
        }
        Location {
            line: self.line,
            column: self.column,
            range,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns where an element is, as `PATH LINE:COLUMN`, and its text.
    fn place<'t>(
        document: &Document,
        text: &'t str,
        statement: usize,
        element: Element,
    ) -> Option<(String, &'t str)> {
        let Place { path, location } = document.place(statement, element)?;
        let Location {
            line,
            column,
            range,
        } = location.as_ref()?;
        Some((format!("{path} {line}:{column}"), text.get(range.clone())?))
    }

    #[test]
    fn statements_and_their_elements_know_where_they_were_written() {
        let text = r#"{"Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Condition": {"Bool": {"é:é": "true"}}, "Resource": ["*"],
   "NotAction": "iam:*", "Effect": "Deny"}
]}"#;
        let document = Document::parse(text).unwrap();
        let place = |statement, element| place(&document, text, statement, element).unwrap();
        assert_eq!(
            place(0, Element::Action),
            ("Statement[0].Action 2:33".to_owned(), r#""*""#)
        );
        assert_eq!(place(1, Element::Statement).0, "Statement[1] 3:3");
        assert_eq!(
            place(1, Element::Action),
            ("Statement[1].NotAction 4:17".to_owned(), r#""iam:*""#)
        );
        assert_eq!(
            place(1, Element::Resource),
            ("Statement[1].Resource 3:56".to_owned(), r#"["*"]"#)
        );
        assert_eq!(
            place(1, Element::Condition).0,
            "Statement[1].Condition 3:17"
        );
    }

    #[test]
    fn a_single_statement_has_no_index_and_an_absent_element_no_place() {
        let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "NotResource": "*"}}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(
            place(&document, text, 0, Element::Resource).unwrap().0,
            "Statement.NotResource 1:65"
        );
        assert_eq!(document.place(0, Element::Condition), None);
        assert_eq!(document.place(1, Element::Statement), None);
    }

    #[test]
    fn a_document_from_a_value_knows_paths_only() {
        let value =
            serde_json::json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let document = Document::from_value(&value).unwrap();
        let path = "Statement[0].Action".to_owned();
        assert_eq!(
            document.place(0, Element::Action),
            Some(&Place {
                path,
                location: None
            })
        );
    }

    #[test]
    fn where_a_document_was_written_makes_no_difference() {
        let text = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document, Document::parse(&text.replace(':', " :")).unwrap());
        assert_eq!(document.canonical().place(0, Element::Statement), None);
    }
}
