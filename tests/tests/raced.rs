//! Somebody else changes the account between the plan and the apply, and between the last look at an object and its
//! change.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use std::sync::Mutex;

use aws_sdk_iam::types::Tag;
use executor::{ActionResult, Error, Event, Outcome, Report, SkipReason};
use model::Plan;
use reader::Clients;
use sandbox::Faults;

use crate::world::{World, read};

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

/// Renames carol, who is in a group; bob and group `old` go.
const PEOPLE: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {user: /people/*, group: /people/*}
defaults: {path: /people/}
users:
  alice: {groups: [team]}
  bob: {groups: [team], console: true, deliver_to: age1xrahmamw2jvgfahulkgjnd24msgmje8ehtkeghdrc7hw6t9t6dus4nmwll}
  carol: {groups: [team]}
groups: {team: {}, old: {}}
"#;

const FEWER_PEOPLE: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {user: /people/*, group: /people/*}
defaults: {path: /people/}
users:
  alice: {groups: [team]}
  caroline: {groups: [team], renamed_from: carol}
groups: {team: {}}
"#;

/// Plans the way from the first spec to the second, lets somebody else do something, applies the plan, and returns what
/// became of each action, by address.
async fn raced<F: Future<Output = ()>>(
    meanwhile: impl FnOnce(Clients) -> F,
) -> impl Fn(&str) -> ActionResult {
    raced_between([FIRST, SECOND], meanwhile).await
}

async fn raced_between<F: Future<Output = ()>>(
    [first, second]: [&str; 2],
    meanwhile: impl FnOnce(Clients) -> F,
) -> impl Fn(&str) -> ActionResult {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let first = world.load(first);
    assert!(world.apply(&clients, &first).await.unwrap().1.is_complete());
    let second = world.load(second);
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
        let tag = Tag::builder().key("team").value("green").build();
        let request = clients.iam.tag_user().user_name("alice");
        request.tags(tag.unwrap()).send().await.unwrap();
    })
    .await;
    assert_eq!(changed(result("user/alice")), ["tags"]);
    assert!(is_done(&result("user/bob")));
}

async fn move_user(clients: &Clients, user: &str) {
    let request = clients.iam.update_user().user_name(user);
    request.new_path("/robots/").send().await.unwrap();
}

#[tokio::test]
async fn a_user_who_is_another_by_now_is_not_deleted_and_loses_nothing() {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let (first, second) = (world.load(PEOPLE), world.load(FEWER_PEOPLE));
    assert!(world.apply(&clients, &first).await.unwrap().1.is_complete());
    let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
    move_user(&clients, "bob").await;
    let report = world.execute(&clients, &plan).await;
    for (action, result) in plan.actions.iter().zip(&report.results) {
        let address = action.address.to_string();
        match result {
            ActionResult::Failed(error) => {
                let sentence = error.to_string();
                assert_eq!(sentence, "user/bob changed since the plan was made: path");
                assert_eq!(address, "login_profile/bob");
            }
            ActionResult::Skipped(_) => assert!(address.ends_with("bob"), "{address}"),
            ActionResult::Done(_) => assert!(!address.ends_with("bob"), "{address}"),
        }
    }
    let iam = &clients.iam;
    let password = iam.get_login_profile().user_name("bob").send().await;
    assert!(password.is_ok());
    let groups = iam.list_groups_for_user().user_name("bob").send().await;
    assert_eq!(groups.unwrap().groups().len(), 1);
}

#[tokio::test]
async fn a_user_who_moves_after_the_first_of_their_things_went_is_not_deleted() {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let (first, second) = (world.load(PEOPLE), world.load(FEWER_PEOPLE));
    assert!(world.apply(&clients, &first).await.unwrap().1.is_complete());
    let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
    // A user who has nothing left to lose.
    let iam = &clients.iam;
    let request = iam.delete_login_profile().user_name("bob");
    request.send().await.unwrap();
    let request = iam.remove_user_from_group().user_name("bob");
    request.group_name("team").send().await.unwrap();
    let request = iam.delete_user().user_name("bob");
    request.send().await.unwrap();
    let request = iam.create_user().user_name("bob").path("/robots/");
    request.send().await.unwrap();
    let report = world.execute(&clients, &plan).await;
    assert!(!report.is_complete());
    assert!(iam.get_user().user_name("bob").send().await.is_ok());
}

#[tokio::test]
async fn a_group_that_is_another_by_now_is_not_deleted() {
    let result = raced_between([PEOPLE, FEWER_PEOPLE], |clients| async move {
        let request = clients.iam.update_group().group_name("old");
        request.new_path("/prod/").send().await.unwrap();
    })
    .await;
    assert_eq!(changed(result("group/old")), ["path"]);
    assert!(is_done(&result("user/bob")));
}

#[tokio::test]
async fn a_stranger_who_took_the_new_name_gets_nothing() {
    let result = raced_between([PEOPLE, FEWER_PEOPLE], |clients| async move {
        let request = clients.iam.create_user().user_name("caroline");
        request.path("/people/").send().await.unwrap();
    })
    .await;
    match result("user/caroline") {
        ActionResult::Failed(error) => assert!(matches!(*error, Error::Appeared(_)), "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(is_done(&result("user/bob")));
}

#[tokio::test]
async fn a_tag_that_the_plan_is_not_about_may_come_and_stays() {
    let world = World::new();
    let (_sandbox, clients) = world.serve(Faults::default()).await;
    let (first, second) = (world.load(FIRST), world.load(SECOND));
    world.apply(&clients, &first).await.unwrap();
    let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
    let tag = Tag::builder().key("note").value("x").build();
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

/// Holds what became of a run that somebody else was in the way of.
struct Raced {
    _sandbox: sandbox::Sandbox,
    clients: Clients,
    plan: Plan,
    report: Report,
    /// What there is to do afterwards, which is what the verification of an apply shows.
    left: Vec<String>,
}

impl Raced {
    /// Applies the way from the first spec to the second, and lets somebody else do something when mfactl has looked for the
    /// last time and is about to call an operation.
    async fn at<F: Future<Output = ()>>(
        operation: &str,
        before: impl AsyncFnOnce(&Clients),
        meanwhile: impl FnOnce(Clients) -> F + Send,
    ) -> Self {
        Self::between([FIRST, SECOND], operation, before, meanwhile).await
    }

    /// Does the same on the way from one spec to another.
    async fn between<F: Future<Output = ()>>(
        [first, second]: [&str; 2],
        operation: &str,
        before: impl AsyncFnOnce(&Clients),
        meanwhile: impl FnOnce(Clients) -> F + Send,
    ) -> Self {
        let world = World::new();
        let (sandbox, clients) = world.serve(Faults::default()).await;
        let (first, second) = (world.load(first), world.load(second));
        assert!(world.apply(&clients, &first).await.unwrap().1.is_complete());
        before(&clients).await;
        let plan = planner::plan(&second, &read(&clients, &second).await.unwrap());
        let meanwhile = Mutex::new(Some(meanwhile));
        let report = world.execute_while(&clients, &plan, |event| {
            if let Event::Calling {
                operation: called, ..
            } = event
                && *called == operation
                && let Some(meanwhile) = meanwhile.lock().unwrap().take()
            {
                let runtime = tokio::runtime::Handle::current();
                let done = meanwhile(clients.clone());
                tokio::task::block_in_place(|| runtime.block_on(done));
            }
        });
        let report = report.await;
        assert!(meanwhile.lock().unwrap().is_none(), "{operation} is called");
        let left = planner::plan(&second, &read(&clients, &second).await.unwrap());
        let left = left.actions.iter().map(|action| action.address.to_string());
        Self {
            _sandbox: sandbox,
            left: left.collect(),
            clients,
            plan,
            report,
        }
    }

    fn result(&self, address: &str) -> ActionResult {
        let mut actions = self.plan.actions.iter();
        let action = actions.find(|action| action.address.to_string() == address);
        self.report.result(action.unwrap().id).unwrap().clone()
    }

    /// Asserts that AWS refused an action with a code, and that every other was done unless it waits for that one.
    #[track_caller]
    fn refused(&self, address: &str, code: &str) {
        match self.result(address) {
            ActionResult::Failed(error) => assert_eq!(error.code(), Some(code), "{error}"),
            other => panic!("{other:?}"),
        }
        self.others_are_done(address);
    }

    #[track_caller]
    fn others_are_done(&self, address: &str) {
        for action in &self.plan.actions {
            let (other, result) = (
                action.address.to_string(),
                self.result(&action.address.to_string()),
            );
            let waits = matches!(result, ActionResult::Skipped(SkipReason::Failed(_)));
            assert!(
                other == address || waits || is_done(&result),
                "{other}: {result:?}"
            );
        }
    }

    /// Returns the versions of a policy: each with whether it is in force, and its document.
    async fn versions(&self, policy: &str) -> Vec<(bool, String)> {
        let arn = format!("{POLICY}{policy}");
        let list = self.clients.iam.list_policy_versions().policy_arn(&arn);
        let mut versions = Vec::new();
        for version in list.send().await.unwrap().versions() {
            let get = self.clients.iam.get_policy_version().policy_arn(&arn);
            let get = get.version_id(version.version_id().unwrap());
            let found = get.send().await.unwrap().policy_version.unwrap();
            let document = found.document.unwrap();
            versions.push((found.is_default_version, document));
        }
        versions
    }
}

async fn nothing(_: &Clients) {}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_write_a_policy_at_once_the_last_wins_and_no_document_is_lost() {
    let raced = Raced::at("iam:CreatePolicyVersion", nothing, |clients| async move {
        rewrite(&clients, "logs", "iam:*").await;
    })
    .await;
    assert!(is_done(&raced.result("policy/logs")));
    raced.others_are_done("policy/logs");
    let versions = raced.versions("logs").await;
    let in_force = versions.iter().find(|(is_default, _)| *is_default);
    assert!(in_force.unwrap().1.contains("logs%3A%2A"), "{versions:?}");
    assert!(
        versions
            .iter()
            .any(|(_, document)| document.contains("iam%3A%2A"))
    );
    assert_eq!(raced.left, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_writes_after_mfactl_is_seen_by_the_verification() {
    // Bob joins after the policy of his group was changed.
    let raced = Raced::at("iam:AddUserToGroup", nothing, |clients| async move {
        rewrite(&clients, "logs", "iam:*").await;
    })
    .await;
    assert!(raced.report.is_complete());
    assert_eq!(raced.left, ["policy/logs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_becomes_another_on_the_way_keeps_the_mfa_device() {
    let provisioned = PEOPLE.replace("console: true", "console: true, mfa: provisioned");
    let specs = [provisioned.as_str(), FEWER_PEOPLE];
    let meanwhile = |clients: Clients| async move { move_user(&clients, "bob").await };
    let raced = Raced::between(specs, "iam:RemoveUserFromGroup", nothing, meanwhile).await;
    assert!(is_done(&raced.result("membership/team:bob")));
    assert_eq!(changed(raced.result("mfa_device/bob")), ["path"]);
    let devices = raced.clients.iam.list_mfa_devices().user_name("bob");
    assert_eq!(devices.send().await.unwrap().mfa_devices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_tag_a_user_at_once_the_last_wins_and_other_tags_stay() {
    let raced = Raced::at("iam:TagUser", nothing, |clients| async move {
        let tag = |key, value| Tag::builder().key(key).value(value).build().unwrap();
        let request = clients.iam.tag_user().user_name("alice");
        let request = request.tags(tag("team", "green")).tags(tag("note", "x"));
        request.send().await.unwrap();
    })
    .await;
    assert!(is_done(&raced.result("user/alice")));
    let get = raced.clients.iam.get_user().user_name("alice");
    let alice = get.send().await.unwrap().user.unwrap();
    let tags = alice.tags().iter();
    let mut tags: Vec<_> = tags.map(|tag| (tag.key(), tag.value())).collect();
    tags.sort_unstable();
    assert_eq!(tags, [("note", "x"), ("team", "blue")]);
    assert_eq!(raced.left, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_before_it_is_changed_is_not_made_again_by_the_change() {
    let raced = Raced::at("iam:TagUser", nothing, |clients| async move {
        let iam = &clients.iam;
        let leave = iam
            .remove_user_from_group()
            .user_name("alice")
            .group_name("team");
        leave.send().await.unwrap();
        iam.delete_user().user_name("alice").send().await.unwrap();
    })
    .await;
    raced.refused("user/alice", "NoSuchEntity");
    assert_eq!(raced.left, ["user/alice", "membership/team:alice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_created_before_mfactl_does_is_not_written_over() {
    let raced = Raced::at("iam:CreateUser", nothing, |clients| async move {
        let request = clients.iam.create_user().user_name("bob").path("/other/");
        request.send().await.unwrap();
    })
    .await;
    match raced.result("user/bob") {
        ActionResult::Failed(error) => assert!(matches!(*error, Error::Appeared(_)), "{error}"),
        other => panic!("{other:?}"),
    }
    raced.others_are_done("user/bob");
    let get = raced.clients.iam.get_user().user_name("bob");
    assert_eq!(get.send().await.unwrap().user.unwrap().path(), "/other/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_attached_before_it_is_deleted_stays() {
    let raced = Raced::at("iam:DeletePolicy", nothing, |clients| async move {
        let request = clients.iam.attach_group_policy().group_name("team");
        let request = request.policy_arn(format!("{POLICY}old"));
        request.send().await.unwrap();
    })
    .await;
    raced.refused("policy/old", "DeleteConflict");
    assert!(raced.left.contains(&"policy/old".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_gets_a_version_before_it_is_deleted_keeps_both() {
    let raced = Raced::at("iam:DeletePolicy", nothing, |clients| async move {
        rewrite(&clients, "old", "s3:*").await;
    })
    .await;
    raced.refused("policy/old", "DeleteConflict");
    assert_eq!(raced.versions("old").await.len(), 2);
}

/// Fills a policy with as many versions as it can have; the first one's document is in force again.
async fn full(clients: &Clients) {
    for action in ["a:A", "b:B", "c:C"] {
        rewrite(clients, "logs", action).await;
    }
    rewrite(clients, "logs", "logs:Get*").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_comes_in_force_before_it_makes_room_is_not_deleted() {
    let raced = Raced::at("iam:DeletePolicyVersion", full, |clients| async move {
        let request = clients.iam.set_default_policy_version();
        let request = request.policy_arn(format!("{POLICY}logs")).version_id("v1");
        request.send().await.unwrap();
    })
    .await;
    raced.refused("policy/logs", "DeleteConflict");
    assert_eq!(raced.versions("logs").await.len(), 5);
    assert!(raced.left.contains(&"policy/logs".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_takes_the_room_is_not_deleted() {
    let raced = Raced::at("iam:CreatePolicyVersion", full, |clients| async move {
        rewrite(&clients, "logs", "iam:*").await;
    })
    .await;
    raced.refused("policy/logs", "LimitExceeded");
    let versions = raced.versions("logs").await;
    let in_force = versions.iter().find(|(is_default, _)| *is_default);
    assert!(in_force.unwrap().1.contains("iam%3A%2A"), "{versions:?}");
    assert!(raced.left.contains(&"policy/logs".to_owned()));
}
