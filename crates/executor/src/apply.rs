//! A run: one plan, applied once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use model::{Action, ActionId, Address, Body, Change, Edge, Plan, User, UserName};
use reader::Clock;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use crate::kit::Kits;
use crate::password::Passwords;
use crate::retry::Rate;
use crate::schedule::{self, Pace};
use crate::step::Step;
use crate::{Error, Event, Outcome, Report, Warning, precheck};

/// The wait before something is tried a second time; every further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Holds the clients of the services that are written. Their configuration sets region, retries and timeouts.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each client is named after its service")]
pub struct Clients {
    pub iam: aws_sdk_iam::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// What time it is at AWS, as its answers to these clients say.
    pub clock: Clock,
}

impl Clients {
    /// Turns the SDK's retries off: what may be sent again, `retry` knows.
    fn prepared(&self) -> Self {
        let Self {
            iam,
            cloudwatch,
            logs,
            clock,
        } = self;
        let once = RetryConfig::disabled();
        let iam = iam.config().to_builder().retry_config(once.clone());
        let cloudwatch = cloudwatch.config().to_builder().retry_config(once.clone());
        let logs = logs.config().to_builder().retry_config(once);
        Self {
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            clock: clock.clone(),
        }
    }
}

/// Holds what a user may choose about an apply.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many actions are under way at once.
    pub parallelism: usize,
    /// The folder of the sealed kits. It is made if it is missing and there is a kit to write.
    pub kits: PathBuf,
    /// How long to wait, once it reads back, between a change that must be in force everywhere and what depends on that.
    pub settle: Duration,
    /// How long AWS's throttling and consistency are waited for in all. What is under way then is finished.
    pub deadline: Duration,
}

/// Holds what the actions of one run share.
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) clients: &'a Clients,
    pub(crate) kits: Kits,
    pub(crate) passwords: Passwords,
    pub(crate) stop: watch::Receiver<bool>,
    /// The wait before a call is made a second time.
    pub(crate) first_wait: Duration,
    /// When waiting for AWS ends.
    pub(crate) deadline: Instant,
    pub(crate) rate: Rate,
    /// What this run creates, so that AWS may not know it everywhere yet.
    creates: BTreeSet<Address>,
    /// Which actions must be in force everywhere before another begins.
    awaited: BTreeSet<ActionId>,
    /// Users who are deleted, as planned on.
    leaving: BTreeMap<&'a UserName, &'a User>,
    warnings: Mutex<Vec<Warning>>,
    events: &'a (dyn Fn(&Event) + Send + Sync),
}

/// Applies a plan's actions and reports on each.
///
/// It asks nobody: whether the plan may be applied is to be decided before, from [`Plan::refusals`] and by people.
/// Once `stop` holds true the actions under way are finished and nothing new is begun. `events` is told what happens,
/// from the task that this runs in.
pub async fn apply(
    plan: &Plan,
    clients: &Clients,
    options: &Options,
    stop: watch::Receiver<bool>,
    events: impl Fn(&Event) + Send + Sync,
) -> Report {
    let Options {
        parallelism,
        kits,
        settle,
        deadline,
    } = options;
    let clients = &clients.prepared();
    let run = Run {
        plan,
        clients,
        kits: Kits::new(plan.account.clone(), kits.clone()),
        passwords: Passwords::of(plan),
        stop: stop.clone(),
        first_wait: FIRST_WAIT,
        deadline: Instant::now() + *deadline,
        rate: Rate::default(),
        creates: plan.actions.iter().filter_map(created).collect(),
        awaited: awaited(plan),
        leaving: leaving(plan),
        warnings: Mutex::default(),
        events: &events,
    };
    let pace = Pace {
        parallelism: *parallelism,
        settle: *settle,
    };
    let perform = |action| Box::pin(run.perform(action));
    let results = schedule::run(&plan.actions, pace, stop, &events, perform).await;
    Report {
        results,
        warnings: run
            .warnings
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
        kits: run.kits.into_written(),
    }
}

impl<'a> Run<'a> {
    async fn perform(&'a self, action: &'a Action) -> Result<Outcome, Error> {
        let span = info_span!("action", otel.name = %action.address, address = %action.address, id = action.id.0, done = Empty);
        let performed = precheck::perform(Step::new(self, action))
            .instrument(span.clone())
            .await;
        span.record("done", performed.is_ok());
        performed
    }

    /// Tells whether another action waits until this one is in force everywhere.
    pub(crate) fn is_awaited(&self, action: ActionId) -> bool {
        self.awaited.contains(&action)
    }

    /// Tells whether an earlier action of this run is about the same object.
    pub(crate) fn is_rewritten(&self, action: &Action) -> bool {
        let mut earlier = self.plan.actions.iter().take(action.id.0);
        earlier.any(|earlier| earlier.address == action.address)
    }

    /// Tells whether this run creates one of the objects.
    pub(crate) fn creates_any(&self, mut addresses: impl Iterator<Item = Address>) -> bool {
        addresses.any(|address| self.creates.contains(&address))
    }

    /// Returns the user whom an action's object is deleted with. A device belongs to its user in the plan only.
    pub(crate) fn leaving(&self, action: &Action) -> Option<(&'a UserName, &'a User)> {
        let owners = action.address.owners();
        owners
            .iter()
            .chain(&action.part_of)
            .find_map(|owner| match owner {
                Address::User(name) => self.leaving.get_key_value(name),
                _ => None,
            })
            .map(|(name, user)| (*name, *user))
    }

    pub(crate) fn tell(&self, event: &Event) {
        (self.events)(event);
    }

    pub(crate) fn warn(&self, action: ActionId, message: String) {
        self.tell(&Event::Warned {
            action,
            message: message.clone(),
        });
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Warning { action, message });
    }
}

/// Returns the object that an action brings under its name: a new one, or a user that is renamed.
fn created(action: &Action) -> Option<Address> {
    let brings = match &action.change {
        Change::Create { .. } => true,
        Change::Update {
            after: Body::User(user),
            ..
        } => user.renamed_from.is_some(),
        Change::Update { .. } | Change::Delete { .. } => false,
    };
    brings.then(|| action.address.clone())
}

/// Returns the users whom the plan deletes, as it was planned on.
fn leaving(plan: &Plan) -> BTreeMap<&UserName, &User> {
    let actions = plan.actions.iter();
    let users = actions.filter_map(|action| match (&action.address, &action.change) {
        (
            Address::User(name),
            Change::Delete {
                before: Body::User(user),
            },
        ) => Some((name, user)),
        _ => None,
    });
    users.collect()
}

/// Lists the actions that must be in force everywhere before another begins.
fn awaited(plan: &Plan) -> BTreeSet<ActionId> {
    let waits = plan.actions.iter().flat_map(|action| &action.after);
    waits
        .filter(|(_, edge)| **edge == Edge::Settled)
        .map(|(id, _)| *id)
        .collect()
}
