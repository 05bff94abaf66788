//! Which refusals pass by themselves, and how long to wait for that.

use std::time::Duration;

/// How long IAM and Logs may take until a change is seen everywhere. AWS gives no figure; seconds are usual.
const CONSISTENCY: Duration = Duration::from_secs(30);

/// How long a user name that was deleted and created again may be locked; its error says minutes.
const UNMODIFIABLE: Duration = Duration::from_secs(300);

/// Tells what this run changed just before, so that AWS may not know it everywhere yet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recent {
    /// It created what the call refers to.
    pub(crate) created: bool,
    /// It deleted what kept the object from being deleted.
    pub(crate) deleted: bool,
}

/// Counts out the waits between the attempts of one call. Throttling and broken connections are the SDK's to retry.
#[derive(Debug)]
pub(crate) struct Backoff {
    recent: Recent,
    next: Duration,
    waited: Duration,
}

impl Backoff {
    pub(crate) fn new(recent: Recent, first: Duration) -> Self {
        Self {
            recent,
            next: first,
            waited: Duration::ZERO,
        }
    }

    /// Returns how long to wait before the next attempt, or none where waiting doesn't help or took long enough.
    pub(crate) fn next(&mut self, code: &str) -> Option<Duration> {
        let (limit, longest) = match code {
            "EntityTemporarilyUnmodifiable" => (UNMODIFIABLE, Duration::from_secs(15)),
            "ConcurrentModification" | "OperationAbortedException" => {
                (CONSISTENCY, Duration::from_secs(4))
            }
            "NoSuchEntity" | "ResourceNotFoundException" if self.recent.created => {
                (CONSISTENCY, Duration::from_secs(4))
            }
            "DeleteConflict" if self.recent.deleted => (CONSISTENCY, Duration::from_secs(4)),
            _ => return None,
        };
        if self.waited >= limit {
            return None;
        }
        let wait = self.next.min(longest);
        self.next = wait * 2;
        self.waited += wait;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(recent: Recent, code: &str) -> Duration {
        let mut backoff = Backoff::new(recent, Duration::from_millis(500));
        std::iter::from_fn(|| backoff.next(code)).sum()
    }

    const NONE: Recent = Recent {
        created: false,
        deleted: false,
    };

    #[test]
    fn what_this_run_did_not_create_is_not_waited_for() {
        assert_eq!(total(NONE, "NoSuchEntity"), Duration::ZERO);
        assert_eq!(total(NONE, "DeleteConflict"), Duration::ZERO);
    }

    #[test]
    fn what_this_run_created_is_waited_for_within_bounds() {
        let created = Recent {
            created: true,
            deleted: false,
        };
        let waited = total(created, "NoSuchEntity");
        assert!(waited >= CONSISTENCY && waited < CONSISTENCY + Duration::from_secs(5));
        assert_eq!(total(created, "DeleteConflict"), Duration::ZERO);
    }

    #[test]
    fn a_locked_user_name_is_waited_for_some_minutes() {
        let waited = total(NONE, "EntityTemporarilyUnmodifiable");
        assert!(waited >= UNMODIFIABLE && waited < UNMODIFIABLE + Duration::from_secs(20));
    }

    #[test]
    fn a_document_that_aws_refuses_is_not_sent_again() {
        let all = Recent {
            created: true,
            deleted: true,
        };
        for code in ["MalformedPolicyDocument", "AccessDenied", "LimitExceeded"] {
            assert_eq!(total(all, code), Duration::ZERO, "{code}");
        }
    }
}
