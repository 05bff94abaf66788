//! The Python environments of the tests: AWSs that aren't ours, and clients that aren't ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::Workspace;
use crate::step::{self, call};

/// The environments in the target folder, each with the file in `tests/python` that says what is in it.
const ENVIRONMENTS: [(&str, &str); 3] = [
    ("python", "requirements.txt"),
    ("ministack", "ministack.txt"),
    ("terraform", "terraform.txt"),
];

/// Installs the environments into the target folder, but for those that are there as asked.
///
/// # Errors
///
/// When there is no `python3` with `venv`, or a package can't be fetched.
pub(crate) fn install(workspace: &Workspace) -> step::Result {
    for (environment, requirements) in ENVIRONMENTS {
        let requirements = workspace.root().join("tests/python").join(requirements);
        install_one(&workspace.target(environment), &requirements)?;
    }
    Ok(())
}

fn install_one(environment: &Path, requirements: &Path) -> step::Result {
    // A copy of what was installed: it is written last, and nothing is done again while it is the same.
    let installed = environment.join("requirements.txt");
    let asked = fs::read(requirements)?;
    if fs::read(&installed).is_ok_and(|installed| installed == asked) {
        return Ok(());
    }
    create(environment)?;
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
            .arg(requirements),
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
