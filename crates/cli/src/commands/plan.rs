//! `mfactl plan`

use model::Plan;

use crate::args::PlanArgs;
use crate::commands::show;
use crate::error::{CommandError, Exit};
use crate::saved_plan;
use crate::session::Session;
use crate::ui::Ui;

/// Shows what an apply would do.
pub(crate) async fn run(ui: &Ui, args: &PlanArgs) -> Result<Exit, CommandError> {
    if let Some(file) = &args.out {
        saved_plan::check_place(file)?;
    }
    let session = Session::open(ui, &args.target).await?;
    let plan = session.plan(ui, planner::plan).await;
    let format = args.target.format();
    let shown = (&plan, &session.header, Some(&session.desired));
    show::show(ui, shown, format, &args.size)?;
    if let Some(file) = &args.out {
        saved_plan::write(file, &plan, &session.header)?;
        ui.status(&format!("Saved in {}.", file.display()));
    }
    session.close(ui).await?;
    let fails = args.fail_on.iter().any(|it| it.is_met(&plan.findings));
    Ok(exit(&plan, args.detailed_exitcode, fails))
}

/// An incomplete plan is an error before it is a refusal, and a refusal before it is a change.
fn exit(plan: &Plan, detailed: bool, fails: bool) -> Exit {
    if !plan.unread.is_empty() || !plan.withheld.is_empty() {
        Exit::Failed
    } else if plan.refusals().next().is_some() {
        Exit::Refused
    } else if fails || (detailed && !plan.actions.is_empty()) {
        Exit::Changes
    } else {
        Exit::Done
    }
}
