//! `mfactl validate`

use crate::args::SpecArgs;
use crate::error::{CommandError, Exit};
use crate::session;
use crate::ui::Ui;

/// Checks a spec and says how much it declares.
pub(crate) fn run(ui: &Ui, args: &SpecArgs) -> Result<Exit, CommandError> {
    let spec = session::load(ui, args)?;
    let objects = spec.desired.objects.len();
    let warnings = match spec.warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    let noun = if objects == 1 { "object" } else { "objects" };
    ui.result(&format!(
        "{} is valid: {objects} {noun} declared{warnings}.\n",
        args.path().display()
    ))?;
    Ok(Exit::Done)
}
