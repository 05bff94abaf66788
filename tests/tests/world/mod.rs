//! Accounts of a sandbox in this process, and everything between a spec and them but the binary.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses a part of this, and what isn't as expected fails it"
)]

use std::cell::RefCell;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use executor::{Event, Options, Report};
use model::{Desired, Plan, Snapshot};
use reader::{Calls, Clients, Clock};
use sandbox::Faults;
use tempfile::TempDir;
use tokio::sync::watch;

/// Holds an account in a file and a folder for kits.
pub struct World {
    folder: TempDir,
}

impl World {
    /// Makes an empty account.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Reads a spec.
    pub fn load(&self, text: &str) -> Desired {
        let file = self.folder.path().join("mfactl.yaml");
        std::fs::write(&file, text).unwrap();
        match spec::load(&file) {
            Ok(spec) => spec.desired,
            Err(errors) => panic!("{text}\n{errors:?}"),
        }
    }

    /// Returns the state that the last sandbox left; nothing if there was none.
    pub fn state(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("state.json")).unwrap_or_default()
    }

    /// Serves the account.
    pub async fn serve(&self, faults: Faults) -> (sandbox::Sandbox, Clients) {
        let sandbox = sandbox::start(sandbox::Options {
            store: Some(self.folder.path().join("state.json")),
            faults,
            ..sandbox::Options::new("123456789012")
        });
        let sandbox = sandbox.await.unwrap();
        let config = config().await.to_builder();
        let config = config.endpoint_url(sandbox.endpoint()).build();
        let clients = Clients::new(&config, &Calls::default());
        (sandbox, clients)
    }

    /// Reads, plans and applies once. None: the account couldn't be read.
    pub async fn apply(&self, clients: &Clients, desired: &Desired) -> Option<(Plan, Report)> {
        let plan = planner::plan(desired, &read(clients, desired).await?);
        let report = self.execute(clients, &plan).await;
        Some((plan, report))
    }

    /// Applies a plan.
    pub async fn execute(&self, clients: &Clients, plan: &Plan) -> Report {
        self.execute_while(clients, plan, |_| {}).await
    }

    /// Applies a plan, and tells what happens while it does.
    pub async fn execute_while(
        &self,
        clients: &Clients,
        plan: &Plan,
        events: impl Fn(&Event) + Send + Sync,
    ) -> Report {
        let Clients {
            iam,
            cloudwatch,
            logs,
            s3: _,
            sts: _,
            cloudtrail: _,
        } = clients.clone();
        let clients = executor::Clients {
            iam,
            cloudwatch,
            logs,
            clock: Clock::default(),
        };
        let options = Options {
            parallelism: 4,
            kits: self.folder.path().join("kits"),
            settle: Duration::ZERO,
            deadline: Duration::from_secs(600),
        };
        let (_raise, stop) = watch::channel(false);
        executor::apply(plan, &clients, &options, stop, events).await
    }
}

/// Returns the configuration of this thread's clients, without an endpoint. Making an HTTP client reads all certificates
/// of the system, which takes longer than many an apply.
async fn config() -> SdkConfig {
    thread_local! {
        static CONFIG: RefCell<Option<SdkConfig>> = const { RefCell::new(None) };
    }
    if let Some(config) = CONFIG.with_borrow(Clone::clone) {
        return config;
    }
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
    let config = aws_config::defaults(BehaviorVersion::latest())
        .empty_test_environment()
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await;
    CONFIG.set(Some(config.clone()));
    config
}

/// Reads the account. None: not even who calls could be read.
pub async fn read(clients: &Clients, desired: &Desired) -> Option<Snapshot> {
    let identity = reader::whoami(clients).await.ok()?;
    Some(reader::read(clients, identity, desired, 4).await)
}
