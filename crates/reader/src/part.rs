//! What one read found, or why it didn't.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Address, Body, Kind, ReadFailure, Snapshot, UserName};
use tokio::sync::Semaphore;

/// Holds what one read found.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) objects: Vec<(Address, Body)>,
    pub(crate) unread: Vec<(Kind, ReadFailure)>,
    pub(crate) looked_up: Vec<(Kind, UserName)>,
    /// When objects were created.
    pub(crate) created: Vec<(Address, Date)>,
}

impl Part {
    /// Returns a part that says why objects of some kinds are unknown.
    pub(crate) fn unread(kinds: &[Kind], failure: &ReadFailure) -> Self {
        let unread = kinds.iter().map(|kind| (*kind, failure.clone())).collect();
        Self {
            unread,
            ..Self::default()
        }
    }

    pub(crate) fn found(objects: Vec<(Address, Body)>) -> Self {
        Self {
            objects,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        let Self {
            objects,
            unread,
            looked_up,
            created,
        } = other;
        self.objects.extend(objects);
        self.unread.extend(unread);
        self.looked_up.extend(looked_up);
        self.created.extend(created);
    }

    pub(crate) fn add_to(self, snapshot: &mut Snapshot) {
        for (address, body) in self.objects {
            snapshot.insert(address, body);
        }
        for (kind, failure) in self.unread {
            snapshot.mark_unread(kind, failure);
        }
        for (kind, user) in self.looked_up {
            snapshot.mark_looked_up(kind, user);
        }
        for (address, day) in self.created {
            snapshot.mark_created(address, day);
        }
    }
}

/// Returns the day of a time in UTC.
pub(crate) fn day(time: &DateTime) -> Option<Date> {
    let time = Timestamp::from_second(time.secs()).ok()?;
    Some(TimeZone::UTC.to_datetime(time).date())
}

/// Bounds how many objects are read at once, whatever their kinds: AWS counts the calls of an account, not of a kind.
#[derive(Debug)]
pub(crate) struct Limit {
    permits: Semaphore,
    parallelism: usize,
}

impl Limit {
    /// Returns a limit of at least one.
    pub(crate) fn new(parallelism: usize) -> Self {
        let parallelism = parallelism.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Semaphore::new(parallelism),
            parallelism,
        }
    }

    /// Reads objects one by one within the limit and returns what each read gave, in the order of `items`.
    pub(crate) async fn each<T, O, F: Future<Output = O>>(
        &self,
        items: impl IntoIterator<Item = T>,
        read: impl Fn(T) -> F,
    ) -> Vec<O> {
        let within_limit = |item| {
            let read = read(item);
            async move {
                // The semaphore is never closed, so that this is always a permit.
                let _permit = self.permits.acquire().await;
                read.await
            }
        };
        stream::iter(items)
            .map(within_limit)
            .buffered(self.parallelism)
            .collect()
            .await
    }

    /// Reads objects one by one within the limit and puts together what was found, in the order of `items`.
    pub(crate) async fn one_by_one<T, F: Future<Output = Part>>(
        &self,
        items: impl IntoIterator<Item = T>,
        read: impl Fn(T) -> F,
    ) -> Part {
        let parts = self.each(items, read).await;
        parts.into_iter().fold(Part::default(), |mut all, part| {
            all.add(part);
            all
        })
    }
}

/// Says why an operation failed: AWS's code and message, or else the innermost cause.
pub(crate) fn failure<E, R>(operation: &str, error: &SdkError<E, R>) -> ReadFailure
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    ReadFailure {
        operation: operation.to_owned(),
        message: crate::error::message(error),
    }
}

/// Says that an answer of AWS isn't what its reference says, which mfactl can't go on from.
pub(crate) fn unexpected(operation: &str, what: &impl std::fmt::Display) -> ReadFailure {
    ReadFailure {
        operation: operation.to_owned(),
        message: format!("an unexpected answer: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn the_limit_holds_for_all_kinds_together_and_keeps_the_order() {
        let limit = Limit::new(3);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let read = |item: usize| {
            let (now, most) = (&now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                for _ in 0..item % 4 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::Relaxed);
                item
            }
        };
        let (some, others) = tokio::join!(limit.each(0..50, read), limit.each(50..99, read));
        assert_eq!(some, Vec::from_iter(0..50));
        assert_eq!(others, Vec::from_iter(50..99));
        assert_eq!(most.into_inner(), 3);
    }

    #[tokio::test]
    async fn a_limit_of_nothing_still_reads() {
        let read = Limit::new(0).each([1, 2], |item| async move { item }).await;
        assert_eq!(read, [1, 2]);
    }
}
