//! What AWS doesn't know yet, and a run that is stopped meanwhile.

use std::time::{Duration, Instant};

use mfactl_executor::Event;
use model::{ActionId, Body, Plan};
use tokio::sync::watch;

use crate::support::{assert_applied, aws, create, group, outcomes, plan, policy, user};

/// A membership that doesn't wait for its user, as if AWS hadn't heard of the user yet.
fn hasty_plan() -> Plan {
    let mut changes = vec![create("group/admins", group())];
    for number in 0..3 {
        let address = format!("policy/p{number}");
        changes.push(create(&address, Body::Policy(policy("s3:GetObject"))));
    }
    changes.push(create("user/alice", Body::User(user())));
    changes.push(create("membership/admins:alice", Body::Membership));
    let mut plan = plan(changes);
    let membership = plan.actions.last_mut().unwrap();
    membership.after.retain(|before, _| before.0 == 0);
    plan
}

#[tokio::test]
async fn what_this_run_created_is_waited_for() {
    let aws = aws().await;
    assert_applied(&aws.apply_plan(&hasty_plan()).await);
    let events = aws.events.lock().unwrap().join("\n");
    assert!(
        events.contains("Retrying { action: ActionId(5), operation: \"iam:AddUserToGroup\""),
        "{events}"
    );
}

#[tokio::test]
async fn what_this_run_does_not_create_is_not_waited_for() {
    let aws = aws().await;
    let begun = Instant::now();
    let changes = vec![
        create("group/admins", group()),
        create("membership/admins:nobody", Body::Membership),
    ];
    let mut plan = plan(changes);
    plan.actions.remove(0);
    plan.actions[0].id = ActionId(0);
    plan.actions[0].after.clear();
    let report = aws.apply_plan(&plan).await;
    assert!(outcomes(&report)[0].contains("NoSuchEntity"));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_stop_ends_the_wait_for_another_attempt() {
    let aws = aws().await;
    let plan = hasty_plan();
    // The user never comes: it waits for a policy that exists already.
    let iam = &aws.clients.iam;
    let exists = iam
        .create_policy()
        .policy_name("P2")
        .policy_document(policy("*").document.to_json());
    exists.send().await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let begun = Instant::now();
    let report = aws
        .apply_until(&plan, stopped, |event| {
            if matches!(event, Event::Retrying { .. }) {
                stop.send_replace(true);
            }
        })
        .await;
    let last = outcomes(&report).pop().unwrap();
    assert_eq!(last, "interrupted");
    assert!(begun.elapsed() < Duration::from_secs(10));
}
