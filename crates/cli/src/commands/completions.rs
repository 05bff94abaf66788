//! `mfactl completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Prints a shell's script that completes what is typed.
pub(crate) fn run(ui: &Ui, shell: Shell) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "mfactl", &mut script);
    ui.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
