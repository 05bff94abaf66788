//! `mfactl sandbox`: served to other processes, stopped by a signal, and started again on what it kept.

use std::fs;

use mfactl_tests::{Mfactl, Served};

const SPEC: &str = r#"version: 1
account: "123456789012"
region: us-east-1
users: {alice: {}}
"#;

/// Returns an mfactl with a spec of one user, whose AWS is what the environment says.
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
fn client(environment: Vec<(String, String)>) -> Mfactl {
    let mfactl = Mfactl::new(environment);
    let spec = mfactl.folder().join("mfactl.yaml");
    fs::write(spec, SPEC).unwrap();
    mfactl
}

#[test]
fn what_a_client_made_is_there_after_a_stop_by_a_signal() {
    let server = Mfactl::new(Vec::new());
    for signal in ["TERM", "INT"] {
        let state = format!("{signal}/state.json");
        let sandbox = Served::start(&server, &["--state", &state]);
        let applied = client(sandbox.environment()).run(["apply", "--auto-approve"]);
        applied.ends_with(0);
        assert_eq!(sandbox.stop(signal).code, 0);

        let sandbox = Served::start(&server, &["--state", &state]);
        let plan = client(sandbox.environment()).run(["plan", "--detailed-exitcode"]);
        assert!(plan.ends_with(0).contains("No changes."));
    }
}

#[test]
fn a_twelve_digit_key_is_an_account_of_its_own() {
    let sandbox = Served::start(&Mfactl::new(Vec::new()), &["--account", "210987654321"]);
    let mut environment = sandbox.environment();
    for (name, value) in &mut environment {
        if name == "AWS_ACCESS_KEY_ID" {
            "123456789012".clone_into(value);
        }
    }
    client(environment)
        .run(["plan", "--detailed-exitcode"])
        .ends_with(2);
    // Theirs is another account than the spec's.
    client(sandbox.environment()).run(["plan"]).ends_with(3);
}

/// Returns the environment with the access key of a new user without policies.
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
fn as_new_user(sandbox: &Served, name: &str) -> Vec<(String, String)> {
    sandbox.iam(&format!("Action=CreateUser&UserName={name}"));
    let answer = sandbox.iam(&format!("Action=CreateAccessKey&UserName={name}"));
    let (_, key) = answer.split_once("<AccessKeyId>").unwrap();
    let (key, _) = key.split_once('<').unwrap();
    let mut environment = sandbox.environment();
    for (name, value) in &mut environment {
        if name == "AWS_ACCESS_KEY_ID" {
            key.clone_into(value);
        }
    }
    environment
}

#[test]
fn a_user_without_policies_reads_nothing_where_policies_are_enforced_and_all_where_not() {
    let server = Mfactl::new(Vec::new());
    let sandbox = Served::start(&server, &[]);
    let plan = client(as_new_user(&sandbox, "bob")).run(["plan", "--detailed-exitcode"]);
    plan.ends_with(2);

    let sandbox = Served::start(&server, &["--enforce"]);
    let plan = client(as_new_user(&sandbox, "bob")).run(["plan"]);
    assert!(plan.stdout.contains("AccessDenied"), "{plan:#?}");
    plan.ends_with(1);
}

#[test]
fn a_state_file_in_use_is_refused_by_name() {
    let mfactl = Mfactl::new(Vec::new());
    let _sandbox = Served::start(&mfactl, &["--state", "aws.json"]);
    let second = mfactl.run(["sandbox", "--state", "aws.json"]);
    assert!(
        second.stderr.contains("`aws.json` is in use"),
        "{}",
        second.stderr
    );
    second.ends_with(1);
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let ran = Mfactl::new(Vec::new()).run(["sandbox", "--listen", "0.0.0.0:0"]);
    assert!(ran.stderr.contains("loopback only"), "{}", ran.stderr);
    ran.ends_with(1);
}

#[test]
fn an_apply_gets_over_faults_that_pass_and_the_log_tells_of_them() {
    let server = Mfactl::new(Vec::new());
    let faults = r#"{"faults": [
        {"operation": "iam:*", "when": {"first": 2}, "effect": "throttle"},
        {"operation": "iam:CreateUser", "when": {"calls": [1]}, "effect": "server_error"}
    ]}"#;
    fs::write(server.folder().join("faults.json"), faults).unwrap();
    let arguments = ["--faults", "faults.json", "--request-log", "log.jsonl"];
    let sandbox = Served::start(&server, &arguments);
    let applied = client(sandbox.environment()).run(["apply", "--auto-approve"]);
    applied.ends_with(0);
    let log = fs::read_to_string(server.folder().join("log.jsonl")).unwrap();
    for outcome in ["Throttling", "InternalFailure"] {
        assert!(log.contains(&format!("\"outcome\":\"{outcome}\"")), "{log}");
    }
}

#[test]
fn faults_that_make_no_sense_are_refused_by_file_and_place() {
    let mfactl = Mfactl::new(Vec::new());
    let faults = r#"{"faults": [{"operation": "*", "when": {"share": 30}, "effect": "reset"}]}"#;
    fs::write(mfactl.folder().join("faults.json"), faults).unwrap();
    let ran = mfactl.run(["sandbox", "--faults", "faults.json"]);
    assert!(
        ran.stderr
            .contains("the faults in `faults.json` can't be used: a share is from 0 to 1"),
        "{}",
        ran.stderr
    );
    ran.ends_with(1);
}
