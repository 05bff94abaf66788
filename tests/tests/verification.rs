//! What an apply reads again, and what it says when that isn't what it did.

#![expect(clippy::unwrap_used, reason = "what isn't as expected fails the test")]

use std::fs;

use mfactl_tests::{Mfactl, Served};

const TEAM: &str = r#"
version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {groups: [readers]}
groups:
  readers: {}
"#;

fn team(faults: &str) -> (Mfactl, Served) {
    let server = Mfactl::new(Vec::new());
    fs::write(server.folder().join("faults.json"), faults).unwrap();
    let served = Served::start(&server, &["--faults", "faults.json"]);
    let mfactl = Mfactl::new(served.environment());
    fs::write(mfactl.folder().join("mfactl.yaml"), TEAM).unwrap();
    (mfactl, served)
}

#[test]
fn an_apply_reads_the_account_once_more_and_only_if_it_changed_something() {
    let (mfactl, _served) = team(r#"{"faults": []}"#);
    let reads = |ran: &str| ran.contains("2  iam:GetAccountAuthorizationDetails");
    let ran = mfactl.run(["apply", "--auto-approve", "-v"]);
    assert!(reads(&ran.stderr), "{}", ran.stderr);
    assert!(ran.stderr.contains("Verified"), "{}", ran.stderr);
    ran.ends_with(0);
    let ran = mfactl.run(["apply", "--auto-approve", "-v"]);
    assert!(!reads(&ran.stderr), "{}", ran.stderr);
    ran.ends_with(0);
    let ran = mfactl.run(["destroy", "--auto-approve", "-v", "--json"]);
    assert!(reads(&ran.stderr), "{}", ran.stderr);
    let json = ran.ends_with(0);
    assert!(json.contains(r#""verified":true"#), "{json}");
}

#[test]
fn reads_that_are_late_are_waited_for() {
    let faults = r#"{"faults": [{"operation": "iam:GetAccountAuthorizationDetails", "effect": {"stale_reads_ms": 2500}}]}"#;
    let (mfactl, _served) = team(faults);
    let ran = mfactl.run(["apply", "--auto-approve", "-v"]);
    let reads = ran.stderr.matches("Reading account").count();
    assert!((3..=5).contains(&reads), "{}", ran.stderr);
    ran.ends_with(0);
}

#[test]
fn what_was_withheld_is_not_said_to_be_done() {
    let faults = r#"{"faults": [{"operation": "logs:DescribeLogGroups", "effect": "deny"}]}"#;
    let (mfactl, _served) = team(faults);
    let logs = "monitoring:\n  log_group: {name: audit, create: {retention_days: 365}}\n";
    fs::write(mfactl.folder().join("mfactl.yaml"), format!("{TEAM}{logs}")).unwrap();
    let ran = mfactl.run(["apply", "--auto-approve"]);
    let verified = "Verified: what was applied is as planned.";
    assert!(ran.stderr.contains(verified), "{}", ran.stderr);
    assert!(!ran.stderr.contains("nothing is left"), "{}", ran.stderr);
    let result = ran.ends_with(1);
    assert!(result.contains("Applied: 3 added"), "{result}");
}

#[test]
fn an_apply_that_can_not_be_verified_says_so_and_fails() {
    let faults = r#"{"faults": [{"operation": "iam:GetAccountAuthorizationDetails", "when": {"after": 1}, "effect": "deny"}]}"#;
    let (mfactl, _served) = team(faults);
    let result = mfactl.run(["apply", "--auto-approve"]).ends_with(1);
    assert!(result.contains("Applied: 3 added"), "{result}");
    assert!(
        result.contains("The account was read again, and this is left:"),
        "{result}"
    );
    assert!(
        result.contains("Not verified: the account couldn't be read again."),
        "{result}"
    );
}
