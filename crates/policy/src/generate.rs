//! Documents for property tests: any document of the language, and the same document written differently.

use std::io;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRng;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::action::ActionPattern;
use crate::condition::{Comparison, Condition, ConditionKey, Operator, SetQualifier};
use crate::document::{Document, Version};
use crate::location::Places;
use crate::principal::{PrincipalKind, PrincipalSet, Principals};
use crate::resource::ResourcePattern;
use crate::statement::{Actions, Effect, Resources, Sid, Statement};

/// Generates identity policies.
pub(crate) fn documents() -> impl Strategy<Value = Document> {
    let statement = statement(Just(None).boxed(), resources().prop_map(Some).boxed());
    document(statement)
}

/// Generates trust policies.
pub(crate) fn trust_documents() -> impl Strategy<Value = Document> {
    document(statement(
        principals().prop_map(Some).boxed(),
        Just(None).boxed(),
    ))
}

fn document(statement: impl Strategy<Value = Statement>) -> impl Strategy<Value = Document> {
    let id = option::of(any::<String>());
    (select(&Version::ALL), id, vec(statement, 1..5)).prop_map(|(version, id, mut statements)| {
        for (index, statement) in statements.iter_mut().enumerate() {
            let unique = |sid: &Sid| Sid::read(&format!("{sid}x{index}")).unwrap();
            statement.sid = statement.sid.as_ref().map(unique);
        }
        Document {
            version,
            id,
            statements,
            places: Places::default(),
        }
    })
}

fn statement(
    principals: BoxedStrategy<Option<Principals>>,
    resources: BoxedStrategy<Option<Resources>>,
) -> impl Strategy<Value = Statement> {
    let sid = option::of("[A-Za-z0-9]{1,4}".prop_map(|text| Sid::read(&text).unwrap()));
    let effect = select(&Effect::ALL);
    (
        sid,
        effect,
        principals,
        actions(),
        resources,
        option::of(condition()),
    )
        .prop_map(
            |(sid, effect, principals, actions, resources, condition)| Statement {
                sid,
                effect,
                principals,
                actions,
                resources,
                condition,
            },
        )
}

fn actions() -> impl Strategy<Value = Actions> {
    let known = select(&[
        "*",
        "*:*",
        "iam:GetUser",
        "IAM:getuser",
        "iam:Get*",
        "s3:*",
        "eks:",
    ])
    .prop_map(str::to_owned);
    let text = prop_oneof![known, "[a-z]{1,3}:[A-Za-z*?]{0,4}"];
    let list = vec(
        text.prop_map(|text| ActionPattern::read(&text).unwrap()),
        1..5,
    );
    (list, any::<bool>()).prop_map(|(list, negated)| {
        if negated {
            Actions::NotAction(list)
        } else {
            Actions::Action(list)
        }
    })
}

fn resources() -> impl Strategy<Value = Resources> {
    let known = select(&["*", "arn:aws:sqs", "arn:aws:iam::*:user/${aws:username}"])
        .prop_map(str::to_owned);
    let text = prop_oneof![known, "arn:aws(-cn)?:(iam|s3)::[0-9*]{0,3}:\\PC{0,6}"];
    let list = vec(
        text.prop_map(|text| ResourcePattern::read(&text).unwrap()),
        1..5,
    );
    (list, any::<bool>()).prop_map(|(list, negated)| {
        if negated {
            Resources::NotResource(list)
        } else {
            Resources::Resource(list)
        }
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    let names = prop_oneof![
        "\\PC{1,6}",
        "[0-9]{12}",
        "arn:aws:iam::[0-9]{12}:root",
        Just("*".to_owned())
    ];
    let named = btree_map(select(&PrincipalKind::ALL), vec(names, 1..3), 1..3)
        .prop_map(PrincipalSet::Named);
    let set = prop_oneof![Just(PrincipalSet::Everyone), named];
    (set, any::<bool>()).prop_map(|(set, negated)| {
        if negated {
            Principals::NotPrincipal(set)
        } else {
            Principals::Principal(set)
        }
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    const KEYS: [&str; 4] = [
        "aws:SourceIp",
        "aws:MultiFactorAuthPresent",
        "iam:PassedToService",
        "aws:RequestTag/Größe:x",
    ];
    let key = select(&KEYS).prop_map(|text| ConditionKey::read(text).unwrap());
    let value = prop_oneof![Just("true".to_owned()), "[1-9][0-9]{0,5}", any::<String>()];
    btree_map(operator(), btree_map(key, vec(value, 1..4), 1..3), 1..4).prop_map(Condition)
}

fn operator() -> impl Strategy<Value = Operator> {
    (
        option::of(select(&SetQualifier::ALL)),
        select(Comparison::ALL),
        any::<bool>(),
    )
        .prop_map(|(qualifier, comparison, if_exists)| Operator {
            qualifier,
            comparison,
            if_exists: if_exists && comparison != Comparison::Null,
        })
}

/// Returns the text of a document that means the same, written in another way at every turn.
pub(crate) fn respelt(document: &Document, mut rng: TestRng) -> String {
    let rng = &mut rng;
    let statements: Vec<Value> = document
        .statements()
        .map(|statement| respelt_statement(statement, rng))
        .collect();
    let mut text = json!({ "Version": document.version().as_str(), "Statement": respelt_list(statements, rng) });
    if document.version() == Version::default() && coin(rng) {
        text.as_object_mut().unwrap().remove("Version");
    }
    if let Some(id) = document.id() {
        text["Id"] = id.into();
    }
    let mut bytes = Vec::new();
    text.serialize(&mut serde_json::Serializer::with_formatter(
        &mut bytes, EscapeAll,
    ))
    .unwrap();
    String::from_utf8(bytes).unwrap()
}

fn respelt_statement(statement: &Statement, rng: &mut TestRng) -> Value {
    let mut value = serde_json::to_value(statement).unwrap();
    let elements = value.as_object_mut().unwrap();
    for (element, value) in elements.iter_mut() {
        match element.as_str() {
            "Action" | "NotAction" => {
                *value = respelt_list(items(value, |text| recased(&text, rng).into()), rng);
            }
            "Resource" | "NotResource" => *value = respelt_list(items(value, Value::String), rng),
            "Condition" => *value = respelt_condition(value, rng),
            _ => {}
        }
    }
    if statement.sid().is_none() && coin(rng) {
        elements.insert("Sid".to_owned(), "".into());
    }
    value
}

fn respelt_condition(condition: &Value, rng: &mut TestRng) -> Value {
    let mut operators = Map::new();
    for (operator, keys) in condition.as_object().unwrap() {
        let mut respelt = Map::new();
        for (key, values) in keys.as_object().unwrap() {
            let values = items(values, unquoted);
            respelt.insert(recased(key, rng), respelt_list(values, rng));
        }
        operators.insert(recased(operator, rng), respelt.into());
    }
    operators.into()
}

/// Returns a boolean or a number where the text is one.
fn unquoted(text: String) -> Value {
    match serde_json::from_str(&text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_))) if value.to_string().as_str() == text => {
            value
        }
        _ => text.into(),
    }
}

fn items(value: &Value, change: impl FnMut(String) -> Value) -> Vec<Value> {
    let items = value
        .as_array()
        .map_or_else(|| vec![value.clone()], Clone::clone);
    items
        .into_iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .map(change)
        .collect()
}

/// Returns a list in another order, with a repetition where there is no Sid to repeat, or its only item.
fn respelt_list(mut items: Vec<Value>, rng: &mut TestRng) -> Value {
    if items.len() == 1 && coin(rng) {
        return items.remove(0);
    }
    if items[0].get("Sid").is_none_or(|sid| sid == "") && coin(rng) {
        items.push(items[0].clone());
    }
    let turn = rng.next_u32() as usize % items.len();
    items.rotate_left(turn);
    items.into()
}

fn recased(text: &str, rng: &mut TestRng) -> String {
    text.chars()
        .map(|letter| {
            if coin(rng) {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect()
}

fn coin(rng: &mut TestRng) -> bool {
    rng.next_u32().is_multiple_of(2)
}

/// Escapes every character.
struct EscapeAll;

impl serde_json::ser::Formatter for EscapeAll {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        fragment
            .encode_utf16()
            .try_for_each(|unit| write!(writer, "\\u{unit:04X}"))
    }
}
