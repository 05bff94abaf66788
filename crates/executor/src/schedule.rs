//! Which action runs when.

use std::collections::BTreeSet;
use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use model::{Action, ActionId, Edge};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::{ActionResult, Error, Event, Outcome, SkipReason};

/// Bounds how fast a plan is applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How many actions are under way at once. Zero counts as one.
    pub(crate) parallelism: usize,
    /// How long an action waits after one that must be in force everywhere first.
    pub(crate) settle: Duration,
}

/// Performs actions, each after those that it waits for, and returns what became of them, in their order.
///
/// An action that fails leaves out those that wait for it, by way of others too. Once `stop` holds true nothing new
/// begins, and what is under way is finished.
pub(crate) async fn run<'a, F>(
    actions: &'a [Action],
    pace: Pace,
    mut stop: watch::Receiver<bool>,
    events: &'a (dyn Fn(&Event) + Send + Sync),
    perform: impl Fn(&'a Action) -> F,
) -> Vec<ActionResult>
where
    F: Future<Output = Result<Outcome, Error>>,
{
    let mut schedule = Schedule::new(actions, pace.settle, events);
    let mut flights = FuturesUnordered::new();
    let mut running = 0;
    let mut stopped = false;
    loop {
        for action in schedule.pop_ready(stopped, pace.parallelism.max(1) - running) {
            running += 1;
            events(&Event::Started { action: action.id });
            flights.push(fly(action.id, Flight::Action(perform(action))));
        }
        for (id, until) in schedule.pop_settling() {
            flights.push(fly(id, Flight::Settling(until)));
        }
        if running == 0 && (stopped || flights.is_empty()) {
            break;
        }
        tokio::select! {
            biased;
            () = raised(&mut stop), if !stopped => stopped = true,
            Some((id, landed)) = flights.next() => match landed {
                Some(result) => {
                    running -= 1;
                    schedule.end(id, result);
                }
                None => schedule.settled(id),
            },
        }
    }
    schedule.into_results(stopped)
}

/// Waits until the flag is raised, for ever if nobody can raise it any more.
pub(crate) async fn raised(flag: &mut watch::Receiver<bool>) {
    if flag.wait_for(|raised| *raised).await.is_err() {
        pending::<()>().await;
    }
}

enum Flight<F> {
    Action(F),
    Settling(Instant),
}

async fn fly<F: Future>(id: ActionId, flight: Flight<F>) -> (ActionId, Option<F::Output>) {
    match flight {
        Flight::Action(work) => (id, Some(work.await)),
        Flight::Settling(until) => {
            sleep_until(until).await;
            (id, None)
        }
    }
}

/// Holds where each action stands.
struct Schedule<'a> {
    nodes: Vec<Node<'a>>,
    /// Those that may begin, in the order of the plan.
    ready: BTreeSet<ActionId>,
    /// Those that wait only for a change to be in force everywhere.
    settling: Vec<(ActionId, Instant)>,
    settle: Duration,
    events: &'a (dyn Fn(&Event) + Send + Sync),
}

struct Node<'a> {
    action: &'a Action,
    /// How many of those it waits for aren't done yet.
    unmet: usize,
    not_before: Option<Instant>,
    dependents: Vec<(ActionId, Edge)>,
    result: Option<ActionResult>,
}

impl<'a> Schedule<'a> {
    fn new(
        actions: &'a [Action],
        settle: Duration,
        events: &'a (dyn Fn(&Event) + Send + Sync),
    ) -> Self {
        let mut nodes: Vec<Node<'a>> = actions.iter().map(Node::new).collect();
        for action in actions {
            for (before, edge) in &action.after {
                if let Some(node) = nodes.get_mut(before.0) {
                    node.dependents.push((action.id, *edge));
                }
            }
        }
        let free = nodes.iter().filter(|node| node.unmet == 0);
        let ready = free.map(|node| node.action.id).collect();
        Self {
            nodes,
            ready,
            settling: Vec::new(),
            settle,
            events,
        }
    }

    fn pop_ready(&mut self, stopped: bool, slots: usize) -> Vec<&'a Action> {
        let slots = if stopped { 0 } else { slots };
        let ids = std::iter::from_fn(|| self.ready.pop_first()).take(slots);
        ids.filter_map(|id| self.nodes.get(id.0).map(|node| node.action))
            .collect()
    }

    fn pop_settling(&mut self) -> Vec<(ActionId, Instant)> {
        std::mem::take(&mut self.settling)
    }

    fn settled(&mut self, id: ActionId) {
        self.ready.insert(id);
    }

    fn end(&mut self, id: ActionId, result: Result<Outcome, Error>) {
        match result {
            Ok(outcome) => {
                let action = id;
                (self.events)(&Event::Finished { action, outcome });
                self.set(id, ActionResult::Done(outcome));
                self.release(id);
            }
            // What waits for it isn't begun either, as nothing is any more.
            Err(Error::Interrupted) => self.skip(id, SkipReason::Interrupted),
            Err(error) => {
                self.fail(id, error);
                self.skip_dependents(id);
            }
        }
    }

    fn fail(&mut self, action: ActionId, error: Error) {
        let error = Arc::new(error);
        (self.events)(&Event::Failed {
            action,
            error: Arc::clone(&error),
        });
        self.set(action, ActionResult::Failed(error));
    }

    fn skip(&mut self, action: ActionId, reason: SkipReason) {
        (self.events)(&Event::Skipped { action, reason });
        self.set(action, ActionResult::Skipped(reason));
    }

    fn set(&mut self, id: ActionId, result: ActionResult) {
        if let Some(node) = self.nodes.get_mut(id.0) {
            node.result = Some(result);
        }
    }

    fn release(&mut self, done: ActionId) {
        let now = Instant::now();
        for (id, edge) in self.dependents(done) {
            let Some(node) = self.nodes.get_mut(id.0) else {
                continue;
            };
            if edge == Edge::Settled {
                node.not_before = Some(now + self.settle);
            }
            node.unmet = node.unmet.saturating_sub(1);
            if node.unmet > 0 || node.result.is_some() {
                continue;
            }
            match node.not_before {
                Some(until) if until > now => self.settling.push((id, until)),
                Some(_) | None => self.settled(id),
            }
        }
    }

    fn skip_dependents(&mut self, failed: ActionId) {
        let mut waiting = self.dependents(failed);
        while let Some((id, _)) = waiting.pop() {
            if self
                .nodes
                .get(id.0)
                .is_some_and(|node| node.result.is_none())
            {
                self.skip(id, SkipReason::Failed(failed));
                waiting.extend(self.dependents(id));
            }
        }
    }

    /// Each action ends once, so its list is needed once.
    fn dependents(&mut self, id: ActionId) -> Vec<(ActionId, Edge)> {
        let node = self.nodes.get_mut(id.0);
        node.map(|node| std::mem::take(&mut node.dependents))
            .unwrap_or_default()
    }

    fn into_results(mut self, stopped: bool) -> Vec<ActionResult> {
        let open: Vec<ActionId> = self
            .nodes
            .iter()
            .filter(|node| node.result.is_none())
            .map(|node| node.action.id)
            .collect();
        for id in open {
            if stopped {
                self.skip(id, SkipReason::Interrupted);
            } else {
                let sentence = format!("action {id} waits for what never comes");
                self.fail(id, Error::Internal(sentence));
            }
        }
        self.nodes
            .into_iter()
            .filter_map(|node| node.result)
            .collect()
    }
}

impl<'a> Node<'a> {
    fn new(action: &'a Action) -> Self {
        Self {
            action,
            unmet: action.after.len(),
            not_before: None,
            dependents: Vec::new(),
            result: None,
        }
    }
}

#[cfg(test)]
mod tests;
