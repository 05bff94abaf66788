//! The canonical form: one document for all that say the same.

use std::collections::BTreeMap;

use crate::action::ActionPattern;
use crate::condition::{Condition, ConditionKey};
use crate::document::Document;
use crate::location::Places;
use crate::principal::{PrincipalKind, PrincipalSet, Principals};
use crate::resource::ResourcePattern;
use crate::statement::{Actions, Resources, Statement};

impl Document {
    /// Returns the one document that stands for all with the same meaning.
    ///
    /// Statements, lists and maps are sorted and repetitions dropped; actions and condition keys are in lower case;
    /// `*:*` is `*`; a principal `arn:…:iam::ACCOUNT:root` is the account's id and `{"AWS": "*"}` is `"*"`. What the
    /// types hold already needs no work: a list of one item, the form of a value, escapes, the case of operators.
    ///
    /// `Id` and `Sid` stay: they change no rights, but what was declared should be what is there.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let Self {
            version,
            id,
            statements,
            places: _,
        } = self;
        let statements = sorted(statements.iter().map(Statement::canonical));
        Self {
            version: *version,
            id: id.clone(),
            statements,
            places: Places::default(),
        }
    }

    /// Tells whether both documents say the same, however they are written.
    ///
    /// `true` is certain; `false` may only mean that it takes more than the canonical form to see it.
    pub fn same_meaning(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Statement {
    /// Returns what a statement says, without its Sid: two that are equal decide every request alike, in one version of the
    /// language.
    #[must_use]
    pub fn meaning(&self) -> Self {
        Self {
            sid: None,
            ..self.canonical()
        }
    }

    /// Returns the statement in the form that it has in a canonical document.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let Self {
            sid,
            effect,
            principals,
            actions,
            resources,
            condition,
        } = self;
        Self {
            sid: sid.clone(),
            effect: *effect,
            principals: principals
                .as_ref()
                .map(|principals| principals.map(PrincipalSet::canonical)),
            actions: actions.map(|list| sorted(list.iter().map(ActionPattern::canonical))),
            resources: resources
                .as_ref()
                .map(|resources| resources.map(|list| sorted(list.iter().cloned()))),
            condition: condition
                .as_ref()
                .map(|condition| condition.map(ConditionKey::canonical)),
        }
    }

    /// Returns the statement with its lists in the order of the canonical form, but every word as written.
    pub(crate) fn sorted(&self) -> Self {
        let Self {
            sid,
            effect,
            principals,
            actions,
            resources,
            condition,
        } = self;
        Self {
            sid: sid.clone(),
            effect: *effect,
            principals: principals.clone(),
            actions: actions.map(one_spelling_each),
            resources: resources
                .as_ref()
                .map(|resources| resources.map(|list| sorted(list.iter().cloned()))),
            condition: condition
                .as_ref()
                .map(|condition| condition.map(ConditionKey::clone)),
        }
    }
}

/// Returns the actions in canonical order, of several spellings of one the first.
fn one_spelling_each(actions: &[ActionPattern]) -> Vec<ActionPattern> {
    let mut spellings = BTreeMap::new();
    for action in actions {
        spellings
            .entry(action.canonical())
            .or_insert_with(|| action.clone());
    }
    spellings.into_values().collect()
}

impl Principals {
    fn map(&self, change: impl FnOnce(&PrincipalSet) -> PrincipalSet) -> Self {
        match self {
            Self::Principal(set) => Self::Principal(change(set)),
            Self::NotPrincipal(set) => Self::NotPrincipal(change(set)),
        }
    }
}

impl PrincipalSet {
    fn canonical(&self) -> Self {
        let Self::Named(named) = self else {
            return Self::Everyone;
        };
        let named: BTreeMap<_, _> = named
            .iter()
            .map(|(kind, names)| {
                (
                    *kind,
                    sorted(names.iter().map(|name| canonical_principal(*kind, name))),
                )
            })
            .collect();
        match named.get(&PrincipalKind::Aws).map(Vec::as_slice) {
            Some([only]) if only == "*" && named.len() == 1 => Self::Everyone,
            _ => Self::Named(named),
        }
    }
}

/// Returns an account's id for the ARN of its root: both mean the account ("AWS JSON policy elements: Principal").
fn canonical_principal(kind: PrincipalKind, name: &str) -> String {
    let parts: Vec<&str> = name.split(':').collect();
    match (kind, parts.as_slice()) {
        (PrincipalKind::Aws, ["arn", _, "iam", "", account, "root"]) if is_account_id(account) => {
            (*account).to_owned()
        }
        _ => name.to_owned(),
    }
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Actions {
    fn map(&self, change: impl FnOnce(&[ActionPattern]) -> Vec<ActionPattern>) -> Self {
        match self {
            Self::Action(list) => Self::Action(change(list)),
            Self::NotAction(list) => Self::NotAction(change(list)),
        }
    }
}

impl Resources {
    fn map(&self, change: impl FnOnce(&[ResourcePattern]) -> Vec<ResourcePattern>) -> Self {
        match self {
            Self::Resource(list) => Self::Resource(change(list)),
            Self::NotResource(list) => Self::NotResource(change(list)),
        }
    }
}

impl Condition {
    /// Returns the condition with its lists of values sorted and its keys changed.
    fn map(&self, change: impl Fn(&ConditionKey) -> ConditionKey) -> Self {
        let tests = self.0.iter().map(|(operator, keys)| {
            let keys = keys
                .iter()
                .map(|(key, values)| (change(key), sorted(values.iter().cloned())));
            (*operator, keys.collect())
        });
        Self(tests.collect())
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::{documents, respelt, trust_documents};

    fn identity(statement: &str) -> Document {
        Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#
        ))
        .unwrap()
    }

    fn trust(principal: &str) -> Document {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole"}}"#
        );
        Document::parse_trust(&format!(r#"{{"Statement": {statement}}}"#)).unwrap()
    }

    #[test]
    fn the_account_and_its_root_are_the_same_principal() {
        let id = trust(r#"{"AWS": "111122223333"}"#);
        assert!(id.same_meaning(&trust(
            r#"{"AWS": ["arn:aws:iam::111122223333:root", "111122223333"]}"#
        )));
        assert!(!id.same_meaning(&trust(r#"{"AWS": "arn:aws:iam::444455556666:root"}"#)));
        assert!(!id.same_meaning(&trust(r#"{"AWS": "arn:aws:iam::111122223333:user/root"}"#)));
        assert!(!id.same_meaning(&trust(r#"{"Federated": "111122223333"}"#)));
        assert!(!trust(r#""*""#).same_meaning(&trust(r#"{"AWS": "arn:aws:iam::*:root"}"#)));
    }

    #[test]
    fn everyone_can_be_written_in_two_ways() {
        assert!(trust(r#""*""#).same_meaning(&trust(r#"{"AWS": ["*"]}"#)));
        assert!(!trust(r#""*""#).same_meaning(&trust(r#"{"Service": "*"}"#)));
        let with_service = r#"{"AWS": "*", "Service": "ec2.amazonaws.com"}"#;
        assert!(!trust(r#""*""#).same_meaning(&trust(with_service)));
    }

    #[test]
    fn the_case_of_actions_and_condition_keys_makes_no_difference() {
        let one = r#"{"Effect": "Deny", "Action": ["iam:GetUser", "*:*"], "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": false}}}"#;
        let two = r#"[{"Effect": "Deny", "Action": ["*", "IAM:GETUSER"], "Resource": "*", "Condition": {"bool": {"AWS:multifactorauthpresent": "false"}}}]"#;
        assert!(identity(one).same_meaning(&identity(two)));
    }

    #[test]
    fn the_case_of_resources_and_condition_values_makes_a_difference() {
        let statement = |resource, value| {
            identity(&format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::1:user/{resource}", "Condition": {{"StringEquals": {{"aws:username": "{value}"}}}}}}"#
            ))
        };
        assert!(!statement("a", "x").same_meaning(&statement("A", "x")));
        assert!(!statement("a", "x").same_meaning(&statement("a", "X")));
    }

    #[test]
    fn what_the_element_is_called_makes_a_difference() {
        let statement = |action, resource| {
            identity(&format!(
                r#"{{"Effect": "Deny", "{action}": "*", "{resource}": "*"}}"#
            ))
        };
        assert!(!statement("Action", "Resource").same_meaning(&statement("NotAction", "Resource")));
        assert!(!statement("Action", "Resource").same_meaning(&statement("Action", "NotResource")));
    }

    #[test]
    fn sid_id_and_version_make_a_difference() {
        let document = |text: &str| {
            Document::parse(&format!(
                r#"{{{text}"Effect": "Deny", "Action": "*", "Resource": "*"}}]}}"#
            ))
            .unwrap()
        };
        let plain = document(r#""Statement": [{"#);
        assert!(plain.same_meaning(&document(
            r#""Version": "2008-10-17", "Statement": [{"Sid": "","#
        )));
        assert!(!plain.same_meaning(&document(r#""Version": "2012-10-17", "Statement": [{"#)));
        assert!(!plain.same_meaning(&document(r#""Id": "a", "Statement": [{"#)));
        assert!(!plain.same_meaning(&document(r#""Statement": [{"Sid": "a","#)));
    }

    proptest! {
        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(document in prop_oneof![documents(), trust_documents()]) {
            let canonical = document.canonical();
            prop_assert_eq!(canonical.canonical(), canonical);
        }

        #[test]
        fn the_canonical_form_is_a_document_of_the_language(document in documents(), trust in trust_documents()) {
            prop_assert!(Document::parse(&document.canonical().to_json()).unwrap().same_meaning(&document));
            prop_assert!(Document::parse_trust(&trust.canonical().to_json()).unwrap().same_meaning(&trust));
        }

        #[test]
        fn a_document_written_differently_means_the_same(
            (text, document) in documents().prop_perturb(|document, rng| (respelt(&document, rng), document))
        ) {
            prop_assert!(Document::parse(&text).unwrap().same_meaning(&document), "{}", text);
        }

        #[test]
        fn a_further_action_changes_the_meaning(document in documents()) {
            let mut changed = document.clone();
            let new = ActionPattern::read("further:Action").unwrap();
            changed.statements[0].actions = changed.statements[0].actions.map(|list| [list, &[new]].concat());
            prop_assert!(!changed.same_meaning(&document));
        }
    }
}
