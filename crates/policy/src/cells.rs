//! Proving something of all requests at once.
//!
//! A [`Space`] divides every request that a principal could make into cells, by what statements say of actions and
//! resources; within a cell, conditions are evaluated with what is known of the session ([`Facts`]), in three values
//! ([`Truth`]). What holds in every cell holds for every request: this is a proof, not a sample. Where the language, or
//! what is known, leaves something open, the answer is [`Truth::Unknown`], never a guess.

mod automaton;
mod condition;
mod facts;
mod glob;
mod globs;
mod layers;
mod part;
mod request;
mod resources;
mod space;
mod split;
mod truth;

pub use automaton::TooComplex;
pub use condition::condition_holds;
pub use facts::{Fact, Facts};
pub use layers::{Layers, Placed};
pub use request::{Applies, open_keys};
pub use space::{Cell, Examples, Selection, Space, View};
pub use truth::Truth;

#[cfg(test)]
mod tests;
