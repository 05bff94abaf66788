//! A policy document and the version of the language it is written in.

use std::fmt;

use crate::location::Places;
use crate::statement::{Effect, Statement};

/// Holds one policy document: what IAM stores as the text of a policy.
///
/// Equality is structural: the order and form of what was written count, but not its place in a text.
/// [`Document::same_meaning`] compares meaning.
/// An identity policy has statements with resources and no principals; a role's trust policy the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub(crate) version: Version,
    pub(crate) id: Option<String>,
    /// Never empty.
    pub(crate) statements: Vec<Statement>,
    pub(crate) places: Places,
}

impl Document {
    /// Returns the version of the policy language; 2008-10-17 where the document names none.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the document's `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the statements in the order written; there is at least one.
    pub fn statements(&self) -> impl DoubleEndedIterator<Item = &Statement> + ExactSizeIterator {
        self.statements.iter()
    }

    /// Tells whether any statement allows something.
    pub fn has_allow(&self) -> bool {
        self.has(Effect::Allow)
    }

    /// Tells whether any statement denies something.
    pub fn has_deny(&self) -> bool {
        self.has(Effect::Deny)
    }

    fn has(&self, effect: Effect) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.effect == effect)
    }
}

/// Names the version of the policy language, which decides whether `${…}` is a variable or just text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `2008-10-17`, the default of a document without `Version`: no policy variables.
    #[default]
    V2008_10_17,
    /// `2012-10-17`, the current one.
    V2012_10_17,
}

impl Version {
    pub(crate) const ALL: [Self; 2] = [Self::V2012_10_17, Self::V2008_10_17];

    /// Returns the version as it is written in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008_10_17 => "2008-10-17",
            Self::V2012_10_17 => "2012-10-17",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Version {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
            .ok_or_else(|| {
                "expected the version of the policy language, `2012-10-17` or `2008-10-17`"
                    .to_owned()
            })
    }
}
