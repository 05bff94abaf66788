//! Somebody else changes the account between the plan and the apply.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use executor::{ActionResult, Error, Outcome, SkipReason};
use reader::Clients;
use sandbox::Faults;

mod world;

use world::{World, read};

const FIRST: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {policy: "*"}
users:
  alice: {groups: [team], tags: {team: red}}
groups: {team: {policies: [logs]}}
policies:
  logs: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "logs:Get*", Resource: "*"}]}}
  old: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}}
"#;

/// Adds bob, and changes alice's tag and policy `logs`; policy `old` goes.
const SECOND: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {policy: "*"}
users:
  alice: {groups: [team], tags: {team: blue}}
  bob: {groups: [team]}
groups: {team: {policies: [logs]}}
policies:
  logs: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "logs:*", Resource: "*"}]}}
"#;

/// Plans the way from the first spec to the second, lets somebody else do something, applies the plan, and returns what
/// became of each action, by address.
async fn raced<F: Future<Output = ()>>(
    meanwhile: impl FnOnce(Clients) -> F,
) -> impl Fn(&str) -> ActionResult {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let first = world.load(FIRST);
    assert!(world.apply(&clients, &first).await.unwrap().1.is_complete());
    let second = world.load(SECOND);
    let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
    meanwhile(clients.clone()).await;
    let report = world.execute(&clients, &plan).await;
    move |address| {
        let action = plan
            .actions
            .iter()
            .find(|action| action.address.to_string() == address);
        report.result(action.unwrap().id).unwrap().clone()
    }
}

fn is_done(result: &ActionResult) -> bool {
    matches!(result, ActionResult::Done(Outcome::Applied))
}

fn changed(result: ActionResult) -> Vec<&'static str> {
    match result {
        ActionResult::Failed(error) => match error.as_ref() {
            Error::Changed { fields, .. } => fields.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

const POLICY: &str = "arn:aws:iam::123456789012:policy/";

async fn rewrite(clients: &Clients, policy: &str, action: &str) {
    let document = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}]}}"#
    );
    let request = clients.iam.create_policy_version();
    let request = request.policy_arn(format!("{POLICY}{policy}"));
    let request = request.policy_document(document).set_as_default(true);
    request.send().await.unwrap();
}

#[tokio::test]
async fn a_policy_that_somebody_else_changed_is_left_and_the_rest_is_done() {
    let result = raced(|clients| async move { rewrite(&clients, "logs", "iam:*").await }).await;
    assert_eq!(changed(result("policy/logs")), ["document"]);
    for other in [
        "user/alice",
        "user/bob",
        "membership/team:bob",
        "policy/old",
    ] {
        // Bob's joining waits for the policy of his group.
        let result = result(other);
        let skipped = matches!(result, ActionResult::Skipped(SkipReason::Failed(_)));
        assert!(
            is_done(&result) || (skipped && other == "membership/team:bob"),
            "{other}: {result:?}"
        );
    }
}

#[tokio::test]
async fn a_policy_that_somebody_else_changed_is_not_deleted() {
    let result = raced(|clients| async move { rewrite(&clients, "old", "s3:*").await }).await;
    assert_eq!(changed(result("policy/old")), ["document"]);
    assert!(is_done(&result("user/alice")));
}

#[tokio::test]
async fn what_somebody_else_did_already_is_not_done_again() {
    let result = raced(|clients| async move {
        rewrite(&clients, "logs", "logs:*").await;
        let request = clients.iam.create_user().user_name("bob");
        request.send().await.unwrap();
        let request = clients.iam.delete_policy();
        request
            .policy_arn(format!("{POLICY}old"))
            .send()
            .await
            .unwrap();
    })
    .await;
    for address in ["policy/logs", "user/bob", "policy/old"] {
        let result = result(address);
        assert!(
            matches!(result, ActionResult::Done(Outcome::AlreadyDone)),
            "{address}: {result:?}"
        );
    }
    assert!(is_done(&result("membership/team:bob")));
}

#[tokio::test]
async fn a_user_who_is_another_by_now_is_left() {
    let result = raced(|clients| async move {
        let tag = aws_sdk_iam::types::Tag::builder()
            .key("team")
            .value("green")
            .build();
        let request = clients.iam.tag_user().user_name("alice");
        request.tags(tag.unwrap()).send().await.unwrap();
    })
    .await;
    assert_eq!(changed(result("user/alice")), ["tags"]);
    assert!(is_done(&result("user/bob")));
}

#[tokio::test]
async fn a_tag_that_the_plan_is_not_about_may_come_and_stays() {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let (first, second) = (world.load(FIRST), world.load(SECOND));
    world.apply(&clients, &first).await.unwrap();
    let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("note")
        .value("x")
        .build();
    let request = clients.iam.tag_user().user_name("alice");
    request.tags(tag.unwrap()).send().await.unwrap();
    assert!(world.execute(&clients, &plan).await.is_complete());
    let alice = clients
        .iam
        .get_user()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(alice.user.unwrap().tags().len(), 2);
}
