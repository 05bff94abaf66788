//! What one read found, or why it didn't.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, stream};
use model::{Address, Body, Kind, ReadFailure, Snapshot, UserName};

/// Holds what one read found.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) objects: Vec<(Address, Body)>,
    pub(crate) unread: Vec<(Kind, ReadFailure)>,
    pub(crate) looked_up: Vec<(Kind, UserName)>,
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
        } = other;
        self.objects.extend(objects);
        self.unread.extend(unread);
        self.looked_up.extend(looked_up);
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
    }
}

/// Reads objects one by one, so many at a time, and returns what was found in the order of `items`.
pub(crate) async fn one_by_one<T, F: Future<Output = Part>>(
    items: impl IntoIterator<Item = T>,
    parallelism: usize,
    read: impl Fn(T) -> F,
) -> Part {
    let parts: Vec<Part> = stream::iter(items)
        .map(read)
        .buffered(parallelism.max(1))
        .collect()
        .await;
    parts.into_iter().fold(Part::default(), |mut all, part| {
        all.add(part);
        all
    })
}

/// Says why an operation failed: AWS's code and message, or else the innermost cause.
pub(crate) fn failure<E, R>(operation: &str, error: &SdkError<E, R>) -> ReadFailure
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let message = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => crate::error::innermost(error),
    };
    ReadFailure {
        operation: operation.to_owned(),
        message,
    }
}

/// Says that an answer of AWS isn't what its reference says, which mfactl can't go on from.
pub(crate) fn unexpected(operation: &str, what: &impl std::fmt::Display) -> ReadFailure {
    ReadFailure {
        operation: operation.to_owned(),
        message: format!("an unexpected answer: {what}"),
    }
}
