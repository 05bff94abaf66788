//! Reading a document, collecting every mistake.

mod reading;

use std::collections::{BTreeMap, HashSet};

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use crate::action::ActionPattern;
use crate::condition::{Comparison, Condition, ConditionKey, Operator, SetQualifier};
use crate::document::{Document, Version};
use crate::json::{self, Node, Shape};
use crate::location::Places;
use crate::mistake::{ParseError, nearest, shown};
use crate::parse::reading::{At, Form, Members, Reading};
use crate::principal::{PrincipalKind, PrincipalSet, Principals};
use crate::resource::ResourcePattern;
use crate::statement::{Actions, Effect, Resources, Sid, Statement};

impl Document {
    /// Reads an identity policy: what is attached to a user, a group or a role, managed or inline.
    ///
    /// # Errors
    ///
    /// Every mistake, with its path, line and column: text that isn't JSON or is longer than any policy (1,048,576
    /// characters), and whatever IAM would refuse as `MalformedPolicyDocument` without looking into the account.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_text(text, Form::Identity)
    }

    /// Reads a role's trust policy, where statements have principals and no resources.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn parse_trust(text: &str) -> Result<Self, ParseError> {
        parse_text(text, Form::Trust)
    }

    /// Reads an identity policy that is a JSON value already, such as one written inline in YAML.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`], but without line and column.
    pub fn from_value(value: &Value) -> Result<Self, ParseError> {
        let mut reading = Reading::new(Form::Identity);
        let document = reading.document(&At {
            node: Node::Value(value),
            path: String::new(),
        });
        if let Some(length) = document
            .as_ref()
            .map(|document| document.to_json().chars().count())
            && length > json::LONGEST
        {
            reading.mistake(
                0..0,
                "",
                format!(
                    "the document has {length} characters: no policy has more than {}",
                    json::LONGEST
                ),
            );
        }
        reading.finish(document, None)
    }
}

impl<'de> Deserialize<'de> for Document {
    /// Reads an identity policy, as [`Document::from_value`] does.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

fn parse_text(text: &str, form: Form) -> Result<Document, ParseError> {
    let mut reading = Reading::new(form);
    let document = match json::parse(text) {
        Ok(value) => reading.document(&At {
            node: Node::Text(&value),
            path: String::new(),
        }),
        Err((range, message)) => {
            reading.mistake(range, "", message);
            None
        }
    };
    reading.finish(document, Some(text))
}

impl Reading {
    fn document(&mut self, at: &At<'_>) -> Option<Document> {
        let members = self.known_members(at, "the document", &["Version", "Id", "Statement"])?;
        let version = match members.get("Version") {
            Some(at) => self.word(
                at,
                "version",
                Version::read,
                &Version::ALL.map(Version::as_str),
            ),
            None => Some(Version::default()),
        };
        let id = members
            .get("Id")
            .and_then(|at| self.string(at, "the document's identifier, a string"))
            .map(str::to_owned);
        let statements = match members.get("Statement") {
            Some(statements) => self.statements(statements),
            None => self.wrong(
                at,
                "the document has no `Statement`: expected a statement or a list of them",
            ),
        };
        Some(Document {
            version: version?,
            id,
            statements: statements?,
            places: Places::default(),
        })
    }

    fn statements(&mut self, at: &At<'_>) -> Option<Vec<Statement>> {
        let mut sids = HashSet::new();
        self.one_or_many(at, |reading, at| reading.statement(at, &mut sids))
    }

    fn statement(&mut self, at: &At<'_>, sids: &mut HashSet<Sid>) -> Option<Statement> {
        const ELEMENTS: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        let members = self.known_members(at, "a statement", &ELEMENTS)?;
        self.found_statement(at, &members);
        let sid = members.get("Sid").and_then(|at| self.sid(at, sids));
        let effect = self.effect(at, &members);
        let principals = self.principals(at, &members);
        let actions = self.actions(at, &members);
        let resources = self.resources(at, &members);
        let condition = members.get("Condition").and_then(|at| self.condition(at));
        Some(Statement {
            sid,
            effect: effect?,
            principals,
            actions: actions?,
            resources,
            condition,
        })
    }

    /// Reads a statement's identifier. An empty one is none, as tools write it and IAM accepts it, any number of times.
    fn sid(&mut self, at: &At<'_>, sids: &mut HashSet<Sid>) -> Option<Sid> {
        if matches!(at.node.shape(), Shape::String("")) {
            return None;
        }
        let sid = self.word(at, "Sid", Sid::read, &[])?;
        if !sids.insert(sid.clone()) {
            return self.wrong(
                at,
                format!("the Sid `{sid}` is taken: statement ids must be unique within a document"),
            );
        }
        Some(sid)
    }

    fn effect(&mut self, at: &At<'_>, members: &Members<'_>) -> Option<Effect> {
        match members.get("Effect") {
            Some(at) => self.word(at, "effect", Effect::read, &Effect::ALL.map(Effect::as_str)),
            None => self.wrong(
                at,
                "the statement has no `Effect`: expected `Allow` or `Deny`",
            ),
        }
    }

    fn actions(&mut self, at: &At<'_>, members: &Members<'_>) -> Option<Actions> {
        let Some((at, negated)) = self.either(members, "Action", "NotAction") else {
            return self.wrong(
                at,
                "the statement must contain actions: exactly one of `Action` and `NotAction`",
            );
        };
        let named = if negated {
            Actions::NotAction
        } else {
            Actions::Action
        };
        self.one_or_many(at, |reading, at| {
            reading.word(at, "action", ActionPattern::read, &[])
        })
        .map(named)
    }

    fn resources(&mut self, at: &At<'_>, members: &Members<'_>) -> Option<Resources> {
        match (self.form, self.either(members, "Resource", "NotResource")) {
            (Form::Trust, None) => None,
            (Form::Trust, Some((at, _))) => self.wrong(
                at,
                "a trust policy can't name resources: it belongs to the role that it is about",
            ),
            (Form::Identity, None) => self.wrong(
                at,
                "the statement must contain resources: exactly one of `Resource` and `NotResource`",
            ),
            (Form::Identity, Some((at, negated))) => {
                let named = if negated {
                    Resources::NotResource
                } else {
                    Resources::Resource
                };
                self.one_or_many(at, |reading, at| {
                    reading.word(at, "resource", ResourcePattern::read, &[])
                })
                .map(named)
            }
        }
    }

    fn principals(&mut self, at: &At<'_>, members: &Members<'_>) -> Option<Principals> {
        match (self.form, self.either(members, "Principal", "NotPrincipal")) {
            (Form::Identity, None) => None,
            (Form::Identity, Some((at, _))) => self.wrong(
                at,
                "an identity policy can't name a principal: it is about whom it is attached to",
            ),
            (Form::Trust, None) => self.wrong(
                at,
                "the statement must contain a principal: `Principal` or `NotPrincipal`",
            ),
            (Form::Trust, Some((at, negated))) => {
                let named = if negated {
                    Principals::NotPrincipal
                } else {
                    Principals::Principal
                };
                self.principal_set(at).map(named)
            }
        }
    }

    fn principal_set(&mut self, at: &At<'_>) -> Option<PrincipalSet> {
        if matches!(at.node.shape(), Shape::String("*")) {
            return Some(PrincipalSet::Everyone);
        }
        let kinds = PrincipalKind::ALL.map(PrincipalKind::as_str);
        let mut named = BTreeMap::new();
        for (kind, at) in self.named_members(
            at,
            "`*` or an object such as `{\"AWS\": \"…\"}`",
            "kind of principal",
            PrincipalKind::read,
            |kind| nearest(kind, kinds).map(str::to_owned),
        )? {
            let names = self.one_or_many(&at, |reading, at| reading.principal(at));
            named.insert(kind, names.unwrap_or_default());
        }
        Some(PrincipalSet::Named(named))
    }

    fn principal(&mut self, at: &At<'_>) -> Option<String> {
        match self.string(at, "the name of a principal, a string")? {
            "" => self.wrong(
                at,
                "expected the name of a principal, found an empty string",
            ),
            name => Some(name.to_owned()),
        }
    }

    /// Reads a condition; an empty one is none.
    fn condition(&mut self, at: &At<'_>) -> Option<Condition> {
        if matches!(at.node.shape(), Shape::Object(members) if members.is_empty()) {
            return None;
        }
        let mut tests = BTreeMap::new();
        for (operator, at) in self.named_members(
            at,
            "an object of condition operators",
            "condition operator",
            Operator::read,
            near_operator,
        )? {
            tests.insert(operator, self.keys(&at).unwrap_or_default());
        }
        Some(Condition(tests))
    }

    fn keys(&mut self, at: &At<'_>) -> Option<BTreeMap<ConditionKey, Vec<String>>> {
        let mut seen = HashSet::new();
        let mut keys = BTreeMap::new();
        for (key, at) in self.named_members(
            at,
            "an object of condition keys",
            "condition key",
            ConditionKey::read,
            |_| None,
        )? {
            if !seen.insert(key.canonical()) {
                self.wrong::<()>(
                    &at,
                    format!(
                        "the condition key `{}` is given twice: case makes no difference",
                        shown(key.as_str())
                    ),
                );
            }
            let values = self.one_or_many(&at, |reading, at| reading.value(at));
            keys.insert(key, values.unwrap_or_default());
        }
        Some(keys)
    }

    fn value(&mut self, at: &At<'_>) -> Option<String> {
        match at.node.shape() {
            Shape::String(text) => Some(text.to_owned()),
            Shape::Number(number) => Some(number),
            Shape::Bool(boolean) => Some(boolean.to_string()),
            other => self.wrong(
                at,
                format!(
                    "expected a string, a number or a boolean, found {}",
                    other.name()
                ),
            ),
        }
    }
}

/// Returns the operator nearest to a misspelt one, with the same qualifier.
fn near_operator(written: &str) -> Option<String> {
    let (qualifier, stem) = written
        .split_once(':')
        .map_or(("", written), |(qualifier, stem)| (qualifier, stem));
    let names: Vec<String> = Comparison::ALL
        .iter()
        .flat_map(|comparison| {
            [
                comparison.as_str().to_owned(),
                format!("{}IfExists", comparison.as_str()),
            ]
        })
        .collect();
    let name = nearest(stem, names.iter().map(String::as_str))?;
    let qualifier = nearest(qualifier, SetQualifier::ALL.map(SetQualifier::as_str));
    Some(qualifier.map_or_else(
        || name.to_owned(),
        |qualifier| format!("{qualifier}:{name}"),
    ))
}

#[cfg(test)]
mod tests;
