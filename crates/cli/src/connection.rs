//! The way to an account: credentials, clients, and whose they are.

use std::path::PathBuf;

use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use model::{AccountId, Desired, Lock, Region, Session, Snapshot};
use reader::{Calls, Clients, Identity};
use sandbox::{Bucket, Sandbox};
use tracing::{Instrument, info_span};

use crate::args::AccountArgs;
use crate::error::CommandError;
use crate::ui::Ui;

/// Holds clients of an account.
pub(crate) struct Connection {
    pub(crate) clients: Clients,
    pub(crate) identity: Identity,
    /// The region of CloudWatch and Logs.
    pub(crate) region: Region,
    /// How a user's requests are signed.
    pub(crate) signed: Session,
    calls: Calls,
    sandbox: Option<Sandbox>,
}

/// Names an embedded AWS.
pub(crate) struct Embedded<'a> {
    /// What it is kept in.
    pub(crate) file: PathBuf,
    /// The account.
    pub(crate) account: &'a AccountId,
    /// The lock whose bucket is to be there.
    pub(crate) lock: Option<&'a Lock>,
}

impl Connection {
    /// Connects to the account that the credentials are of, or to an embedded one that is kept in a file.
    ///
    /// Without a region it is the one that AWS's other tools would use.
    pub(crate) async fn open(
        region: Option<&Region>,
        embedded: Option<Embedded<'_>>,
    ) -> Result<Self, CommandError> {
        let sandbox = match embedded {
            Some(embedded) => Some(start_sandbox(embedded).await?),
            None => None,
        };
        let config = config(region, sandbox.as_ref()).await;
        let configured = config.region().ok_or(CommandError::NoRegion)?;
        let region = Region::new(configured.as_ref())?;
        let calls = Calls::default();
        let clients = Clients::new(&config, &calls);
        let identity = reader::whoami(&clients).await?;
        Ok(Self {
            clients,
            identity,
            region,
            signed: signed(&config).await,
            calls,
            sandbox,
        })
    }

    /// Connects to an account for what needs no spec.
    pub(crate) async fn open_account(args: &AccountArgs) -> Result<Self, CommandError> {
        let AccountArgs {
            region,
            sandbox,
            account,
        } = args;
        let embedded = sandbox.clone().map(|file| Embedded {
            file,
            account,
            lock: None,
        });
        Self::open(region.as_ref(), embedded).await
    }

    /// Reads what a spec declares or prunes of the account.
    pub(crate) async fn read(&self, ui: &Ui, desired: &Desired, parallelism: usize) -> Snapshot {
        ui.status(&format!("Reading account {} …", self.identity.account));
        reader::read(&self.clients, self.identity.clone(), desired, parallelism)
            .instrument(info_span!("read"))
            .await
    }

    /// Returns what counts the calls.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Tells whether it is the embedded AWS.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
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

async fn start_sandbox(embedded: Embedded<'_>) -> Result<Sandbox, CommandError> {
    let Embedded {
        file,
        account,
        lock,
    } = embedded;
    let bucket = lock.map(|lock| Bucket {
        name: lock.object.bucket().to_owned(),
        region: lock.region.to_string(),
    });
    let options = sandbox::Options {
        store: Some(file),
        buckets: bucket.into_iter().collect(),
        ..sandbox::Options::new(account.to_string())
    };
    Ok(sandbox::start(options).await?)
}

/// Takes credentials, profile and endpoint from where every AWS tool does; for a sandbox all of it from the sandbox, so
/// that nothing can leave the machine.
async fn config(region: Option<&Region>, sandbox: Option<&Sandbox>) -> SdkConfig {
    /// Where an embedded account is, unless somebody says otherwise.
    const HOME: &str = "us-east-1";
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    // Part of the user agent, by which CloudTrail tells mfactl's calls from others.
    if let Ok(name) = AppName::new("mfactl") {
        loader = loader.app_name(name);
    }
    let loader = match (region, sandbox) {
        (Some(region), _) => loader.region(aws_config::Region::new(region.to_string())),
        (None, Some(_)) => loader.region(HOME),
        (None, None) => loader,
    };
    match sandbox {
        None => loader.load().await,
        Some(sandbox) => {
            let credentials = Credentials::new("sandbox", "sandbox", None, None, "sandbox");
            loader
                .empty_test_environment()
                .endpoint_url(sandbox.endpoint())
                .credentials_provider(credentials)
                .load()
                .await
        }
    }
}

/// Tells how a user's requests are signed: a session of a user that may call IAM has MFA (`GetSessionToken` in the STS API
/// reference), and a long-term access key hasn't.
async fn signed(config: &SdkConfig) -> Session {
    let Some(provider) = config.credentials_provider() else {
        return Session::Key;
    };
    match provider.provide_credentials().await {
        Ok(credentials) if credentials.session_token().is_some() => Session::Mfa,
        Ok(_) | Err(_) => Session::Key,
    }
}
