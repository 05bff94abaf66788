//! Whether an apply came to what was planned: the account is read again, and nothing must be left to do.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Action, Address, Plan};
use tokio::sync::watch;

/// How long AWS is given before it is read once more, when what it says isn't what was done: half a minute in all. IAM is
/// eventually consistent and documents no bound, so this is a choice.
pub(crate) const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// Plans anew, again after each pause as long as something is left to do, and returns the last plan if something still is.
/// Stops waiting when `stop` is raised.
pub(crate) async fn left(
    applied: &Plan,
    pauses: &[Duration],
    mut stop: watch::Receiver<bool>,
    plan: impl AsyncFn() -> Plan,
) -> Option<Plan> {
    let mut now = plan().await;
    for pause in pauses {
        if !may_be_late(applied, &now) {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(*pause) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
        now = plan().await;
    }
    (!is_as_planned(applied, &now)).then_some(now)
}

/// Tells whether nothing is left to do and everything that was known is known.
fn is_as_planned(applied: &Plan, now: &Plan) -> bool {
    let is_read = |kind| applied.unread.contains_key(kind);
    !may_be_late(applied, now) && now.unread.keys().all(is_read) && !is_disproved(now)
}

/// Tells whether AWS may only not say yet what was done.
fn may_be_late(applied: &Plan, now: &Plan) -> bool {
    let withheld: BTreeSet<&Address> = applied
        .withheld
        .iter()
        .map(|change| &change.address)
        .collect();
    // What was withheld may be possible now. It wasn't promised, and the exit code says that it is missing.
    let is_promised = |action: &Action| !withheld.contains(&action.address);
    now.actions.iter().any(is_promised)
}

/// Tells whether the account, as it is now, isn't proved to be what the spec asks of it. Limits on plans don't count.
fn is_disproved(now: &Plan) -> bool {
    now.refusals().any(|finding| finding.code.is_verdict())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;

    use model::{
        Account, AccountId, ActionId, Body, Caller, Change, Kind, Partition, ReadFailure, Reason,
        Region, Withheld,
    };

    use super::*;

    fn plan(creating: &[&str]) -> Plan {
        let action = |address: &&str| Action {
            id: ActionId(0),
            address: address.parse().unwrap(),
            change: Change::Create {
                after: Body::Membership,
            },
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        };
        Plan {
            account: Account {
                id: AccountId::new("123456789012").unwrap(),
                partition: Partition::new("aws").unwrap(),
                alias: None,
            },
            region: Region::new("us-east-1").unwrap(),
            caller: Caller::Root,
            actions: creating.iter().map(action).collect(),
            withheld: Vec::new(),
            findings: Vec::new(),
            proofs: Vec::new(),
            gains: None,
            unread: BTreeMap::new(),
            digest: String::new(),
        }
    }

    /// Verifies with plans that follow each other, and returns how many were made and what is left.
    async fn verify(applied: &Plan, plans: &[Plan]) -> (usize, Option<Plan>) {
        let (_raise, stop) = watch::channel(false);
        let made = Cell::new(0);
        let next = async || {
            let plan = plans[made.get().min(plans.len() - 1)].clone();
            made.set(made.get() + 1);
            plan
        };
        let left = left(applied, &[Duration::ZERO; 5], stop, next).await;
        (made.get(), left)
    }

    const JOINS: &str = "membership/readers:alice";

    #[tokio::test]
    async fn one_read_is_enough_where_nothing_is_left() {
        assert_eq!(verify(&plan(&[JOINS]), &[plan(&[])]).await, (1, None));
    }

    #[tokio::test]
    async fn what_aws_does_not_say_yet_is_read_again_until_it_does() {
        let plans = [plan(&[JOINS]), plan(&[JOINS]), plan(&[])];
        assert_eq!(verify(&plan(&[JOINS]), &plans).await, (3, None));
    }

    #[tokio::test]
    async fn what_stays_different_is_left_after_as_many_reads_as_are_bounded() {
        let (reads, left) = verify(&plan(&[JOINS]), &[plan(&[JOINS])]).await;
        assert_eq!((reads, left.unwrap().actions.len()), (6, 1));
    }

    #[tokio::test]
    async fn what_was_withheld_was_not_promised() {
        let mut applied = plan(&[JOINS]);
        applied.withheld.push(Withheld {
            address: "membership/readers:bob".parse().unwrap(),
            change: None,
            reason: Reason::Conflict("two applies".to_owned()),
            origin: None,
        });
        let now = plan(&["membership/readers:bob"]);
        assert_eq!(verify(&applied, &[now]).await, (1, None));
    }

    #[tokio::test]
    async fn what_can_not_be_read_any_more_is_not_verified_and_not_waited_for() {
        let mut now = plan(&[]);
        let failure = ReadFailure {
            operation: "iam:GetAccountAuthorizationDetails".to_owned(),
            message: "AccessDenied".to_owned(),
        };
        now.unread.insert(Kind::User, failure);
        assert_eq!(
            verify(&plan(&[JOINS]), std::slice::from_ref(&now)).await,
            (1, Some(now.clone()))
        );
        assert_eq!(verify(&now, std::slice::from_ref(&now)).await, (1, None));
    }

    #[tokio::test]
    async fn nothing_is_waited_for_after_a_signal() {
        let (_raise, stop) = watch::channel(true);
        let pauses = [Duration::from_secs(3600)];
        let left = left(&plan(&[JOINS]), &pauses, stop, async || plan(&[JOINS])).await;
        assert!(left.is_some());
    }

    #[test]
    fn the_pauses_are_half_a_minute_in_all() {
        let all: Duration = PAUSES.iter().sum();
        assert_eq!(all, Duration::from_secs(30));
    }
}
