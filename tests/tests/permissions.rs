//! The permissions that `mfactl permissions` prints are all that are needed, and each of them is.
//!
//! What is in the account changes in four runs: everything is created, changed, pruned or destroyed, by a user who has
//! exactly what the command prints, on a sandbox that enforces it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use executor::{ActionResult, Options, TotpCode};
use mfactl_tests::{Account, Mfactl, repository};
use model::{Desired, DeviceName, Logins, ReadFailure, UserName};
use policy::Document;
use reader::{Calls, Clients, LoginQuery, LoginSearch};
use sandbox::Sandbox;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::sync::watch;
use totp_rs::{Builder, Secret};

const ARN: &str = "arn:aws:iam::123456789012:policy/runner";

/// Only shown, so that nothing fails without it.
const ALIAS: &str = "iam:ListAccountAliases";

/// Called only where others wait until a change is in force, or where no answer came, which isn't in every run.
const SOMETIMES: [&str; 3] = [
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupsForUser",
];

/// Needs no permission.
const IDENTITY: &str = "sts:GetCallerIdentity";

fn spec(name: &str) -> PathBuf {
    repository("tests/tests/permissions").join(name)
}

fn desired(name: &str) -> Desired {
    spec::load(&spec(name)).unwrap().desired
}

/// Returns the policy that `mfactl permissions` prints.
fn printed(arguments: &[&str]) -> Document {
    let mfactl = Mfactl::new(Vec::new());
    let ran = mfactl.run(["permissions"].iter().chain(arguments));
    Document::parse(&ran.ends_with(0)).unwrap()
}

fn for_spec(command: &str, name: &str) -> Document {
    printed(&[command, "-f", spec(name).to_str().unwrap()])
}

fn actions(document: &Document) -> BTreeSet<String> {
    let statements = document.statements();
    statements
        .flat_map(|statement| statement.actions().patterns())
        .map(ToString::to_string)
        .collect()
}

/// Returns the document without one action.
fn without(document: &Document, action: &str) -> Document {
    let mut json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
    let statements = match json.get_mut("Statement").unwrap() {
        serde_json::Value::Array(statements) => statements.iter_mut().collect::<Vec<_>>(),
        one => vec![one],
    };
    let mut left = Vec::new();
    for statement in statements {
        let actions = match statement.get("Action").unwrap() {
            serde_json::Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        let actions: Vec<_> = actions.into_iter().filter(|it| it != action).collect();
        let mut statement = statement.clone();
        *statement.get_mut("Action").unwrap() = actions.clone().into();
        if !actions.is_empty() {
            left.push(statement);
        }
    }
    *json.get_mut("Statement").unwrap() = left.into();
    Document::parse(&json.to_string()).unwrap()
}

/// An account on a sandbox that enforces policies, with a user who runs mfactl.
struct World {
    sandbox: Sandbox,
    folder: TempDir,
    root: aws_sdk_iam::Client,
    key: Credentials,
}

/// What a run called and what it complained about.
struct Outcome {
    called: BTreeSet<String>,
    complaints: String,
}

impl World {
    /// Starts with a copy of an account that was kept, or with one where there is only the user.
    async fn start(kept: Option<&Kept>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = folder.path().join("aws.json");
        if let Some(kept) = kept {
            fs::copy(&kept.store, &store).unwrap();
        }
        let options = sandbox::Options {
            store: Some(store),
            enforce: true,
            ..sandbox::Options::new("123456789012")
        };
        let sandbox = sandbox::start(options).await.unwrap();
        let root = aws_sdk_iam::Client::new(&config(&sandbox, account()));
        let key = match kept {
            Some(kept) => kept.key.clone(),
            None => runner(&root).await,
        };
        Self {
            sandbox,
            folder,
            root,
            key,
        }
    }

    async fn permit(&self, document: &Document) {
        let version = self.root.create_policy_version().policy_arn(ARN);
        let version = version.policy_document(document.to_json());
        version.set_as_default(true).send().await.unwrap();
        for version in self.versions(ARN).await.iter().skip(1) {
            let call = self.root.delete_policy_version().policy_arn(ARN);
            call.version_id(version).send().await.unwrap();
        }
    }

    /// Lists a policy's versions, the newest first.
    async fn versions(&self, arn: &str) -> Vec<String> {
        let answer = self.root.list_policy_versions().policy_arn(arn).send();
        let answer = answer.await.unwrap();
        let ids = answer.versions().iter();
        ids.map(|version| version.version_id().unwrap().to_owned())
            .collect()
    }

    async fn run(&self, run: &Run) -> Outcome {
        let calls = Calls::default();
        let clients = Clients::new(&config(&self.sandbox, self.key.clone()), &calls);
        let identity = reader::whoami(&clients).await.unwrap();
        let snapshot = reader::read(&clients, identity, &run.desired, 4).await;
        let mut complaints: Vec<String> = snapshot
            .unread()
            .values()
            .map(|failure| format!("{} {}", failure.operation, failure.message))
            .collect();
        let plan = (run.plan)(&run.desired, &snapshot);
        if run.applies {
            let writers = executor::Clients {
                iam: clients.iam.clone(),
                cloudwatch: clients.cloudwatch.clone(),
                logs: clients.logs.clone(),
                clock: calls.clock().clone(),
            };
            let kits = TempDir::new_in(self.folder.path()).unwrap();
            let options = Options {
                parallelism: 4,
                kits: kits.path().to_owned(),
                settle: Duration::ZERO,
                deadline: Duration::from_secs(600),
            };
            let (_stop, stopped) = watch::channel(false);
            let report = executor::apply(&plan, &writers, &options, stopped, |_| {}).await;
            for result in &report.results {
                if let ActionResult::Failed(error) = result {
                    complaints.push(format!("{error} {}", error.advice().unwrap_or_default()));
                }
            }
        }
        Outcome {
            called: calls.counts().into_keys().collect(),
            complaints: complaints.join("\n"),
        }
    }

    /// Stops the sandbox, and keeps the account.
    async fn keep(self) -> Kept {
        let Self {
            sandbox,
            folder,
            root: _,
            key,
        } = self;
        sandbox.stop().await.unwrap();
        Kept {
            store: folder.path().join("aws.json"),
            _folder: folder,
            key,
        }
    }
}

/// An account as it was at some time.
struct Kept {
    store: PathBuf,
    _folder: TempDir,
    key: Credentials,
}

fn config(sandbox: &Sandbox, key: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(sandbox.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build()
}

/// Returns a key that stands for the account itself.
fn account() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test")
}

/// Makes the user who runs mfactl, with a policy that says nothing yet, and returns its access key.
async fn runner(root: &aws_sdk_iam::Client) -> Credentials {
    let nothing = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}}"#;
    let user = root.create_user().user_name("runner").send();
    user.await.unwrap();
    let policy = root.create_policy().policy_name("runner");
    policy.policy_document(nothing).send().await.unwrap();
    let attachment = root.attach_user_policy().user_name("runner");
    attachment.policy_arn(ARN).send().await.unwrap();
    let key = root.create_access_key().user_name("runner").send();
    let key = key.await.unwrap();
    let key = key.access_key().unwrap();
    Credentials::new(
        key.access_key_id(),
        key.secret_access_key(),
        None,
        None,
        "test",
    )
}

/// Gives `own` as many versions as there can be, alice everything that must go before her, and bob a security key.
async fn age(world: &World) {
    let own = "arn:aws:iam::123456789012:policy/people/own";
    for bucket in 1..5 {
        let document = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::{bucket}/*"}}}}"#
        );
        let call = world.root.create_policy_version().policy_arn(own);
        call.policy_document(document).send().await.unwrap();
    }
    let root = &world.root;
    let key = root.create_access_key().user_name("alice").send();
    key.await.unwrap();
    let certificate = root.upload_signing_certificate().user_name("alice");
    let certificate = certificate.certificate_body(pem("CERTIFICATE"));
    certificate.send().await.unwrap();
    let ssh = root.upload_ssh_public_key().user_name("alice");
    let ssh = ssh.ssh_public_key_body(pem("PUBLIC KEY"));
    ssh.send().await.unwrap();
    let specific = root.create_service_specific_credential().user_name("alice");
    let specific = specific.service_name("codecommit.amazonaws.com");
    specific.send().await.unwrap();
    // Bob has no virtual device, which the list of all would show.
    for user in ["alice", "bob"] {
        let device = root.enable_mfa_device().user_name(user);
        let device = device.serial_number(format!(
            "arn:aws:iam::123456789012:u2f/user/{user}/key-of-{user}"
        ));
        let device = device
            .authentication_code1("123456")
            .authentication_code2("654321");
        device.send().await.unwrap();
    }
}

/// Returns something that looks like a key or a certificate.
fn pem(what: &str) -> String {
    format!("-----BEGIN {what}-----\nMIIBszCCAVmgAwIBAgIU\n-----END {what}-----\n")
}

/// One run of mfactl.
struct Run {
    desired: Desired,
    plan: fn(&Desired, &model::Snapshot) -> model::Plan,
    applies: bool,
}

fn plan(name: &str) -> Run {
    Run {
        desired: desired(name),
        plan: planner::plan,
        applies: false,
    }
}

fn apply(name: &str) -> Run {
    Run {
        applies: true,
        ..plan(name)
    }
}

fn destroy(name: &str) -> Run {
    Run {
        desired: desired(name).destroyed(),
        plan: planner::plan_destroy,
        applies: true,
    }
}

/// Returns the accounts that the runs begin with: an empty one, and one where everything is.
async fn accounts() -> [Kept; 2] {
    let world = World::start(None).await;
    let empty = world.keep().await;
    let world = World::start(Some(&empty)).await;
    world.permit(&printed(&["apply"])).await;
    let outcome = world.run(&apply("create.yaml")).await;
    assert_eq!(outcome.complaints, "");
    age(&world).await;
    [empty, world.keep().await]
}

fn with_sometimes(mut actions: BTreeSet<String>) -> BTreeSet<String> {
    actions.extend(SOMETIMES.map(str::to_owned));
    actions
}

/// Asserts that runs complain about nothing with what is printed, and about each action that is missing; returns which
/// actions they need.
async fn needed(runs: &[(&Kept, &Run, &Document)]) -> BTreeSet<String> {
    let mut by_action: BTreeMap<String, (&Kept, &Run, &Document)> = BTreeMap::new();
    for (kept, run, document) in runs {
        let world = World::start(Some(kept)).await;
        world.permit(document).await;
        let Outcome { called, complaints } = world.run(run).await;
        assert_eq!(complaints, "");
        for action in called.into_iter().filter(|action| action != IDENTITY) {
            by_action.entry(action).or_insert((*kept, *run, *document));
        }
    }
    for (action, (kept, run, document)) in &by_action {
        let world = World::start(Some(kept)).await;
        world.permit(&without(document, action)).await;
        let Outcome { complaints, .. } = world.run(run).await;
        assert!(
            complaints.contains(action) || action == ALIAS,
            "without {action}: {complaints}"
        );
    }
    by_action.into_keys().collect()
}

#[tokio::test]
async fn a_plan_needs_each_permission_that_is_printed_for_it_and_no_other() {
    let [empty, full] = accounts().await;
    let all = printed(&["plan"]);
    let (create, leave) = (plan("create.yaml"), plan("leave.yaml"));
    let runs = [
        (&empty, &create, &all),
        (&full, &create, &all),
        (&full, &leave, &all),
    ];
    assert_eq!(needed(&runs).await, actions(&all));
}

#[tokio::test]
async fn an_import_needs_each_permission_that_is_printed_for_it_and_no_other() {
    let [_, full] = accounts().await;
    let all = printed(&["import"]);
    let Desired {
        account, region, ..
    } = desired("create.yaml");
    let import = Run {
        desired: spec::everything(account, region),
        ..plan("create.yaml")
    };
    assert_eq!(needed(&[(&full, &import, &all)]).await, actions(&all));
}

#[tokio::test]
async fn an_apply_needs_each_permission_that_is_printed_for_it_and_no_other() {
    let [empty, full] = accounts().await;
    let (create, change, reset, leave) = (
        for_spec("apply", "create.yaml"),
        for_spec("apply", "change.yaml"),
        for_spec("apply", "reset.yaml"),
        for_spec("apply", "leave.yaml"),
    );
    let runs = [
        (&empty, &apply("create.yaml"), &create),
        (&full, &apply("change.yaml"), &change),
        (&full, &apply("reset.yaml"), &reset),
        (&full, &apply("leave.yaml"), &leave),
    ];
    assert_eq!(
        with_sometimes(needed(&runs).await),
        with_sometimes(actions(&printed(&["apply"])))
    );
}

#[tokio::test]
async fn a_destroy_needs_each_permission_that_is_printed_for_it_and_no_other() {
    let [_, full] = accounts().await;
    let all = for_spec("destroy", "create.yaml");
    let runs = [(&full, &destroy("create.yaml"), &all)];
    assert_eq!(
        with_sometimes(needed(&runs).await),
        with_sometimes(actions(&all))
    );
    assert!(actions(&all).is_subset(&actions(&printed(&["destroy"]))));
}

#[tokio::test]
async fn what_needs_no_spec_needs_each_permission_that_is_printed_for_it_and_no_other() {
    let [_, full] = accounts().await;
    for command in ["report", "enroll", "logins"] {
        let all = printed(&[command]);
        let Outcome { called, complaints } = without_spec(command, &full, &all).await;
        assert_eq!(complaints, "");
        let called: BTreeSet<_> = called.into_iter().filter(|it| it != IDENTITY).collect();
        // A query is stopped only when it takes too long, and that it can't be is no failure.
        let mut needed = actions(&all);
        needed.remove("logs:StopQuery");
        assert_eq!(called, needed);
        for action in called {
            let less = without(&all, &action);
            let Outcome { complaints, .. } = without_spec(command, &full, &less).await;
            assert!(
                complaints.contains(&action) || action == ALIAS,
                "without {action}: {complaints}"
            );
        }
    }
}

async fn logins(clients: &Clients, search: &LoginSearch) -> Result<Logins, ReadFailure> {
    let query = LoginQuery::start(clients, search).await?;
    query.logins(Duration::from_secs(30)).await
}

/// Does what a command does that needs no spec.
async fn without_spec(command: &str, kept: &Kept, document: &Document) -> Outcome {
    let world = World::start(Some(kept)).await;
    world.permit(document).await;
    let calls = Calls::default();
    let clients = Clients::new(&config(&world.sandbox, world.key.clone()), &calls);
    let identity = reader::whoami(&clients).await.unwrap();
    reader::account(&clients, &identity).await;
    let complaints = match command {
        "report" => {
            let report = reader::credential_report(&clients, 4).await;
            let failure = report.map_or_else(Some, |report| report.unread);
            failure.map(|it| format!("{} {}", it.operation, it.message))
        }
        "logins" => {
            let search = LoginSearch {
                log_group: "CloudTrail/AWSLogs".to_owned(),
                since: jiff::Timestamp::UNIX_EPOCH,
                until: jiff::Timestamp::now(),
                user: None,
            };
            let failure = logins(&clients, &search).await.err();
            failure.map(|it| format!("{} {}", it.operation, it.message))
        }
        _ => enrol(&clients.iam).await.err().map(|it| it.to_string()),
    };
    Outcome {
        called: calls.counts().into_keys().collect(),
        complaints: complaints.unwrap_or_default(),
    }
}

/// Enrols a device, synchronises it, and takes another one back.
async fn enrol(iam: &aws_sdk_iam::Client) -> Result<(), executor::Error> {
    let user = UserName::new("alice").unwrap();
    executor::devices_of(iam, &user).await?;
    let name = |name| DeviceName::new(name).unwrap();
    let device = executor::NewDevice::create(iam, &name("one")).await?;
    let secret = Secret::try_from_base32(device.seed().expose_secret()).unwrap();
    let totp = Builder::new().with_secret(secret).build_noncompliant();
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap();
    let code = |time| TotpCode::new(&totp.generate(time).to_string()).unwrap();
    let codes = [&code(now - 30), &code(now)];
    executor::enable_device(iam, &user, &device.serial, codes).await?;
    executor::resync_device(iam, &user, &device.serial, codes).await?;
    let other = executor::NewDevice::create(iam, &name("other")).await?;
    other.delete(iam).await
}

#[test]
fn an_account_that_cannot_be_read_is_not_explained_as_an_empty_one() {
    let (folder, account) = (Mfactl::new(Vec::new()), Account::new());
    let denied = r#"{"operation": "iam:GetAccountAuthorizationDetails", "effect": "deny"}"#;
    let served = account.serve(denied);
    let file = spec("create.yaml");
    let explain = ["explain", "-f", path(&file), "alice", "s3:GetObject"];
    for more in [None, Some("--planned"), Some("--json")] {
        let ran = folder.run_in(served.environment(), explain.iter().chain(&more));
        for said in [
            "iam:GetAccountAuthorizationDetails answers: ",
            "`mfactl permissions explain` prints what the credentials need",
        ] {
            assert!(ran.stderr.contains(said), "{more:?}: {}", ran.stderr);
        }
        assert_eq!(ran.ends_with(1), "");
    }
}

#[test]
fn what_a_spec_does_not_declare_it_needs_nothing_for() {
    let folder = TempDir::new().unwrap();
    let people = folder.path().join("people.yaml");
    let text = "version: 1\naccount: \"123456789012\"\nregion: us-east-1\nusers: {alice: {}}\n";
    fs::write(&people, text).unwrap();
    let printed = actions(&printed(&["apply", "-f", path(&people)]));
    assert!(printed.contains("iam:CreateUser"));
    for other in [
        "iam:DeleteUser",
        "iam:CreateGroup",
        "iam:TagUser",
        "cloudwatch:PutMetricAlarm",
    ] {
        assert!(!printed.contains(other), "{other}");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
