//! Runs that are killed in the middle of a call, on accounts that outlive them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Mfactl, Ran, Served};

/// Holds an account of the sandbox in a file, which servers with other faults are started on one after the other.
#[derive(Debug)]
pub struct Account {
    folder: TempDir,
    /// Runs the servers.
    server: Mfactl,
}

/// Says how a run ended that is to be killed.
#[derive(Debug)]
pub enum End {
    /// It was killed while a call was done and not answered.
    Killed,
    /// It made fewer calls, and ended by itself.
    Ended(Ran),
}

impl Account {
    /// Makes an empty account.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let server = Mfactl::new(Vec::new());
        Self { folder, server }
    }

    /// Makes another account that is the same.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        if self.state().exists() {
            fs::copy(self.state(), copy.state()).expect("the state can be copied");
        }
        copy
    }

    /// Returns the file that the account is kept in.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state.json")
    }

    /// Returns the log of all requests to it.
    pub fn requests(&self) -> String {
        fs::read_to_string(self.request_log()).unwrap_or_default()
    }

    fn request_log(&self) -> PathBuf {
        self.folder.path().join("requests.jsonl")
    }

    /// Serves it, with a bucket `acme-locks` and faults as JSON.
    pub fn serve(&self, faults: &str) -> Served {
        self.serve_with(faults, &[])
    }

    /// Serves it likewise, with policies in force.
    pub fn serve_enforcing(&self, faults: &str) -> Served {
        self.serve_with(faults, &["--enforce"])
    }

    fn serve_with(&self, faults: &str, more: &[&str]) -> Served {
        let file = self.folder.path().join("faults.json");
        fs::write(&file, format!(r#"{{"faults": [{faults}]}}"#)).expect("a file can be written");
        let (state, log) = (self.state(), self.request_log());
        let text = |path: &Path| path.to_str().expect("a temporary path is text").to_owned();
        let arguments = [
            "--state",
            &text(&state),
            "--faults",
            &text(&file),
            "--bucket",
            "acme-locks",
            "--request-log",
            &text(&log),
        ];
        self.server_start(&[&arguments, more].concat())
    }

    fn server_start(&self, arguments: &[&str]) -> Served {
        Served::start(&self.server, arguments)
    }

    /// Runs mfactl with its arguments, kills it while so many calls are done and the last of them not answered, and stops
    /// the server.
    pub fn kill_at(&self, call: usize, client: &Mfactl, arguments: &[&str]) -> End {
        let after = call - 1;
        self.kill_while_held(
            &format!(
                r#"{{"operation": "*", "when": {{"after": {after}}}, "effect": "hold_answer"}}"#
            ),
            client,
            arguments,
        )
    }

    /// Runs mfactl with its arguments, kills it once a fault holds an answer, and stops the server.
    pub fn kill_while_held(&self, faults: &str, client: &Mfactl, arguments: &[&str]) -> End {
        let before = self.requests().len();
        let served = self.serve(faults);
        let mut run = started(client, &served, arguments);
        let is_held = || self.requests().get(before..).is_some_and(is_held);
        let end = if waited_for(&mut run, is_held) {
            run.kill().expect("the run can be killed");
            run.wait().expect("the run can be waited for");
            End::Killed
        } else {
            End::Ended(ended(run))
        };
        assert_eq!(served.stop("TERM").code, 0);
        end
    }

    /// Runs mfactl with its arguments and sends it a signal once its journal says that it calls an operation.
    pub fn signal_when(
        &self,
        faults: &str,
        client: &Mfactl,
        arguments: &[&str],
        operation: &str,
        signal: &str,
    ) -> Ran {
        let journal = client.folder().join(".mfactl/journal.jsonl");
        let calls = || fs::read_to_string(&journal).is_ok_and(|text| text.contains(operation));
        self.signal_once(faults, client, arguments, calls, signal)
    }

    /// Runs mfactl with its arguments and sends it a signal once something is so.
    pub fn signal_once(
        &self,
        faults: &str,
        client: &Mfactl,
        arguments: &[&str],
        is_so: impl Fn() -> bool,
        signal: &str,
    ) -> Ran {
        let served = self.serve(faults);
        let mut run = started(client, &served, arguments);
        assert!(waited_for(&mut run, is_so), "it gets that far");
        let id = run.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("there is a `kill`").success());
        let ran = ended(run);
        served.stop("TERM");
        ran
    }
}

fn started(client: &Mfactl, served: &Served, arguments: &[&str]) -> Child {
    let mut command = client.command();
    let command = command.envs(served.environment()).args(arguments);
    let run = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    run.expect("mfactl can be started")
}

/// Waits until something is so. False: the run ended before.
fn waited_for(run: &mut Child, is_so: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if run.try_wait().expect("the run can be waited for").is_some() {
            return false;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(120),
            "the run makes no call and doesn't end"
        );
        sleep(Duration::from_millis(2));
    }
}

fn ended(run: Child) -> Ran {
    Ran::from(run.wait_with_output().expect("the run can be waited for"))
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

fn is_held(log: &str) -> bool {
    log.contains(r#""outcome":"no answer""#)
}
