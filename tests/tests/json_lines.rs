//! What `apply --json` and `destroy --json` print, line by line, however they end. `docs/json.md` says it to users.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what isn't as expected fails the test"
)]

use std::fs;

use mfactl_tests::{Account, Mfactl, Ran};
use serde_json::{Value, json};

const TEAM: &str = r#"
version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {groups: [readers]}
groups:
  readers: {}
"#;

fn with_spec(spec: &str) -> Mfactl {
    let mfactl = Mfactl::new(Vec::new());
    write(&mfactl, spec);
    mfactl
}

fn write(mfactl: &Mfactl, spec: &str) {
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
}

/// Runs mfactl on a server of an account's, with faults.
fn run(account: &Account, mfactl: &Mfactl, faults: &str, arguments: &[&str]) -> Ran {
    let served = account.serve(faults);
    let ran = mfactl.run_in(served.environment(), arguments);
    served.stop("TERM");
    ran
}

/// Reads what was printed, and makes sure of what holds of every line, of the first and of the last.
fn lines(ran: &Ran) -> Vec<Value> {
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        assert!(line["type"].is_string(), "{line}");
        let time: jiff::Timestamp = line["time"].as_str().unwrap().parse().unwrap();
        assert!(time > jiff::Timestamp::UNIX_EPOCH);
        if line["id"].is_number() {
            assert!(line["address"].is_string() && line["change"].is_string());
        }
    }
    assert_eq!(lines[0]["type"], "version");
    assert_eq!(lines[0]["format_version"], "1.0");
    assert_eq!(lines.last().unwrap()["exit_code"], json!(ran.code));
    lines
}

fn types(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect()
}

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--json", "--settle=0"];

#[test]
fn an_apply_tells_what_it_does_as_it_does_it_and_reports_last() {
    let (account, mfactl) = (Account::new(), with_spec(TEAM));
    let throttled =
        r#"{"operation": "iam:CreateUser", "when": {"first": 1}, "effect": "throttle"}"#;
    let ran = run(&account, &mfactl, throttled, &APPLY);
    let lines = lines(&ran);
    assert_eq!(lines[1]["type"], "plan");
    assert_eq!(lines[1]["counts"]["add"], 3);
    let alice: Vec<Value> = lines
        .iter()
        .filter(|line| line["address"] == "user/alice")
        .map(|line| {
            let mut line = line.clone();
            let members = line.as_object_mut().unwrap();
            for known in ["time", "id", "address", "change"] {
                members.remove(known);
            }
            if members.contains_key("wait_ms") {
                members["wait_ms"] = json!("some");
            }
            line
        })
        .collect();
    assert_eq!(
        alice,
        [
            json!({"type": "started"}),
            json!({"type": "calling", "operation": "iam:CreateUser"}),
            json!({"type": "called", "operation": "iam:CreateUser", "answer": "refused", "code": "Throttling"}),
            json!({"type": "retrying", "operation": "iam:CreateUser", "code": "Throttling", "wait_ms": "some"}),
            json!({"type": "calling", "operation": "iam:CreateUser"}),
            json!({"type": "called", "operation": "iam:CreateUser", "answer": "done"}),
            json!({"type": "ended", "status": "done"}),
        ]
    );
    let report = lines.last().unwrap();
    assert_eq!(report["type"], "report");
    assert_eq!(report["counts"]["added"], 3);
    assert_eq!(report["digest"], lines[1]["digest"]);
    ran.ends_with(0);
    let again = run(&account, &mfactl, "", &APPLY);
    assert_eq!(types(&self::lines(&again)), ["version", "plan", "report"]);
    again.ends_with(0);
}

#[test]
fn a_failure_is_told_when_it_happens_and_reported() {
    let (account, mfactl) = (Account::new(), with_spec(TEAM));
    let denied = r#"{"operation": "iam:CreateGroup", "effect": "deny"}"#;
    let ran = run(&account, &mfactl, denied, &APPLY);
    let lines = lines(&ran);
    let ended = |address: &str| {
        let is_its = |line: &&Value| line["type"] == "ended" && line["address"] == address;
        lines.iter().find(is_its).unwrap()
    };
    assert_eq!(ended("group/readers")["status"], "failed");
    let error = ended("group/readers")["error"].as_str().unwrap();
    assert!(error.contains("AccessDenied"), "{error}");
    assert_eq!(ended("membership/readers:alice")["status"], "skipped");
    let report = lines.last().unwrap();
    assert_eq!(report["counts"]["failed"], 1);
    assert_eq!(report["counts"]["skipped"], 1);
    ran.ends_with(1);
}

#[test]
fn where_there_is_no_report_the_last_line_says_why() {
    let (account, mfactl) = (Account::new(), with_spec(TEAM));
    let ends = |arguments: &[&str], expected: &str, code: i32| {
        let ran = run(&account, &mfactl, "", arguments);
        let lines = lines(&ran);
        assert_eq!(types(&lines).join(" "), expected);
        assert!(!lines.last().unwrap()["error"].is_null());
        ran.ends_with(code);
    };
    ends(&["apply", "--json"], "version plan declined", 1);
    ends(&["apply", "--json", "-f", "no.yaml"], "version error", 1);

    run(&account, &mfactl, "", &["plan", "--out", "plan.json"]).ends_with(0);
    write(&mfactl, &TEAM.replace("alice", "bob"));
    let expected = "version difference refused";
    ends(&["apply", "plan.json", "--json"], expected, 3);

    write(
        &mfactl,
        &TEAM.replace("[readers]", "[readers], mfa: required"),
    );
    ends(&APPLY, "version plan refused", 3);

    write(&mfactl, &TEAM.replace("123456789012", "210987654321"));
    ends(&["destroy", "--json"], "version refused", 3);
}

#[test]
fn a_refusal_of_an_incomplete_plan_is_an_error_and_still_a_refusal() {
    let spec = TEAM.replace("{groups: [readers]}", "{groups: [readers], mfa: required}");
    let spec = format!("{spec}monitoring:\n  alarms: {{}}\n  log_group: {{name: trail}}\n");
    let (account, mfactl) = (Account::new(), with_spec(&spec));
    let denied = r#"{"operation": "logs:DescribeLogGroups", "effect": "deny"}"#;
    let ran = run(&account, &mfactl, denied, &APPLY);
    assert_eq!(types(&lines(&ran)), ["version", "plan", "refused"]);
    ran.ends_with(1);
}

#[test]
fn an_interrupted_apply_reports_what_is_left() {
    let (account, mfactl) = (Account::new(), with_spec(TEAM));
    let slow = r#"{"operation": "iam:CreateGroup", "effect": {"delay_ms": 2000}}"#;
    let ran = account.signal_when(slow, &mfactl, &APPLY, "iam:CreateGroup", "INT");
    let lines = lines(&ran);
    let report = lines.last().unwrap();
    assert_eq!(report["type"], "report");
    assert_eq!(report["counts"]["not_started"], 1);
    ran.ends_with(130);
}

#[test]
fn what_is_left_of_a_reviewed_plan_is_said_to_be_another_plan() {
    let (account, mfactl) = (Account::new(), with_spec(TEAM));
    let denied = r#"{"operation": "iam:CreateGroup", "effect": "deny"}"#;
    run(&account, &mfactl, "", &["plan", "--out", "plan.json"]).ends_with(0);
    let apply = ["apply", "plan.json", "--settle=0"];
    let report = run(&account, &mfactl, denied, &apply).ends_with(1);
    let command = "mfactl plan -f mfactl.yaml --out plan.json";
    assert!(
        report.contains("plan again and have that reviewed") && report.contains(command),
        "{report}"
    );
    // And so it is.
    run(&account, &mfactl, "", &apply).ends_with(3);
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    run(&account, &mfactl, "", &words).ends_with(0);
    run(&account, &mfactl, "", &apply).ends_with(0);
}
