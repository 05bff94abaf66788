//! The machine that a job of a workflow runs on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::actions::{
    Actions, Event, OUR_ACTION, REPOSITORY, Run, keys, object, string, text, yaml,
};
use crate::expression::{fill, holds};
use crate::{Mfactl, copy, python, python_file, repository, succeeds};

/// The machine that a job runs on.
pub(crate) struct Machine<'a> {
    run: &'a Run<'a>,
    job: Value,
    folder: TempDir,
    /// What steps have put into the environment of those after them.
    environment: BTreeMap<String, String>,
    pub(crate) log: String,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(run: &'a Run<'a>, job: &Value) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let machine = Self {
            run,
            job: job.clone(),
            folder,
            environment: BTreeMap::new(),
            log: String::new(),
        };
        // mfactl was built by an earlier run: this is what the cache has.
        programs(&machine.folder.path().join("cache"));
        fs::create_dir_all(machine.workspace()).expect("the folder can be made");
        fs::create_dir_all(machine.temp()).expect("the folder can be made");
        machine
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns what steps added to the summary.
    pub(crate) fn summary(&self) -> String {
        fs::read_to_string(self.file("summary")).unwrap_or_default()
    }

    fn workspace(&self) -> PathBuf {
        self.file("workspace")
    }

    pub(crate) fn temp(&self) -> PathBuf {
        self.file("temp")
    }

    /// Runs steps in order, and tells whether all succeeded. After one that fails only those run that ask to.
    pub(crate) fn steps(&mut self, steps: &Value, contexts: &mut Value) -> bool {
        for step in steps.as_array().expect("steps are a list") {
            keys(
                step,
                &["name", "id", "if", "uses", "with", "env", "run", "shell"],
            );
            if !holds(step["if"].as_str().unwrap_or("success()"), contexts) {
                continue;
            }
            let (succeeds, outputs) = match step["uses"].as_str() {
                Some(action) => self.uses(action, step, contexts),
                None => self.script(step, contexts),
            };
            if let Some(id) = step["id"].as_str() {
                contexts["steps"][id] = json!({"outputs": outputs});
            }
            if !succeeds {
                contexts["succeeds"] = false.into();
            }
        }
        contexts["succeeds"] == true
    }

    fn script(&mut self, step: &Value, contexts: &Value) -> (bool, Value) {
        let script = string(&step["run"]);
        assert!(
            !script.contains("${{"),
            "what is put into a script could be a script: {script}"
        );
        let defaults = &self.run.workflow["defaults"]["run"]["shell"];
        let shell = step["shell"].as_str().or(defaults.as_str());
        assert_eq!(
            shell,
            Some("bash"),
            "with it, every command of a pipe must succeed"
        );
        let (file, output) = (self.file("script.sh"), self.file("output"));
        fs::write(&file, script).expect("a file can be written");
        fs::write(&output, "").expect("a file can be written");
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&file);
        let env = object(&step["env"]).map(|(name, value)| (name, fill(string(value), contexts)));
        command
            .current_dir(self.workspace())
            .env_clear()
            .envs(self.variables(contexts))
            .envs(&self.environment)
            .envs(env)
            .env("GITHUB_OUTPUT", &output);
        let ran = command.output().expect("there is a bash");
        self.log.push_str(&String::from_utf8_lossy(&ran.stdout));
        self.log.push_str(&String::from_utf8_lossy(&ran.stderr));
        self.add_to_path();
        let outputs = fs::read_to_string(&output).expect("it was written before");
        let outputs = outputs.lines().map(|line| {
            let (name, value) = line.split_once('=').expect("an output is a line");
            (name.to_owned(), value.into())
        });
        (ran.status.success(), Value::Object(outputs.collect()))
    }

    fn variables(&self, contexts: &Value) -> Vec<(&'static str, String)> {
        let path = |name| text(&self.file(name));
        vec![
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME", path("home")),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("RUNNER_TEMP", path("temp")),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
            ("GITHUB_SHA", self.run.commit.clone()),
            ("GITHUB_REF", string(&contexts["github"]["ref"]).to_owned()),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("GITHUB_PATH", path("path")),
            ("FAKE_GITHUB", text(&self.run.actions.state_file())),
            ("FAKE_PERMISSIONS", self.job["permissions"].to_string()),
        ]
    }

    /// Does what GitHub does with what a step wrote to the file of `GITHUB_PATH`. `gh` is on every machine of GitHub's.
    fn add_to_path(&mut self) {
        let added = fs::read_to_string(self.file("path")).unwrap_or_default();
        let mut path: Vec<&str> = added.lines().rev().collect();
        let (programs, system) = (text(&self.file("cache")), "/usr/local/bin:/usr/bin:/bin");
        if !path.is_empty() {
            path.extend([programs.as_str(), system]);
            self.environment.insert("PATH".to_owned(), path.join(":"));
        }
    }

    fn uses(&mut self, action: &str, step: &Value, contexts: &Value) -> (bool, Value) {
        let (name, commit) = action.split_once('@').expect("an action has a version");
        assert_eq!(commit.len(), 40, "{action} is pinned by its commit");
        let with = |name: &str| step["with"][name].as_str().map(|text| fill(text, contexts));
        match name {
            _ if action.starts_with(OUR_ACTION) => return self.our_action(step, contexts),
            "actions/checkout" => {
                assert_eq!(step["with"]["persist-credentials"], false);
                let source = self.run.folder.path().join("source");
                copy(&source, &self.workspace());
            }
            "actions/cache" => {
                let to = PathBuf::from(with("path").expect("it has a path"));
                copy(&self.file("cache"), &to);
                return (true, json!({"cache-hit": "true"}));
            }
            "actions/upload-artifact" => self.upload(
                &with("name").expect("it has a name"),
                &with("path").expect("it has a path"),
            ),
            "actions/download-artifact" => {
                let artifact = self
                    .run
                    .folder
                    .path()
                    .join(with("name").expect("it has a name"));
                copy(&artifact, Path::new(&with("path").expect("it has a path")));
            }
            "aws-actions/configure-aws-credentials" => {
                return (
                    self.assume(&with("role-to-assume").expect("it has a role")),
                    json!({}),
                );
            }
            _ => panic!("{action} isn't known"),
        }
        (true, json!({}))
    }

    /// Runs the steps of this repository's action.
    fn our_action(&mut self, step: &Value, contexts: &Value) -> (bool, Value) {
        let action = yaml(&repository("action.yml"));
        let inputs = object(&action["inputs"]).map(|(name, input)| {
            let given = step["with"][&name].as_str();
            let value = given.map_or_else(
                || string(&input["default"]).to_owned(),
                |it| fill(it, contexts),
            );
            (name, value.into())
        });
        let mut inner = contexts.clone();
        inner["inputs"] = Value::Object(inputs.collect());
        inner["steps"] = json!({});
        let succeeds = self.steps(&action["runs"]["steps"], &mut inner);
        let outputs = object(&action["outputs"])
            .map(|(name, output)| (name, fill(string(&output["value"]), &inner).into()));
        (succeeds, Value::Object(outputs.collect()))
    }

    /// Keeps the files that are there, by their paths below what all of them are in.
    fn upload(&self, artifact: &str, paths: &str) {
        let artifact = self.run.folder.path().join(artifact);
        fs::create_dir_all(&artifact).expect("the folder can be made");
        for path in paths.lines() {
            let path = self.workspace().join(path);
            let name = path.file_name().expect("a path ends in a name");
            if path.is_dir() {
                copy(&path, &artifact.join(name));
            } else if path.exists() {
                fs::copy(&path, artifact.join(name)).expect("the file can be copied");
            }
        }
    }

    /// Assumes a role if its trust policy lets this job do so.
    fn assume(&mut self, role: &str) -> bool {
        let name = role.rsplit('/').next().unwrap_or_default();
        let file = name.replace("mfactl-", "roles/") + "-trust.json";
        let trust =
            fs::read_to_string(self.workspace().join(file)).expect("the trust policy is there");
        let trust: Value = serde_json::from_str(&trust).expect("the trust policy is JSON");
        let trusted = &trust["Statement"][0]["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"];
        let subject = self.run.subject(&self.job);
        let is_trusted = trusted == &json!(subject)
            || trusted
                .as_array()
                .is_some_and(|all| all.contains(&json!(subject)));
        let has_token = self.job["permissions"]["id-token"] == "write"
            && !matches!(self.run.event, Event::PullRequest { from, .. } if from != REPOSITORY);
        if !is_trusted || !has_token {
            self.log
                .push_str(&format!("{subject} can't assume {role}\n"));
            return false;
        }
        let Actions { aws, key, .. } = self.run.actions;
        self.environment.extend(aws.environment());
        self.environment.extend(aws.assume(key, role));
        true
    }
}

/// Makes the programs that steps find: mfactl, whose applies don't wait for AWS to settle, and GitHub's.
fn programs(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let mfactl = format!(
        "#!/bin/sh\n[ \"$1\" = apply ] && set -- \"$@\" --settle 0\nexec {} \"$@\"\n",
        Mfactl::path().display()
    );
    let python = python();
    let gh = format!(
        "#!/bin/sh\nexec {} {} \"$@\"\n",
        python.get_program().display(),
        python_file("gh.py").display()
    );
    for (name, script) in [("mfactl", mfactl), ("gh", gh)] {
        let file = folder.join(name);
        fs::write(&file, script).expect("a file can be written");
        succeeds(Command::new("chmod").arg("+x").arg(file));
    }
}
