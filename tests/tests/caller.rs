//! A plan takes nothing from whoever runs mfactl that mfactl needs: on a sandbox that enforces policies, as its users and
//! roles.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;

use mfactl_tests::{Mfactl, Ran, Served};

const ADMIN: &str =
    r#"{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}"#;

/// A spec of administrators, whose group has these policies.
fn spec(policies: &str) -> String {
    format!(
        r#"version: 1
account: "123456789012"
region: us-east-1
users:
  ops: {{groups: [admins]}}
groups:
  admins: {{policies: [{policies}]}}
policies:
  admin: {{document: {ADMIN}}}
  enforce-mfa: {{preset: enforce-mfa}}
"#
    )
}

/// A spec of what a role of this account may.
fn deploy(actions: &str) -> String {
    format!(
        r#"version: 1
account: "123456789012"
region: us-east-1
policies:
  deploy: {{document: {{Version: "2012-10-17", Statement: [{{Sid: Deploy, Effect: Allow, Action: {actions}, Resource: "*"}}]}}}}
"#
    )
}

fn run(environment: &[(String, String)], spec: &str, arguments: &[&str]) -> Ran {
    let mfactl = Mfactl::new(environment.to_vec());
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    mfactl.run(arguments)
}

fn apply(environment: &[(String, String)], spec: &str) -> Ran {
    run(environment, spec, &["apply", "--auto-approve", "--quiet"])
}

fn plan(environment: &[(String, String)], spec: &str) -> Ran {
    run(environment, spec, &["plan", "--quiet"])
}

/// Returns what an answer in XML has between two tags.
fn element<'a>(answer: &'a str, name: &str) -> &'a str {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0
}

/// Returns the environment with what signs requests as somebody else.
fn signed(sandbox: &Served, answer: &str, names: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut environment = sandbox.environment();
    for (variable, name) in names {
        environment.retain(|(other, _)| other != variable);
        environment.push(((*variable).to_owned(), element(answer, name).to_owned()));
    }
    environment
}

/// Signs as a user with a new access key.
fn user(sandbox: &Served, name: &str) -> Vec<(String, String)> {
    let answer = sandbox.iam(&format!("Action=CreateAccessKey&UserName={name}"));
    let names = [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
    ];
    signed(sandbox, &answer, &names)
}

/// Makes a role that holds a policy, and signs as a session of it.
fn role(sandbox: &Served, name: &str, policy: &str) -> Vec<(String, String)> {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22123456789012%22%7D%7D%7D";
    sandbox.iam(&format!(
        "Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={trust}"
    ));
    sandbox.iam(&format!(
        "Action=AttachRolePolicy&RoleName={name}&PolicyArn={policy}"
    ));
    // The account itself can't assume a role, its users can.
    sandbox.iam("Action=CreateUser&UserName=gate");
    sandbox.iam("Action=AttachUserPolicy&UserName=gate&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess");
    let key = sandbox.iam("Action=CreateAccessKey&UserName=gate");
    let answer = sandbox.call_as(
        element(&key, "AccessKeyId"),
        "sts",
        &format!(
            "Action=AssumeRole&RoleSessionName=run-7&RoleArn=arn:aws:iam::123456789012:role/{name}"
        ),
    );
    let names = [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ];
    signed(sandbox, &answer, &names)
}

fn enforcing() -> Served {
    Served::start(&Mfactl::new(Vec::new()), &["--enforce"])
}

#[test]
fn an_administrator_with_an_access_key_is_not_let_ask_for_mfa_of_itself() {
    let sandbox = enforcing();
    apply(&sandbox.environment(), &spec("admin")).ends_with(0);
    let ops = user(&sandbox, "ops");
    let refused = plan(&ops, &spec("admin, enforce-mfa")).ends_with(3);
    for part in [
        "✗ user/ops",
        "caller-keeps-permissions: with an access key it can do iam:",
        "now, and would be denied it",
        "of policy/enforce-mfa through group/admins",
        "caller ✗",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    // The account itself is not held by policies, and once it is done the user has no rights to lose.
    apply(&sandbox.environment(), &spec("admin, enforce-mfa")).ends_with(0);
}

#[test]
fn a_change_that_leaves_the_caller_what_it_needs_is_applied() {
    let sandbox = enforcing();
    apply(&sandbox.environment(), &spec("admin")).ends_with(0);
    let ops = user(&sandbox, "ops");
    let more = spec("admin, aws/ReadOnlyAccess");
    let planned = plan(&ops, &more).ends_with(0);
    assert!(planned.contains("caller ✓"), "{planned}");
}

#[test]
fn a_role_is_not_let_narrow_its_own_policy_below_what_it_needs() {
    let sandbox = enforcing();
    apply(&sandbox.environment(), &deploy(r#"["iam:*", "s3:*"]"#)).ends_with(0);
    let policy = "arn:aws:iam::123456789012:policy/deploy";
    let session = role(&sandbox, "deploy", policy);
    let narrower = plan(&session, &deploy(r#""iam:*""#)).ends_with(0);
    assert!(narrower.contains("caller ✓"), "{narrower}");
    let refused = plan(&session, &deploy(r#"["iam:Get*", "iam:List*", "s3:*"]"#)).ends_with(3);
    for part in [
        "✗ role/deploy",
        "caller-keeps-permissions: in a session of the role it can do iam:CreatePolicy",
        "now, and nothing would allow it any more",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
}

#[test]
fn the_plan_of_a_role_that_only_reads_is_not_refused_for_what_it_cannot_do() {
    let sandbox = enforcing();
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let session = role(&sandbox, "reader", policy);
    let planned = plan(&session, &spec("admin")).ends_with(0);
    assert!(planned.contains("caller ✓"), "{planned}");
}

#[test]
fn an_operation_that_the_caller_clearly_lacks_is_named_before_the_first_call() {
    let sandbox = Served::start(&Mfactl::new(Vec::new()), &["--enforce"]);
    let reads = r#"["iam:Get*", "iam:List*", "iam:CreateGroup"]"#;
    apply(&sandbox.environment(), &deploy(reads)).ends_with(0);
    let deployer = role(
        &sandbox,
        "deployer",
        "arn:aws:iam::123456789012:policy/deploy",
    );
    let spec = r#"version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {groups: [readers]}
groups:
  readers: {}
"#;
    let needs =
        "role/deployer has no permission for iam:CreateUser, which is needed for user/alice.";
    // Nobody said yes, so that nothing was called.
    let ran = run(&deployer, spec, &["apply", "--json"]);
    assert!(ran.stderr.contains(needs), "{}", ran.stderr);
    assert!(!ran.stderr.contains("iam:CreateGroup"), "{}", ran.stderr);
    let lines = ran.ends_with(1);
    assert!(
        lines.contains(r#"{"addresses":["user/alice"],"operation":"iam:CreateUser","#),
        "{lines}"
    );
    // It is true, and what doesn't need it is done.
    let report = run(&deployer, spec, &["apply", "--auto-approve"]).ends_with(1);
    assert!(report.contains("Applied: 1 added"), "{report}");
    assert!(
        report.contains("iam:CreateUser failed: AccessDenied"),
        "{report}"
    );
    // Whoever can isn't told so.
    let ran = run(&sandbox.environment(), spec, &["apply", "--auto-approve"]);
    assert!(!ran.stderr.contains("no permission"), "{}", ran.stderr);
    ran.ends_with(0);
}
