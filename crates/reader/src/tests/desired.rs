//! Specs and accounts that the tests read with.

use std::sync::Arc;

use model::{
    AccountId, Address, AddressPattern, Body, Boundary, Caller, Declared, Desired, Kind, Origin,
    Partition, Path, Prune, Region, Snapshot, Tags, User, UserName, Wish,
};

use super::aws::Aws;
use crate::{Calls, Identity, read};

pub(super) fn nothing() -> Desired {
    Desired::new(
        AccountId::new("123456789012").unwrap(),
        Region::new("eu-central-1").unwrap(),
    )
}

pub(super) fn origin() -> Origin {
    Origin {
        file: Arc::from("spec.yaml"),
        line: 1,
    }
}

pub(super) trait Wishes: Sized {
    /// Wishes that an object exists.
    fn with(self, address: &str, body: Body) -> Self;
    /// Wishes that an object doesn't exist.
    fn without(self, address: &str) -> Self;
    /// Prunes undeclared objects of a kind.
    fn pruning(self, kind: Kind, pattern: &str) -> Self;
}

impl Wishes for Desired {
    fn with(self, address: &str, body: Body) -> Self {
        declare(self, address, Wish::Present(body))
    }

    fn without(self, address: &str) -> Self {
        declare(self, address, Wish::Absent)
    }

    fn pruning(mut self, kind: Kind, pattern: &str) -> Self {
        let pattern = AddressPattern::new(pattern);
        self.prune.push(Prune { kind, pattern });
        self
    }
}

fn declare(mut desired: Desired, address: &str, wish: Wish) -> Desired {
    let origin = origin();
    desired
        .objects
        .insert(address.parse().unwrap(), Declared { wish, origin });
    desired
}

pub(super) fn user(renamed_from: Option<&str>) -> Body {
    Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::Undeclared,
        renamed_from: renamed_from.map(|name| UserName::new(name).unwrap()),
    })
}

pub(super) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Reads an account and returns the snapshot with the calls it took.
pub(super) async fn snapshot(aws: &Aws, desired: &Desired) -> (Snapshot, Calls) {
    let (clients, calls) = aws.clients();
    let identity = Identity {
        account: desired.account.clone(),
        partition: Partition::new("aws").unwrap(),
        caller: Caller::Root,
        arn: "arn:aws:iam::123456789012:root".to_owned(),
    };
    (read(&clients, identity, desired, 4).await, calls)
}

/// Returns the number of calls of each operation.
pub(super) fn made(calls: &Calls) -> Vec<(String, u64)> {
    let counts = calls.counts().into_iter();
    counts.map(|(name, count)| (name, count.calls)).collect()
}
