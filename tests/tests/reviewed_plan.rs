//! Plans that were reviewed, applied to an account that somebody else changes meanwhile.

#![expect(clippy::expect_used, reason = "what isn't as expected fails the test")]

use std::fs;

use mfactl_tests::{Kit, Mfactl, Served, copy, recipe};

const TEAM: &str = r#"
version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {groups: [readers]}
groups:
  readers: {policies: [read]}
policies:
  read:
    document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]}
"#;

/// Returns a sandbox in which the team is, and an mfactl that reaches it.
fn team() -> (Mfactl, Served) {
    let embedded = Mfactl::new(Vec::new());
    write(&embedded, TEAM);
    // The embedded AWS needs no pauses between phases.
    embedded
        .run(["apply", "--auto-approve", "--sandbox=state.json"])
        .ends_with(0);
    let served = Served::start(&embedded, &["--state", "state.json"]);
    (Mfactl::new(served.environment()), served)
}

fn write(mfactl: &Mfactl, spec: &str) {
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).expect("the spec is written");
}

#[test]
fn what_else_changes_in_the_account_does_not_make_a_plan_stale() {
    let (mfactl, served) = team();
    write(&mfactl, &TEAM.replace("s3:Get*", "s3:List*"));
    mfactl.run(["plan", "--out", "plan.json"]).ends_with(0);
    served.iam("Action=CreateUser&UserName=guest");
    served.iam("Action=CreateGroup&GroupName=guests");
    served.iam("Action=AddUserToGroup&GroupName=guests&UserName=guest");
    let result = mfactl.run(["apply", "plan.json"]).ends_with(0);
    assert!(result.contains("1 changed"), "{result}");
}

#[test]
fn what_it_was_planned_on_makes_a_plan_stale() {
    let (mfactl, served) = team();
    write(&mfactl, &TEAM.replace("s3:Get*", "s3:List*"));
    mfactl.run(["plan", "--out", "plan.json"]).ends_with(0);
    let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3APut*%22%2C%22Resource%22%3A%22*%22%7D%7D";
    served.iam(&format!(
        "Action=CreatePolicyVersion&PolicyArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread&SetAsDefault=true&PolicyDocument={document}"
    ));
    let result = mfactl.run(["apply", "plan.json"]).ends_with(3);
    assert!(result.contains("policy/read"), "{result}");
    assert!(result.contains("s3:Put*"), "{result}");
    mfactl
        .run(["plan", "--out", "plan.json", "--detailed-exitcode"])
        .ends_with(2);
    mfactl.run(["apply", "plan.json"]).ends_with(0);
}

#[test]
fn somebody_who_gets_the_policy_meanwhile_makes_its_change_another_one() {
    let (mfactl, served) = team();
    write(&mfactl, &TEAM.replace("s3:Get*", "s3:List*"));
    mfactl.run(["plan", "--out", "plan.json"]).ends_with(0);
    served.iam("Action=CreateUser&UserName=guest");
    served.iam("Action=AttachUserPolicy&UserName=guest&PolicyArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread");
    let result = mfactl.run(["apply", "plan.json"]).ends_with(3);
    assert!(result.contains("2 people"), "{result}");
}

#[test]
fn a_plan_of_one_account_is_not_applied_to_another() {
    let (mfactl, _served) = team();
    write(&mfactl, &TEAM.replace("s3:Get*", "s3:List*"));
    mfactl.run(["plan", "--out", "plan.json"]).ends_with(0);
    let other = Served::start(&mfactl, &["--account", "210987654321"]);
    let elsewhere = Mfactl::new(other.environment());
    write(&elsewhere, &TEAM.replace("123456789012", "210987654321"));
    let plan = fs::copy(
        mfactl.folder().join("plan.json"),
        elsewhere.folder().join("plan.json"),
    );
    plan.expect("the plan is copied");
    let ran = elsewhere.run(["apply", "plan.json"]);
    assert!(
        ran.stderr.contains(
            "is a plan for account 123456789012, and the credentials are of 210987654321"
        ),
        "{}",
        ran.stderr
    );
    ran.ends_with(3);
}

#[test]
fn no_secret_is_in_a_saved_plan() {
    let mfactl = Mfactl::new(Vec::new());
    let spec = mfactl.folder().join("specs");
    copy(&recipe(), &spec);
    let plan = |out| {
        mfactl
            .run(["plan", "-f", "specs", "--sandbox", "--out", out])
            .ends_with(0);
    };
    plan("before.json");
    mfactl
        .run(["apply", "before.json", "--sandbox"])
        .ends_with(0);
    plan("after.json");
    let kit = Kit::open(&mfactl.folder().join("kits/alice.age"));
    let seed = kit.otpauth().split("secret=").nth(1).expect("a seed");
    let seed = seed.split('&').next().expect("it ends");
    for file in ["before.json", "after.json"] {
        let text = fs::read_to_string(mfactl.folder().join(file)).expect("a plan");
        assert!(text.contains("alice") || file == "after.json");
        for secret in [kit.password(), seed] {
            assert!(secret.len() >= 16, "{}", secret.len());
            assert!(!text.contains(secret), "{file}");
        }
    }
}
