//! The mfactl command line.
//!
//! One file a command in `commands`; `error` turns whatever went wrong into an exit code and a hint; `ui` is the only
//! place that prints: stdout is the result, stderr the progress.

mod args;
mod commands;
mod connection;
mod error;
mod git;
mod journal;
mod lines;
mod lock;
mod permissions;
mod saved_plan;
mod session;
mod signals;
mod ui;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command, PatternCommand, PolicyCommand};
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

fn main() -> ExitCode {
    let Args { command, common } = match Args::try_parse() {
        Ok(args) => args,
        // Help and versions are errors to clap as well. Its own exit code for real ones would say that changes are
        // pending.
        Err(error) => {
            let exit = if error.use_stderr() {
                Exit::Failed
            } else {
                Exit::Done
            };
            // Where nobody reads it there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(exit);
        }
    };
    let ui = Ui::new(&common);
    ui.start_log();
    let exit = match run(&ui, command) {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            error.exit()
        }
    };
    ExitCode::from(exit)
}

fn run(ui: &Ui, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Validate(args) => commands::validate::run(ui, &args),
        Command::Plan(args) => block_on(commands::plan::run(ui, &args))?,
        Command::Show(args) => commands::show::run(ui, &args),
        Command::Apply { plan, args } => block_on(commands::apply::run(ui, plan.as_deref(), args))?,
        Command::Destroy(args) => block_on(commands::destroy::run(ui, &args))?,
        Command::Import(args) => block_on(commands::import::run(ui, &args))?,
        Command::Unlock(args) => block_on(commands::unlock::run(ui, &args))?,
        Command::Permissions(args) => commands::permissions::run(ui, &args),
        Command::Sandbox(args) => block_on(commands::sandbox::run(ui, args))?,
        Command::Explain(args) => block_on(commands::explain::run(ui, &args))?,
        Command::ExplainFinding(args) => commands::explain_finding::run(ui, &args),
        Command::Policy(PolicyCommand::Eval(args)) => commands::policy_eval::run(ui, &args),
        Command::Policy(PolicyCommand::Lint(args)) => commands::policy_lint::run(ui, &args),
        Command::Policy(PolicyCommand::Prove(args)) => commands::policy_prove::run(ui, &args),
        Command::Pattern(PatternCommand::Test(args)) => commands::pattern_test::run(ui, &args),
        Command::Schema => commands::schema::run(ui),
        Command::Completions { shell } => commands::completions::run(ui, shell),
        Command::Man { out } => commands::man::run(ui, out.as_deref()),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)?;
    let done = runtime.block_on(future);
    // Where a question is stopped, what waits for the answer is not waited for.
    runtime.shutdown_background();
    Ok(done)
}
