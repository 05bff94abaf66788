//! The IAM policy language: documents parsed, compared, printed and evaluated.
//!
//! A [`Document`] is read once, by [`Document::parse`], [`Document::parse_trust`] or [`Document::from_value`], into
//! types that hold the grammar's rules: what can be constructed is what IAM accepts. [`Document::same_meaning`] compares
//! what two documents say rather than how they say it, and [`Document::changes`] names the statements that differ.
//! [`evaluate`] decides one request, and [`cells`] all that there could be. Text in, verdicts out: nothing here does
//! I/O.
//!
//! The reference is "Grammar of the IAM JSON policy language" in the IAM User Guide
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).

mod action;
mod canonical;
pub mod cells;
mod changes;
mod condition;
mod document;
pub mod evaluate;
#[cfg(test)]
mod generate;
mod json;
mod location;
mod losses;
mod mistake;
mod parse;
mod principal;
mod print;
mod resource;
mod statement;
mod transition;

pub use action::ActionPattern;
pub use changes::StatementChange;
pub use condition::{Comparison, Condition, ConditionKey, Operator, SetQualifier};
pub use document::{Document, Version};
pub use location::{Element, Location, Place};
pub use mistake::{Mistake, ParseError};
pub use principal::{PrincipalKind, PrincipalSet, Principals};
pub use resource::ResourcePattern;
pub use statement::{Actions, Effect, Resources, Sid, Statement};
