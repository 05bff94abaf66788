//! One action under way: what the kinds make their calls with.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::{Account, Action, Address, Body, Change};
use secrecy::SecretString;
use tokio::time::sleep;

use crate::apply::Run;
use crate::kit::Kits;
use crate::retry::{Backoff, Recent};
use crate::schedule::raised;
use crate::{Clients, Error, Event, Outcome};

/// Holds one action and its run.
pub(crate) struct Step<'a> {
    run: &'a Run<'a>,
    action: &'a Action,
    recent: Recent,
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
        }
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

    /// Makes a call, and makes it again while AWS isn't ready for it.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.attempt(operation, self.recent, send).await
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
        self.attempt(operation, recent, send).await
    }

    /// Makes a call on what no action of this run brings, so that its absence is the answer.
    pub(crate) async fn call_on_old<T, E, F>(
        &self,
        operation: &'static str,
        send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.attempt(operation, Recent::default(), send).await
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
        recent: Recent,
        mut send: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut backoff = Backoff::new(recent, self.run.first_wait);
        loop {
            let error = match send().await {
                Ok(output) => return Ok(output),
                Err(error) => Error::of_call(operation, error),
            };
            match error.code().and_then(|code| backoff.next(code)) {
                Some(wait) if self.pause(operation, &error, wait).await => {}
                Some(_) | None => return Err(error),
            }
        }
    }

    /// Waits before the next attempt. False: the run was stopped meanwhile, so that there is to be none.
    async fn pause(&self, operation: &'static str, error: &Error, wait: Duration) -> bool {
        self.run.tell(&Event::Retrying {
            action: self.action.id,
            operation,
            code: error.code().unwrap_or_default().to_owned(),
            wait,
        });
        let mut stop = self.run.stop.clone();
        tokio::select! {
            biased;
            () = raised(&mut stop) => false,
            () = sleep(wait) => true,
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
