//! A sandbox, plans for it and what becomes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use mfactl_executor::{ActionResult, Clients, Event, Options, Outcome, Report, SkipReason, apply};
use model::{
    Account, AccountId, Action, ActionId, Address, Body, Boundary, Caller, Change, Edge, Group,
    ManagedPolicy, Owner, Partition, Path, Plan, Policy, Recipient, Tags, User, UserName,
};
use sandbox::{Effect, Fault, Faults, Sandbox, When};
use tempfile::TempDir;
use tokio::sync::watch;

pub(crate) const ACCOUNT: &str = "123456789012";

/// Holds a sandbox, a folder for kits and the key that opens them.
pub(crate) struct Aws {
    _sandbox: Sandbox,
    pub(crate) clients: Clients,
    pub(crate) folder: TempDir,
    pub(crate) identity: age::x25519::Identity,
    /// What happened, as a log would show it.
    pub(crate) events: Arc<Mutex<Vec<String>>>,
}

pub(crate) async fn aws() -> Aws {
    aws_with(Faults::default()).await
}

/// Returns a sandbox in which things go wrong.
pub(crate) async fn aws_with(faults: Faults) -> Aws {
    let options = sandbox::Options {
        faults,
        ..sandbox::Options::new(ACCOUNT)
    };
    let sandbox = sandbox::start(options).await.unwrap();
    Aws {
        clients: clients(&sandbox.endpoint()),
        _sandbox: sandbox,
        folder: tempfile::tempdir().unwrap(),
        identity: age::x25519::Identity::generate(),
        events: Arc::default(),
    }
}

/// Says that one thing goes wrong.
pub(crate) fn fault(operation: &str, when: When, effect: Effect) -> Faults {
    let operation = operation.to_owned();
    let fault = Fault {
        operation,
        when,
        effect,
    };
    Faults {
        faults: vec![fault],
        ..Faults::default()
    }
}

/// Makes clients of an endpoint.
macro_rules! client {
    ($service:ident, $endpoint:expr) => {
        $service::Client::from_conf(
            $service::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
                .endpoint_url($endpoint)
                .build(),
        )
    };
}

fn clients(endpoint: &str) -> Clients {
    Clients {
        iam: client!(aws_sdk_iam, endpoint),
        cloudwatch: client!(aws_sdk_cloudwatch, endpoint),
        logs: client!(aws_sdk_cloudwatchlogs, endpoint),
        clock: reader::Clock::default(),
    }
}

impl Aws {
    pub(crate) fn kits(&self) -> PathBuf {
        self.folder.path().join("kits")
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient::new(self.identity.to_public().to_string()).unwrap()
    }

    /// Returns what a person reads in their kit.
    pub(crate) fn kit(&self, user: &str) -> String {
        let sealed = fs::read(self.kits().join(format!("{user}.age"))).unwrap();
        String::from_utf8(age::decrypt(&self.identity, &sealed).unwrap()).unwrap()
    }

    /// Applies changes, each after all before it.
    pub(crate) async fn apply(&self, changes: Vec<(Address, Change)>) -> Report {
        self.apply_plan(&plan(changes)).await
    }

    pub(crate) async fn apply_plan(&self, plan: &Plan) -> Report {
        let (_stop, stopped) = watch::channel(false);
        self.apply_until(plan, stopped, |_| {}).await
    }

    pub(crate) async fn apply_until(
        &self,
        plan: &Plan,
        stopped: watch::Receiver<bool>,
        on_event: impl Fn(&Event) + Send + Sync,
    ) -> Report {
        let options = Options {
            parallelism: 4,
            kits: self.kits(),
            settle: Duration::ZERO,
            deadline: Duration::from_secs(600),
        };
        apply(plan, &self.clients, &options, stopped, |event| {
            self.events.lock().unwrap().push(format!("{event:?}"));
            on_event(event);
        })
        .await
    }

    /// Everything that a log, a terminal or a file could show of what happened.
    pub(crate) fn everything_shown(&self, report: &Report) -> String {
        format!("{:?} {report:?}", self.events.lock().unwrap())
    }
}

pub(crate) fn account() -> Account {
    Account {
        id: AccountId::new(ACCOUNT).unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    }
}

/// Makes a plan of changes, each after all before it.
pub(crate) fn plan(changes: Vec<(Address, Change)>) -> Plan {
    let action = |(id, (address, change))| Action {
        id: ActionId(id),
        address,
        change,
        after: (0..id).map(|id| (ActionId(id), Edge::Needs)).collect(),
        origin: None,
        part_of: None,
        people: 0,
    };
    Plan {
        account: account(),
        region: model::Region::new("us-east-1").unwrap(),
        caller: Caller::Root,
        actions: changes.into_iter().enumerate().map(action).collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        proofs: Vec::new(),
        gains: None,
        unread: BTreeMap::new(),
        digest: String::new(),
    }
}

pub(crate) fn create(address: &str, after: Body) -> (Address, Change) {
    (address.parse().unwrap(), Change::Create { after })
}

pub(crate) fn update(address: &str, before: Body, after: Body) -> (Address, Change) {
    let fields = Vec::new();
    let change = Change::Update {
        before,
        after,
        fields,
    };
    (address.parse().unwrap(), change)
}

pub(crate) fn delete(address: &str, before: Body) -> (Address, Change) {
    (address.parse().unwrap(), Change::Delete { before })
}

/// Turns creates round: what was made last is deleted first.
pub(crate) fn deletes(creates: Vec<(Address, Change)>) -> Vec<(Address, Change)> {
    let creates = creates.into_iter().rev();
    let delete = |(address, change): (Address, Change)| {
        let before = change.after().unwrap().clone();
        (address, Change::Delete { before })
    };
    creates.map(delete).collect()
}

/// Says in a word each what became of the actions.
pub(crate) fn outcomes(report: &Report) -> Vec<String> {
    let word = |result: &ActionResult| match result {
        ActionResult::Done(Outcome::Applied) => "applied".to_owned(),
        ActionResult::Done(Outcome::AlreadyDone) => "already done".to_owned(),
        ActionResult::Failed(error) => error.to_string(),
        ActionResult::Skipped(SkipReason::Failed(id)) => format!("after {id}"),
        ActionResult::Skipped(SkipReason::Interrupted) => "interrupted".to_owned(),
    };
    report.results.iter().map(word).collect()
}

pub(crate) fn assert_applied(report: &Report) {
    let outcomes = outcomes(report);
    assert!(
        outcomes.iter().all(|outcome| outcome == "applied"),
        "{outcomes:?}"
    );
}

pub(crate) fn path(text: &str) -> Path {
    Path::new(text).unwrap()
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    let mut tags = Tags::default();
    for (key, value) in pairs {
        tags.observe(*key, *value);
    }
    tags
}

pub(crate) fn user_named(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

pub(crate) fn user() -> User {
    User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::None,
        renamed_from: None,
    }
}

pub(crate) fn group() -> Body {
    Body::Group(Group { path: Path::root() })
}

/// Returns a policy that allows one action.
pub(crate) fn policy(action: &str) -> Policy {
    let statement = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    Policy {
        path: path("/mfa/"),
        description: Some("for tests".to_owned()),
        document: policy::Document::parse(&text).unwrap(),
        tags: Tags::default(),
    }
}

pub(crate) fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: path("/mfa/"),
        name: model::PolicyName::new(name).unwrap(),
    }
}
