//! `mfactl sandbox`, run as a user runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::{Mfactl, Ran};

/// Runs `mfactl sandbox` until it is stopped, or dropped.
#[derive(Debug)]
pub struct Served {
    server: Option<Child>,
    environment: Vec<(String, String)>,
}

impl Served {
    /// Starts it, with more arguments, in the folder of an mfactl, and waits until it listens.
    pub fn start(mfactl: &Mfactl, arguments: &[&str]) -> Self {
        let mut server = mfactl
            .command()
            .arg("sandbox")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("mfactl can be started");
        let output = server.stdout.take().expect("the output is piped");
        let mut environment = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line.expect("the output is text");
            let pair = line
                .strip_prefix("export ")
                .and_then(|pair| pair.split_once('='));
            environment.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
            if line.starts_with("export AWS_DEFAULT_REGION") {
                break;
            }
        }
        Self {
            server: Some(server),
            environment,
        }
    }

    /// Returns the environment that it tells its users to set.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// Makes a call of IAM as the account itself, its parameters as a form, and returns the answer: headers and XML.
    pub fn iam(&self, form: &str) -> String {
        self.post("/", "123456789012", "iam", form)
    }

    /// Makes a call of IAM or STS, signed with an access key.
    pub fn call_as(&self, key: &str, service: &str, form: &str) -> String {
        self.post("/", key, service, form)
    }

    /// Signs in to the console with a code of the user's device, and returns the answer: headers and JSON.
    pub fn sign_in(&self, user: &str, password: &str, code: &str) -> String {
        let escaped: String = password
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let form = format!("user={user}&password={escaped}&code={code}");
        self.post("/sign-in", "123456789012", "iam", &form)
    }

    fn post(&self, path: &str, key: &str, service: &str, form: &str) -> String {
        let endpoint = self
            .environment
            .iter()
            .find(|(name, _)| name == "AWS_ENDPOINT_URL");
        let (_, endpoint) = endpoint.expect("it tells its endpoint");
        let address = endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request, Signature=none\r\n\
             \r\n{form}",
            form.len()
        );
        let sent = stream.write_all(request.as_bytes());
        sent.expect("it reads");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        read.expect("it answers in text");
        answer
    }

    /// Stops it by a signal (`TERM`, `INT`, `KILL`) and waits for its end.
    pub fn stop(mut self, signal: &str) -> Ran {
        let server = self.server.take().expect("it was not stopped before");
        let id = server.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("there is a `kill`").success());
        Ran::from(server.wait_with_output().expect("it can be waited for"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
