//! `mfactl show`

use crate::args::{Format, ShowArgs};
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
    match args.output.format() {
        Format::Text => ui.result(&render::plan_text(&plan, &header))?,
        Format::Json => ui.json(&render::plan_json(&plan, &header))?,
    }
    Ok(Exit::Done)
}
