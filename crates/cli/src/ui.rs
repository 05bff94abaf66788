//! The only place that prints: stdout is the result, stderr the progress.

use std::io::{self, BufRead, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reader::Calls;
use serde_json::Value;
use spec::Diagnostic;
use tracing_subscriber::EnvFilter;

use crate::args::{CommonArgs, Format};
use crate::error::{CommandError, chain};

const BAD: Style = AnsiColor::Red.on_default().bold();
const ATTENTION: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// Prints, as much and as colourful as was asked for.
#[derive(Debug)]
pub(crate) struct Ui {
    quiet: bool,
    verbose: u8,
    log_format: Format,
}

impl Ui {
    /// Takes the common flags; colour also follows `NO_COLOR` and whether the stream is a terminal.
    pub(crate) fn new(args: &CommonArgs) -> Self {
        if args.no_color {
            ColorChoice::Never.write_global();
        }
        Self {
            quiet: args.quiet,
            verbose: args.verbose,
            log_format: args.log_format,
        }
    }

    /// Returns which lines of the log are written on stderr: `RUST_LOG` decides, or else how often `-v` was given.
    pub(crate) fn log_filter(&self) -> EnvFilter {
        let default = match (self.verbose, self.log_format) {
            // Steps of an apply are shown as its progress.
            (0 | 1, Format::Text) => "warn,mfactl::commands::apply=off",
            (0 | 1, Format::Json) => "warn,mfactl=info",
            (2, _) => "warn,mfactl=debug",
            _ => "debug,hyper=info,hyper_util=info,h2=info",
        };
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
    }

    /// Returns how the log is written.
    pub(crate) fn log_format(&self) -> Format {
        self.log_format
    }

    /// Prints the result.
    pub(crate) fn result(&self, text: &str) -> Result<(), CommandError> {
        let mut out = anstream::stdout().lock();
        write_all(&mut out, text)
    }

    /// Prints the result as it is, for a format that has no colours.
    pub(crate) fn plain(&self, text: &str) -> Result<(), CommandError> {
        write_all(&mut io::stdout().lock(), text)
    }

    /// Prints the result as JSON.
    pub(crate) fn json(&self, value: &Value) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        write_all(&mut out, &render::json_text(value))
    }

    /// Prints JSON on a line of its own.
    pub(crate) fn json_line(&self, value: &Value) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        write_all(&mut out, &render::json_line(value))
    }

    /// Prints diagnostics as the result.
    pub(crate) fn findings(&self, diagnostics: &[Diagnostic]) -> Result<(), CommandError> {
        let blocks = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.render(true) + "\n\n");
        self.result(&blocks.collect::<String>())
    }

    /// Says what is going on.
    pub(crate) fn status(&self, text: &str) {
        if !self.quiet {
            say(&format!("{DIM}{text}{DIM:#}"));
        }
    }

    /// Says what is better known before the command goes on.
    pub(crate) fn notice(&self, text: &str) {
        say(&format!("{ATTENTION}warning{ATTENTION:#}: {text}"));
    }

    /// Shows warnings of a spec.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        if !self.quiet {
            diagnostics
                .iter()
                .for_each(|diagnostic| say(&diagnostic.render(true)));
        }
    }

    /// Shows what went wrong and what to do.
    pub(crate) fn error(&self, error: &CommandError) {
        if let CommandError::Spec(errors) = error {
            errors
                .diagnostics
                .iter()
                .for_each(|diagnostic| say(&diagnostic.render(true)));
        }
        say(&format!("{BAD}error{BAD:#}: {}", chain(error)));
        if let CommandError::Pattern { place, .. } = error {
            say(place);
        }
        if let Some(hint) = error.hint() {
            say(&format!("{HINT}hint{HINT:#}: {hint}"));
        }
    }

    /// Shows a mistake in the input, after which the command goes on. Control characters in it are shown, not obeyed.
    pub(crate) fn mistake(&self, text: &str) {
        say(&format!("{BAD}error{BAD:#}: {}", shown(text)));
    }

    /// Shows the calls to AWS by operation, if asked to be verbose.
    pub(crate) fn calls(&self, calls: &Calls) {
        if self.verbose == 0 {
            return;
        }
        let counts = calls.counts();
        say(&format!("{DIM}{} calls to AWS:{DIM:#}", calls.total()));
        for (operation, count) in counts {
            let retries = count.attempts.saturating_sub(count.calls);
            let retried = if retries > 0 {
                format!(" ({retries} retries)")
            } else {
                String::new()
            };
            say(&format!(
                "{DIM}{:>6}  {operation}{retried}{DIM:#}",
                count.calls
            ));
        }
    }

    /// Asks for one of some words and tells whether it was given. No answer at all is a no.
    pub(crate) async fn confirm(&self, question: &str, words: &[&str]) -> bool {
        let answer = self.ask(question).await.unwrap_or_default();
        let answer = answer.trim();
        !answer.is_empty() && words.contains(&answer)
    }

    /// Asks, and returns the line that is the answer. None: nobody can be asked, or nobody answers.
    pub(crate) async fn ask(&self, question: &str) -> Option<String> {
        let mut err = anstream::stderr();
        let asked = write!(err, "{question} ").and_then(|()| err.flush());
        // On a thread of its own, so that a signal is heard meanwhile.
        let read = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer).map(|_| answer)
        });
        let answer = read.await.ok()?.ok()?;
        if !answer.ends_with('\n') {
            // Nobody pressed Enter, and what is said next begins on a line of its own.
            let _ = writeln!(err);
        }
        (asked.is_ok() && !answer.is_empty()).then_some(answer)
    }

    /// Says what whoever is asked must know.
    pub(crate) fn say(&self, text: &str) {
        say(text);
    }

    /// Tells whether only results are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Begins to show how far something with so many steps is: a bar below the lines on a terminal, else the lines alone.
    pub(crate) fn progress(&self, steps: usize) -> Progress {
        let target = if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Progress::on(target, steps, self.quiet)
    }
}

/// Shows how far something is. The bar is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    quiet: bool,
    bar: ProgressBar,
}

impl Progress {
    fn on(target: ProgressDrawTarget, steps: usize, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(u64::try_from(steps).ok(), target);
        let bar = match ProgressStyle::with_template("{bar:30} {pos} of {len}, {elapsed}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Self { quiet, bar }
    }

    /// Prints one line.
    pub(crate) fn line(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| say(line));
        }
    }

    /// Counts one step as done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Returns text with its control and formatting characters escaped, so that a terminal shows and does not obey them.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

fn write_all(out: &mut impl Write, text: &str) -> Result<(), CommandError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough (`mfactl plan | head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(CommandError::Output),
    }
}

/// There is nowhere left to say that stderr can't be written.
pub(crate) fn say(line: &str) {
    let mut err = AutoStream::auto(io::stderr());
    let _ = writeln!(err, "{}", line.trim_end_matches('\n'));
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn terminal() -> (InMemoryTerm, ProgressDrawTarget) {
        let terminal = InMemoryTerm::new(10, 80);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        (terminal, target)
    }

    #[test]
    fn the_bar_counts_what_has_ended_and_leaves_nothing_on_the_terminal() {
        let (terminal, target) = terminal();
        let progress = Progress::on(target, 3, false);
        progress.step();
        progress.bar.force_draw();
        assert_eq!(
            terminal.contents(),
            format!("{}{} 1 of 3, 0s", "█".repeat(10), "░".repeat(20))
        );
        progress.line("~ group/readers   changed");
        progress.step();
        progress.step();
        progress.bar.force_draw();
        assert_eq!(
            terminal.contents(),
            format!("{} 3 of 3, 0s", "█".repeat(30))
        );
        drop(progress);
        assert_eq!(terminal.contents(), "");
    }
}
