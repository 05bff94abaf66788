//! What happens while a plan is applied, passed on to whoever follows it: the progress, the JSON lines, the log and the
//! journal.

use executor::{ActionResult, Answer, Event, Outcome, SkipReason};
use model::{ActionId, Plan};
use render::{Status, Step, step_json, step_text};
use serde_json::Value;

use super::output::{Output, dated};
use crate::error::chain;
use crate::journal::Journal;
use crate::ui::{self, Progress};

/// Passes on what happens to the actions of a plan.
pub(super) struct Events<'a> {
    plan: &'a Plan,
    output: &'a Output<'a>,
    /// Without one an apply is as safe as with it.
    journal: Option<Journal>,
    progress: Progress,
}

impl<'a> Events<'a> {
    pub(super) fn begin(plan: &'a Plan, output: &'a Output<'a>) -> Self {
        let journal = Journal::begin(plan)
            .map_err(|error| ui::say(&format!("No journal is kept: {error}")))
            .ok();
        Self {
            plan,
            output,
            journal,
            progress: output.ui().progress(plan.actions.len()),
        }
    }

    pub(super) fn tell(&self, event: &Event) {
        let (id, step) = step(event);
        let Some(action) = self.plan.action(id) else {
            return;
        };
        let line = dated(step_json(action, &step));
        if step.is_call()
            && let Some(journal) = &self.journal
        {
            journal.add(&line);
        }
        log(&step, &line);
        self.output.step(&line);
        if let Some(text) = step_text(self.plan, action, &step) {
            self.progress.line(&text);
        }
        if matches!(step, Step::Ended(_)) {
            self.progress.step();
        }
    }

    pub(super) fn end(self, complete: bool) {
        if let Some(journal) = &self.journal {
            journal.end(complete);
        }
    }
}

/// Returns what happens, and to which action, as it is shown.
fn step(event: &Event) -> (ActionId, Step) {
    let ended = |result| Step::Ended(status(&result));
    match event {
        Event::Started { action } => (*action, Step::Started),
        Event::Calling { action, operation } => (*action, Step::Calling { operation }),
        Event::Called {
            action,
            operation,
            answer,
        } => {
            let answer = match answer {
                Answer::Done => render::Answer::Done,
                Answer::Refused(code) => render::Answer::Refused { code: code.clone() },
                Answer::Unknown => render::Answer::Unknown,
            };
            (*action, Step::Called { operation, answer })
        }
        Event::Retrying {
            action,
            operation,
            code,
            wait,
        } => {
            let (code, wait) = (code.clone(), *wait);
            let step = Step::Retrying {
                operation,
                code,
                wait,
            };
            (*action, step)
        }
        Event::Warned { action, message } => {
            let message = message.clone();
            (*action, Step::Warned { message })
        }
        Event::Finished { action, outcome } => (*action, ended(ActionResult::Done(*outcome))),
        Event::Failed { action, error } => (*action, ended(ActionResult::Failed(error.clone()))),
        Event::Skipped { action, reason } => (*action, ended(ActionResult::Skipped(*reason))),
    }
}

/// Returns how an action ended, as it is shown.
pub(super) fn status(result: &ActionResult) -> Status {
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
                error: format!("{}{request}{advice}", chain(error.as_ref())),
            }
        }
        ActionResult::Skipped(SkipReason::Interrupted) => Status::NotStarted,
        ActionResult::Skipped(SkipReason::Failed(failed)) => Status::Skipped { failed: *failed },
    }
}

/// Logs what a line says, member by member.
fn log(step: &Step, line: &Value) {
    macro_rules! log {
        ($level:ident) => {{
            let text = |member| line.get(member).and_then(Value::as_str);
            let number = |member| line.get(member).and_then(Value::as_u64);
            tracing::$level!(
                address = text("address"),
                change = text("change"),
                operation = text("operation"),
                answer = text("answer"),
                code = text("code"),
                wait_ms = number("wait_ms"),
                doubt = text("message"),
                status = text("status"),
                error = text("error"),
                "{}",
                text("type").unwrap_or_default()
            )
        }};
    }
    match step {
        Step::Calling { .. } | Step::Called { .. } => log!(debug),
        Step::Started | Step::Retrying { .. } | Step::Ended(Status::Done | Status::AlreadyDone) => {
            log!(info);
        }
        Step::Warned { .. } | Step::Ended(Status::Skipped { .. } | Status::NotStarted) => {
            log!(warn);
        }
        Step::Ended(Status::Failed { .. }) => log!(error),
    }
}
