//! `mfactl permissions`

use crate::args::PermissionsArgs;
use crate::error::{CommandError, Exit};
use crate::permissions;
use crate::ui::Ui;

/// Prints the least IAM policy that a command needs.
pub(crate) fn run(ui: &Ui, args: &PermissionsArgs) -> Result<Exit, CommandError> {
    let document = match &args.file {
        None => permissions::of_any_spec(args.command),
        Some(file) => {
            let spec = spec::load(file)?;
            ui.diagnostics(&spec.warnings);
            permissions::of_spec(
                args.command,
                &spec.desired,
                &spec.desired.declared_account(),
            )
        }
    };
    ui.result(&format!("{}\n", document.to_json_pretty()))?;
    Ok(Exit::Done)
}
