//! A document made ready to be evaluated many times.

use crate::action::ActionPattern;
use crate::document::{Document, Version};
use crate::evaluate::condition::Test;
use crate::evaluate::request::Request;
use crate::evaluate::template::Template;
use crate::resource::ResourcePattern;
use crate::statement::{Actions, Effect, Resources, Statement};

/// Holds an identity policy, a permissions boundary, a session policy or a service control policy, with its patterns
/// taken apart.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Rule>,
}

/// Holds a statement with its patterns taken apart.
#[derive(Clone, Debug)]
struct Rule {
    effect: Effect,
    actions: Patterns,
    resources: Patterns,
    tests: Vec<Test>,
}

/// Holds patterns, and whether the element that lists them is negated.
#[derive(Clone, Debug)]
struct Patterns {
    negated: bool,
    templates: Vec<Template>,
}

impl Policy {
    /// Takes a document apart. The statements of a trust policy, which has principals instead of resources, apply to no
    /// request.
    pub fn new(document: &Document) -> Self {
        let version = document.version();
        Self {
            statements: document
                .statements()
                .map(|statement| Rule::new(statement, version))
                .collect(),
        }
    }

    /// Returns the positions in the document of the statements with an effect that apply to a request.
    pub(crate) fn applying(
        &self,
        effect: Effect,
        request: &Request,
    ) -> impl Iterator<Item = usize> {
        let statements = self.statements.iter().enumerate();
        statements
            .filter(move |(_, rule)| rule.effect == effect && rule.applies(request))
            .map(|(index, _)| index)
    }
}

impl Rule {
    fn new(statement: &Statement, version: Version) -> Self {
        Self {
            effect: statement.effect(),
            actions: Patterns::of_actions(statement.actions()),
            resources: Patterns::of_resources(statement.resources(), version),
            tests: statement
                .condition()
                .map_or_else(Vec::new, |condition| Test::all(condition, version)),
        }
    }

    fn applies(&self, request: &Request) -> bool {
        self.actions.apply(request.action(), request)
            && self.resources.apply(request.resource(), request)
            && self.tests.iter().all(|test| test.holds(request.context()))
    }
}

impl Patterns {
    fn of_actions(actions: &Actions) -> Self {
        let read = |pattern: &ActionPattern| Template::of_action(pattern);
        Self {
            negated: actions.is_negated(),
            templates: actions.patterns().iter().map(read).collect(),
        }
    }

    fn of_resources(resources: Option<&Resources>, version: Version) -> Self {
        let read = |pattern: &ResourcePattern| Template::of_resource(pattern, version);
        let patterns = resources.map_or_else(Default::default, Resources::patterns);
        Self {
            negated: resources.is_some_and(Resources::is_negated),
            templates: patterns.iter().map(read).collect(),
        }
    }

    fn apply(&self, text: &str, request: &Request) -> bool {
        let matches = |template: &Template| template.matches(text, request.context());
        self.templates.iter().any(matches) != self.negated
    }
}
