//! What `apply` and `destroy` print as their result: text, or a JSON object a line, as it happens. `docs/json.md` tells
//! users of the lines.

use jiff::Timestamp;
use model::{Address, Plan};
use render::{FORMAT_VERSION, Header, Report};
use serde_json::{Value, json};

use crate::args::Format;
use crate::error::{CommandError, Exit, chain};
use crate::saved_plan::SavedPlan;
use crate::ui::Ui;

/// Prints what is planned and done.
pub(crate) struct Output<'a> {
    ui: &'a Ui,
    format: Format,
}

impl<'a> Output<'a> {
    pub(crate) fn begin(ui: &'a Ui, format: Format) -> Result<Self, CommandError> {
        let output = Self { ui, format };
        match format {
            Format::Text => {}
            Format::Json => output.line(
                "version",
                json!({
                    "format_version": FORMAT_VERSION,
                    "mfactl_version": env!("CARGO_PKG_VERSION"),
                }),
            )?,
        }
        Ok(output)
    }

    /// Returns where progress is shown.
    pub(crate) fn ui(&self) -> &'a Ui {
        self.ui
    }

    /// Prints the plan. A person has seen one that is known.
    pub(super) fn plan(
        &self,
        plan: &Plan,
        header: &Header,
        is_known: bool,
    ) -> Result<(), CommandError> {
        match self.format {
            Format::Text if is_known => Ok(()),
            Format::Text => self.ui.result(&render::plan_text(plan, header)),
            Format::Json => self.line("plan", render::plan_json(plan, header)),
        }
    }

    /// Prints why the plan that there would be now isn't the reviewed one.
    pub(super) fn difference(
        &self,
        reviewed: &SavedPlan,
        now: &Plan,
        header: &Header,
    ) -> Result<(), CommandError> {
        let SavedPlan {
            file: _,
            plan,
            header: then,
        } = reviewed;
        match self.format {
            Format::Text if now.is_clean() => self.ui.result(&render::plan_text(now, header)),
            Format::Text => self
                .ui
                .result(&render::difference_text(plan, then, now, header)),
            Format::Json => self.line(
                "difference",
                render::difference_json(plan, then, now, header),
            ),
        }
    }

    /// Says that the caller lacks the permission for an operation that the plan needs for some objects. It is no reason to
    /// refuse the plan: AWS knows better, and what doesn't need it can be done.
    pub(super) fn lacking(
        &self,
        plan: &Plan,
        operation: &str,
        addresses: &[&Address],
    ) -> Result<(), CommandError> {
        let few: Vec<String> = addresses.iter().take(3).map(ToString::to_string).collect();
        let more = match addresses.len() - few.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.ui.notice(&format!(
            "{} has no permission for {operation}, which is needed for {}{more}.",
            plan.caller,
            few.join(", ")
        ));
        match self.format {
            Format::Text => Ok(()),
            Format::Json => {
                let line = json!({"operation": operation, "addresses": addresses});
                self.line("lacking", line)
            }
        }
    }

    /// Prints what happens to an action. That nobody reads it any more is no reason to stop half way.
    pub(super) fn step(&self, line: &Value) {
        match self.format {
            Format::Text => {}
            Format::Json => {
                let _ = self.ui.json_line(line);
            }
        }
    }

    /// Prints what was done. To a person, that there was nothing to do says it.
    pub(super) fn report(
        &self,
        report: &Report<'_>,
        header: &Header,
        exit: Exit,
    ) -> Result<(), CommandError> {
        match self.format {
            Format::Text if report.plan.actions.is_empty() => Ok(()),
            Format::Text => self.ui.result(&render::report_text(report, header)),
            Format::Json => {
                let report = render::report_json(report, header);
                self.line("report", with(report, "exit_code", u8::from(exit)))
            }
        }
    }

    /// Prints, where there is no report, why. People are told on stderr.
    pub(crate) fn end(&self, ended: Result<Exit, CommandError>) -> Result<Exit, CommandError> {
        if let (Err(error), Format::Json) = (&ended, self.format) {
            let line = json!({
                "error": chain(error),
                "hint": error.hint(),
                "exit_code": u8::from(error.exit()),
            });
            // The error that is returned says more than that it couldn't be printed.
            let _ = self.line(end(error), line);
        }
        ended
    }

    fn line(&self, kind: &str, line: Value) -> Result<(), CommandError> {
        self.ui.json_line(&dated(with(line, "type", kind)))
    }
}

/// Returns a line with the time at which it is written.
pub(super) fn dated(line: Value) -> Value {
    with(line, "time", Timestamp::now().to_string())
}

fn with(mut line: Value, member: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(members) = &mut line {
        members.insert(member.to_owned(), value.into());
    }
    line
}

/// Returns the type of the last line where there is no report.
fn end(error: &CommandError) -> &'static str {
    match error {
        CommandError::Declined => "declined",
        CommandError::Incomplete(error) => end(error),
        error => match error.exit() {
            Exit::Refused => "refused",
            Exit::Interrupted => "interrupted",
            Exit::Done | Exit::Failed | Exit::Changes => "error",
        },
    }
}
