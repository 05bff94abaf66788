//! Calls to AWS, counted by operation and traced.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use jiff::Timestamp;
use tracing::Span;
use tracing::field::Empty;

use crate::clock::Clock;

/// Counts the calls of every client that it was given to, and compares the clock with AWS's. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    counts: Arc<Mutex<BTreeMap<String, Count>>>,
    clock: Clock,
}

/// Counts the calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls that were made.
    pub calls: u64,
    /// Requests that were sent for them, retries among them.
    pub attempts: u64,
}

impl Calls {
    /// Returns the counts by operation, named as in IAM policies: `iam:ListUsers`.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the number of calls of all operations.
    pub fn total(&self) -> u64 {
        self.counts().values().map(|count| count.calls).sum()
    }

    /// Returns the clock that AWS's answers set.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn count(&self, cfg: &ConfigBag, add: impl Fn(&mut Count)) {
        if let Some(operation) = operation(cfg) {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            add(counts.entry(operation).or_default());
        }
    }
}

/// Holds the span of a call, which is as long as the call's configuration. Names are those of OpenTelemetry's conventions
/// for the AWS SDK.
#[derive(Debug)]
struct Traced(Span);

impl Storable for Traced {
    type Storer = StoreReplace<Self>;
}

impl Traced {
    fn begin(operation: &str) -> Self {
        Self(tracing::info_span!(
            "call",
            otel.name = operation,
            otel.kind = "client",
            rpc.system = "aws-api",
            rpc.method = operation,
            aws.request_id = Empty,
            http.response.status_code = Empty,
        ))
    }

    fn answered(&self, request_id: Option<&str>, status: u16) {
        self.0.record("aws.request_id", request_id);
        self.0.record("http.response.status_code", status);
    }
}

/// Returns the operation that a configuration is of, as IAM policies name it.
fn operation(cfg: &ConfigBag) -> Option<String> {
    let metadata = cfg.load::<Metadata>()?;
    let prefix = prefix(metadata.service());
    Some(format!("{prefix}:{}", metadata.name()))
}

/// Returns a service's prefix in IAM policies.
fn prefix(service: &str) -> String {
    match service {
        "CloudWatch Logs" => "logs".to_owned(),
        other => other.to_lowercase(),
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    // Not `read_before_execution`, which is before the operation's own configuration is there.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.count(cfg, |count| count.calls += 1);
        if let Some(operation) = operation(cfg) {
            cfg.interceptor_state().store_put(Traced::begin(&operation));
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.count(cfg, |count| count.attempts += 1);
        Ok(())
    }

    /// Logs the request id, by which AWS's support and CloudTrail find a call.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response() {
            if let Some(date) = response.headers().get("date") {
                self.clock.answered(date, Timestamp::now());
            }
            let (operation, request_id) = (operation(cfg), response.request_id());
            let status = response.status().as_u16();
            tracing::debug!(operation, request_id, status, "AWS answered");
            if let Some(traced) = cfg.load::<Traced>() {
                traced.answered(request_id, status);
            }
        }
        Ok(())
    }
}
