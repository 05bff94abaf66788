//! `mfactl apply`

use std::time::Duration;

use executor::{ActionResult, Event, Options, Outcome, SkipReason};
use model::{ActionId, Desired, Plan, Snapshot};
use render::{Report, Status, Step};
use tokio::sync::watch;

use crate::args::{ApplyArgs, Format};
use crate::error::{CommandError, Exit};
use crate::session::Session;
use crate::ui::{Progress, Ui};

/// How long a change of rights is given to be in force everywhere before what depends on that. IAM is eventually
/// consistent and documents no bound, so this is a choice, not a guarantee.
const SETTLE: Duration = Duration::from_secs(10);

/// Makes the account as the spec says.
pub(crate) async fn run(ui: &Ui, args: &ApplyArgs) -> Result<Exit, CommandError> {
    plan_and_apply(
        ui,
        Session::open(ui, &args.target).await?,
        args,
        planner::plan,
    )
    .await
}

/// Plans, shows the plan, asks, and applies it.
pub(crate) async fn plan_and_apply(
    ui: &Ui,
    session: Session,
    args: &ApplyArgs,
    make: fn(&Desired, &Snapshot) -> Plan,
) -> Result<Exit, CommandError> {
    let plan = session.plan(ui, make).await;
    if args.target.format() == Format::Text {
        ui.result(&render::plan_text(&plan, &session.header))?;
    }
    let incomplete = !plan.unread.is_empty() || !plan.withheld.is_empty();
    let exit = if plan.refusals().next().is_some() {
        if args.target.format() == Format::Json {
            ui.json(&render::plan_json(&plan, &session.header))?;
        }
        Err(CommandError::Refused)
    } else if plan.actions.is_empty() {
        show_nothing_done(ui, args, &plan, &session)?;
        Ok(Exit::Done)
    } else {
        apply(ui, args, &plan, &session).await
    };
    session.close(ui).await?;
    // An incomplete read is an error before it is anything else.
    match exit {
        Ok(Exit::Done) | Err(CommandError::Refused) if incomplete => Ok(Exit::Failed),
        exit => exit,
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
) -> Result<Exit, CommandError> {
    executor::check_kits(plan, &args.kits)?;
    if !args.auto_approve && !confirmed(ui, plan) {
        return Err(CommandError::Declined);
    }
    let clients = executor::Clients {
        iam: session.clients.iam.clone(),
        cloudwatch: session.clients.cloudwatch.clone(),
        logs: session.clients.logs.clone(),
    };
    let settle = if session.is_sandbox {
        Duration::ZERO
    } else {
        SETTLE
    };
    let options = Options {
        parallelism: usize::from(args.target.parallelism),
        kits: args.kits.clone(),
        settle,
    };
    let stop = stop_on_signal(ui);
    let bar = ui.progress(plan.actions.len());
    let done = executor::apply(plan, &clients, &options, stop.clone(), |event| {
        progress(&bar, plan, event);
    })
    .await;
    drop(bar);
    let statuses: Vec<Status> = done.results.iter().map(status).collect();
    let warnings: Vec<(ActionId, String)> = done
        .warnings
        .iter()
        .map(|warning| (warning.action, warning.message.clone()))
        .collect();
    let report = Report {
        plan,
        statuses: &statuses,
        warnings: &warnings,
        kits: &done.kits,
    };
    match args.target.format() {
        Format::Text => ui.result(&render::report_text(&report, &session.header))?,
        Format::Json => ui.json(&render::report_json(&report, &session.header))?,
    }
    Ok(if *stop.borrow() {
        Exit::Interrupted
    } else if done.is_complete() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Asks for the number of objects that would be destroyed, or for a plain yes where there are none.
fn confirmed(ui: &Ui, plan: &Plan) -> bool {
    match plan.counts().destroy {
        0 => ui.confirm("Apply this? Only `yes` will do:", "yes"),
        count => ui.confirm(
            &format!("{count} to destroy. Type that number to go on:"),
            &count.to_string(),
        ),
    }
}

/// Raises a flag on Ctrl-C, so that the calls under way are finished and nothing new is begun.
fn stop_on_signal(ui: &Ui) -> watch::Receiver<bool> {
    let (raise, flag) = watch::channel(false);
    let quiet = ui.is_quiet();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            if !quiet {
                crate::ui::say("Stopping after the calls under way …");
            }
            // Nobody listens when the apply is over already.
            let _ = raise.send(true);
        }
        // Without the sender the flag would count as abandoned, so it is kept until the process ends.
        std::future::pending::<()>().await;
    });
    flag
}

fn progress(bar: &Progress, plan: &Plan, event: &Event) {
    let ended = |result: ActionResult| Step::Ended(status(&result));
    let (id, step) = match event {
        Event::Started { .. } => return,
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
