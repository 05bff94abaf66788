//! What time it is for AWS. Codes of MFA devices depend on it, and this machine's clock may be wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

/// Holds by how many seconds AWS is ahead of this machine, by the `Date` of its last answer. Clones tell the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Returns the time at AWS; before its first answer, this machine's.
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        let here = Timestamp::now();
        here.checked_add(ahead).unwrap_or(here)
    }

    fn set(&self, there: Timestamp) {
        let ahead = there.as_second() - Timestamp::now().as_second();
        self.0.store(ahead, Ordering::Relaxed);
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let date = response.and_then(|response| response.headers().get("date"));
        if let Some(Ok(date)) = date.map(rfc2822::parse) {
            self.set(date.timestamp());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let date = rfc2822::parse("Tue, 24 Nov 2026 20:40:16 GMT").unwrap();
        assert_eq!(date.timestamp().to_string(), "2026-11-24T20:40:16Z");
    }

    #[test]
    fn a_clock_that_is_wrong_is_corrected() {
        let clock = Clock::default();
        let there = Timestamp::now() + SignedDuration::from_hours(5);
        clock.set(there);
        let off = clock.now().duration_since(there).abs();
        assert!(off < SignedDuration::from_mins(1), "{off}");
    }
}
