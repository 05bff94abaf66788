//! A spec, the account it is for, and the way there.

use std::path::PathBuf;

use access::Keeps;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{AccountId, Desired, Plan, Snapshot};
use reader::{Calls, Clients, Identity};
use render::Header;
use sandbox::Sandbox;
use spec::Spec;

use crate::args::{Permitted, SpecArgs, TargetArgs};
use crate::error::CommandError;
use crate::git;
use crate::permissions;
use crate::ui::Ui;

/// Makes a plan: [`planner::plan`], or [`planner::plan_destroy`].
pub(crate) type Planner = fn(&Desired, &Snapshot) -> Plan;

/// Holds a loaded spec and clients of the account it is for.
pub(crate) struct Session {
    pub(crate) desired: Desired,
    pub(crate) header: Header,
    pub(crate) clients: Clients,
    pub(crate) is_sandbox: bool,
    identity: Identity,
    /// How a user's requests are signed.
    signed: model::Session,
    calls: Calls,
    sandbox: Option<Sandbox>,
    parallelism: usize,
}

/// Loads a spec and shows its warnings.
pub(crate) fn load(ui: &Ui, args: &SpecArgs) -> Result<Spec, CommandError> {
    let spec = spec::load(args.path())?;
    ui.diagnostics(&spec.warnings);
    Ok(spec)
}

impl Session {
    /// Loads the spec, connects, and makes sure that the account is the spec's.
    pub(crate) async fn open(ui: &Ui, args: &TargetArgs) -> Result<Self, CommandError> {
        let desired = load(ui, &args.spec)?.desired;
        let sandbox = match &args.sandbox {
            Some(file) => Some(start_sandbox(file.clone(), &desired).await?),
            None => None,
        };
        let calls = Calls::default();
        let config = config(&desired, sandbox.as_ref()).await;
        let clients = Clients::new(&config, &calls);
        let identity = reader::whoami(&clients).await?;
        if identity.account != desired.account {
            let (live, declared) = (identity.account, desired.account);
            return Err(CommandError::WrongAccount {
                live,
                declared,
                spec: args.spec.path().to_owned(),
            });
        }
        let header = Header {
            spec: args.spec.path().display().to_string(),
            commit: git::commit(args.spec.path()),
            declared: desired.objects.len(),
            sandbox: sandbox.is_some(),
        };
        let (is_sandbox, parallelism) = (sandbox.is_some(), usize::from(args.parallelism));
        Ok(Self {
            desired,
            header,
            clients,
            is_sandbox,
            identity,
            signed: signed(&config).await,
            calls,
            sandbox,
            parallelism,
        })
    }

    /// Reads the account.
    pub(crate) async fn read(&self, ui: &Ui) -> Snapshot {
        ui.status(&format!("Reading account {} …", self.identity.account));
        reader::read(
            &self.clients,
            self.identity.clone(),
            &self.desired,
            self.parallelism,
        )
        .await
    }

    /// Plans, and proves what the plan comes to.
    pub(crate) async fn plan(&self, ui: &Ui, make: Planner) -> Plan {
        let snapshot = self.read(ui).await;
        let plan = make(&self.desired, &snapshot);
        let keeps = Keeps {
            requests: permissions::of_spec(Permitted::Apply, &self.desired, &snapshot.account),
            session: self.signed,
        };
        access::review(plan, &self.desired, &snapshot, today(), Some(&keeps))
    }

    /// Returns the account that the credentials are of.
    pub(crate) fn account(&self) -> &AccountId {
        &self.identity.account
    }

    /// Shows the calls that were made, and ends the sandbox, which saves its state.
    pub(crate) async fn close(self, ui: &Ui) -> Result<(), CommandError> {
        ui.calls(&self.calls);
        match self.sandbox {
            Some(sandbox) => Ok(sandbox.stop().await?),
            None => Ok(()),
        }
    }
}

/// Tells how a user's requests are signed: a session of a user that may call IAM has MFA (`GetSessionToken` in the STS API
/// reference), and a long-term access key hasn't.
async fn signed(config: &SdkConfig) -> model::Session {
    let Some(provider) = config.credentials_provider() else {
        return model::Session::Key;
    };
    match provider.provide_credentials().await {
        Ok(credentials) if credentials.session_token().is_some() => model::Session::Mfa,
        Ok(_) | Err(_) => model::Session::Key,
    }
}

/// Returns the day it is in UTC, by which acceptances end.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

async fn start_sandbox(file: PathBuf, desired: &Desired) -> Result<Sandbox, CommandError> {
    let options = sandbox::Options {
        store: Some(file),
        ..sandbox::Options::new(desired.account.to_string())
    };
    Ok(sandbox::start(options).await?)
}

/// Takes credentials, profile and endpoint from where every AWS tool does, and the region from the spec; for a sandbox,
/// all of it from the sandbox, so that nothing can leave the machine.
async fn config(desired: &Desired, sandbox: Option<&Sandbox>) -> SdkConfig {
    let region = Region::new(desired.region.to_string());
    let loader = aws_config::defaults(BehaviorVersion::latest()).region(region);
    match sandbox {
        None => loader.load().await,
        Some(sandbox) => {
            let credentials =
                aws_sdk_iam::config::Credentials::new("sandbox", "sandbox", None, None, "sandbox");
            loader
                .empty_test_environment()
                .endpoint_url(sandbox.endpoint())
                .credentials_provider(credentials)
                .load()
                .await
        }
    }
}
