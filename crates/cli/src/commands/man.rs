//! `mfactl man`

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::Args;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Prints the manual page, or writes those of all commands to a folder.
pub(crate) fn run(ui: &Ui, out: Option<&Path>) -> Result<Exit, CommandError> {
    match out {
        None => {
            let mut page = Vec::new();
            let written = Man::new(Args::command()).render(&mut page);
            written.map_err(CommandError::Output)?;
            ui.result(&String::from_utf8_lossy(&page))?;
        }
        Some(folder) => {
            let pages = fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Args::command(), folder));
            pages.map_err(|source| CommandError::Unwritable {
                path: folder.to_owned(),
                source,
            })?;
        }
    }
    Ok(Exit::Done)
}
