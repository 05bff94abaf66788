//! Every check of this repository, in order: what is quick goes first, the tests last.

use std::time::Instant;

use crate::cargo::Workspace;
use crate::step::{self, call, say, step};
use crate::{deny, javascript, layers, python, reads, reference, sandbox};

/// Runs every check, or those that are quick.
///
/// # Errors
///
/// At the first step that fails.
pub(crate) fn run(workspace: &Workspace, quick: bool) -> step::Result {
    let start = Instant::now();
    let cargo = |words: &str| call(&mut workspace.cargo(words));

    step("format", || cargo("fmt --all --check"))?;
    step("layers", || layers::check(workspace))?;
    step("the reader only reads", || reads::check(workspace))?;
    if !quick {
        step("licences and sources", || deny::check(workspace))?;
    }
    step("lints", || {
        cargo("clippy --workspace --all-targets -- --deny warnings")
    })?;
    if !quick {
        step("documentation", || document(workspace))?;
        step("secrets for ssh keys", || {
            cargo("test --workspace --lib --features mfactl/ssh -- ssh_key")
        })?;
        step("examples in the documentation", || {
            cargo("test --workspace --doc")
        })?;
    }
    step("generated documents", || {
        sandbox::check(workspace)?;
        reference::check(workspace)
    })?;
    step("Python environment", || python::install(workspace))?;
    step("JavaScript packages", || javascript::install(workspace))?;
    step("tests", || tests(workspace))?;
    say(&format!(
        "\ntest result: ok. Every check passed in {} s.",
        start.elapsed().as_secs()
    ));
    Ok(())
}

fn document(workspace: &Workspace) -> step::Result {
    call(
        workspace
            .cargo("doc --workspace --no-deps")
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}

/// Runs the tests, by nextest where it is installed; those in documentation have a step of their own.
fn tests(workspace: &Workspace) -> step::Result {
    if workspace.has("nextest") {
        call(&mut workspace.cargo("nextest run --workspace --no-fail-fast"))
    } else {
        call(&mut workspace.cargo("test --workspace --no-fail-fast --lib --bins --tests"))
    }
}
