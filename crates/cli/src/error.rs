//! What went wrong, as an exit code and a hint. The only place that knows both.

use std::error::Error;
use std::path::{Path, PathBuf};

use access::Obstacle;
use executor::{KitError, LockError};
use model::{AccountId, DeviceName, FindingCode, Kind, NameError, ReadFailure, S3Object, UserName};
use pattern::PatternError;
use policy::evaluate::RequestError;
use reader::ReadError;
use sandbox::SandboxError;
use spec::SpecErrors;

use crate::args::DEFAULT_SPEC;
use crate::lock;
use crate::saved_plan::SavedPlanError;
use crate::webhook::WebhookError;

/// Tells how mfactl ends. `docs/reference.md` says it to users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error, an incomplete read among them, or a declined question.
    Failed,
    /// Changes are pending.
    Changes,
    /// Refused: a guard, a limit or a proof says no.
    Refused,
    /// Interrupted by the user.
    Interrupted,
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Changes => 2,
            Exit::Refused => 3,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::from(exit))
    }
}

/// Says why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Spec(#[from] SpecErrors),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the credentials are of account {live}, and {spec} is for {declared}")]
    WrongAccount {
        live: AccountId,
        declared: AccountId,
        spec: PathBuf,
    },
    #[error("the plan is refused; nothing was changed")]
    Refused,
    #[error("declined; nothing was changed")]
    Declined,
    #[error("interrupted; nothing was changed")]
    Interrupted,
    #[error(transparent)]
    Lock(LockError),
    #[error("the lock {object} is held: {held}")]
    Held { object: S3Object, held: String },
    #[error("no lock is named")]
    NoLock,
    #[error("that is not the id of this lock; it was left")]
    OtherLock,
    /// A refusal of a plan that is incomplete, which is an error before it is a refusal.
    #[error(transparent)]
    Incomplete(Box<Self>),
    #[error(transparent)]
    Kits(#[from] KitError),
    #[error(transparent)]
    SavedPlan(#[from] SavedPlanError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error("can't read {file}")]
    Input {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("the filter pattern is not valid")]
    Pattern {
        /// The pattern with a caret below the mistake.
        place: String,
        source: PatternError,
    },
    #[error("no single metric filter of the spec is named `{name}`; it has: {known}")]
    Filter { name: String, known: String },
    #[error("no finding is named `{code}`{}", meant(*nearest))]
    FindingCode {
        code: String,
        nearest: Option<FindingCode>,
    },
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("can't explain: {0}")]
    Explain(Obstacle),
    #[error("can't explain, since {kind} could not be read: {} answers: {}", failure.operation, failure.message)]
    ExplainUnread { kind: Kind, failure: ReadFailure },
    #[error("{operation} failed: {message}")]
    Simulation { operation: String, message: String },
    #[error("no region is given")]
    NoRegion,
    #[error("no account is given")]
    NoAccount,
    #[error("{} is for {declared}, and {option} says {said}", spec.display())]
    Contradicts {
        option: &'static str,
        said: String,
        spec: PathBuf,
        declared: String,
    },
    #[error("{} exists; nothing was written", path.display())]
    Exists { path: PathBuf },
    #[error("can't write {}", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the spec is incomplete, since not everything could be read: {kinds}")]
    ImportIncomplete { kinds: String },
    #[error("planning the imported spec would change {objects}")]
    ImportDiffers { objects: String },
    #[error("{} failed: {}", .0.operation, .0.message)]
    Unread(ReadFailure),
    #[error("{}, line {line}, is not a line of a report's history", file.display())]
    History {
        file: PathBuf,
        line: usize,
        source: serde_json::Error,
    },
    #[error(transparent)]
    Enrol(#[from] executor::Error),
    #[error(transparent)]
    Show(#[from] executor::ShowError),
    #[error(transparent)]
    Draw(#[from] executor::DrawError),
    #[error("stdout is no terminal, and what is to be shown is a secret; nothing was changed")]
    NoTerminal,
    #[error("no user is named, and the credentials are of {0}")]
    NoUser(String),
    #[error("{0} has {max} MFA devices, as many as AWS allows (MFADevicesPerUser); nothing was changed", max = executor::MOST_DEVICES)]
    TooManyDevices(UserName),
    #[error("an MFA device `{0}` exists; nothing was changed")]
    DeviceExists(DeviceName),
    #[error("it isn't clear which device is meant; the user has: {}", some(.0))]
    WhichDevice(Vec<String>),
    #[error("no two codes that AWS takes were given")]
    NoCodes,
    #[error("the security key wasn't registered in time")]
    NotRegistered,
    #[error("the spec has no single log group")]
    WhichLogGroup,
    #[error("interrupted")]
    Stopped,
    #[error("cloudwatch:PutMetricData failed: {0}")]
    Metric(String),
    #[error("the spec names no log group")]
    NoLogGroup,
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    #[error("can't start")]
    Runtime(#[source] std::io::Error),
    #[error("can't write the result")]
    Output(#[source] std::io::Error),
}

impl CommandError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::WrongAccount { .. } | Self::Refused => Exit::Refused,
            Self::SavedPlan(error) if error.is_refusal() => Exit::Refused,
            Self::Interrupted | Self::Stopped | Self::Lock(LockError::Stopped(_)) => {
                Exit::Interrupted
            }
            Self::Spec(_)
            | Self::Lock(_)
            | Self::Held { .. }
            | Self::NoLock
            | Self::OtherLock
            | Self::Read(_)
            | Self::SavedPlan(_)
            | Self::Declined
            | Self::Incomplete(_)
            | Self::Kits(_)
            | Self::Sandbox(_)
            | Self::Input { .. }
            | Self::Pattern { .. }
            | Self::Filter { .. }
            | Self::FindingCode { .. }
            | Self::Request(_)
            | Self::Name(_)
            | Self::Explain(_)
            | Self::ExplainUnread { .. }
            | Self::Simulation { .. }
            | Self::NoRegion
            | Self::NoAccount
            | Self::Contradicts { .. }
            | Self::Exists { .. }
            | Self::Unwritable { .. }
            | Self::ImportIncomplete { .. }
            | Self::ImportDiffers { .. }
            | Self::Unread(_)
            | Self::History { .. }
            | Self::Enrol(_)
            | Self::Show(_)
            | Self::Draw(_)
            | Self::NoTerminal
            | Self::NoUser(_)
            | Self::TooManyDevices(_)
            | Self::DeviceExists(_)
            | Self::WhichDevice(_)
            | Self::NoCodes
            | Self::NotRegistered
            | Self::WhichLogGroup
            | Self::Metric(_)
            | Self::NoLogGroup
            | Self::Webhook(_)
            | Self::Runtime(_)
            | Self::Output(_) => Exit::Failed,
        }
    }

    /// Returns what to do about it, where the message doesn't say it already.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Spec(errors) if is_default_missing(errors) => Some(
                "name the spec with `-f`; where there is none yet, `mfactl init` writes one to begin with, and `mfactl import` one of what an account has",
            ),
            Self::Read(error) => Some(error.hint()),
            Self::WrongAccount { .. } => Some(
                "choose credentials of the spec's account (AWS_PROFILE), or the spec of this account (-f)",
            ),
            Self::Lock(error) => Some(error.hint()),
            Self::Held { .. } => Some(
                "wait for it with `--lock-timeout 10m`; if that run is dead, `mfactl unlock` removes its lock",
            ),
            Self::NoLock => Some("name the spec (-f) that has `lock: {s3: BUCKET/KEY}`"),
            Self::Refused => Some("the reasons are above, each with what to do"),
            Self::SavedPlan(error) => error.hint(),
            Self::Incomplete(error) => error.hint(),
            Self::Explain(Obstacle::Missing(_)) => Some(
                "`--planned` looks at the account once the spec is applied, `--offline` at the spec alone",
            ),
            Self::ExplainUnread { .. } => {
                Some("`mfactl permissions explain` prints what the credentials need")
            }
            Self::FindingCode { .. } => Some("`mfactl explain-finding` lists them"),
            Self::Declined => Some("to go on without being asked, use --auto-approve"),
            Self::NoAccount => Some(
                "say `--account 123456789012`; for an account that has users already, `mfactl import --out mfactl.yaml` first",
            ),
            Self::Contradicts { .. } => Some("leave the option out, or change the spec"),
            Self::NoLogGroup => Some(
                "name the one that a trail of CloudTrail delivers to: `monitoring: {log_group: {name: …}}`",
            ),
            Self::Webhook(_) => Some(
                "give its whole address, such as https://hooks.slack.com/services/…, best in MFACTL_WEBHOOK_URL",
            ),
            Self::NoRegion => Some("say `--region us-east-1`, or set AWS_REGION"),
            Self::Exists { .. } => Some("name a file or folder that isn't there yet"),
            Self::ImportIncomplete { .. } => Some(
                "the spec's head says why; `mfactl permissions import` prints what the credentials need",
            ),
            Self::Enrol(error) => match error.code() {
                None => Some(
                    "a device that nobody has may be left: `aws iam list-virtual-mfa-devices --assignment-status Unassigned`",
                ),
                Some("AccessDenied") => {
                    Some("`mfactl permissions enroll` prints what the credentials need")
                }
                Some(_) => None,
            },
            Self::NoTerminal => {
                Some("`--png FILE` writes the QR code as an image that only you can read")
            }
            Self::NoUser(_) => Some("name the user: `mfactl enroll alice`"),
            Self::TooManyDevices(_) => {
                Some("deactivate one that isn't used any more (`aws iam deactivate-mfa-device`)")
            }
            Self::DeviceExists(_) => Some(
                "choose another name (`--device NAME`); one that nobody has enabled is deleted by `aws iam delete-virtual-mfa-device`",
            ),
            Self::WhichDevice(_) => Some("name it with `--device NAME` or `--serial SERIAL`"),
            Self::NoCodes => Some("run it again, with the app at hand"),
            Self::WhichLogGroup => {
                Some("name the one that CloudTrail writes to: `--log-group NAME`")
            }
            Self::NotRegistered => Some("wait longer with `--timeout 30m`"),
            Self::History { .. } => Some("name another file, or mend that line; nothing was added"),
            Self::ImportDiffers { .. } => {
                Some("`mfactl plan` shows how; change the spec there to what you want")
            }
            Self::Spec(_)
            | Self::Interrupted
            | Self::OtherLock
            | Self::Kits(_)
            | Self::Sandbox(_)
            | Self::Input { .. }
            | Self::Pattern { .. }
            | Self::Filter { .. }
            | Self::Request(_)
            | Self::Name(_)
            | Self::Explain(_)
            | Self::Simulation { .. }
            | Self::Unwritable { .. }
            | Self::Unread(_)
            | Self::Show(_)
            | Self::Draw(_)
            | Self::Stopped
            | Self::Metric(_)
            | Self::Runtime(_)
            | Self::Output(_) => None,
        }
    }
}

impl From<LockError> for CommandError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { object, holder } => Self::Held {
                object,
                held: lock::sentence(&holder),
            },
            error => Self::Lock(error),
        }
    }
}

fn is_default_missing(errors: &SpecErrors) -> bool {
    errors.path == Path::new(DEFAULT_SPEC) && !errors.path.exists()
}

fn some(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

fn meant(nearest: Option<FindingCode>) -> String {
    nearest.map_or_else(String::new, |code| format!("; is `{code}` meant?"))
}

/// Returns an error's message with those of its causes, outermost first.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message = format!("{message}: {error}");
        source = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_the_exit_code_that_users_know() {
        let codes = [
            Exit::Done,
            Exit::Failed,
            Exit::Changes,
            Exit::Refused,
            Exit::Interrupted,
        ]
        .map(u8::from);
        assert_eq!(codes, [0, 1, 2, 3, 130]);
    }

    #[test]
    fn a_wrong_account_is_a_refusal_not_an_error() {
        let id = |digits| AccountId::new(digits).unwrap();
        let error = CommandError::WrongAccount {
            live: id("111111111111"),
            declared: id("222222222222"),
            spec: "mfactl.yaml".into(),
        };
        assert_eq!(error.exit(), Exit::Refused);
        assert_eq!(
            chain(&error),
            "the credentials are of account 111111111111, and mfactl.yaml is for 222222222222"
        );
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = CommandError::Runtime(std::io::Error::other("no threads"));
        assert_eq!(chain(&error), "can't start: no threads");
    }
}
