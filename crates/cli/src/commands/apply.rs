//! `mfactl apply`

mod events;
mod output;
mod patience;

use std::path::{Path, PathBuf};
use std::time::Duration;

use executor::Options;
use model::{Account, ActionId, Plan, Snapshot};
use render::{Report, Rest, Status, Verification};
use tokio::sync::watch;
use tracing::{Instrument, info_span};

use self::events::Events;
pub(crate) use self::output::Output;
use self::output::Reader;
pub(crate) use self::patience::open;
use crate::args::ApplyArgs;
use crate::error::{CommandError, Exit};
use crate::journal;
use crate::lock::{self, Held};
use crate::saved_plan::{self, SavedPlan};
use crate::session::{Planner, Session};
use crate::signals::Signals;
use crate::ui::{Ui, shown};
use crate::verify;

/// How long a change of rights is given to be in force everywhere before what depends on that. IAM is eventually
/// consistent and documents no bound, so this is a choice, not a guarantee.
const SETTLE: Duration = Duration::from_secs(10);

/// How long an apply waits for AWS in all: for an end of throttling, and for changes to be known. What is left then, the
/// report says.
const DEADLINE: Duration = Duration::from_secs(3600);

/// Makes the account as the spec says; with a saved plan, only if that is still what would be done.
pub(crate) async fn run(
    ui: &Ui,
    plan: Option<&Path>,
    mut args: ApplyArgs,
) -> Result<Exit, CommandError> {
    let output = Output::begin(ui, args.target.format(), &args.size)?;
    let ended = match plan {
        None => apply_spec(&output, &args).await,
        Some(file) => apply_reviewed(&output, file, &mut args).await,
    };
    output.end(ended)
}

async fn apply_spec(output: &Output<'_>, args: &ApplyArgs) -> Result<Exit, CommandError> {
    let session = open(output.ui(), &args.target).await?;
    plan_and_apply(output, session, args, Purpose::Apply, None).await
}

async fn apply_reviewed(
    output: &Output<'_>,
    file: &Path,
    args: &mut ApplyArgs,
) -> Result<Exit, CommandError> {
    let reviewed = saved_plan::read(file)?;
    reviewed.check_aws(args.target.sandbox.is_some())?;
    let spec = &mut args.target.spec.file;
    if spec.is_none() {
        *spec = Some(reviewed.spec()?);
    }
    let session = open(output.ui(), &args.target).await?;
    reviewed.check_account(session.account(), &session.desired.region)?;
    plan_and_apply(output, session, args, Purpose::Apply, Some(&reviewed)).await
}

/// Tells what a plan is applied for, which decides how it is made and agreed to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// To make the account as the spec says.
    Apply,
    /// To remove what the spec declares or prunes.
    Destroy,
}

impl Purpose {
    fn planner(self) -> Planner {
        match self {
            Self::Apply => planner::plan,
            Self::Destroy => planner::plan_destroy,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Destroy => "destroy",
        }
    }

    /// Asks for what shows that the plan was read: the number of objects that it destroys, or a plain yes where there are
    /// none; for a removal, the account that it is in.
    async fn confirmed(self, ui: &Ui, plan: &Plan) -> bool {
        match (self, plan.counts().destroy) {
            (Self::Destroy, _) => {
                let Account { id, alias, .. } = &plan.account;
                let question = match alias {
                    Some(alias) => format!(
                        "All this is removed from account {id} ({}). Type the account's id or alias to go on:",
                        shown(alias)
                    ),
                    None => format!(
                        "All this is removed from account {id}. Type the account's id to go on:"
                    ),
                };
                let words = [Some(id.as_str()), alias.as_deref()];
                let words: Vec<_> = words.into_iter().flatten().collect();
                ui.confirm(&question, &words).await
            }
            (Self::Apply, 0) => {
                ui.confirm("Apply this? Only `yes` will do:", &["yes"])
                    .await
            }
            (Self::Apply, count) => {
                let question = format!("{count} to destroy. Type that number to go on:");
                ui.confirm(&question, &[&count.to_string()]).await
            }
        }
    }
}

/// Plans, shows the plan, asks, and applies it, all under the lock of the spec. What was reviewed is neither shown nor
/// asked again.
pub(crate) async fn plan_and_apply(
    output: &Output<'_>,
    session: Session,
    args: &ApplyArgs,
    purpose: Purpose,
    reviewed: Option<&SavedPlan>,
) -> Result<Exit, CommandError> {
    let ui = output.ui();
    let stop = stop_on_signal(ui)?;
    let exit = match lock::take(ui, &session, purpose.name(), args.lock_timeout, &stop).await {
        Ok(lock) => {
            if let Some(run) = journal::interrupted() {
                ui.status(&run.sentence());
            }
            let run = Run {
                output,
                session: &session,
                args,
                purpose,
                reviewed,
                lock: lock.as_ref(),
                stop: &stop,
            };
            let ended = run.plan_and_apply().await;
            // Before the report, so that this says how it all ended.
            let released = match &lock {
                Some(lock) => lock.release().await,
                None => Ok(()),
            };
            run.report(ended, released)
        }
        Err(error) => Err(error),
    };
    session.close(ui).await?;
    exit
}

/// An incomplete plan is an error before it is anything else.
fn is_incomplete(plan: &Plan) -> bool {
    !plan.unread.is_empty() || !plan.withheld.is_empty()
}

/// Holds what the parts of a run share.
#[derive(Clone, Copy)]
struct Run<'a> {
    output: &'a Output<'a>,
    session: &'a Session,
    args: &'a ApplyArgs,
    purpose: Purpose,
    reviewed: Option<&'a SavedPlan>,
    lock: Option<&'a Held>,
    stop: &'a watch::Sender<bool>,
}

impl Run<'_> {
    async fn plan_and_apply(self) -> Result<Ended, CommandError> {
        let stop = self.stop.subscribe();
        let snapshot = patience::read(self.output.ui(), self.session, stop);
        let snapshot = self.unless_stopped(snapshot).await?;
        let plan = self.session.plan_for(&snapshot, self.purpose.planner());
        let difference = self
            .reviewed
            .and_then(|reviewed| Some((reviewed, reviewed.check_same(&plan).err()?)));
        let done = match difference {
            Some((reviewed, difference)) => {
                self.output
                    .difference(reviewed, &plan, &self.session.header)?;
                Err(difference.into())
            }
            None => self.go_on(&plan, &snapshot).await,
        };
        match done {
            Ok(done) => Ok(Ended { plan, done }),
            Err(error) if error.exit() == Exit::Refused && is_incomplete(&plan) => {
                Err(CommandError::Incomplete(Box::new(error)))
            }
            Err(error) => Err(error),
        }
    }

    async fn go_on(self, plan: &Plan, snapshot: &Snapshot) -> Result<Done, CommandError> {
        let Self {
            output,
            session,
            args,
            purpose,
            reviewed,
            lock,
            stop: _,
        } = self;
        let is_refused = plan.refusals().next().is_some();
        let reader = match reviewed {
            Some(_) => Reader::Knows,
            None if args.auto_approve => Reader::Follows,
            None => Reader::Decides,
        };
        output.plan(plan, &session.header, reader)?;
        if is_refused {
            return Err(CommandError::Refused);
        }
        if plan.actions.is_empty() {
            return Ok(Done::default());
        }
        executor::check_kits(plan, &args.kits)?;
        for (operation, addresses) in session.lacking(plan, snapshot) {
            output.lacking(plan, operation, &addresses)?;
        }
        let is_agreed = reviewed.is_some() || args.auto_approve;
        let question = purpose.confirmed(output.ui(), plan);
        if !is_agreed && !self.unless_stopped(question).await? {
            return Err(CommandError::Declined);
        }
        if let Some(lock) = lock {
            lock.check().await?;
        }
        Ok(self.apply(plan).await)
    }

    /// Reports how the run ended. That the lock can't be given back is an error, since the next run would not begin.
    fn report(
        self,
        ended: Result<Ended, CommandError>,
        released: Result<(), CommandError>,
    ) -> Result<Exit, CommandError> {
        let Self {
            output,
            session,
            args,
            purpose,
            reviewed,
            lock: _,
            stop: _,
        } = self;
        let Ended { plan, done } = match (ended, &released) {
            (Ok(ended), _) => ended,
            (Err(error), Ok(())) | (Err(error @ CommandError::Lock(_)), Err(_)) => {
                return Err(error);
            }
            (Err(error), Err(_)) => {
                output.ui().error(&error);
                return released.map(|()| Exit::Failed);
            }
        };
        let exit = match &released {
            Ok(()) => done.exit(&plan),
            Err(error) => error.exit(),
        };
        let again = reviewed.map(|reviewed| reviewed.plan_again(&args.target));
        let rest = match (purpose, &again) {
            (_, Some(plan)) => Rest::Review { plan },
            (Purpose::Apply, None) => Rest::Apply,
            (Purpose::Destroy, None) => Rest::Destroy,
        };
        output.report(&done.report(&plan, rest), &session.header, exit)?;
        released.map(|()| exit)
    }

    async fn apply(self, plan: &Plan) -> Done {
        let clients = executor::Clients {
            iam: self.session.connection.clients.iam.clone(),
            cloudwatch: self.session.connection.clients.cloudwatch.clone(),
            logs: self.session.connection.clients.logs.clone(),
            clock: self.session.connection.calls().clock().clone(),
        };
        let stop = self.stop.subscribe();
        let events = Events::begin(plan, self.output);
        let report = executor::apply(
            plan,
            &clients,
            &options(self.args, self.session),
            stop.clone(),
            |event| events.tell(event),
        )
        .instrument(info_span!("apply", actions = plan.actions.len()))
        .await;
        events.end(report.is_complete());
        let verified = if report.is_complete() {
            Some(self.verify(plan, stop.clone()).await)
        } else {
            None
        };
        let executor::Report {
            results,
            warnings,
            kits,
        } = report;
        Done {
            statuses: results.iter().map(events::status).collect(),
            warnings: warnings
                .into_iter()
                .map(|warning| (warning.action, warning.message))
                .collect(),
            kits,
            verified,
            is_interrupted: *stop.borrow(),
        }
    }

    /// Returns what is left to do though everything was done. What is embedded says at once what was done to it.
    async fn verify(self, plan: &Plan, stop: watch::Receiver<bool>) -> Verified {
        let ui = self.output.ui();
        let pauses: &[Duration] = if self.session.connection.is_sandbox() {
            &[]
        } else {
            &verify::PAUSES
        };
        let left = verify::left(plan, pauses, stop.clone(), async || {
            let snapshot = patience::read(ui, self.session, stop.clone()).await;
            self.session.plan_for(&snapshot, self.purpose.planner())
        })
        .instrument(info_span!("verify"))
        .await;
        match left {
            None => {
                ui.status(if is_incomplete(plan) {
                    "Verified: what was applied is as planned."
                } else {
                    "Verified: nothing is left to do."
                });
                Verified::NothingLeft
            }
            Some(now) => Verified::Left(Box::new(now)),
        }
    }

    /// Waits for something as long as nothing was changed, and gives it up at a signal.
    async fn unless_stopped<T>(self, awaited: impl Future<Output = T>) -> Result<T, CommandError> {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            done = awaited => Ok(done),
            _ = stop.wait_for(|stop| *stop) => Err(CommandError::Interrupted),
        }
    }
}

/// Holds a plan and what was done of it.
struct Ended {
    plan: Plan,
    done: Done,
}

/// Holds what was done.
#[derive(Default)]
struct Done {
    statuses: Vec<Status>,
    warnings: Vec<(ActionId, String)>,
    kits: Vec<PathBuf>,
    verified: Option<Verified>,
    is_interrupted: bool,
}

/// What reading the account again came to.
enum Verified {
    NothingLeft,
    Left(Box<Plan>),
}

impl Done {
    fn exit(&self, plan: &Plan) -> Exit {
        let is_done = match &self.verified {
            Some(Verified::NothingLeft) => true,
            Some(Verified::Left(_)) => false,
            None => plan.actions.is_empty(),
        };
        if is_done && !is_incomplete(plan) {
            Exit::Done
        } else if self.is_interrupted {
            Exit::Interrupted
        } else {
            Exit::Failed
        }
    }

    fn report<'a>(&'a self, plan: &'a Plan, rest: Rest<'a>) -> Report<'a> {
        Report {
            plan,
            statuses: &self.statuses,
            warnings: &self.warnings,
            kits: &self.kits,
            verification: self.verified.as_ref().map(|verified| match verified {
                Verified::NothingLeft => Verification::Verified,
                Verified::Left(now) => Verification::Differs { now },
            }),
            rest,
        }
    }
}

fn options(args: &ApplyArgs, session: &Session) -> Options {
    let settle = match args.settle {
        Some(seconds) => Duration::from_secs(seconds.into()),
        None if session.connection.is_sandbox() => Duration::ZERO,
        None => SETTLE,
    };
    Options {
        parallelism: usize::from(args.target.parallelism),
        kits: args.kits.clone(),
        settle,
        deadline: DEADLINE,
    }
}

/// Raises a flag on the first signal, so that the actions under way are finished and nothing new is begun. The second ends
/// the process.
fn stop_on_signal(ui: &Ui) -> Result<watch::Sender<bool>, CommandError> {
    let mut signals = Signals::new().map_err(CommandError::Runtime)?;
    let stop = watch::Sender::new(false);
    let (raise, quiet) = (stop.clone(), ui.is_quiet());
    tokio::spawn(async move {
        signals.next().await;
        if !quiet {
            crate::ui::say("Stopping after the actions under way; a second signal ends at once …");
        }
        raise.send_replace(true);
        signals.next().await;
        if !quiet {
            crate::ui::say("Ended: the next apply says which calls were under way.");
        }
        std::process::exit(u8::from(Exit::Interrupted).into());
    });
    Ok(stop)
}
