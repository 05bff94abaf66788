//! `mfactl schema`

use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Prints the JSON Schema of a spec.
pub(crate) fn run(ui: &Ui) -> Result<Exit, CommandError> {
    ui.json(&spec::json_schema())?;
    Ok(Exit::Done)
}
