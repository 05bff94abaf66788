//! `mfactl sandbox`, run as a user runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{Mfactl, Ran};

const FORM: &str = "content-type: application/x-www-form-urlencoded";

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

    /// Makes a call of IAM with the credentials of a session.
    pub fn call_in_session(&self, key: &str, token: &str, form: &str) -> String {
        let headers = format!("{FORM}\r\nx-amz-security-token: {token}");
        self.send("/", key, "iam", &headers, form)
    }

    /// Signs in to the console with fields such as the `password` and a `code`, and returns the answer: headers and JSON.
    pub fn sign_in(&self, user: &str, fields: &[(&str, &str)]) -> String {
        let fields = fields
            .iter()
            .map(|(name, value)| format!("&{name}={}", escaped(value)));
        let form = format!("user={user}{}", String::from_iter(fields));
        self.post("/sign-in", "123456789012", "iam", &form)
    }

    /// Makes a call of a service that takes JSON as the account itself, and returns the answer.
    ///
    /// The target is the operation with its service's prefix, such as `Logs_20140328.CreateLogGroup`.
    pub fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let headers = format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}");
        let answer = self.send("/", "123456789012", service, &headers, &body.to_string());
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .expect("the headers end somewhere");
        assert!(head.contains(" 200 "), "{target}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    fn post(&self, path: &str, key: &str, service: &str, form: &str) -> String {
        self.send(path, key, service, FORM, form)
    }

    fn send(&self, path: &str, key: &str, service: &str, headers: &str, body: &str) -> String {
        let endpoint = self
            .environment
            .iter()
            .find(|(name, _)| name == "AWS_ENDPOINT_URL");
        let (_, endpoint) = endpoint.expect("it tells its endpoint");
        let address = endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             {headers}\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request, Signature=none\r\n\
             \r\n{body}",
            body.len()
        );
        let sent = stream.write_all(request.as_bytes());
        sent.expect("it reads");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        read.expect("it answers in text");
        answer
    }

    /// Makes a role that whoever may call `AssumeRole` in the account can assume, with a policy.
    pub fn create_role(&self, name: &str, policy: &str) {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}"#;
        let trust = escaped(trust);
        self.iam(&format!(
            "Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={trust}"
        ));
        let policy = escaped(policy);
        self.iam(&format!(
            "Action=PutRolePolicy&RoleName={name}&PolicyName=mfactl&PolicyDocument={policy}"
        ));
    }

    /// Gives a user, who is created, everything, and returns the id of an access key of theirs.
    pub fn administrator(&self, name: &str) -> String {
        self.iam(&format!("Action=CreateUser&UserName={name}"));
        self.iam(&format!("Action=AttachUserPolicy&UserName={name}&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess"));
        element(
            &self.iam(&format!("Action=CreateAccessKey&UserName={name}")),
            "AccessKeyId",
        )
    }

    /// Assumes a role with an access key, and returns the environment that makes it the caller.
    pub fn assume(&self, key: &str, role: &str) -> Vec<(String, String)> {
        let form = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=GitHubActions&RoleArn={role}"
        );
        let answer = self.call_as(key, "sts", &form);
        [
            ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
            ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
            ("AWS_SESSION_TOKEN", "SessionToken"),
        ]
        .map(|(name, of)| (name.to_owned(), element(&answer, of)))
        .into()
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

/// Returns text as a value of a form.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Returns what is in the first element of that name in XML.
#[track_caller]
fn element(xml: &str, name: &str) -> String {
    let rest = xml.split_once(&format!("<{name}>"));
    let value = rest.and_then(|(_, rest)| rest.split_once('<'));
    let (value, _) = value.unwrap_or_else(|| panic!("no {name} in {xml}"));
    value.to_owned()
}
