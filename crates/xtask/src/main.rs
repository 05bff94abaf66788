//! What a script would do: test set-up, checks, generated docs.

mod actions;
mod cargo;
mod deny;
mod javascript;
mod layers;
mod python;
mod reads;
mod reference;
mod sandbox;
mod step;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cargo::Workspace;

/// The tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what the tests need and runs every test, lint and doc check.
    Test {
        /// Leaves out what takes long and seldom fails: licences, documentation and its examples.
        #[arg(long)]
        quick: bool,
    },
    /// Installs what the tests need into the target folder: a Python environment and JavaScript packages.
    Setup,
    /// Writes the documents that are made from the code.
    Docs,
    /// Writes the list of AWS's actions anew, from a package that the test tools bring.
    Actions,
}

fn main() -> ExitCode {
    match run(&Args::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            step::say(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> step::Result {
    let workspace = Workspace::find()?;
    match task {
        Task::Test { quick } => test::run(&workspace, *quick),
        Task::Setup => {
            python::install(&workspace)?;
            javascript::install(&workspace)
        }
        Task::Docs => {
            sandbox::write(&workspace)?;
            reference::write(&workspace)
        }
        Task::Actions => actions::write(&workspace),
    }
}
