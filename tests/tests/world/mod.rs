//! Accounts of a sandbox in this process, and everything between a spec and them but the binary.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses a part of this, and what isn't as expected fails it"
)]

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use executor::{Options, Report};
use model::{Desired, Plan, Snapshot};
use reader::{Calls, Clients};
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

    /// Serves the account.
    pub async fn serve(&self, faults: Faults) -> (sandbox::Sandbox, Clients) {
        let sandbox = sandbox::start(sandbox::Options {
            store: Some(self.folder.path().join("state.json")),
            faults,
            ..sandbox::Options::new("123456789012")
        });
        let sandbox = sandbox.await.unwrap();
        let credentials =
            aws_credential_types::Credentials::new("test", "test", None, None, "test");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .empty_test_environment()
            .region(Region::new("us-east-1"))
            .endpoint_url(sandbox.endpoint())
            .credentials_provider(credentials)
            .load()
            .await;
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
        let Clients {
            iam,
            cloudwatch,
            logs,
            sts: _,
            cloudtrail: _,
        } = clients.clone();
        let clients = executor::Clients {
            iam,
            cloudwatch,
            logs,
        };
        let options = Options {
            parallelism: 4,
            kits: self.folder.path().join("kits"),
            settle: Duration::ZERO,
            deadline: Duration::from_secs(600),
        };
        let (_raise, stop) = watch::channel(false);
        executor::apply(plan, &clients, &options, stop, |_| {}).await
    }
}

/// Reads the account. None: not even who calls could be read.
pub async fn read(clients: &Clients, desired: &Desired) -> Option<Snapshot> {
    let identity = reader::whoami(clients).await.ok()?;
    Some(reader::read(clients, identity, desired, 4).await)
}
