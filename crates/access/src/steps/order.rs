//! Which steps of a plan are in force before which others begin.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;
use model::{Action, ActionId, Edge};

use super::when::{Order, Steps};

/// Says for the actions of a plan which of those that change rights are in force everywhere before they begin.
pub(super) struct InForce {
    /// The places of the actions that change rights, among those.
    places: BTreeMap<ActionId, usize>,
    before: BTreeMap<ActionId, FixedBitSet>,
}

impl InForce {
    /// Looks through a plan once. Only what an action waits for until it has settled is in force before it begins;
    /// whatever that had waited for was made earlier still.
    pub(super) fn new(actions: &[Action], changes_rights: impl Fn(&Action) -> bool) -> Self {
        let places: BTreeMap<ActionId, usize> = actions
            .iter()
            .filter(|action| changes_rights(action))
            .enumerate()
            .map(|(place, action)| (action.id, place))
            .collect();
        let none = FixedBitSet::with_capacity(places.len());
        let mut made: BTreeMap<ActionId, FixedBitSet> = BTreeMap::new();
        let mut settled: BTreeMap<ActionId, FixedBitSet> = BTreeMap::new();
        for action in actions {
            let (mut made_before, mut settled_before) = (none.clone(), none.clone());
            for (earlier, edge) in &action.after {
                if let Some(made) = made.get(earlier) {
                    made_before.union_with(made);
                    if *edge == Edge::Settled {
                        settled_before.union_with(made);
                    }
                }
                if let Some(settled) = settled.get(earlier) {
                    settled_before.union_with(settled);
                }
            }
            if let Some(place) = places.get(&action.id) {
                made_before.insert(*place);
            }
            made.insert(action.id, made_before);
            settled.insert(action.id, settled_before);
        }
        Self {
            places,
            before: settled,
        }
    }

    /// Tells whether all of some steps are in force before an action begins.
    pub(super) fn precede(&self, steps: &[ActionId], action: ActionId) -> bool {
        let before = self.before.get(&action);
        steps.iter().all(|step| {
            let place = self.places.get(step);
            place.is_some_and(|place| before.is_some_and(|before| before.contains(*place)))
        })
    }

    /// Returns the order among some actions, each known by its place in the list.
    pub(super) fn among(&self, steps: &[ActionId]) -> Order {
        let number = steps.len();
        let mut order = Order {
            earlier: vec![0; number],
            later: vec![0; number],
        };
        let places: Vec<Option<usize>> = steps
            .iter()
            .map(|step| self.places.get(step).copied())
            .collect();
        for (step, earlier_steps) in steps.iter().zip(&mut order.earlier) {
            let Some(before) = self.before.get(step) else {
                continue;
            };
            let is_before =
                |place: &Option<usize>| place.is_some_and(|place| before.contains(place));
            let earlier = places.iter().enumerate();
            *earlier_steps = earlier
                .filter(|(_, place)| is_before(place))
                .map(|(number, _)| 1 << number)
                .sum();
        }
        for (number, later_steps) in order.later.iter_mut().enumerate() {
            let bit: Steps = 1 << number;
            let later = order.earlier.iter().enumerate();
            *later_steps = later
                .filter(|(_, earlier)| *earlier & bit != 0)
                .map(|(number, _)| 1 << number)
                .sum();
        }
        order
    }
}
