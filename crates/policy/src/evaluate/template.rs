//! A text of a policy, taken apart into what stands for itself, wildcards and variables.

use crate::action::ActionPattern;
use crate::document::Version;
use crate::evaluate::context::Context;
use crate::evaluate::variable::{Reference, Variable};
use crate::evaluate::wildcard::{self, Part};
use crate::resource::ResourcePattern;

/// Holds a text of a policy, taken apart. No two literals follow each other, and none is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// Holds a piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Stands for itself.
    Literal(String),
    /// `?`: any one character.
    AnyCharacter,
    /// `*`: any characters, or none.
    AnyText,
    /// Stands for the value of a condition key.
    Variable(Variable),
}

/// Says what has a meaning in a text.
#[derive(Clone, Copy, Default)]
struct Syntax {
    wildcards: bool,
    variables: bool,
}

impl Syntax {
    const WILDCARDS: Self = Self {
        wildcards: true,
        variables: false,
    };

    /// Returns the same, with variables where the language has them.
    fn and_variables(self, version: Version) -> Self {
        let variables = match version {
            Version::V2012_10_17 => true,
            Version::V2008_10_17 => false,
        };
        Self { variables, ..self }
    }
}

impl Template {
    /// Reads a pattern for actions. It is in lower case, and has wildcards but no variables.
    pub(crate) fn of_action(pattern: &ActionPattern) -> Self {
        Self::read(&pattern.as_str().to_ascii_lowercase(), Syntax::WILDCARDS)
    }

    /// Reads a pattern for resources, completing an ARN that ends early with `*`. It has wildcards, and variables only
    /// behind the fifth colon ("Resource element" of "IAM policy elements: Variables and tags").
    pub(crate) fn of_resource(pattern: &ResourcePattern, version: Version) -> Self {
        let text = pattern.as_str();
        let Some((colon, _)) = text.match_indices(':').nth(4) else {
            return Self::read(&completed(text), Syntax::WILDCARDS);
        };
        let (head, tail) = text.split_at(colon);
        let mut template = Self::read(head, Syntax::WILDCARDS);
        template.append(tail, Syntax::WILDCARDS.and_variables(version));
        template
    }

    /// Reads a value of a condition that has wildcards, as for `StringLike` and the operators for ARNs.
    pub(crate) fn of_pattern(text: &str, version: Version) -> Self {
        Self::read(text, Syntax::WILDCARDS.and_variables(version))
    }

    /// Reads a value of a condition that has variables but no wildcards, as for `StringEquals`.
    pub(crate) fn of_text(text: &str, version: Version) -> Self {
        Self::read(text, Syntax::default().and_variables(version))
    }

    fn read(text: &str, syntax: Syntax) -> Self {
        let mut template = Self::default();
        template.append(text, syntax);
        template
    }

    fn append(&mut self, text: &str, syntax: Syntax) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if syntax.variables
                && let Some((reference, after)) = Reference::strip(rest)
            {
                match reference {
                    Reference::Escape(character) => self.push(character),
                    Reference::Variable(variable) => self.pieces.push(Piece::Variable(variable)),
                }
                rest = after;
                continue;
            }
            match character {
                '*' if syntax.wildcards => self.pieces.push(Piece::AnyText),
                '?' if syntax.wildcards => self.pieces.push(Piece::AnyCharacter),
                _ => self.push(character),
            }
            rest = rest.split_at(character.len_utf8()).1;
        }
    }

    fn push(&mut self, character: char) {
        if let Some(Piece::Literal(text)) = self.pieces.last_mut() {
            text.push(character);
        } else {
            self.pieces.push(Piece::Literal(character.to_string()));
        }
    }

    /// Tells whether a text matches.
    ///
    /// A variable without value is null, and null is like nothing ("Policy variables with no value" of "IAM policy
    /// elements: Variables and tags"); so is one whose key has several values, which can't be a variable.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        wildcard::matches(
            |index| self.pieces.get(index).map(|piece| piece.part(context)),
            text,
        )
    }

    /// Tells whether a text matches but for the case of letters; the template has no wildcards.
    pub(crate) fn matches_ignoring_case(&self, text: &str, context: &Context) -> bool {
        let mut rest = text.chars().flat_map(char::to_lowercase);
        let Some(parts) = self.parts(context) else {
            return false;
        };
        let mut literal = |part: Part<'_>| match part {
            Part::Literal(literal) => literal
                .chars()
                .flat_map(char::to_lowercase)
                .all(|character| rest.next() == Some(character)),
            Part::AnyCharacter | Part::AnyText | Part::Nothing => false,
        };
        parts.into_iter().all(&mut literal) && rest.next().is_none()
    }

    /// Returns what the template stands for in a request, or none where a variable has no value.
    pub(crate) fn parts<'a>(&'a self, context: &'a Context) -> Option<Vec<Part<'a>>> {
        let parts = self.pieces.iter().map(|piece| piece.part(context));
        parts
            .map(|part| {
                if let Part::Nothing = part {
                    None
                } else {
                    Some(part)
                }
            })
            .collect()
    }
}

impl Piece {
    fn part<'a>(&'a self, context: &'a Context) -> Part<'a> {
        match self {
            Self::Literal(text) => Part::Literal(text),
            Self::AnyCharacter => Part::AnyCharacter,
            Self::AnyText => Part::AnyText,
            Self::Variable(variable) => {
                variable.value(context).map_or(Part::Nothing, Part::Literal)
            }
        }
    }
}

impl Variable {
    fn value<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.get(&self.key) {
            Some(values) => values.single(),
            None => self.default.as_deref(),
        }
    }
}

/// Completes an ARN of fewer than six parts with `*` for each part that is missing; `*` by itself is whole.
fn completed(text: &str) -> String {
    let missing = match text {
        "*" => 0,
        _ => 5_usize.saturating_sub(text.matches(':').count()),
    };
    format!("{text}{}", ":*".repeat(missing))
}
