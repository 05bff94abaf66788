//! `mfactl show`

use model::{Desired, Plan};
use render::Header;

use crate::annotations::{self, Form};
use crate::args::{PlanFormat, ShowArgs, SizeArgs};
use crate::error::{CommandError, Exit};
use crate::saved_plan::{self, SavedPlan};
use crate::ui::Ui;

/// Shows a saved plan as `plan` did.
pub(crate) fn run(ui: &Ui, args: &ShowArgs) -> Result<Exit, CommandError> {
    let SavedPlan {
        file: _,
        plan,
        header,
    } = saved_plan::read(&args.plan)?;
    let shown = (&plan, &header, None);
    show(ui, shown, args.output.format(), &args.size)?;
    Ok(Exit::Done)
}

/// Shows a plan in a format, with the spec where it is at hand.
pub(crate) fn show(
    ui: &Ui,
    (plan, header, desired): (&Plan, &Header, Option<&Desired>),
    format: PlanFormat,
    size: &SizeArgs,
) -> Result<(), CommandError> {
    let annotated =
        |form| annotations::print(ui, form, &annotations::of_plan(plan, header, desired));
    match format {
        PlanFormat::AwsCli => ui.plain(&render::plan_script(plan, header)),
        PlanFormat::Html => ui.plain(&render::plan_html(plan, header)),
        PlanFormat::Sarif => annotated(Form::Sarif),
        PlanFormat::Github => annotated(Form::Github),
        PlanFormat::Text => ui.result(&render::plan_text(plan, header)),
        PlanFormat::Json => ui.json(&render::plan_json(plan, header)),
        PlanFormat::Markdown => {
            ui.plain(&render::plan_markdown(plan, header, size.max_size as usize))
        }
    }
}
