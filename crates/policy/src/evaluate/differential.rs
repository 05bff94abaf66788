//! Our decisions compared with those of iam-simulate, an evaluator that isn't ours and runs in a process of its own.
//!
//! `cargo xtask setup` installs it. Where it disagrees, [`KNOWN`] has the reason and the page of AWS that decides.

pub(super) mod cases;
mod known;

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::document::Document;
use crate::evaluate::{Context, ContextValue, Decision, InForce, Policy, Request};
use known::KNOWN;

/// Holds policies, and a request to decide by them.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) identity: Vec<Document>,
    pub(super) boundary: Option<Document>,
    pub(super) service_control: Vec<Vec<Document>>,
    action: String,
    resource: String,
    context: Vec<(&'static str, ContextValue)>,
}

impl Case {
    /// Returns all documents of the case.
    fn documents(&self) -> impl Iterator<Item = &Document> {
        let levels = self.service_control.iter().flatten();
        self.identity.iter().chain(&self.boundary).chain(levels)
    }

    fn context(&self) -> Context {
        let mut context = Context::default();
        for (key, value) in &self.context {
            context.set(key, value.clone());
        }
        context
    }

    /// Decides the case, in the words of iam-simulate.
    pub(super) fn decide(&self) -> &'static str {
        let policies =
            |documents: &[Document]| documents.iter().map(Policy::new).collect::<Vec<_>>();
        let identity = policies(&self.identity);
        let boundary = self.boundary.as_ref().map(Policy::new);
        let levels: Vec<Vec<Policy>> = self
            .service_control
            .iter()
            .map(|level| policies(level))
            .collect();
        let in_force = InForce {
            identity: identity.iter().collect(),
            boundary: boundary.as_ref(),
            session: None,
            service_control: levels.iter().map(|level| level.iter().collect()).collect(),
        };
        let request = Request::new(&self.action, &self.resource, self.context()).unwrap();
        match in_force.evaluate(&request) {
            Decision::Allowed { .. } => "Allowed",
            Decision::ImplicitlyDenied { .. } => "ImplicitlyDenied",
            Decision::ExplicitlyDenied { .. } => "ExplicitlyDenied",
        }
    }

    /// Returns the case as `mfactl policy eval` takes it.
    fn line(&self) -> String {
        let context: BTreeMap<&str, Value> = self
            .context
            .iter()
            .map(|(key, value)| match value {
                ContextValue::Single(value) => (*key, json!(value)),
                ContextValue::Multiple(values) => (*key, json!(values)),
            })
            .collect();
        json!({
            "principal": "arn:aws:iam::123456789012:user/alice",
            "identityPolicies": self.identity,
            "boundary": self.boundary,
            "scps": self.service_control,
            "request": {"action": self.action, "resource": self.resource, "context": context},
        })
        .to_string()
    }
}

/// Returns what iam-simulate decides for each case.
fn simulated(cases: &[Case]) -> Vec<String> {
    let program = env::current_exe().unwrap();
    let packages = program.ancestors().nth(3).unwrap().join("javascript");
    assert!(
        packages.join("installed.json").exists(),
        "iam-simulate is missing: `cargo xtask setup` installs it"
    );
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/javascript/simulate.js");
    let mut node = Command::new("node")
        .arg(script)
        .current_dir(packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is installed");
    let lines: String = cases.iter().map(|case| case.line() + "\n").collect();
    let mut input = node.stdin.take().unwrap();
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn another_evaluator_decides_the_same_but_for_what_is_known_of_it() {
    let cases = cases::all();
    assert!(cases.len() >= 10_000, "{}", cases.len());
    let simulated = simulated(&cases);
    assert_eq!(simulated.len(), cases.len());
    let mut unexplained = Vec::new();
    let mut explained = [0; KNOWN.len()];
    for (case, theirs) in cases.iter().zip(&simulated) {
        let ours = case.decide();
        if ours == theirs {
            continue;
        }
        match KNOWN.iter().position(|known| (known.applies)(case)) {
            Some(index) => explained[index] += 1,
            None => unexplained.push(format!("{}\n  ours: {ours}, theirs: {theirs}", case.line())),
        }
    }
    let count = unexplained.len();
    unexplained.truncate(10);
    assert_eq!(
        count,
        0,
        "of {} cases:\n{}",
        cases.len(),
        unexplained.join("\n")
    );
    for (known, count) in KNOWN.iter().zip(explained) {
        assert!(
            count > 0,
            "it is no longer so that iam-simulate {}",
            known.theirs
        );
    }
}
