//! Mistakes that policies about MFA often have, found by looking at one document.
//!
//! A proof says that something is wrong and shows a request; a lint says what was written wrongly. Neither needs the
//! other: a document without these mistakes may still let somebody in, and one with them may be harmless beside others.

mod allow;
mod deny;
mod exempt;
mod explain;
mod guard;
mod pattern;
mod suggest;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::{Address, Finding, FindingCode, Session, Suggestion};
use policy::cells::{Truth, condition_holds};
use policy::{Condition, Document, Effect, ResourcePattern, Statement};

use crate::claim::facts;

pub use explain::{Example, Explanation, explain};

/// Holds one mistake of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which it is; [`explain`] says more.
    pub code: FindingCode,
    /// The places of the statements that have it, from 0; none where it is the document's.
    pub statements: Vec<usize>,
    /// What was found in the first of them, as a sentence without a full stop.
    pub message: String,
    /// A change that mends it and makes no other mistake, where one is safe.
    pub suggestion: Option<Suggestion>,
}

impl Mistake {
    /// Returns the finding about the policy that the document is of.
    pub fn finding(&self, policy: Address) -> Finding {
        let more = match self.statements.len() {
            0 | 1 => String::new(),
            2 => ", and another does likewise".to_owned(),
            count => format!(", and {} others do likewise", count - 1),
        };
        Finding {
            level: self.code.level(),
            code: self.code,
            address: Some(policy),
            message: format!("{}{more}", self.message),
            because: Vec::new(),
            hint: Some(explain(self.code).remedy.to_owned()),
            suggestion: self.suggestion.clone(),
        }
    }
}

/// Lists the mistakes of a policy's document, each once, in the order of their codes.
///
/// The policy's name counts where it promises something.
pub fn lint(name: &str, document: &Document) -> Vec<Mistake> {
    let mut mistakes = mistakes(name, document);
    let suggested: Vec<_> = mistakes
        .iter()
        .map(|mistake| suggestion(name, document, mistake, &mistakes))
        .collect();
    for (mistake, suggestion) in mistakes.iter_mut().zip(suggested) {
        mistake.suggestion = suggestion;
    }
    mistakes
}

/// Returns a change that mends a mistake and makes no other.
fn suggestion(
    name: &str,
    before: &Document,
    mistake: &Mistake,
    all: &[Mistake],
) -> Option<Suggestion> {
    let after = suggest::mended(before, mistake)?;
    let others = all.iter().filter(|other| other.code != mistake.code);
    let known: BTreeMap<FindingCode, usize> = others
        .map(|other| (other.code, other.statements.len()))
        .collect();
    let is_known = |left: &Mistake| {
        known
            .get(&left.code)
            .is_some_and(|count| left.statements.len() <= *count)
    };
    mistakes(name, &after)
        .iter()
        .all(is_known)
        .then(|| Suggestion {
            before: before.clone(),
            after,
        })
}

fn mistakes(name: &str, document: &Document) -> Vec<Mistake> {
    let looked = Looked::at(name, document);
    let found = [
        deny::mistakes(&looked),
        allow::mistakes(&looked),
        exempt::mistakes(&looked),
        pattern::mistakes(&looked),
        guard::mistakes(&looked),
    ];
    let mut mistakes: BTreeMap<FindingCode, Mistake> = BTreeMap::new();
    for mistake in found.into_iter().flatten() {
        match mistakes.entry(mistake.code) {
            Entry::Vacant(first) => {
                first.insert(mistake);
            }
            Entry::Occupied(mut first) => first.get_mut().statements.extend(mistake.statements),
        }
    }
    mistakes.into_values().collect()
}

/// A document, with what its conditions come to in the sessions that there are.
struct Looked<'d> {
    name: &'d str,
    statements: Vec<Look<'d>>,
}

/// A statement, with whether its condition holds in a session of each kind.
struct Look<'d> {
    index: usize,
    statement: &'d Statement,
    with_key: Truth,
    with_password: Truth,
    with_mfa: Truth,
}

impl<'d> Looked<'d> {
    fn at(name: &'d str, document: &'d Document) -> Self {
        let holds = |statement, session: Session| {
            condition_holds(statement, document.version(), &facts(session))
        };
        let look = |(index, statement)| Look {
            index,
            statement,
            with_key: holds(statement, Session::Key),
            with_password: holds(statement, Session::Password),
            with_mfa: holds(statement, Session::Mfa),
        };
        Self {
            name,
            statements: document.statements().enumerate().map(look).collect(),
        }
    }

    fn of(&self, effect: Effect) -> impl Iterator<Item = &Look<'d>> {
        self.statements
            .iter()
            .filter(move |look| look.statement.effect() == effect)
    }

    /// Lists the statements that deny something for want of MFA.
    fn enforcing(&self) -> impl Iterator<Item = &Look<'d>> {
        self.of(Effect::Deny)
            .filter(|look| look.tests_mfa() && look.without_mfa().may() && !look.with_mfa.must())
    }

    /// Tells whether an action is denied without MFA, at least to others than the user itself.
    fn denies_without_mfa(&self, action: &str) -> bool {
        self.of(Effect::Deny)
            .any(|look| look.with_password.must() && look.statement.actions().include(action))
    }
}

impl Look<'_> {
    /// Tells whether the condition holds in either kind of session without MFA.
    fn without_mfa(&self) -> Truth {
        Truth::any([self.with_key, self.with_password])
    }

    fn tests(&self) -> impl Iterator<Item = (policy::Operator, &str, &[String])> {
        let tests = self
            .statement
            .condition()
            .into_iter()
            .flat_map(Condition::tests);
        tests.map(|(operator, key, values)| (operator, key.as_str(), values))
    }

    fn tests_mfa(&self) -> bool {
        self.tests()
            .any(|(_, key, _)| is_mfa_present(key) || is_mfa_age(key))
    }

    fn resources(&self) -> &[ResourcePattern] {
        self.statement
            .resources()
            .map_or_else(Default::default, policy::Resources::patterns)
    }

    fn has_all_resources(&self) -> bool {
        let negated = self
            .statement
            .resources()
            .is_some_and(policy::Resources::is_negated);
        !negated
            && self
                .resources()
                .iter()
                .any(|pattern| pattern.as_str() == "*")
    }

    /// Tells whether a pattern for exactly this action, or for part of its name, is listed: `*` and `iam:*` are not.
    fn names(&self, action: &str) -> bool {
        !self.statement.actions().is_negated()
            && self.statement.actions().include(action)
            && !self
                .statement
                .actions()
                .patterns()
                .iter()
                .any(|pattern| pattern.name() == "*")
    }

    fn mistake(&self, code: FindingCode, message: impl Into<String>) -> Mistake {
        let statement = match self.statement.sid() {
            Some(sid) => format!("statement {sid} "),
            None => format!("statement {} ", self.index + 1),
        };
        Mistake {
            code,
            statements: vec![self.index],
            message: statement + &message.into(),
            suggestion: None,
        }
    }
}

fn is_mfa_present(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")
}

fn is_mfa_age(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:MultiFactorAuthAge")
}

#[cfg(test)]
mod tests;
