//! The repository that `mfactl init` writes, lived with: its workflows are run as they are written, and say and do what they should.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use mfactl_tests::{Actions, Event, Mfactl, Served};
use serde_json::Value;

const ALICE: &str = "users:\n  alice: {groups: [people], mfa: required}\n";

/// The repository and an empty account.
fn begun() -> Actions {
    let folder = Mfactl::new(Vec::new());
    Actions::begin(Served::start(&folder, &["--enforce"]))
}

fn pull_request(number: u64, branch: &str) -> Event<'_> {
    Event::PullRequest {
        number,
        branch,
        from: "acme/aws-access",
    }
}

/// Plans main, approves the plan and applies it.
fn apply(actions: &Actions) -> String {
    let mut run = actions.run("apply", Event::Push);
    let planned = run.job("plan-main").ends_with("success");
    let applied = run.job("apply").ends_with("success");
    assert_eq!(applied.environment.as_deref(), Some("production"));
    let log = planned.log + &applied.log;
    assert!(!log.contains('\u{1b}'), "a log has no colours: {log}");
    planned.summary + &applied.summary
}

fn bodies(issue: &Value) -> Vec<&str> {
    let comments = issue["comments"].as_array().unwrap().iter();
    comments
        .map(|comment| comment["body"].as_str().unwrap())
        .collect()
}

#[test]
fn a_change_is_planned_reviewed_applied_and_held() {
    let actions = begun();
    let summary = apply(&actions);
    assert!(summary.contains("Applied: 3 added"), "{summary}");

    actions.commit("alice", "mfactl.yaml", |spec| {
        spec.replace("users: {}\n", ALICE)
    });
    let number = actions.open_pull_request();
    actions
        .run("plan", pull_request(number, "alice"))
        .job("plan")
        .ends_with("success");
    let issues = actions.issues();
    let [comment] = bodies(&issues[0])[..] else {
        panic!("{issues:#?}")
    };
    assert!(comment.contains("`user/alice`"), "{comment}");

    actions.commit("alice", "mfactl.yaml", |spec| {
        spec.replace("groups:\n", "  bob: {}\n\ngroups:\n")
    });
    actions
        .run("plan", pull_request(number, "alice"))
        .job("plan")
        .ends_with("success");
    let issues = actions.issues();
    let [comment] = bodies(&issues[0])[..] else {
        panic!("the same comment is updated: {issues:#?}")
    };
    assert!(comment.contains("`user/bob`"), "{comment}");

    actions.merge(number, "alice");
    let summary = apply(&actions);
    assert!(
        summary.contains("This is the plan that #1 showed."),
        "{summary}"
    );
    assert!(summary.contains("Applied: 3 added"), "{summary}");

    let drift = || {
        actions
            .run("drift", Event::Schedule)
            .job("drift")
            .ends_with("success")
    };
    drift();
    assert_eq!(actions.issues().len(), 1, "nothing drifted");
    actions
        .aws
        .iam("Action=RemoveUserFromGroup&GroupName=people&UserName=alice");
    drift();
    drift();
    let issues = actions.issues();
    assert_eq!(
        issues.len(),
        2,
        "one issue, however often it is looked: {issues:#?}"
    );
    let body = issues[1]["body"].as_str().unwrap();
    assert!(
        body.contains("<b><code>membership/people:alice</code></b>"),
        "{body}"
    );
    assert!(body.contains("[This run]("), "{body}");
    assert_eq!(issues[1]["state"], "open");

    let summary = apply(&actions);
    assert!(
        summary.contains("**This is not the plan that #1 showed.**"),
        "{summary}"
    );
    drift();
    let issues = actions.issues();
    assert_eq!(issues[1]["state"], "closed");
    assert!(bodies(&issues[1])[0].contains("found no drift"));
}

#[test]
fn a_change_that_locks_everybody_out_is_refused_in_the_comment_and_by_the_check() {
    let actions = begun();
    actions.commit("main", "mfactl.yaml", |spec| {
        spec.replace("users: {}\n", ALICE)
    });
    apply(&actions);
    let lock_out = r#"document: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "*", Resource: "*"}]}"#;
    actions.commit("lock-out", "mfactl.yaml", |spec| {
        spec.replace("preset: enforce-mfa", lock_out)
    });
    let number = actions.open_pull_request();
    let job = actions
        .run("plan", pull_request(number, "lock-out"))
        .job("plan")
        .ends_with("failure");
    let issues = actions.issues();
    let [comment] = bodies(&issues[0])[..] else {
        panic!("{issues:#?}")
    };
    assert!(comment.contains("Refused"), "{comment}");
    assert!(comment.contains("can-enrol"), "{comment}");
    assert!(job.summary.contains(comment), "{}", job.summary);
    assert!(
        !job.log.contains('\u{1b}'),
        "a log has no colours: {}",
        job.log
    );

    actions.merge(number, "lock-out");
    let mut run = actions.run("apply", Event::Push);
    run.job("plan-main").ends_with("failure");
    run.job("apply").ends_with("skipped");
}

#[test]
fn a_plan_that_is_stale_once_it_is_approved_is_not_applied() {
    let actions = begun();
    apply(&actions);
    actions.commit("main", "mfactl.yaml", |spec| {
        spec.replace("users: {}\n", ALICE)
    });
    let mut run = actions.run("apply", Event::Push);
    run.job("plan-main").ends_with("success");
    actions.aws.iam("Action=CreateUser&UserName=alice");
    let job = run.job("apply").ends_with("failure");
    assert!(job.log.contains("user/alice"), "{}", job.log);
    assert!(job.log.contains("is not the plan that"), "{}", job.log);
    assert!(
        job.summary
            .contains("Refused: this is not the plan that was reviewed."),
        "{}",
        job.summary
    );
}

#[test]
fn nobody_is_asked_to_approve_nothing() {
    let actions = begun();
    apply(&actions);
    actions.commit("main", "README.md", |text| format!("{text}\nMore.\n"));
    let mut run = actions.run("apply", Event::Push);
    let planned = run.job("plan-main").ends_with("success");
    assert!(
        planned.summary.contains("No changes."),
        "{}",
        planned.summary
    );
    run.job("apply").ends_with("skipped");
}

#[test]
fn a_fork_gets_no_credentials_and_a_red_check() {
    let actions = begun();
    actions.commit("theirs", "mfactl.yaml", |spec| {
        spec.replace("users: {}\n", ALICE)
    });
    let number = actions.open_pull_request();
    let theirs = Event::PullRequest {
        number,
        branch: "theirs",
        from: "mallory/aws-access",
    };
    let job = actions.run("plan", theirs).job("plan").ends_with("failure");
    assert!(
        job.log.contains("A fork gets no credentials."),
        "{}",
        job.log
    );
    assert_eq!(bodies(&actions.issues()[0]), [""; 0]);
}

#[test]
fn a_spec_that_cannot_be_used_replaces_the_plan_in_the_comment() {
    let actions = begun();
    actions.commit("typo", "mfactl.yaml", |spec| {
        spec.replace("users: {}\n", ALICE)
    });
    let number = actions.open_pull_request();
    actions
        .run("plan", pull_request(number, "typo"))
        .job("plan")
        .ends_with("success");
    actions.commit("typo", "mfactl.yaml", |spec| {
        spec.replace("groups: [people]", "group: people")
    });
    let job = actions
        .run("plan", pull_request(number, "typo"))
        .job("plan")
        .ends_with("failure");
    assert!(
        job.log.contains("::error file=mfactl.yaml,line="),
        "{}",
        job.log
    );
    let issues = actions.issues();
    let [comment] = bodies(&issues[0])[..] else {
        panic!("{issues:#?}")
    };
    assert!(
        comment.contains("### No plan") && !comment.contains("user/alice"),
        "{comment}"
    );
}

#[test]
fn what_could_not_be_read_is_a_failed_look_and_no_clean_one() {
    let actions = begun();
    apply(&actions);
    actions.aws.iam("Action=DetachGroupPolicy&GroupName=people&PolicyArn=arn:aws:iam::123456789012:policy/enforce-mfa");
    let drift = || actions.run("drift", Event::Schedule).job("drift");
    drift().ends_with("success");
    actions
        .aws
        .iam("Action=DeleteRolePolicy&RoleName=mfactl-drift&PolicyName=mfactl");
    let job = drift().ends_with("failure");
    assert!(job.log.contains("AccessDenied"), "{}", job.log);
    assert_eq!(actions.issues()[0]["state"], "open");
}

#[test]
fn no_other_job_than_the_approved_one_can_write() {
    let actions = begun();
    let apply_role = "role/mfactl-apply";
    let workflow = ".github/workflows/plan.yml";
    actions.commit("greedy", workflow, |text| {
        text.replace("role/mfactl-plan", apply_role)
    });
    let number = actions.open_pull_request();
    let job = actions
        .run("plan", pull_request(number, "greedy"))
        .job("plan")
        .ends_with("failure");
    let refused = "repo:acme/aws-access:pull_request can't assume arn:aws:iam::123456789012:role/mfactl-apply";
    assert!(job.log.contains(refused), "{}", job.log);
}
