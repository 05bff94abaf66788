//! `mfactl show`

use model::Plan;
use render::Header;

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
    show(ui, &plan, &header, args.output.format(), &args.size)?;
    Ok(Exit::Done)
}

/// Shows a plan in a format.
pub(crate) fn show(
    ui: &Ui,
    plan: &Plan,
    header: &Header,
    format: PlanFormat,
    size: &SizeArgs,
) -> Result<(), CommandError> {
    match format {
        PlanFormat::Text => ui.result(&render::plan_text(plan, header)),
        PlanFormat::Json => ui.json(&render::plan_json(plan, header)),
        PlanFormat::Markdown => {
            ui.plain(&render::plan_markdown(plan, header, size.max_size as usize))
        }
    }
}
