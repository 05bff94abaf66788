//! Evaluating a request against the policies in force.

mod arn;
mod comparison;
mod context;
mod template;
mod variable;
mod wildcard;

pub use context::{Context, ContextValue};
