//! AWSs that aren't ours, and the Python that they and a client that isn't ours are written in.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::binary::programs;
use crate::{Mfactl, repository};

/// Runs an emulator of AWS on a free port of this machine until it is dropped; every one starts with empty accounts.
#[derive(Debug)]
pub struct Emulator {
    server: Child,
    port: u16,
}

impl Emulator {
    /// Starts moto, behind `python/moto_server.py`, and waits until it answers.
    pub fn moto() -> Self {
        Self::start("python", "moto_server.py", &[])
    }

    /// Starts a moto that also has the policies that AWS manages.
    pub fn moto_with_aws_policies() -> Self {
        Self::start("python", "moto_server.py", &["--aws-policies"])
    }

    /// Starts ministack, behind `python/ministack_server.py`, and waits until it answers.
    pub fn ministack() -> Self {
        Self::start("ministack", "ministack_server.py", &[])
    }

    fn start(environment: &str, script: &str, arguments: &[&str]) -> Self {
        let mut server = interpreter(environment)
            .arg(python_file(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python environment is there: `cargo xtask setup` makes it");
        let mut line = String::new();
        let output = server.stdout.take().expect("the output is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the emulator can be read from");
        let port = line
            .trim()
            .parse()
            .expect("the emulator prints its port; why it didn't is above");
        Self { server, port }
    }

    /// Returns an mfactl whose AWS is this emulator.
    pub fn mfactl(&self) -> Mfactl {
        Mfactl::new(self.environment().into())
    }

    /// Returns an mfactl whose AWS is this moto, with the access key of a user who may use IAM only.
    ///
    /// From then on moto looks at permissions.
    pub fn mfactl_for_iam_only(&self) -> Mfactl {
        let key = self.python("iam_only.py", &[]);
        let (id, secret) = key
            .trim()
            .split_once(' ')
            .expect("an access key has two parts");
        let mut environment = self.environment();
        environment[1].1 = id.to_owned();
        environment[2].1 = secret.to_owned();
        Mfactl::new(environment.into())
    }

    /// Runs a script of the folder `python` with boto3, whose AWS is this emulator, and returns what it prints.
    #[track_caller]
    pub fn python(&self, script: &str, arguments: &[&str]) -> String {
        let mut command = python();
        command.arg(python_file(script)).args(arguments);
        command.envs(self.environment());
        succeeds(&mut command)
    }

    /// Returns the environment that makes it the AWS of any client.
    pub fn environment(&self) -> [(String, String); 4] {
        [
            (
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("AWS_ACCESS_KEY_ID", "emulator".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "emulator".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}

impl Drop for Emulator {
    /// Ends the process by its id. Should this program be killed first, it ends with its standard input.
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Returns the policies that AWS manages, as far as moto has them: their names and the texts of their documents.
pub fn managed_policies() -> Vec<(String, String)> {
    let lines = succeeds(python().arg(python_file("managed_policies.py")));
    let policy = |line| serde_json::from_str(line).expect("a line has two strings");
    lines.lines().map(policy).collect()
}

/// Returns the Python that `cargo xtask setup` installs the tests' packages into.
pub fn python() -> Command {
    interpreter("python")
}

/// Returns a path in the folder `python`.
pub fn python_file(path: &str) -> PathBuf {
    repository("tests/python").join(path)
}

/// Runs a program to its end, asserts that it succeeds, and returns what it prints.
#[track_caller]
pub fn succeeds(command: &mut Command) -> String {
    let output = command.output();
    let output = output.expect("the Python environment is there: `cargo xtask setup` makes it");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("{command:?}: {}\n{printed}\n{said}", output.status);
    }
    printed
}

/// Returns a path in the environment that `cargo xtask setup` installs Terraform and its AWS provider into.
pub fn terraform_file(path: &str) -> PathBuf {
    environment("terraform").join(path)
}

fn environment(name: &str) -> PathBuf {
    programs().with_file_name(name)
}

fn interpreter(name: &str) -> Command {
    let mut command = Command::new(environment(name).join("bin/python"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
