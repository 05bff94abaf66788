//! A statement and its elements.

use std::fmt;

use crate::action::ActionPattern;
use crate::condition::Condition;
use crate::principal::Principals;
use crate::resource::ResourcePattern;

/// Holds one statement of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    pub(crate) sid: Option<Sid>,
    pub(crate) effect: Effect,
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Actions,
    pub(crate) resources: Option<Resources>,
    pub(crate) condition: Option<Condition>,
}

impl Statement {
    /// Returns the statement's identifier; an empty `Sid` is none.
    pub fn sid(&self) -> Option<&Sid> {
        self.sid.as_ref()
    }

    /// Returns whether the statement allows or denies.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns whom the statement is about: present in trust policies only.
    pub fn principals(&self) -> Option<&Principals> {
        self.principals.as_ref()
    }

    /// Returns the actions that the statement is about.
    pub fn actions(&self) -> &Actions {
        &self.actions
    }

    /// Returns the resources that the statement is about: present in identity policies only.
    pub fn resources(&self) -> Option<&Resources> {
        self.resources.as_ref()
    }

    /// Returns what a request must fulfil for the statement to apply.
    pub fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }
}

/// Says what a statement that applies does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Allows the request unless something denies it.
    Allow,
    /// Denies the request, whatever allows it.
    Deny,
}

impl Effect {
    pub(crate) const ALL: [Self; 2] = [Self::Allow, Self::Deny];

    /// Returns the effect as it is written in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Effect {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|effect| effect.as_str() == text)
            .ok_or_else(|| "expected `Allow` or `Deny`, written exactly so".to_owned())
    }
}

/// Holds a statement's identifier: letters and digits, unique in its document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Sid(String);

impl Sid {
    /// Returns the identifier's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sid {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Self(text.to_owned()));
        }
        Err("a Sid must be alphanumeric: only `A`–`Z`, `a`–`z` and `0`–`9`".to_owned())
    }
}

/// Holds the actions of a statement: those listed, or all but those listed. A list is never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actions {
    /// `Action`: what matches any of these.
    Action(Vec<ActionPattern>),
    /// `NotAction`: what matches none of these.
    NotAction(Vec<ActionPattern>),
}

impl Actions {
    /// Returns the patterns listed.
    pub fn patterns(&self) -> &[ActionPattern] {
        match self {
            Self::Action(list) | Self::NotAction(list) => list,
        }
    }

    /// Tells whether the statement is about all actions but those listed.
    pub fn is_negated(&self) -> bool {
        match self {
            Self::Action(_) => false,
            Self::NotAction(_) => true,
        }
    }

    /// Tells whether the statement is about an action such as `iam:GetUser`, whose case makes no difference.
    pub fn include(&self, action: &str) -> bool {
        self.patterns()
            .iter()
            .any(|pattern| pattern.matches(action))
            != self.is_negated()
    }

    pub(crate) fn element(&self) -> &'static str {
        match self {
            Self::Action(_) => "Action",
            Self::NotAction(_) => "NotAction",
        }
    }
}

/// Holds the resources of a statement: those listed, or all but those listed. A list is never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resources {
    /// `Resource`: what matches any of these.
    Resource(Vec<ResourcePattern>),
    /// `NotResource`: what matches none of these.
    NotResource(Vec<ResourcePattern>),
}

impl Resources {
    /// Returns the patterns listed.
    pub fn patterns(&self) -> &[ResourcePattern] {
        match self {
            Self::Resource(list) | Self::NotResource(list) => list,
        }
    }

    /// Tells whether the statement is about all resources but those listed.
    pub fn is_negated(&self) -> bool {
        match self {
            Self::Resource(_) => false,
            Self::NotResource(_) => true,
        }
    }

    pub(crate) fn element(&self) -> &'static str {
        match self {
            Self::Resource(_) => "Resource",
            Self::NotResource(_) => "NotResource",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_include_what_a_pattern_matches_or_none_does() {
        let pattern = vec![ActionPattern::read("IAM:Get*").unwrap()];
        let (listed, others) = (
            Actions::Action(pattern.clone()),
            Actions::NotAction(pattern),
        );
        assert!(listed.include("iam:getUser") && !listed.include("iam:ListUsers"));
        assert!(!others.include("iam:getUser") && others.include("iam:ListUsers"));
    }
}
