//! `mfactl apply`

use std::path::{Path, PathBuf};
use std::time::Duration;

use executor::{ActionResult, Event, Options, Outcome, SkipReason};
use model::{Account, ActionId, Plan};
use render::{Header, Report, Status, Step, Verification};
use tokio::sync::watch;

use crate::args::{ApplyArgs, Format};
use crate::error::{CommandError, Exit};
use crate::journal::{self, Journal};
use crate::lock::{self, Held};
use crate::saved_plan::{self, SavedPlan};
use crate::session::{Planner, Session};
use crate::signals::stop_signal;
use crate::ui::{Progress, Ui, shown};
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
    let Some(file) = plan else {
        let session = Session::open(ui, &args.target).await?;
        return plan_and_apply(ui, session, &args, Purpose::Apply, None).await;
    };
    let reviewed = saved_plan::read(file)?;
    reviewed.check_aws(args.target.sandbox.is_some())?;
    let spec = &mut args.target.spec.file;
    spec.get_or_insert_with(|| PathBuf::from(&reviewed.header.spec));
    let session = Session::open(ui, &args.target).await?;
    reviewed.check_account(session.account(), &session.desired.region)?;
    plan_and_apply(ui, session, &args, Purpose::Apply, Some(&reviewed)).await
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
    ui: &Ui,
    session: Session,
    args: &ApplyArgs,
    purpose: Purpose,
    reviewed: Option<&SavedPlan>,
) -> Result<Exit, CommandError> {
    if let Some(run) = journal::interrupted() {
        ui.status(&run.sentence());
    }
    let stop = stop_on_signal(ui)?;
    let exit = match lock::take(ui, &session, purpose.name(), args.lock_timeout, &stop).await {
        Ok(lock) => {
            let run = Run {
                session: &session,
                args,
                purpose,
                lock: lock.as_ref(),
                stop: &stop,
            };
            let exit = run.plan_and_apply(ui, reviewed).await;
            released(ui, lock, exit).await
        }
        Err(error) => Err(error),
    };
    session.close(ui).await?;
    exit
}

/// Gives the lock back, however the run ended. That this fails is an error, since the next run would not begin.
async fn released(
    ui: &Ui,
    lock: Option<Held>,
    exit: Result<Exit, CommandError>,
) -> Result<Exit, CommandError> {
    let Some(lock) = lock else {
        return exit;
    };
    let Err(error) = lock.release().await else {
        return exit;
    };
    if let Err(first) = &exit
        && !matches!(first, CommandError::Lock(_))
    {
        ui.error(first);
    }
    Err(error)
}

/// Holds what the parts of a run share.
#[derive(Clone, Copy)]
struct Run<'a> {
    session: &'a Session,
    args: &'a ApplyArgs,
    purpose: Purpose,
    lock: Option<&'a Held>,
    stop: &'a watch::Sender<bool>,
}

impl Run<'_> {
    async fn plan_and_apply(
        self,
        ui: &Ui,
        reviewed: Option<&SavedPlan>,
    ) -> Result<Exit, CommandError> {
        let Self {
            session,
            args,
            purpose,
            ..
        } = self;
        let plan = self
            .unless_stopped(session.plan(ui, purpose.planner()))
            .await?;
        let difference =
            reviewed.and_then(|reviewed| Some((reviewed, reviewed.check_same(&plan).err()?)));
        let exit = match difference {
            Some((reviewed, difference)) => {
                show_difference(ui, args.target.format(), reviewed, &plan, &session.header)?;
                Err(difference.into())
            }
            None => self.go_on(ui, &plan, reviewed.is_some()).await,
        };
        // An incomplete read is an error before it is anything else.
        let incomplete = !plan.unread.is_empty() || !plan.withheld.is_empty();
        match exit {
            Ok(Exit::Done) if incomplete => Ok(Exit::Failed),
            Err(error) if incomplete && error.exit() == Exit::Refused => {
                ui.error(&error);
                Ok(Exit::Failed)
            }
            exit => exit,
        }
    }

    async fn go_on(self, ui: &Ui, plan: &Plan, is_reviewed: bool) -> Result<Exit, CommandError> {
        let Self {
            session,
            args,
            purpose,
            ..
        } = self;
        let is_refused = plan.refusals().next().is_some();
        let is_known = is_reviewed && !is_refused && !plan.actions.is_empty();
        if args.target.format() == Format::Text && !is_known {
            ui.result(&render::plan_text(plan, &session.header))?;
        }
        if is_refused {
            if args.target.format() == Format::Json {
                ui.json(&render::plan_json(plan, &session.header))?;
            }
            Err(CommandError::Refused)
        } else if plan.actions.is_empty() {
            show_nothing_done(ui, args, plan, session)?;
            Ok(Exit::Done)
        } else {
            executor::check_kits(plan, &args.kits)?;
            if !is_reviewed
                && !args.auto_approve
                && !self.unless_stopped(purpose.confirmed(ui, plan)).await?
            {
                return Err(CommandError::Declined);
            }
            if let Some(lock) = self.lock {
                lock.check().await?;
            }
            apply(ui, args, plan, session, purpose, self.stop.subscribe()).await
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

/// Shows why the plan that there would be now isn't the reviewed one.
fn show_difference(
    ui: &Ui,
    format: Format,
    reviewed: &SavedPlan,
    now: &Plan,
    header: &Header,
) -> Result<(), CommandError> {
    let SavedPlan {
        file: _,
        plan,
        header: then,
    } = reviewed;
    match format {
        Format::Text if now.is_clean() => ui.result(&render::plan_text(now, header)),
        Format::Text => ui.result(&render::difference_text(plan, then, now, header)),
        Format::Json => ui.json(&render::difference_json(plan, then, now, header)),
    }
}

fn show_nothing_done(
    ui: &Ui,
    args: &ApplyArgs,
    plan: &Plan,
    session: &Session,
) -> Result<(), CommandError> {
    if args.target.format() == Format::Json {
        let report = Report {
            plan,
            statuses: &[],
            warnings: &[],
            kits: &[],
            verification: None,
        };
        ui.json(&render::report_json(&report, &session.header))?;
    }
    Ok(())
}

async fn apply(
    ui: &Ui,
    args: &ApplyArgs,
    plan: &Plan,
    session: &Session,
    purpose: Purpose,
    stop: watch::Receiver<bool>,
) -> Result<Exit, CommandError> {
    let clients = executor::Clients {
        iam: session.connection.clients.iam.clone(),
        cloudwatch: session.connection.clients.cloudwatch.clone(),
        logs: session.connection.clients.logs.clone(),
    };
    let settle = match args.settle {
        Some(seconds) => Duration::from_secs(seconds.into()),
        None if session.connection.is_sandbox() => Duration::ZERO,
        None => SETTLE,
    };
    let options = Options {
        parallelism: usize::from(args.target.parallelism),
        kits: args.kits.clone(),
        settle,
        deadline: DEADLINE,
    };
    let journal = begin_journal(plan);
    let bar = ui.progress(plan.actions.len());
    let done = executor::apply(plan, &clients, &options, stop.clone(), |event| {
        if let Some(journal) = &journal {
            journal.add(plan, event);
        }
        log(plan, event);
        progress(&bar, plan, event);
    })
    .await;
    drop(bar);
    if let Some(journal) = &journal {
        journal.end(done.is_complete());
    }
    let statuses: Vec<Status> = done.results.iter().map(status).collect();
    let warnings: Vec<(ActionId, String)> = done
        .warnings
        .iter()
        .map(|warning| (warning.action, warning.message.clone()))
        .collect();
    let left = if done.is_complete() {
        verify(ui, plan, session, purpose, stop.clone()).await
    } else {
        None
    };
    let verified = match &left {
        None => Verification::Verified,
        Some(now) => Verification::Differs { now },
    };
    let report = Report {
        plan,
        statuses: &statuses,
        warnings: &warnings,
        kits: &done.kits,
        verification: done.is_complete().then_some(verified),
    };
    match args.target.format() {
        Format::Text => ui.result(&render::report_text(&report, &session.header))?,
        Format::Json => ui.json(&render::report_json(&report, &session.header))?,
    }
    Ok(if *stop.borrow() {
        Exit::Interrupted
    } else if done.is_complete() && left.is_none() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Returns what is left to do though everything was done. What is embedded says at once what was done to it.
async fn verify(
    ui: &Ui,
    plan: &Plan,
    session: &Session,
    purpose: Purpose,
    stop: watch::Receiver<bool>,
) -> Option<Plan> {
    let pauses: &[Duration] = if session.connection.is_sandbox() {
        &[]
    } else {
        &verify::PAUSES
    };
    let left = verify::left(plan, pauses, stop, async || {
        session.plan(ui, purpose.planner()).await
    })
    .await;
    if left.is_none() {
        ui.status("Verified: nothing is left to do.");
    }
    left
}

/// Begins the journal. Without one an apply is as safe as with it.
fn begin_journal(plan: &Plan) -> Option<Journal> {
    match Journal::begin(plan) {
        Ok(journal) => Some(journal),
        Err(error) => {
            crate::ui::say(&format!("No journal is kept: {error}"));
            None
        }
    }
}

/// Raises a flag on Ctrl-C or SIGTERM, so that the calls under way are finished and nothing new is begun.
fn stop_on_signal(ui: &Ui) -> Result<watch::Sender<bool>, CommandError> {
    let signal = stop_signal().map_err(CommandError::Runtime)?;
    let stop = watch::Sender::new(false);
    let (raise, quiet) = (stop.clone(), ui.is_quiet());
    tokio::spawn(async move {
        signal.await;
        if !quiet {
            crate::ui::say("Stopping after the calls under way …");
        }
        raise.send_replace(true);
    });
    Ok(stop)
}

/// Tells the log what happens, as data.
fn log(plan: &Plan, event: &Event) {
    let address = |id: &ActionId| plan.action(*id).map(|action| action.address.to_string());
    match event {
        Event::Started { action } => tracing::info!(address = address(action), "started"),
        Event::Calling { action, operation } => {
            tracing::debug!(address = address(action), operation, "calling");
        }
        Event::Called {
            action,
            operation,
            answer,
        } => tracing::debug!(address = address(action), operation, ?answer, "called"),
        Event::Retrying {
            action,
            operation,
            code,
            wait,
        } => tracing::info!(
            address = address(action),
            operation,
            code,
            ?wait,
            "retrying"
        ),
        Event::Warned { action, message } => {
            tracing::warn!(address = address(action), message, "AWS doubts it");
        }
        Event::Finished { action, outcome } => {
            tracing::info!(address = address(action), ?outcome, "finished");
        }
        Event::Failed { action, error } => {
            let error = crate::error::chain(error.as_ref());
            tracing::error!(address = address(action), error, "failed");
        }
        Event::Skipped { action, reason } => {
            tracing::warn!(address = address(action), ?reason, "skipped");
        }
    }
}

fn progress(bar: &Progress, plan: &Plan, event: &Event) {
    let ended = |result: ActionResult| Step::Ended(status(&result));
    let (id, step) = match event {
        Event::Started { .. } | Event::Calling { .. } | Event::Called { .. } => return,
        Event::Warned { action, message } => (
            *action,
            Step::Warned {
                message: message.clone(),
            },
        ),
        Event::Retrying {
            action,
            operation,
            code,
            wait: _,
        } => (
            *action,
            Step::Retrying {
                because: format!("{operation} answers {code}"),
            },
        ),
        Event::Finished { action, outcome } => (*action, ended(ActionResult::Done(*outcome))),
        Event::Failed { action, error } => (*action, ended(ActionResult::Failed(error.clone()))),
        Event::Skipped { action, reason } => (*action, ended(ActionResult::Skipped(*reason))),
    };
    if let Some(action) = plan.action(id) {
        bar.line(&render::event_text(plan, action, &step));
    }
    if matches!(step, Step::Ended(_)) {
        bar.step();
    }
}

fn status(result: &ActionResult) -> Status {
    match result {
        ActionResult::Done(Outcome::Applied) => Status::Done,
        ActionResult::Done(Outcome::AlreadyDone) => Status::AlreadyDone,
        ActionResult::Failed(error) => {
            let request = error
                .request_id()
                .map(|id| format!(" (request {id})"))
                .unwrap_or_default();
            let advice = error
                .advice()
                .map(|advice| format!(". {advice}"))
                .unwrap_or_default();
            Status::Failed {
                error: format!("{}{request}{advice}", crate::error::chain(error.as_ref())),
            }
        }
        ActionResult::Skipped(SkipReason::Interrupted) => Status::NotStarted,
        ActionResult::Skipped(SkipReason::Failed(failed)) => Status::Skipped { failed: *failed },
    }
}
