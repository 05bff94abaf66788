//! The lock of an account: an object of S3 that is there while an apply runs.
//!
//! It is written on the condition that nothing is there (`If-None-Match: *`), so that of two who try one succeeds, and
//! deleted on the condition that it is still the same (`If-Match`), so that nobody deletes another's. S3 promises both, and
//! that reads see what was written ("Amazon S3 data consistency model" in the User Guide).

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3::error::SdkError;
use aws_smithy_types::retry::RetryConfig;
use jiff::Timestamp;
use model::{Lock as Place, S3Object};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::retry::{Backoff, Recent};
use crate::schedule::raised;

const PUT: &str = "s3:PutObject";
const GET: &str = "s3:GetObject";
const DELETE: &str = "s3:DeleteObject";

/// The wait before something is tried a second time; every further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long an end of S3's throttling is waited for before anything is begun.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How long S3 is waited for when all is done.
const LAST_PATIENCE: Duration = Duration::from_secs(60);

/// The longest wait before a lock that another holds is tried again.
const MOST_WAIT: Duration = Duration::from_secs(10);

/// How often a lock that is there and can't be read, as one that was released at that moment, is tried again.
const MOST_VANISHED: u32 = 5;

/// The longest object that is read as a lock: one is a few hundred bytes.
const LONGEST: usize = 64 << 10;

/// Says who holds a lock, and what for. It is what the object holds, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Tells this holder from every other.
    pub id: String,
    /// Who: their ARN.
    pub holder: String,
    /// What they do: `apply` or `destroy`.
    pub operation: String,
    /// The account that they change.
    pub account: String,
    /// Since when.
    pub since: Timestamp,
    /// The version of their mfactl.
    pub version: String,
}

/// Says why a lock can't be taken, shown or released.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another holds it.
    #[error("the lock {object} is held by {}", holder.holder.escape_debug())]
    Held {
        /// The object.
        object: S3Object,
        /// Who.
        holder: Box<Holder>,
    },
    /// Something else is there.
    #[error("{0} is there and is no lock of mfactl's")]
    Foreign(S3Object),
    /// It isn't there any more, or is another's.
    #[error(
        "the lock {0} was removed while this ran, so that another run may have begun meanwhile"
    )]
    Lost(S3Object),
    /// S3 doesn't say any more that it is there, as it does of an object that is gone to who may not list the bucket.
    #[error(
        "the lock {0} can't be read any more: it was removed while this ran, or the credentials lack s3:GetObject"
    )]
    Hidden(S3Object),
    /// S3 refuses, or gives no answer.
    #[error("the lock {object} can't be used")]
    Call {
        /// The object.
        object: S3Object,
        /// Why.
        source: Box<Error>,
    },
    /// The run was stopped while it waited.
    #[error("stopped while waiting for the lock {0}")]
    Stopped(S3Object),
}

/// Holds what is known of a lock that is there: this run's, or another's.
#[derive(Debug, Clone)]
pub struct Lock {
    client: Client,
    object: S3Object,
    /// Who holds it.
    pub holder: Holder,
    /// What S3 tells this object from others by.
    tag: String,
}

/// What came of trying to take a lock.
enum Tried {
    Taken(Lock),
    Held(Holder),
    /// It was there and can't be read, as one that is gone by now.
    Vanished(Error),
}

impl Lock {
    /// Takes the lock, and waits for it as long as `wait` where another holds it; `waiting` is told who, once.
    ///
    /// A lock whose writing was done and not answered is known by its id, so that nobody waits for themselves.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when it isn't free by then, [`LockError::Stopped`] when `stop` holds true before, and what S3 says.
    pub async fn take(
        client: &Client,
        place: &Place,
        holder: &Holder,
        wait: Duration,
        mut stop: watch::Receiver<bool>,
        waiting: impl Fn(&Holder),
    ) -> Result<Self, LockError> {
        let client = &in_region(client, place);
        let (begin, mut pause, mut vanished) = (Instant::now(), FIRST_WAIT, 0);
        let mut waited_for: Option<String> = None;
        loop {
            let left = wait.saturating_sub(begin.elapsed());
            let next = match try_once(client, &place.object, holder, &mut stop).await? {
                Tried::Taken(lock) => return Ok(lock),
                Tried::Held(other) if left.is_zero() => {
                    return Err(LockError::Held {
                        object: place.object.clone(),
                        holder: Box::new(other),
                    });
                }
                Tried::Held(other) => {
                    if waited_for.as_ref() != Some(&other.id) {
                        waiting(&other);
                        waited_for = Some(other.id);
                    }
                    pause.min(left)
                }
                Tried::Vanished(error) if vanished == MOST_VANISHED => {
                    return Err(failed(&place.object, error));
                }
                Tried::Vanished(_) => {
                    vanished += 1;
                    FIRST_WAIT
                }
            };
            tokio::select! {
                () = sleep(next) => {}
                () = raised(&mut stop) => return Err(LockError::Stopped(place.object.clone())),
            }
            pause = (pause * 2).min(MOST_WAIT);
        }
    }

    /// Returns the lock that is there, whoever holds it.
    ///
    /// # Errors
    ///
    /// What S3 says; and that something else is there.
    pub async fn find(client: &Client, place: &Place) -> Result<Option<Self>, LockError> {
        find(&in_region(client, place), &place.object).await
    }

    /// Returns the object that is the lock.
    pub fn object(&self) -> &S3Object {
        &self.object
    }

    /// Makes sure that this lock is still there. No answer is taken for a yes: the run goes on, and asks again.
    ///
    /// # Errors
    ///
    /// [`LockError::Lost`] when it isn't, and [`LockError::Hidden`] when S3 may not say so: an object that is gone is
    /// `AccessDenied` without `s3:ListBucket` (`GetObject`, "Permissions").
    pub async fn check(&self) -> Result<(), LockError> {
        let get = self.client.get_object();
        let get = get.bucket(self.object.bucket()).key(self.object.key());
        let Err(error) = get.if_match(&self.tag).send().await else {
            return Ok(());
        };
        match Error::of_call(GET, error) {
            error if is_gone(&error) => Err(LockError::Lost(self.object.clone())),
            error if is_denied(&error) => Err(LockError::Hidden(self.object.clone())),
            _ => Ok(()),
        }
    }

    /// Deletes the lock, if it is still this one.
    ///
    /// # Errors
    ///
    /// [`LockError::Lost`] when it isn't, and what S3 says.
    pub async fn release(&self) -> Result<(), LockError> {
        let mut backoff = backoff(LAST_PATIENCE);
        let mut is_in_doubt = false;
        loop {
            let delete = self.client.delete_object();
            let delete = delete.bucket(self.object.bucket()).key(self.object.key());
            let delete = delete.if_match(&self.tag).customize();
            let answer = delete.config_override(once()).send().await;
            let Err(error) = answer.map_err(|error| Error::of_call(DELETE, error)) else {
                return Ok(());
            };
            match error.code() {
                // The attempt before deleted it, and its answer was lost.
                Some("NoSuchKey") if is_in_doubt => return Ok(()),
                Some("AccessDenied") if is_in_doubt && self.check().await.is_err() => return Ok(()),
                _ if is_gone(&error) => return Err(LockError::Lost(self.object.clone())),
                _ => is_in_doubt |= !error.is_certain(),
            }
            match backoff.next(&error) {
                Some(wait) => sleep(wait).await,
                None => return Err(failed(&self.object, error)),
            }
        }
    }
}

impl LockError {
    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Held { .. } => {
                "wait for it with `--lock-timeout 10m`; if that run is dead, `mfactl unlock` removes its lock"
            }
            Self::Foreign(_) => "name another object under `lock` in the spec",
            Self::Lost(_) => "plan again: what another run did is not known here",
            Self::Hidden(_) => {
                "plan again: what another run did is not known here; `mfactl permissions apply` prints what the credentials need"
            }
            Self::Stopped(_) => "nothing was changed",
            Self::Call { source, .. } => match source.code() {
                Some("NoSuchBucket") => {
                    "create the bucket, or name another under `lock` in the spec"
                }
                Some("PermanentRedirect" | "AuthorizationHeaderMalformed") => {
                    "add the region of the bucket, as `region`, under `lock` in the spec"
                }
                Some("AccessDenied") => {
                    "`mfactl permissions apply` and `mfactl permissions unlock` print what the credentials need"
                }
                _ => "`mfactl unlock` shows whether the lock is held",
            },
        }
    }
}

/// Writes the lock if nothing is there, and otherwise finds out whose it is.
async fn try_once(
    client: &Client,
    object: &S3Object,
    holder: &Holder,
    stop: &mut watch::Receiver<bool>,
) -> Result<Tried, LockError> {
    if let Some(tag) = put(client, object, holder, stop).await? {
        return Ok(Tried::Taken(Lock {
            client: client.clone(),
            object: object.clone(),
            holder: holder.clone(),
            tag,
        }));
    }
    match find(client, object).await {
        Ok(Some(lock)) if lock.holder.id == holder.id => Ok(Tried::Taken(lock)),
        Ok(Some(lock)) => Ok(Tried::Held(lock.holder)),
        Ok(None) => Ok(Tried::Vanished(Error::Incomplete {
            operation: GET,
            what: "lock, which is there when it is to be written and gone when it is read",
        })),
        // Who may not list the bucket is not told that an object is gone.
        Err(LockError::Call { source, .. }) if is_denied(&source) => Ok(Tried::Vanished(*source)),
        Err(error) => Err(error),
    }
}

/// Writes the lock, and returns its tag; none: something is there, or was written without an answer, maybe this very lock.
async fn put(
    client: &Client,
    object: &S3Object,
    holder: &Holder,
    stop: &mut watch::Receiver<bool>,
) -> Result<Option<String>, LockError> {
    let body = serde_json::to_vec_pretty(holder);
    let body = body.map_err(|error| failed(object, Error::Internal(error.to_string())))?;
    let (mut backoff, mut is_in_doubt) = (backoff(PATIENCE), false);
    loop {
        let put = client
            .put_object()
            .bucket(object.bucket())
            .key(object.key());
        let put = put
            .content_type("application/json")
            .body(body.clone().into());
        let put = put.if_none_match("*").customize();
        let error = match put.config_override(once()).send().await {
            Ok(answer) => {
                let tag = answer.e_tag.ok_or(Error::Incomplete {
                    operation: PUT,
                    what: "ETag",
                });
                return tag.map(Some).map_err(|error| failed(object, error));
            }
            Err(error) => Error::of_call(PUT, error),
        };
        if error.code() == Some("PreconditionFailed") {
            return Ok(None);
        }
        is_in_doubt |= !error.is_certain();
        let Some(wait) = backoff.next(&error) else {
            return Err(failed(object, error));
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = raised(stop) => {
                return if is_in_doubt { Ok(None) } else { Err(LockError::Stopped(object.clone())) };
            }
        }
    }
}

async fn find(client: &Client, object: &S3Object) -> Result<Option<Lock>, LockError> {
    let get = client
        .get_object()
        .bucket(object.bucket())
        .key(object.key());
    let answer = match get.send().await {
        Ok(answer) => answer,
        Err(SdkError::ServiceError(error)) if error.err().is_no_such_key() => return Ok(None),
        Err(error) => return Err(failed(object, Error::of_call(GET, error))),
    };
    let foreign = || LockError::Foreign(object.clone());
    let is_long = |length| usize::try_from(length).is_ok_and(|length| length > LONGEST);
    if answer.content_length.is_some_and(is_long) {
        return Err(foreign());
    }
    let tag = answer.e_tag.ok_or_else(foreign)?;
    let body = answer.body.collect().await.map_err(|error| {
        let source = Some(error.into());
        failed(
            object,
            Error::NoAnswer {
                operation: GET,
                source,
            },
        )
    })?;
    let holder = serde_json::from_slice(&body.into_bytes()).map_err(|_| foreign())?;
    Ok(Some(Lock {
        client: client.clone(),
        object: object.clone(),
        holder,
        tag,
    }))
}

/// Returns a client of the region that the lock's bucket is in.
fn in_region(client: &Client, place: &Place) -> Client {
    let region = Region::new(place.region.to_string());
    Client::from_conf(client.config().to_builder().region(region).build())
}

fn is_denied(error: &Error) -> bool {
    error.code() == Some("AccessDenied")
}

/// Tells whether S3 says that the object isn't there or is another one.
fn is_gone(error: &Error) -> bool {
    matches!(error.code(), Some("NoSuchKey" | "PreconditionFailed"))
}

fn failed(object: &S3Object, error: Error) -> LockError {
    LockError::Call {
        object: object.clone(),
        source: Box::new(error),
    }
}

fn backoff(patience: Duration) -> Backoff {
    Backoff::repeatable(Recent::default(), FIRST_WAIT, Instant::now() + patience)
}

/// Turns the SDK's retries off: what was done without an answer is told apart here.
fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}
