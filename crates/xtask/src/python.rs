//! The Python environment of the tests: an AWS that isn't ours, and a client that isn't ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::Workspace;
use crate::step::{self, call};

/// Installs the environment into the target folder, unless what is there is what is asked for.
///
/// # Errors
///
/// When there is no `python3` with `venv`, or a package can't be fetched.
pub(crate) fn install(workspace: &Workspace) -> step::Result {
    let requirements = workspace.root().join("tests/python/requirements.txt");
    let environment = workspace.target("python");
    // A copy of what was installed: it is written last, and nothing is done again while it is the same.
    let installed = environment.join("requirements.txt");
    let asked = fs::read(&requirements)?;
    if fs::read(&installed).is_ok_and(|installed| installed == asked) {
        return Ok(());
    }
    create(&environment)?;
    call(
        Command::new(environment.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(&requirements),
    )?;
    Ok(fs::write(installed, asked)?)
}

fn create(environment: &Path) -> step::Result {
    call(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(environment),
    )
}
