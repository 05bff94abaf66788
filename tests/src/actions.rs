//! GitHub Actions without GitHub: runs the steps of workflows as they are written, on a repository, an AWS and a `gh` of its own.
//!
//! Scripts are run by bash; of actions by others, what they do is stood in for. What isn't known fails a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::expression::{fill, holds};
use crate::machine::Machine;
use crate::{Mfactl, Served, repository, succeeds};

/// The repository that workflows run in.
pub(crate) const REPOSITORY: &str = "acme/aws-access";

/// The action of this repository, as workflows name it.
pub(crate) const OUR_ACTION: &str = "acme/mfactl@";

/// A repository with workflows, and what is around it.
#[derive(Debug)]
pub struct Actions {
    folder: TempDir,
    /// The account that they are about.
    pub aws: Served,
    /// An access key by which the roles are assumed.
    pub(crate) key: String,
}

/// Says why workflows run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A pull request of a branch was opened, or pushed to.
    PullRequest {
        /// Its number.
        number: u64,
        /// Its branch.
        branch: &'a str,
        /// The repository that the branch is in.
        from: &'a str,
    },
    /// Main was pushed.
    Push,
    /// It is time.
    Schedule,
}

/// A run of a workflow: its jobs share artifacts and outputs.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) actions: &'a Actions,
    pub(crate) workflow: Value,
    pub(crate) event: Event<'a>,
    /// The commit that was checked out.
    pub(crate) commit: String,
    /// Has the sources, and the artifacts by their names.
    pub(crate) folder: TempDir,
    needs: Value,
}

/// Says how a job went.
#[derive(Debug)]
pub struct Job {
    /// `success`, `failure` or `skipped`.
    pub result: &'static str,
    /// The environment that it waits for, where somebody approves it.
    pub environment: Option<String>,
    /// What its steps printed.
    pub log: String,
    /// What they added to the job's summary.
    pub summary: String,
}

impl Job {
    /// Asserts how it went.
    #[track_caller]
    pub fn ends_with(self, result: &str) -> Self {
        assert_eq!(
            self.result, result,
            "\n{}\n-- summary\n{}",
            self.log, self.summary
        );
        self
    }
}

impl Actions {
    /// Makes the repository that `mfactl init` makes, and the roles of its workflows in an account.
    pub fn begin(aws: Served) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let key = aws.administrator("github");
        let actions = Self { folder, aws, key };
        let mut init = Command::new(Mfactl::path());
        init.arg("init").arg(actions.folder());
        init.args(["--account", "123456789012", "--repository", REPOSITORY]);
        init.args(["--action", &format!("{OUR_ACTION}{}", "0".repeat(40))]);
        succeeds(&mut init);
        for name in ["plan", "apply", "drift"] {
            let policy = actions.folder().join(format!("roles/{name}-policy.json"));
            let policy = fs::read_to_string(policy).expect("the policy is there");
            actions.aws.create_role(&format!("mfactl-{name}"), &policy);
        }
        actions.git("init --quiet --initial-branch main");
        actions.commit_all();
        let state = json!({"issues": []}).to_string();
        fs::write(actions.state_file(), state).expect("a file can be written");
        actions
    }

    /// Returns the repository's folder.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("aws-access")
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.path().join("github.json")
    }

    /// Returns the issues and pull requests, each with its comments.
    pub fn issues(&self) -> Vec<Value> {
        let state = fs::read_to_string(self.state_file()).expect("the state is there");
        let state: Value = serde_json::from_str(&state).expect("the state is JSON");
        let issues = state["issues"].as_array().expect("issues are a list");
        issues.clone()
    }

    /// Runs git in the repository.
    #[track_caller]
    pub fn git(&self, words: &str) -> String {
        git(&self.folder(), &words.split(' ').collect::<Vec<_>>())
    }

    /// Changes a file on a branch, which begins at main if it is new, and commits it.
    #[track_caller]
    pub fn commit(&self, branch: &str, file: &str, change: impl Fn(&str) -> String) {
        if self.git(&format!("branch --list {branch}")).is_empty() {
            self.git(&format!("branch {branch} main"));
        }
        self.git(&format!("checkout --quiet {branch}"));
        let path = self.folder().join(file);
        let before = fs::read_to_string(&path).unwrap_or_default();
        let after = change(&before);
        assert_ne!(before, after, "nothing would be committed");
        fs::write(path, after).expect("a file can be written");
        self.commit_all();
    }

    /// Commits whatever has changed.
    pub fn commit_all(&self) {
        self.git("add --all");
        self.git("commit --quiet --message Change");
    }

    /// Opens a pull request, and returns its number.
    pub fn open_pull_request(&self) -> u64 {
        let mut number = 0;
        self.change_state(|issues| {
            number = issues.len() as u64 + 1;
            issues.push(json!({"number": number, "user": {"login": "alice"}, "state": "open", "body": null, "pull_request": "", "comments": []}));
        });
        number
    }

    /// Merges a pull request to main.
    pub fn merge(&self, number: u64, branch: &str) {
        self.git("checkout --quiet main");
        self.git(&format!("merge --quiet --no-ff --no-edit {branch}"));
        let commit = self.git("rev-parse HEAD");
        self.change_state(|issues| {
            let pull = issues.iter_mut().find(|issue| issue["number"] == number);
            let pull = pull.expect("the pull request is open");
            pull["state"] = "closed".into();
            pull["pull_request"] = commit.clone().into();
        });
    }

    fn change_state(&self, change: impl FnOnce(&mut Vec<Value>)) {
        let mut issues = self.issues();
        change(&mut issues);
        let state = json!({"issues": issues}).to_string();
        fs::write(self.state_file(), state).expect("a file can be written");
    }

    /// Begins a run of a workflow, which is taken from where GitHub takes it: for a pull request from the merge with main.
    pub fn run<'a>(&'a self, workflow: &str, event: Event<'a>) -> Run<'a> {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let source = folder.path().join("source");
        let origin = self.folder();
        let clone = [
            "clone",
            "--quiet",
            "--branch",
            "main",
            &text(&origin),
            &text(&source),
        ];
        git(folder.path(), &clone);
        if let Event::PullRequest { branch, .. } = event {
            let branch = format!("origin/{branch}");
            git(
                &source,
                &["merge", "--quiet", "--no-ff", "--no-edit", &branch],
            );
        }
        let commit = git(&source, &["rev-parse", "HEAD"]);
        let workflow = yaml(&source.join(format!(".github/workflows/{workflow}.yml")));
        keys(
            &workflow,
            &[
                "name",
                "on",
                "permissions",
                "concurrency",
                "defaults",
                "jobs",
            ],
        );
        assert_eq!(
            workflow["permissions"],
            json!({}),
            "jobs say what they need"
        );
        Run {
            actions: self,
            workflow,
            event,
            commit,
            folder,
            needs: json!({}),
        }
    }
}

impl Run<'_> {
    /// Runs a job, as a fresh machine does. Whoever has to approve it, does.
    pub fn job(&mut self, name: &str) -> Job {
        let (job, outputs) = self.run(name);
        self.needs[name] = json!({"result": job.result, "outputs": outputs});
        job
    }

    fn run(&self, name: &str) -> (Job, Value) {
        let job = &self.workflow["jobs"][name];
        keys(
            job,
            &[
                "runs-on",
                "timeout-minutes",
                "permissions",
                "needs",
                "if",
                "environment",
                "outputs",
                "steps",
            ],
        );
        let mut machine = Machine::new(self, job);
        let mut contexts = self.contexts(&machine);
        let needed = job["needs"].as_str();
        let succeeds = needed.is_none_or(|needed| self.needs[needed]["result"] == "success");
        contexts["succeeds"] = succeeds.into();
        let condition = job["if"].as_str().unwrap_or("success()");
        let result = if !holds(condition, &contexts) {
            "skipped"
        } else if machine.steps(&job["steps"], &mut contexts) {
            "success"
        } else {
            "failure"
        };
        let outputs = object(&job["outputs"])
            .map(|(name, value)| (name, fill(string(value), &contexts).into()));
        let outputs = Value::Object(outputs.collect());
        let job = Job {
            result,
            environment: job["environment"].as_str().map(str::to_owned),
            summary: machine.summary(),
            log: machine.log,
        };
        (job, outputs)
    }

    fn contexts(&self, machine: &Machine<'_>) -> Value {
        let (event, reference) = match self.event {
            Event::PullRequest { number, from, .. } => {
                let head = json!({"sha": self.commit, "repo": {"full_name": from}});
                let event = json!({"pull_request": {"number": number, "head": head}});
                (event, format!("refs/pull/{number}/merge"))
            }
            Event::Push | Event::Schedule => (json!({}), "refs/heads/main".to_owned()),
        };
        json!({
            "github": {
                "event": event, "ref": reference, "repository": REPOSITORY, "token": "token of the job",
                "server_url": "https://github.com", "run_id": "1", "action_path": repository(""),
            },
            "runner": {"temp": machine.temp(), "os": "Linux", "arch": "X64"},
            "needs": self.needs, "steps": {}, "inputs": {},
        })
    }

    /// Returns what the identity token of a job says of it ("Example subject claims" of GitHub's reference).
    pub(crate) fn subject(&self, job: &Value) -> String {
        let what = match (job["environment"].as_str(), self.event) {
            (Some(environment), _) => format!("environment:{environment}"),
            (None, Event::PullRequest { .. }) => "pull_request".to_owned(),
            (None, Event::Push | Event::Schedule) => "ref:refs/heads/main".to_owned(),
        };
        format!("repo:{REPOSITORY}:{what}")
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Alice");
        command.env(format!("GIT_{role}_EMAIL"), "alice@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    succeeds(&mut command).trim_end().to_owned()
}

pub(crate) fn yaml(file: &Path) -> Value {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Makes sure that everything that a map says is known here.
pub(crate) fn keys(map: &Value, known: &[&str]) {
    for (key, _) in object(map) {
        assert!(
            known.contains(&key.as_str()),
            "`{key}` isn't known here: {map}"
        );
    }
}

pub(crate) fn object(map: &Value) -> impl Iterator<Item = (String, &Value)> {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), value))
}

pub(crate) fn string(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} should be a text"))
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("a temporary path is text").to_owned()
}
