//! The binary, run as a user runs it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Runs mfactl in a folder of its own, with nothing of the environment that could lead to a real AWS.
#[derive(Debug)]
pub struct Mfactl {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// Holds what a run of mfactl left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// The result.
    pub stdout: String,
    /// The progress, and what went wrong.
    pub stderr: String,
}

impl Mfactl {
    /// Makes the folder, and takes what to set in the environment beyond what is always set.
    pub fn new(environment: Vec<(String, String)>) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self {
            folder,
            environment,
        }
    }

    /// Returns the path of the program.
    pub fn path() -> PathBuf {
        let path = programs()
            .join("mfactl")
            .with_extension(env::consts::EXE_EXTENSION);
        assert!(
            path.exists(),
            "{} is missing: run the tests of the whole workspace, which builds it",
            path.display()
        );
        path
    }

    /// Returns the folder that it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it to its end.
    pub fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Ran {
        let output = self.command().args(arguments).output();
        Ran::from(output.expect("mfactl can be started"))
    }

    /// Runs it to its end in an environment with more in it.
    pub fn run_in<I: AsRef<OsStr>>(
        &self,
        environment: Vec<(String, String)>,
        arguments: impl IntoIterator<Item = I>,
    ) -> Ran {
        let output = self.command().envs(environment).args(arguments).output();
        Ran::from(output.expect("mfactl can be started"))
    }

    /// Returns it, ready to be given arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(Self::path());
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if ["AWS_", "OTEL_", "MFACTL_"]
                .iter()
                .any(|it| text.starts_with(it))
            {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.folder())
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        command
    }
}

/// Returns the folder that cargo builds programs into, which is in the target folder.
pub(crate) fn programs() -> PathBuf {
    let test = env::current_exe().expect("this program has a path");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests are built into a folder beside the programs");
    folder.to_owned()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Asserts the exit code, and returns the result.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> String {
        assert_eq!(
            self.code, code,
            "\n-- stdout\n{}\n-- stderr\n{}",
            self.stdout, self.stderr
        );
        self.stdout
    }
}
