//! `mfactl destroy`

use crate::args::ApplyArgs;
use crate::commands::apply;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Removes what the spec declares or prunes, but for what is never deleted.
pub(crate) async fn run(ui: &Ui, args: &ApplyArgs) -> Result<Exit, CommandError> {
    apply::plan_and_apply(ui, args, planner::plan_destroy).await
}
