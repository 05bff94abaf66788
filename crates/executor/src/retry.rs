//! Which failures pass by themselves, how long to wait for that, and how fast calls may follow one another.
//!
//! The SDK's own retries are off for what an apply calls: it would send a creation again whose answer was lost, and the
//! secret in that answer with it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::Error;

/// How long IAM and Logs may take until a change is seen everywhere. AWS gives no figure; seconds are usual.
pub(crate) const CONSISTENCY: Duration = Duration::from_secs(30);

/// How long a user name that was deleted and created again may be locked; its error says minutes.
const UNMODIFIABLE: Duration = Duration::from_secs(300);

/// How long AWS may be in trouble (HTTP 5xx, no answer) before an action fails for it.
const TROUBLE: Duration = Duration::from_secs(60);

/// Tells what this run changed just before, so that AWS may not know it everywhere yet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recent {
    /// It created what the call refers to.
    pub(crate) created: bool,
    /// It deleted what kept the object from being deleted.
    pub(crate) deleted: bool,
}

/// Counts out the waits between attempts.
#[derive(Debug)]
pub(crate) struct Backoff {
    recent: Recent,
    /// Whether what may have been done already is done again.
    repeatable: bool,
    deadline: Instant,
    next: Duration,
    waited: Duration,
}

impl Backoff {
    /// Returns one for something that changes nothing if AWS did it already.
    pub(crate) fn repeatable(recent: Recent, first: Duration, deadline: Instant) -> Self {
        Self {
            repeatable: true,
            ..Self::of_write(recent, first, deadline)
        }
    }

    /// Returns one for a call that must not be made again where it may have been done.
    pub(crate) fn of_write(recent: Recent, first: Duration, deadline: Instant) -> Self {
        Self {
            recent,
            repeatable: false,
            deadline,
            next: first,
            waited: Duration::ZERO,
        }
    }

    /// Returns how long to wait before the next attempt, or none where waiting doesn't help or took long enough.
    pub(crate) fn next(&mut self, error: &Error) -> Option<Duration> {
        let (limit, longest) = match error.code() {
            // Nothing was done, and it is sure to pass: only the run's deadline ends this.
            _ if error.is_throttled() => (Duration::MAX, Duration::from_secs(20)),
            _ if !error.is_certain() && self.repeatable => (TROUBLE, Duration::from_secs(8)),
            Some("EntityTemporarilyUnmodifiable") => (UNMODIFIABLE, Duration::from_secs(15)),
            Some(
                "ConcurrentModification"
                | "ConditionalRequestConflict"
                | "OperationAborted"
                | "OperationAbortedException",
            ) => (CONSISTENCY, Duration::from_secs(4)),
            Some("NoSuchEntity" | "ResourceNotFoundException") if self.recent.created => {
                (CONSISTENCY, Duration::from_secs(4))
            }
            Some("DeleteConflict") if self.recent.deleted => (CONSISTENCY, Duration::from_secs(4)),
            _ => return None,
        };
        let wait = self.next.min(longest);
        if self.waited >= limit || Instant::now() + wait > self.deadline {
            return None;
        }
        self.next = wait * 2;
        self.waited += wait;
        Some(wait)
    }
}

/// The rate that all calls of a run share. It is not limited until AWS says that it is too high; then it is halved, and
/// it rises again with every call that AWS takes.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<Spacing>);

#[derive(Debug, Default)]
struct Spacing {
    /// How far apart calls are.
    gap: Duration,
    /// When the next one may be made.
    next: Option<Instant>,
}

/// From where the gap grows, and below which it is none.
const LEAST_GAP: Duration = Duration::from_millis(10);

/// At two calls a second for a whole run, AWS's documented rates of these services are no longer the reason.
const MOST_GAP: Duration = Duration::from_millis(500);

impl Rate {
    /// Waits for this call's turn.
    pub(crate) async fn turn(&self) {
        let turn = self.change(|spacing| {
            let now = Instant::now();
            let turn = spacing.next.map_or(now, |next| next.max(now));
            spacing.next = Some(turn + spacing.gap);
            turn
        });
        sleep_until(turn).await;
    }

    /// Takes note that AWS found the calls too many.
    pub(crate) fn slow_down(&self) {
        self.change(|spacing| spacing.gap = (spacing.gap * 2).clamp(LEAST_GAP, MOST_GAP));
    }

    /// Takes note that AWS took a call.
    pub(crate) fn speed_up(&self) {
        self.change(|spacing| {
            let gap = spacing.gap.mul_f64(0.9);
            spacing.gap = if gap < LEAST_GAP { Duration::ZERO } else { gap };
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Spacing) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str, by_server: bool) -> Error {
        Error::Refused {
            operation: "iam:CreateUser",
            code: code.to_owned(),
            message: None,
            request_id: None,
            by_server,
        }
    }

    /// Returns how long a failure that goes on is waited for, in a run that ends in an hour.
    fn total(recent: Recent, error: &Error, repeatable: bool) -> Duration {
        let deadline = Instant::now() + Duration::from_secs(3600);
        let mut backoff = Backoff::of_write(recent, Duration::from_millis(500), deadline);
        backoff.repeatable = repeatable;
        std::iter::from_fn(|| backoff.next(error)).take(1000).sum()
    }

    const NONE: Recent = Recent {
        created: false,
        deleted: false,
    };

    #[test]
    fn what_this_run_did_not_create_is_not_waited_for() {
        assert_eq!(
            total(NONE, &refused("NoSuchEntity", false), true),
            Duration::ZERO
        );
        assert_eq!(
            total(NONE, &refused("DeleteConflict", false), true),
            Duration::ZERO
        );
    }

    #[test]
    fn what_this_run_created_is_waited_for_within_bounds() {
        let created = Recent {
            created: true,
            deleted: false,
        };
        let waited = total(created, &refused("NoSuchEntity", false), false);
        assert!(waited >= CONSISTENCY && waited < CONSISTENCY + Duration::from_secs(5));
        assert_eq!(
            total(created, &refused("DeleteConflict", false), false),
            Duration::ZERO
        );
    }

    #[test]
    fn a_locked_user_name_is_waited_for_some_minutes() {
        let waited = total(
            NONE,
            &refused("EntityTemporarilyUnmodifiable", false),
            false,
        );
        assert!(waited >= UNMODIFIABLE && waited < UNMODIFIABLE + Duration::from_secs(20));
    }

    #[test]
    fn a_document_that_aws_refuses_is_not_sent_again() {
        let all = Recent {
            created: true,
            deleted: true,
        };
        for code in ["MalformedPolicyDocument", "AccessDenied", "LimitExceeded"] {
            assert_eq!(
                total(all, &refused(code, false), true),
                Duration::ZERO,
                "{code}"
            );
        }
    }

    #[test]
    fn a_write_that_may_have_been_done_is_not_sent_again() {
        let lost = Error::NoAnswer {
            operation: "iam:CreateUser",
            source: None,
        };
        for error in [lost, refused("InternalFailure", true)] {
            assert_eq!(total(NONE, &error, false), Duration::ZERO, "{error}");
            let waited = total(NONE, &error, true);
            assert!(waited >= TROUBLE && waited < TROUBLE + Duration::from_secs(10));
        }
    }

    #[test]
    fn throttling_is_outwaited_until_the_deadline() {
        for code in ["Throttling", "ThrottlingException"] {
            // The clock stands still here, so that a thousand waits of 20 s don't reach the deadline.
            let waited = total(NONE, &refused(code, false), false);
            assert!(waited > Duration::from_secs(900), "{waited:?}");
        }
        let mut late = Backoff::of_write(NONE, Duration::from_secs(2), Instant::now());
        assert_eq!(late.next(&refused("Throttling", false)), None);
    }

    #[tokio::test]
    async fn calls_are_spaced_after_throttling_and_freed_again() {
        let rate = Rate::default();
        for _ in 0..20 {
            rate.slow_down();
        }
        let begin = Instant::now();
        rate.turn().await;
        rate.turn().await;
        assert!(begin.elapsed() >= MOST_GAP);
        for _ in 0..100 {
            rate.speed_up();
        }
        rate.turn().await;
        let freed = Instant::now();
        rate.turn().await;
        assert!(freed.elapsed() < MOST_GAP);
    }
}
