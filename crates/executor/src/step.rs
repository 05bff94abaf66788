//! One action under way: what the kinds make their calls with.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use model::{Account, Action, Address, Body, Change, Tags, User, UserName};
use secrecy::SecretString;
use tokio::time::sleep;

use crate::apply::Run;
use crate::kit::Kits;
use crate::retry::{Backoff, Recent};
use crate::schedule::raised;
use crate::tags::{Keys, concerned};
use crate::{Answer, Clients, Error, Event, Outcome};

/// Holds one action and its run.
pub(crate) struct Step<'a> {
    run: &'a Run<'a>,
    action: &'a Action,
    recent: Recent,
    /// Whether it was begun before, and AWS may have done some of it.
    repeated: bool,
    trouble: Backoff,
    /// Whether AWS took a call that changes something.
    has_written: AtomicBool,
}

impl<'a> Step<'a> {
    pub(crate) fn new(run: &'a Run<'a>, action: &'a Action) -> Self {
        let deletes = matches!(action.change, Change::Delete { .. });
        let recent = Recent {
            created: !deletes && run.creates_any(refers_to(action)),
            deleted: deletes && !action.after.is_empty(),
        };
        Self {
            run,
            action,
            recent,
            repeated: false,
            trouble: Backoff::repeatable(Recent::default(), run.first_wait, run.deadline),
            has_written: AtomicBool::new(false),
        }
    }

    /// Returns the user, as planned on, with whom the object is deleted.
    pub(crate) fn leaving(&self) -> Option<(&'a UserName, &'a User)> {
        match self.action.change {
            Change::Delete { .. } => self.run.leaving(self.action),
            Change::Create { .. } | Change::Update { .. } => None,
        }
    }

    /// Tells whether nothing new is to begin.
    pub(crate) fn is_stopped(&self) -> bool {
        *self.run.stop.borrow()
    }

    /// Tells whether it was begun before, and AWS may have done some of it.
    pub(crate) fn is_repeated(&self) -> bool {
        self.repeated
    }

    /// Tells whether another action waits until this one is in force everywhere.
    pub(crate) fn is_awaited(&self) -> bool {
        self.run.is_awaited(self.action.id)
    }

    /// Tells whether this run itself may have changed the object so lately that AWS still answers as before.
    pub(crate) fn may_read_stale(&self) -> bool {
        self.repeated || self.recent.created || self.run.is_rewritten(self.action)
    }

    pub(crate) fn action(&self) -> &'a Action {
        self.action
    }

    pub(crate) fn clients(&self) -> &'a Clients {
        self.run.clients
    }

    pub(crate) fn account(&self) -> &'a Account {
        &self.run.plan.account
    }

    /// Returns the time at AWS.
    pub(crate) fn now(&self) -> Timestamp {
        self.run.clients.clock.now()
    }

    pub(crate) fn kits(&self) -> &'a Kits {
        &self.run.kits
    }

    /// Returns the ARN of an object in the plan's region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Account { id, partition, .. } = self.account();
        format!(
            "arn:{partition}:{service}:{}:{id}:{resource}",
            self.run.plan.region
        )
    }

    pub(crate) async fn new_password(&self) -> Result<SecretString, Error> {
        self.run.passwords.generate(self).await
    }

    /// Makes a call that changes something, and makes it again while AWS refuses it for the moment.
    ///
    /// Without an answer it isn't made again: whether it was done is to be read.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.attempt(operation, true, self.write(self.recent), send)
            .await
    }

    /// Makes a call on what this action itself has just created or renamed.
    pub(crate) async fn call_on_new<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let recent = Recent {
            created: true,
            ..self.recent
        };
        self.attempt(operation, true, self.write(recent), send)
            .await
    }

    /// Reads something. That it isn't there is an answer.
    pub(crate) async fn read<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (first, deadline) = (self.run.first_wait, self.run.deadline);
        let backoff = Backoff::repeatable(Recent::default(), first, deadline);
        self.attempt(operation, false, backoff, send).await
    }

    /// Makes a call on what this action itself has just created. It may be made twice, and is where no answer comes.
    pub(crate) async fn repeat_on_new<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let recent = Recent {
            created: true,
            ..self.recent
        };
        let backoff = Backoff::repeatable(recent, self.run.first_wait, self.run.deadline);
        self.attempt(operation, true, backoff, send).await
    }

    /// Reads something that may not be there.
    pub(crate) async fn find<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<Option<T>, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match self.read(operation, send).await {
            Ok(output) => Ok(Some(output)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the call that creates an object which mustn't be there yet.
    pub(crate) async fn create<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.call(operation, send).await.map_err(|error| {
            if error.is_existing() {
                return Error::Appeared(self.action.address.clone());
            }
            error
        })
    }

    /// Makes a call that deletes something, which may be gone already.
    pub(crate) async fn delete<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<Outcome, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match self.call(operation, send).await {
            Ok(_) => Ok(Outcome::Applied),
            Err(error) if error.is_absent() => Ok(Outcome::AlreadyDone),
            Err(error) => Err(error),
        }
    }

    async fn attempt<T, E, F>(
        &self,
        operation: &'static str,
        changes: bool,
        mut backoff: Backoff,
        mut send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        loop {
            self.run.rate.turn().await;
            let action = self.action.id;
            if changes {
                self.run.tell(&Event::Calling { action, operation });
            }
            let result = send().await;
            let result = result.map_err(|error| Error::of_call(operation, error));
            if changes {
                let answer = answer(result.as_ref().err());
                self.run.tell(&Event::Called {
                    action,
                    operation,
                    answer,
                });
            }
            let error = match result {
                Ok(output) => {
                    self.run.rate.speed_up();
                    if changes {
                        self.has_written.store(true, Ordering::Relaxed);
                    }
                    return Ok(output);
                }
                Err(error) => error,
            };
            if error.is_throttled() {
                self.run.rate.slow_down();
            }
            match backoff.next(&error) {
                Some(wait) if self.pause(operation, &error, wait).await => {}
                Some(_) if error.is_certain() && self.has_changed_nothing() => {
                    return Err(Error::Interrupted);
                }
                Some(_) | None => return Err(error),
            }
        }
    }

    fn has_changed_nothing(&self) -> bool {
        !self.repeated && !self.has_written.load(Ordering::Relaxed)
    }

    fn write(&self, recent: Recent) -> Backoff {
        Backoff::of_write(recent, self.run.first_wait, self.run.deadline)
    }

    /// Begins the action again from its check, since AWS may or may not have done what it was asked: waits, and returns
    /// false if that is to end.
    pub(crate) async fn begin_again(&mut self, error: &Error) -> bool {
        let Some(wait) = self.trouble.next(error) else {
            return false;
        };
        self.repeated = true;
        self.pause(error.operation().unwrap_or_default(), error, wait)
            .await
    }

    /// Waits before the next attempt. False: the run was stopped meanwhile, so that there is to be none.
    pub(crate) async fn pause(
        &self,
        operation: &'static str,
        error: &Error,
        wait: Duration,
    ) -> bool {
        self.run.tell(&Event::Retrying {
            action: self.action.id,
            operation,
            code: error.code().unwrap_or("nothing").to_owned(),
            wait,
        });
        let mut stop = self.run.stop.clone();
        tokio::select! {
            biased;
            () = raised(&mut stop) => false,
            () = sleep(wait) => true,
        }
    }

    /// Returns the tags that the change is about, as they are now. They are read only where the change is about any.
    pub(crate) async fn concerned_tags(
        &self,
        keys: Keys,
        read: impl AsyncFnOnce() -> Result<Vec<(String, String)>, Error>,
    ) -> Result<Tags, Error> {
        let change = &self.action.change;
        let none = Tags::default();
        let before = change.before().and_then(Body::tags);
        let after = change.after().and_then(Body::tags);
        match (before, after) {
            // A deletion takes them along.
            (Some(tags), None) => Ok(tags.clone()),
            (Some(before), Some(after)) if before == after => Ok(after.clone()),
            (None, Some(after)) if after.is_empty() => Ok(none),
            (before, after) => {
                let change = [before.unwrap_or(&none), after.unwrap_or(&none)];
                Ok(concerned(read().await?, &change, keys))
            }
        }
    }

    /// Says that the object has become something that can't even be planned on.
    pub(crate) fn changed(&self, field: &'static str) -> Error {
        Error::Changed {
            address: self.action.address.clone(),
            fields: vec![field],
        }
    }

    /// Passes on what AWS doubts about an object that it accepted.
    pub(crate) fn warn(&self, message: String) {
        self.run.warn(self.action.id, message);
    }

    /// Says that the plan asks for what its kind of object doesn't have.
    pub(crate) fn impossible(&self, what: &str) -> Error {
        Error::Internal(format!("{} {what}", self.action.address))
    }
}

fn answer(error: Option<&Error>) -> Answer {
    match error {
        None => Answer::Done,
        Some(error) if !error.is_certain() => Answer::Unknown,
        Some(error) => Answer::Refused(error.code().unwrap_or_default().to_owned()),
    }
}

/// Lists the objects that the calls of an action need to be there already.
fn refers_to(action: &Action) -> impl Iterator<Item = Address> {
    let policy = match action.change.after() {
        Some(Body::Attachment(attachment)) => Some(&attachment.policy),
        Some(Body::User(user)) => user.boundary.policy(),
        _ => None,
    };
    let policy = policy.map(|policy| Address::Policy(policy.reference()));
    let itself = matches!(action.change, Change::Update { .. }).then(|| action.address.clone());
    let owners = action.address.owners().into_iter();
    owners.chain(policy).chain(itself)
}
