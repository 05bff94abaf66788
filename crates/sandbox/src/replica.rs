//! What the state was a while ago, for reads that are to be stale.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::state::State;

/// Holds the state as it was before a change, and since when it is kept.
#[derive(Default)]
pub(crate) struct Replica(Mutex<Option<(Instant, State)>>);

impl Replica {
    /// Keeps the state before a change, unless one is kept that is younger than `age`.
    pub(crate) fn keep(&self, state: &State, age: Duration) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_young = |(since, _): &(Instant, State)| since.elapsed() < age;
        if !kept.as_ref().is_some_and(is_young) {
            *kept = state.copy().map(|copy| (Instant::now(), copy));
        }
    }

    /// Reads from what is kept, if that is younger than `age`.
    pub(crate) fn read<T>(&self, age: Duration, read: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.as_mut() {
            Some((since, state)) if since.elapsed() < age => Some(read(state)),
            Some(_) | None => None,
        }
    }
}
