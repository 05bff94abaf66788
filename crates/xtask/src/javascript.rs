//! The JavaScript packages of the tests: an evaluator of policies that isn't ours.

use std::fs;
use std::process::Command;

use crate::cargo::Workspace;
use crate::step::{self, call};

/// Installs the packages into the target folder, exactly those of the lock file, unless they are there.
///
/// # Errors
///
/// When there is no `npm`, or a package can't be fetched.
pub(crate) fn install(workspace: &Workspace) -> step::Result {
    let source = workspace.root().join("tests/javascript");
    let folder = workspace.target("javascript");
    // A copy of the lock file: it is written last, and nothing is done again while it is the same.
    let installed = folder.join("installed.json");
    let lock = fs::read(source.join("package-lock.json"))?;
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    fs::copy(source.join("package.json"), folder.join("package.json"))?;
    fs::write(folder.join("package-lock.json"), &lock)?;
    call(
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(&folder),
    )?;
    Ok(fs::write(installed, lock)?)
}
