//! A small strict AWS on loopback.
//!
//! IAM, STS, CloudWatch, CloudWatch Logs, a little of S3 and CloudTrail's event history for any AWS client that is pointed at [`Sandbox::endpoint`], with any credentials. It says no where AWS
//! says no; what it does not have, it refuses by name. An access key of twelve digits stands for that account, so that
//! one sandbox holds many; a key that `CreateAccessKey` or STS gave stands for its user or role; every other key stands
//! for [`Options::account`]. Whoever calls is an administrator unless [`Options::enforce`] is set, and signatures are not
//! checked.
//!
//! ```no_run
//! # async fn example() -> Result<(), mfactl_sandbox::SandboxError> {
//! let sandbox = mfactl_sandbox::start(mfactl_sandbox::Options::new("123456789012")).await?;
//! println!("export AWS_ENDPOINT_URL={}", sandbox.endpoint());
//! sandbox.stop().await
//! # }
//! ```

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

mod authorization;
mod call;
mod caller;
mod cloudtrail;
mod cloudwatch;
mod codec;
mod error;
mod faults;
mod iam;
mod logs;
mod operation;
mod page;
mod replica;
mod request_log;
mod s3;
mod server;
mod sign_in;
mod signature;
mod state;
mod store;
mod sts;
mod unit;
mod value;

use call::Rules;
use faults::Striker;
pub use faults::{Effect, Fault, Faults, When};
use operation::Service;
use request_log::RequestLog;
use server::Shared;
use state::State;
use store::Store;

/// Holds what `docs/sandbox.md` says of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationInfo {
    /// The service, by the prefix of its actions in policies, such as `iam`.
    pub service: &'static str,
    /// The name in the API.
    pub name: &'static str,
    /// In what it is known to differ from AWS's, if in anything.
    pub unlike: Option<&'static str>,
}

/// Returns the operations that the sandbox has: by service, then by name.
pub fn operations() -> Vec<OperationInfo> {
    let of_service = |service: Service| {
        let families = service.operations().into_iter().flatten();
        let mut operations: Vec<_> = families
            .map(|operation| OperationInfo {
                service: service.prefix(),
                name: operation.name,
                unlike: operation.unlike,
            })
            .collect();
        operations.sort_by_key(|operation| operation.name);
        operations
    };
    Service::ALL.into_iter().flat_map(of_service).collect()
}

/// Says what a sandbox is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file that the state is kept in, in a folder that is made if need be; without one it is gone with the sandbox.
    ///
    /// It is written with mode 0600, since it holds the seeds of MFA devices, and whole or not at all. Changes are
    /// saved after 50 ms, or, where saving takes long, after a second at most; and by [`Sandbox::stop`].
    pub store: Option<PathBuf>,
    /// The account that every access key but one of twelve digits stands for; twelve digits.
    pub account: String,
    /// Where to listen: a loopback address. Port 0 is any free one.
    pub listen: SocketAddr,
    /// Whether users and roles may do only what their policies allow. Without this, whoever calls is an administrator.
    ///
    /// The account itself always is: every access key that the sandbox didn't give.
    pub enforce: bool,
    /// Whether `GenerateCredentialReport` always makes a report. AWS, and the sandbox without this, answers one of the
    /// last four hours if there is one, however much has changed since.
    pub fresh_credential_reports: bool,
    /// Buckets of S3 that are there from the start, in the account that this is for.
    pub buckets: Vec<Bucket>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// The file that a JSON line is added to for each request: what was called, with which parameters but for secrets,
    /// and what came of it.
    pub request_log: Option<PathBuf>,
}

impl Options {
    /// Returns the options of a sandbox in memory, on a free port of 127.0.0.1.
    pub fn new(account: impl Into<String>) -> Self {
        Self {
            store: None,
            account: account.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            enforce: false,
            fresh_credential_reports: false,
            buckets: Vec::new(),
            faults: Faults::default(),
            request_log: None,
        }
    }
}

/// Names a bucket of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
}

/// Tells why a sandbox can't start or its state can't be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address can be reached from other machines.
    #[error("the sandbox listens on loopback only, and `{0}` is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The account is not twelve digits.
    #[error("`{0}` is not an account: an account has twelve digits")]
    Account(String),
    /// The name can't be a bucket's.
    #[error("`{0}` can't be a bucket: it has 3 to 63 lowercase letters, digits, `.` and `-`")]
    Bucket(String),
    /// The address can't be listened on.
    #[error("the sandbox can't listen on `{address}`")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Another process uses the state file.
    #[error("`{path}` is in use by another sandbox; stop that one or use another file")]
    InUse {
        /// The state file.
        path: PathBuf,
    },
    /// The state file can't be read.
    #[error("the sandbox state `{path}` can't be read")]
    Read {
        /// The state file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The state file is not what the sandbox wrote.
    #[error(
        "the sandbox state `{path}` is damaged; it was left as it is: restore it from a copy, or move it away to begin anew"
    )]
    Damaged {
        /// The state file.
        path: PathBuf,
        /// Where it is damaged.
        source: serde_json::Error,
    },
    /// The state file contradicts itself.
    #[error("the sandbox state `{path}` is damaged: {detail}; it was left as it is")]
    Inconsistent {
        /// The state file.
        path: PathBuf,
        /// What does not fit together.
        detail: String,
    },
    /// The state file is of another version of the sandbox.
    #[error(
        "the sandbox state `{path}` has format {found}, and this sandbox writes format {expected}; it was left as it is"
    )]
    Format {
        /// The state file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The format of this sandbox.
        expected: u32,
    },
    /// The state file, or its lock, can't be written.
    #[error("the sandbox can't write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The faults can't be used.
    #[error("the faults in `{path}` can't be used")]
    Faults {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The state can't be put into JSON.
    #[error("the sandbox state can't be written as JSON")]
    Serialize(#[source] serde_json::Error),
}

/// Tells of a call that may have changed the state, and what the state was right after it.
pub struct Changed {
    /// The operation, as `iam:CreateUser`. AWS may have refused it.
    pub operation: String,
    /// The state in the form of the state file. It holds the seeds of MFA devices.
    pub state: Vec<u8>,
}

/// Holds a running sandbox. Dropping it stops it too, but nobody learns whether its state was saved.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Sent to, or dropped, to stop the server.
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    saver: JoinHandle<()>,
}

/// Starts a sandbox in the current tokio runtime.
///
/// # Errors
///
/// An account or address that can't be, an address in use, or a state file that can't be used: damaged, of another
/// version, in use by another process, not readable, not writable. A file is never overwritten unless it was read.
pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
    let Options {
        store,
        account,
        listen,
        enforce,
        fresh_credential_reports,
        buckets,
        faults,
        request_log,
    } = options;
    if !listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(listen));
    }
    if !caller::is_account_id(&account) {
        return Err(SandboxError::Account(account));
    }
    if let Some(bucket) = buckets.iter().find(|it| !s3::is_bucket_name(&it.name)) {
        return Err(SandboxError::Bucket(bucket.name.clone()));
    }
    let (store, mut state) = match store {
        Some(path) => Store::open(&path).map(|(store, state)| (Some(store), state))?,
        None => (None, State::default()),
    };
    for Bucket { name, region } in buckets {
        state.account(&account).s3.add_bucket(&name, &region);
    }
    let cannot_listen = |source| SandboxError::Listen {
        address: listen,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let rules = Rules {
        enforce,
        fresh_credential_reports,
    };
    let request_log = request_log
        .map(|path| RequestLog::open(&path))
        .transpose()?;
    let striker = Striker::new(faults);
    let shared = Shared::new(account, rules, striker, request_log, state, store);
    let shared = Arc::new(shared);
    // A file that can't be written is better known now than when there is something to lose.
    shared.save()?;
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(server::serve(listener, Arc::clone(&shared), stopped));
    let saver = tokio::spawn(server::save_changes(Arc::clone(&shared)));
    Ok(Sandbox {
        address,
        shared,
        stop: Some(stop),
        server,
        saver,
    })
}

impl Sandbox {
    /// Returns the URL that clients are pointed at: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the account that calls are for unless their access key says otherwise.
    pub fn account(&self) -> &str {
        self.shared.account()
    }

    /// Returns how often each operation was called, by names as `iam:CreateUser`.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.shared.calls()
    }

    /// Returns where every call that may change the state is told of from now on, in their order and without gaps.
    ///
    /// A sandbox has one receiver: the newest. Signing in to the console isn't told of.
    pub fn watch(&self) -> Receiver<Changed> {
        self.shared.watch()
    }

    /// Stops the server, saves the state and gives the state file free for the next sandbox.
    ///
    /// # Errors
    ///
    /// The state file can't be written.
    pub async fn stop(mut self) -> Result<(), SandboxError> {
        drop(self.stop.take());
        // It ends only so; if it panicked there is nothing left to wait for.
        let _ = (&mut self.server).await;
        self.shared.close()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.saver.abort();
        if let Err(error) = self.shared.close() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the sandbox state is not saved"
            );
        }
    }
}
