//! Licences, banned crates and sources, by cargo-deny and `deny.toml`.

use crate::cargo::Workspace;
use crate::step::{self, call};

const VERSION: &str = "0.20.2";

/// Checks what `deny.toml` says, but for advisories: their database can't be reached from everywhere.
///
/// # Errors
///
/// When cargo-deny finds something, or is missing and can't be installed.
pub(crate) fn check(workspace: &Workspace) -> step::Result {
    if workspace.has("deny") {
        return call(&mut workspace.cargo("deny --workspace check bans licenses sources"));
    }
    let tools = workspace.target("tools");
    let program = tools.join("bin/cargo-deny");
    if !program.exists() {
        // Takes about three minutes on two cores, once.
        let words = format!("install cargo-deny --version {VERSION} --locked --quiet --root");
        call(workspace.cargo(&words).arg(&tools))?;
    }
    call(
        std::process::Command::new(program)
            .args(["--workspace", "check", "bans", "licenses", "sources"])
            .current_dir(workspace.root()),
    )
}
