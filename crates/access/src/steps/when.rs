//! When something is in force while a plan is carried out, and the states in which it isn't.

use policy::cells::TooComplex;

/// Some of the steps that bear on one principal: a bit each.
pub(super) type Steps = u128;

/// Says when something is in force: once some steps are done, and as long as others aren't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    pub(super) done: Steps,
    pub(super) pending: Steps,
}

impl When {
    /// Before, after, and in all states between.
    pub(super) const ALWAYS: Self = Self {
        done: 0,
        pending: 0,
    };

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            done: self.done | other.done,
            pending: self.pending | other.pending,
        }
    }

    /// Tells whether it is so in the state in which exactly these steps are done.
    pub(super) fn is_at(self, done: Steps) -> bool {
        self.done & !done == 0 && self.pending & done == 0
    }
}

/// Says of each step which are in force before it begins, and which begin after it is in force. What isn't said can
/// happen in either order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    pub(super) earlier: Vec<Steps>,
    pub(super) later: Vec<Steps>,
}

impl Order {
    /// Returns all steps.
    pub(super) fn all(&self) -> Steps {
        bits(self.earlier.len())
    }

    /// Returns the states among some in which this is in force; none where there is no such state.
    pub(super) fn narrow(&self, states: When, when: When) -> Option<When> {
        let When { done, pending } = states.and(when);
        let narrowed = When {
            done: with(done, &self.earlier),
            pending: with(pending, &self.later),
        };
        (narrowed.done & narrowed.pending == 0).then_some(narrowed)
    }

    /// Finds states among some in which none of these is in force. `patience` is how often to try.
    ///
    /// Each of them ends when a step that it needs isn't done, or one that ends it is: so the search branches over those
    /// steps, and what it finds is a state of the plan, with all that must come before what is done.
    pub(super) fn without(
        &self,
        states: When,
        none: &[When],
        patience: &mut usize,
    ) -> Result<Option<When>, TooComplex> {
        *patience = patience.checked_sub(1).ok_or(TooComplex)?;
        let may_be =
            |when: &&When| when.done & states.pending == 0 && when.pending & states.done == 0;
        let Some(when) = none.iter().find(may_be) else {
            return Ok(Some(states));
        };
        let not_done = each(when.done & !states.done).map(|step| When {
            done: 0,
            pending: step,
        });
        let done = each(when.pending & !states.pending).map(|step| When {
            done: step,
            pending: 0,
        });
        for end in not_done.chain(done) {
            let Some(narrowed) = self.narrow(states, end) else {
                continue;
            };
            let found = self.without(narrowed, none, patience)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns the last of these steps: those that none of the others comes after.
    pub(super) fn last(&self, done: Steps) -> Steps {
        outermost(done, &self.later)
    }

    /// Returns the first of these steps: those that none of the others comes before.
    pub(super) fn first(&self, pending: Steps) -> Steps {
        outermost(pending, &self.earlier)
    }
}

/// Returns the first steps, so many of them.
pub(super) fn bits(number: usize) -> Steps {
    (0..number).map(|place| 1 << place).sum()
}

/// Lists steps one by one.
pub(super) fn each(steps: Steps) -> impl Iterator<Item = Steps> {
    (0..Steps::BITS)
        .map(|place| 1 << place)
        .filter(move |step| steps & step != 0)
}

fn with(steps: Steps, more: &[Steps]) -> Steps {
    places(steps, more).fold(steps, |all, more| all | more)
}

fn outermost(steps: Steps, beyond: &[Steps]) -> Steps {
    each(steps)
        .filter(|step| places(*step, beyond).all(|beyond| beyond & steps == 0))
        .sum()
}

/// Lists what a list has at the places of steps.
fn places(steps: Steps, list: &[Steps]) -> impl Iterator<Item = Steps> {
    list.iter()
        .enumerate()
        .filter(move |(place, _)| steps & (1 << place) != 0)
        .map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Builds an order of so many steps from pairs of an earlier one and a later one.
    fn order(number: usize, pairs: &[(usize, usize)]) -> Order {
        let mut order = Order {
            earlier: vec![0; number],
            later: vec![0; number],
        };
        for later in 0..number {
            for earlier in 0..later {
                if pairs.contains(&(earlier, later)) {
                    let all = order.earlier[earlier] | 1 << earlier;
                    order.earlier[later] |= all;
                }
            }
        }
        for later in 0..number {
            for earlier in 0..number {
                if order.earlier[later] & (1 << earlier) != 0 {
                    order.later[earlier] |= 1 << later;
                }
            }
        }
        order
    }

    fn when() -> impl Strategy<Value = When> {
        (0..64_u128, 0..64_u128).prop_map(|(done, pending)| When {
            done,
            pending: pending & !done,
        })
    }

    proptest! {
        #[test]
        fn a_state_is_found_if_and_only_if_there_is_one(
            pairs in prop::collection::vec((0..6_usize, 0..6_usize), 0..8),
            wanted in when(),
            none in prop::collection::vec(when(), 0..5),
        ) {
            let order = order(6, &pairs);
            let is_state = |done: &Steps| each(*done).all(|step| {
                let place = step.trailing_zeros() as usize;
                order.earlier[place] & !done == 0
            });
            let is_meant = |done: &Steps| wanted.is_at(*done) && none.iter().all(|when| !when.is_at(*done));
            let exists = (0..64).filter(is_state).any(|done| is_meant(&done));
            let found = order
                .narrow(When::ALWAYS, wanted)
                .and_then(|states| order.without(states, &none, &mut 100_000).unwrap());
            prop_assert_eq!(found.is_some(), exists);
            if let Some(found) = found {
                prop_assert!(is_state(&found.done) && is_meant(&found.done));
            }
        }
    }
}
