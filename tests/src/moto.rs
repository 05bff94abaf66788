//! moto, an AWS that isn't ours, behind `python/moto_server.py`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::binary::programs;
use crate::{Mfactl, repository};

/// Runs moto on a free port of this machine until it is dropped; every one starts with an empty account.
#[derive(Debug)]
pub struct Moto {
    server: Child,
    port: u16,
}

impl Moto {
    /// Starts it and waits until it answers.
    pub fn start() -> Self {
        let mut server = python()
            .arg(script("moto_server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python environment is there: `cargo xtask setup` makes it");
        let mut line = String::new();
        let output = server.stdout.take().expect("the output is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("moto can be read from");
        let port = line
            .trim()
            .parse()
            .expect("moto prints its port; why it didn't is above");
        Self { server, port }
    }

    /// Returns an mfactl whose AWS is this moto.
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

    /// Runs a script of the folder `python` with boto3, whose AWS is this moto, and returns what it prints.
    #[track_caller]
    pub fn python(&self, name: &str, arguments: &[&str]) -> String {
        let output = python()
            .arg(script(name))
            .args(arguments)
            .envs(self.environment())
            .output()
            .expect("the Python environment is there: `cargo xtask setup` makes it");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            panic!("{name} {arguments:?}: {}\n{printed}\n{said}", output.status);
        }
        printed
    }

    /// Returns the policies that AWS manages, as far as moto has them: their names and the texts of their documents.
    pub fn managed_policies() -> Vec<(String, String)> {
        let output = python().arg(script("managed_policies.py")).output();
        let output = output.expect("the Python environment is there: `cargo xtask setup` makes it");
        let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        let policy = |line| serde_json::from_str(line).expect("a line has two strings");
        lines.lines().map(policy).collect()
    }

    fn environment(&self) -> [(String, String); 4] {
        [
            (
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("AWS_ACCESS_KEY_ID", "moto".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "moto".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}

impl Drop for Moto {
    /// Ends the process by its id. Should this program be killed first, it ends with its standard input.
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Returns the Python that `cargo xtask setup` installs.
fn python() -> Command {
    let mut command = Command::new(programs().with_file_name("python").join("bin/python"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn script(name: &str) -> PathBuf {
    repository("tests/python").join(name)
}
