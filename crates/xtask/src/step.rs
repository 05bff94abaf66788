//! Steps: each a heading, the output of what it runs, and the time that it took.

use std::error::Error;
use std::process::Command;
use std::time::Instant;

/// What a step returns; the error says what failed, since the output of a command is shown as it comes.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Runs a step between a heading and the time that it took.
pub(crate) fn step(heading: &str, run: impl FnOnce() -> Result) -> Result {
    let start = Instant::now();
    say(&format!("\n== {heading}"));
    run().map_err(|failure| format!("step `{heading}` failed: {failure}"))?;
    say(&format!(
        "== {heading}: ok in {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Runs a command to its end, its output shown.
///
/// # Errors
///
/// When it can't be started, or doesn't succeed.
pub(crate) fn call(command: &mut Command) -> Result {
    let status = command
        .status()
        .map_err(|error| format!("can't start `{}`: {error}", line(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` ended with {status}", line(command)).into())
    }
}

/// Returns what a command prints.
///
/// # Errors
///
/// When it can't be started, or doesn't succeed; then with what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| format!("can't start `{}`: {error}", line(command)))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{}` ended with {}\n{said}", line(command), output.status).into())
    }
}

/// Prints a line where the output of the commands goes too.
#[expect(
    clippy::print_stdout,
    reason = "the only place of this program that prints"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Returns a command as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
