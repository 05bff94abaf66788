//! The canonical form: one document for all that say the same.

use std::collections::BTreeMap;

use crate::action::ActionPattern;
use crate::condition::{Condition, ConditionKey};
use crate::document::Document;
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
        } = self;
        let statements = sorted(statements.iter().map(Statement::canonical));
        Self {
            version: *version,
            id: id.clone(),
            statements,
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
    /// Returns the statement in the form that it has in a canonical document.
    #[must_use]
    pub(crate) fn canonical(&self) -> Self {
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
        (PrincipalKind::Aws, ["arn", _, "iam", "", account, "root"]) => (*account).to_owned(),
        _ => name.to_owned(),
    }
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
