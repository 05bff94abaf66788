//! The mfactl command line.
//!
//! One file a command in `commands`; `error` turns whatever went wrong into an exit code and a hint; `ui` is the only
//! place that prints: stdout is the result, stderr the progress.

mod annotations;
mod args;
mod clock;
#[cfg(feature = "otlp")]
mod collector;
mod commands;
mod connection;
mod error;
mod fail_on;
mod git;
mod journal;
mod lines;
mod lock;
mod log;
#[cfg(feature = "otlp")]
mod metrics;
mod permissions;
mod saved_plan;
mod session;
mod signals;
#[cfg(feature = "otlp")]
mod traces;
mod ui;
mod verify;
mod webhook;

use std::process::ExitCode;

use clap::Parser;
use tracing::Instrument;
use tracing::field::Empty;

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
    let log = log::start(&ui);
    let exit = match run(&ui, command) {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            error.exit()
        }
    };
    log.end();
    ExitCode::from(exit)
}

fn run(ui: &Ui, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Init(args) => commands::init::run(ui, &args),
        Command::Validate(args) => commands::validate::run(ui, &args),
        Command::Plan(args) => block_on("plan", commands::plan::run(ui, &args)),
        Command::Show(args) => commands::show::run(ui, &args),
        Command::Apply { plan, args } => {
            block_on("apply", commands::apply::run(ui, plan.as_deref(), args))
        }
        Command::Destroy(args) => block_on("destroy", commands::destroy::run(ui, &args)),
        Command::Import(args) => block_on("import", commands::import::run(ui, &args)),
        Command::Unlock(args) => block_on("unlock", commands::unlock::run(ui, &args)),
        Command::Drift(args) => block_on("drift", commands::drift::run(ui, &args)),
        Command::Permissions(args) => commands::permissions::run(ui, &args),
        Command::Sandbox(args) => block_on("sandbox", commands::sandbox::run(ui, args)),
        Command::Report(args) => block_on("report", commands::report::run(ui, &args)),
        Command::Logins(args) => block_on("logins", commands::logins::run(ui, &args)),
        Command::Enroll(args) => block_on("enroll", commands::enroll::run(ui, &args)),
        Command::Explain(args) => block_on("explain", commands::explain::run(ui, &args)),
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

fn block_on(
    command: &'static str,
    future: impl Future<Output = Result<Exit, CommandError>>,
) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)?;
    let span = tracing::info_span!("run", command, exit_code = Empty);
    let ended = runtime.block_on(future.instrument(span.clone()));
    let exit = ended.as_ref().map_or_else(CommandError::exit, |exit| *exit);
    span.record("exit_code", u8::from(exit));
    // Where a question is stopped, what waits for the answer is not waited for.
    runtime.shutdown_background();
    ended
}
