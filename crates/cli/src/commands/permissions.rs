//! `mfactl permissions`

use crate::args::{PermissionsArgs, Permitted};
use crate::error::{CommandError, Exit};
use crate::permissions;
use crate::ui::Ui;

/// Prints the least IAM policy that a command needs.
pub(crate) fn run(ui: &Ui, args: &PermissionsArgs) -> Result<Exit, CommandError> {
    let document = match &args.file {
        None => permissions::of_any_spec(args.command).ok_or(CommandError::NoLock)?,
        Some(file) => {
            let spec = spec::load(file)?;
            ui.diagnostics(&spec.warnings);
            if args.command == Permitted::Unlock && spec.desired.lock.is_none() {
                return Err(CommandError::NoLock);
            }
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
