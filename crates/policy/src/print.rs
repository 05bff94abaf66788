//! Printing a document as JSON.

use std::collections::BTreeMap;
use std::io;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::condition::{Condition, Operator};
use crate::document::Document;
use crate::principal::{PrincipalKind, PrincipalSet};
use crate::statement::Statement;

impl Document {
    /// Returns the document as JSON without white space: the text to send to IAM.
    ///
    /// A list of one item is printed as the item. Characters that the API's pattern for documents leaves out (beyond
    /// U+00FF) are escaped.
    pub fn to_json(&self) -> String {
        json(self, ApiFormatter)
    }

    /// Returns the document as JSON in several lines, indented by two spaces.
    pub fn to_json_pretty(&self) -> String {
        json(self, PrettyFormatter::new())
    }

    /// Returns the size that counts for IAM's quotas: the characters of [`Document::to_json`] but for white space
    /// ("IAM and AWS STS quotas" in the IAM User Guide).
    pub fn size(&self) -> usize {
        self.to_json()
            .chars()
            .filter(|character| !character.is_whitespace())
            .count()
    }
}

impl Statement {
    /// Returns the statement as JSON in several lines, made for being compared line by line: lists are sorted and
    /// without repetitions as in [`Document::canonical`], each item is on its own line, even of a list of one.
    pub fn to_json_pretty(&self) -> String {
        json(
            &Print(&self.sorted(), Lists::Always),
            PrettyFormatter::new(),
        )
    }
}

#[expect(
    clippy::expect_used,
    reason = "strings under string keys, written to memory as UTF-8, can't fail"
)]
fn json(value: &impl Serialize, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            &mut text, formatter,
        ))
        .expect("a document can be written as JSON");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Writes characters beyond U+00FF as `\u` escapes.
struct ApiFormatter;

impl Formatter for ApiFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if character <= '\u{ff}' {
                write!(writer, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// Says how a list of one item is printed.
#[derive(Clone, Copy)]
enum Lists {
    /// As the item alone.
    OfSeveral,
    /// As a list.
    Always,
}

/// A part of a document to be printed with its lists in one of the ways.
struct Print<'a, T: ?Sized>(&'a T, Lists);

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            version,
            id,
            statements,
            places: _,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Version", version.as_str())?;
        if let Some(id) = id {
            map.serialize_entry("Id", id)?;
        }
        map.serialize_entry("Statement", statements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Print(self, Lists::OfSeveral).serialize(serializer)
    }
}

impl Serialize for Print<'_, Statement> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(
            Statement {
                sid,
                effect,
                principals,
                actions,
                resources,
                condition,
            },
            lists,
        ) = self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = sid {
            map.serialize_entry("Sid", sid.as_str())?;
        }
        map.serialize_entry("Effect", effect.as_str())?;
        if let Some(principals) = principals {
            map.serialize_entry(principals.element(), &Print(principals.set(), *lists))?;
        }
        map.serialize_entry(actions.element(), &Print(actions.patterns(), *lists))?;
        if let Some(resources) = resources {
            map.serialize_entry(resources.element(), &Print(resources.patterns(), *lists))?;
        }
        if let Some(condition) = condition {
            map.serialize_entry("Condition", &Print(condition, *lists))?;
        }
        map.end()
    }
}

impl Serialize for Print<'_, PrincipalSet> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            PrincipalSet::Everyone => serializer.serialize_str("*"),
            PrincipalSet::Named(named) => serializer.collect_map(
                named
                    .iter()
                    .map(|(kind, names)| (kind, Print(names.as_slice(), self.1))),
            ),
        }
    }
}

impl Serialize for Print<'_, Condition> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Condition(tests), lists) = self;
        let mut map = serializer.serialize_map(Some(tests.len()))?;
        for (operator, keys) in tests {
            map.serialize_key(operator)?;
            map.serialize_value(&Print(keys, *lists))?;
        }
        map.end()
    }
}

impl<K: Serialize> Serialize for Print<'_, BTreeMap<K, Vec<String>>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(key, values)| (key, Print(values.as_slice(), self.1))),
        )
    }
}

impl<T: Serialize> Serialize for Print<'_, [T]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            ([item], Lists::OfSeveral) => item.serialize(serializer),
            (list, _) => serializer.collect_seq(list),
        }
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for PrincipalKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::{documents, trust_documents};

    const TIDY: &str = r#"{
  "Version": "2012-10-17",
  "Id": "self-service",
  "Statement": [
    {
      "Sid": "Own",
      "Effect": "Allow",
      "Action": [
        "iam:GetUser",
        "iam:ChangePassword"
      ],
      "Resource": "arn:aws:iam::*:user/${aws:username}",
      "Condition": {
        "BoolIfExists": {
          "aws:MultiFactorAuthPresent": "true"
        }
      }
    }
  ]
}"#;

    #[test]
    fn elements_are_printed_in_the_order_users_know_and_a_list_of_one_as_its_item() {
        let untidy = r#"{"Statement": {"Condition": {"boolifexists": {"aws:MultiFactorAuthPresent": [true]}},
            "Resource": ["arn:aws:iam::*:user/${aws:username}"], "Action": ["iam:GetUser", "iam:ChangePassword"],
            "Effect": "Allow", "Sid": "Own"}, "Id": "self-service", "Version": "2012-10-17"}"#;
        assert_eq!(Document::parse(untidy).unwrap().to_json_pretty(), TIDY);
    }

    #[test]
    fn a_trust_policy_names_the_principal_before_the_action() {
        let text = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["1","2"],"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        assert_eq!(Document::parse_trust(text).unwrap().to_json(), text);
    }

    #[test]
    fn the_text_for_iam_escapes_what_its_api_does_not_take() {
        let text =
            r#"{"Id": "é €😀", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
        let document = Document::parse(text).unwrap();
        assert!(
            document
                .to_json()
                .contains(r#""Id":"é \u20ac\ud83d\ude00""#)
        );
        assert!(document.to_json_pretty().contains(r#""Id": "é €😀""#));
    }

    #[test]
    fn white_space_does_not_count_for_the_size() {
        let document = Document::parse(TIDY).unwrap();
        assert_eq!(
            document.size(),
            TIDY.chars().filter(|c| !c.is_whitespace()).count()
        );
        let spaced = Document::parse(&TIDY.replace("self-service", "self service")).unwrap();
        assert_eq!(spaced.size(), document.size() - 1);
    }

    #[test]
    fn a_statement_for_comparing_has_one_sorted_item_a_line() {
        let text = r#"{"Statement": {"Effect": "Deny", "NotAction": ["sts:B", "iam:GetUser", "IAM:getuser", "*:*"], "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalTag/Team": ["b", "a", "b"]}}}}"#;
        let document = Document::parse(text).unwrap();
        let rendered = r#"{
  "Effect": "Deny",
  "NotAction": [
    "*:*",
    "iam:GetUser",
    "sts:B"
  ],
  "Resource": [
    "*"
  ],
  "Condition": {
    "StringLike": {
      "aws:PrincipalTag/Team": [
        "a",
        "b"
      ]
    }
  }
}"#;
        assert_eq!(
            document.statements().next().unwrap().to_json_pretty(),
            rendered
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_as_it_was(document in documents(), trust in trust_documents()) {
            prop_assert_eq!(Document::parse(&document.to_json()), Ok(document.clone()));
            prop_assert_eq!(Document::parse(&document.to_json_pretty()), Ok(document.clone()));
            prop_assert_eq!(Document::from_value(&serde_json::to_value(&document).unwrap()), Ok(document.clone()));
            prop_assert_eq!(Document::parse_trust(&trust.to_json()), Ok(trust.clone()));
            prop_assert_eq!(Document::parse_trust(&trust.to_json_pretty()), Ok(trust.clone()));
        }

        #[test]
        fn the_text_for_iam_has_only_characters_that_its_api_takes(document in documents()) {
            let taken = |c| (' '..='ÿ').contains(&c);
            prop_assert!(document.to_json().chars().all(taken));
        }
    }
}
