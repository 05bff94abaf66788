//! What `apply` and `destroy` print as their result: text, a JSON object a line, as it happens, or the report alone.
//! `docs/json.md` tells users of the lines.

use jiff::Timestamp;
use model::{Address, Plan};
use render::{FORMAT_VERSION, Header, Report};
use serde_json::{Value, json};

use crate::args::{ApplyFormat, SizeArgs};
use crate::error::{CommandError, Exit, chain};
use crate::saved_plan::SavedPlan;
use crate::ui::{self, Ui};

/// Prints what is planned and done.
pub(crate) struct Output<'a> {
    ui: &'a Ui,
    format: ApplyFormat,
    /// The bytes that Markdown may take.
    max_size: usize,
}

/// Tells what whoever sees a plan has to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// It was reviewed.
    Knows,
    /// They are asked whether to apply it.
    Decides,
    /// It is applied without asking.
    Follows,
}

impl<'a> Output<'a> {
    pub(crate) fn begin(
        ui: &'a Ui,
        format: ApplyFormat,
        size: &SizeArgs,
    ) -> Result<Self, CommandError> {
        let output = Self {
            ui,
            format,
            max_size: size.max_size as usize,
        };
        match format {
            ApplyFormat::Text | ApplyFormat::Markdown | ApplyFormat::Html => {}
            ApplyFormat::Json => output.line(
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

    /// Prints the plan. A person has seen one that is known. In Markdown or HTML it is the result only where no report
    /// follows; else it is shown to whoever decides, or follows what happens.
    pub(super) fn plan(
        &self,
        plan: &Plan,
        header: &Header,
        reader: Reader,
    ) -> Result<(), CommandError> {
        let is_last = plan.actions.is_empty() || plan.refusals().next().is_some();
        let is_known = reader == Reader::Knows && !is_last;
        let is_unasked = reader == Reader::Follows && self.ui.is_quiet();
        match self.format {
            ApplyFormat::Json => self.line("plan", render::plan_json(plan, header)),
            ApplyFormat::Text if is_known => Ok(()),
            ApplyFormat::Text => self.ui.result(&render::plan_text(plan, header)),
            ApplyFormat::Markdown if is_last => {
                let markdown = render::plan_markdown(plan, header, self.max_size);
                self.ui.plain(&markdown)
            }
            ApplyFormat::Html if is_last => self.ui.plain(&render::plan_html(plan, header)),
            ApplyFormat::Markdown | ApplyFormat::Html => {
                if !is_known && !is_unasked {
                    ui::say(render::plan_text(plan, header).trim_end());
                }
                Ok(())
            }
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
            ApplyFormat::Text if now.is_clean() => self.ui.result(&render::plan_text(now, header)),
            ApplyFormat::Text => self
                .ui
                .result(&render::difference_text(plan, then, now, header)),
            ApplyFormat::Markdown => {
                let limit = self.max_size;
                let markdown = render::difference_markdown(plan, then, now, header, limit);
                self.ui.plain(&markdown)
            }
            ApplyFormat::Html => {
                let html = render::difference_html(plan, then, now, header);
                self.ui.plain(&html)
            }
            ApplyFormat::Json => self.line(
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
            ApplyFormat::Text | ApplyFormat::Markdown | ApplyFormat::Html => Ok(()),
            ApplyFormat::Json => {
                let line = json!({"operation": operation, "addresses": addresses});
                self.line("lacking", line)
            }
        }
    }

    /// Prints what happens to an action. That nobody reads it any more is no reason to stop half way.
    pub(super) fn step(&self, line: &Value) {
        match self.format {
            ApplyFormat::Text | ApplyFormat::Markdown | ApplyFormat::Html => {}
            ApplyFormat::Json => {
                let _ = self.ui.json_line(line);
            }
        }
    }

    /// Prints what was done. That there was nothing to do, the plan has said to a person.
    pub(super) fn report(
        &self,
        report: &Report<'_>,
        header: &Header,
        exit: Exit,
    ) -> Result<(), CommandError> {
        match self.format {
            ApplyFormat::Json => {
                let report = render::report_json(report, header);
                self.line("report", with(report, "exit_code", u8::from(exit)))
            }
            ApplyFormat::Text | ApplyFormat::Markdown | ApplyFormat::Html
                if report.plan.actions.is_empty() =>
            {
                Ok(())
            }
            ApplyFormat::Text => self.ui.result(&render::report_text(report, header)),
            ApplyFormat::Markdown => {
                let markdown = render::report_markdown(report, header, self.max_size);
                self.ui.plain(&markdown)
            }
            ApplyFormat::Html => self.ui.plain(&render::report_html(report, header)),
        }
    }

    /// Prints, where there is no report, why. People are told on stderr.
    pub(crate) fn end(&self, ended: Result<Exit, CommandError>) -> Result<Exit, CommandError> {
        if let (Err(error), ApplyFormat::Json) = (&ended, self.format) {
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
