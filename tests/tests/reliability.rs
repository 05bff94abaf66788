//! An apply that is killed, refused, raced and lied to: run again, it ends where the spec says.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::BTreeSet;
use std::fs;

use mfactl_tests::{Account, End, Mfactl, Ran, Served, company, repository};

const APPLY: [&str; 5] = ["apply", "--auto-approve", "--quiet", "--settle", "0"];

/// Returns an mfactl with a spec in its folder.
fn with_spec(text: &str) -> Mfactl {
    let mfactl = Mfactl::new(Vec::new());
    fs::write(mfactl.folder().join("mfactl.yaml"), text).unwrap();
    mfactl
}

fn spec(name: &str) -> String {
    fs::read_to_string(repository("tests/tests/reliability").join(name)).unwrap()
}

/// Returns an account that is as a spec says.
fn applied(text: &str) -> Account {
    let account = Account::new();
    let served = account.serve("");
    with_spec(text)
        .run_in(served.environment(), APPLY)
        .ends_with(0);
    assert_eq!(served.stop("TERM").code, 0);
    account
}

/// Counts what an account has: users, devices, policies, their versions and all else that IAM counts.
fn summary(served: &Served) -> BTreeSet<String> {
    let answer = served.iam("Action=GetAccountSummary");
    let entries = answer.split("<entry>").skip(1);
    entries
        .map(|entry| entry.split("</entry>").next().unwrap().to_owned())
        .collect()
}

/// Runs again, on an AWS without faults, what was killed, and asserts that the account becomes as it is to be.
#[track_caller]
fn converges(account: &Account, client: &Mfactl, expected: &BTreeSet<String>, why: &str) {
    let served = account.serve("");
    let again = client.run_in(served.environment(), APPLY);
    assert_eq!(again.code, 0, "{why}: {again:#?}");
    let plan = client.run_in(
        served.environment(),
        ["plan", "--detailed-exitcode", "--quiet"],
    );
    assert_eq!(plan.code, 0, "{why}: {plan:#?}");
    assert_eq!(summary(&served), *expected, "{why}");
    served.stop("TERM");
}

/// Kills an apply of `text` on a copy of an account in every `step`th of its calls, and each time runs it again.
///
/// Returns how many calls that was.
fn killed_in_every_call(before: &Account, text: &str, arguments: &[&str], step: usize) -> usize {
    let undisturbed = before.copy();
    let served = undisturbed.serve("");
    let ran = with_spec(text).run_in(served.environment(), arguments);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let expected = summary(&served);
    served.stop("TERM");
    let mut call = 1;
    loop {
        let (account, client) = (before.copy(), with_spec(text));
        match account.kill_at(call, &client, arguments) {
            End::Killed => {
                let served = account.serve("");
                let again = client.run_in(served.environment(), arguments);
                assert_eq!(again.code, 0, "killed in call {call}: {again:#?}");
                let rest = client.run_in(served.environment(), arguments);
                assert_eq!(rest.code, 0, "killed in call {call}: {rest:#?}");
                assert!(!wrote(&rest), "killed in call {call}: {rest:#?}");
                assert_eq!(summary(&served), expected, "killed in call {call}");
                served.stop("TERM");
                call += step;
            }
            End::Ended(ran) => {
                assert_eq!(ran.code, 0, "{ran:#?}");
                return call;
            }
        }
    }
}

/// Tells whether an apply found something to do.
fn wrote(ran: &Ran) -> bool {
    !ran.stdout.contains("No changes.")
}

#[test]
fn a_creation_killed_in_any_call_ends_as_the_spec_says() {
    let calls = killed_in_every_call(&Account::new(), &spec("first.yaml"), &APPLY, 1);
    println!("killed in each of {calls} calls");
}

#[test]
fn an_update_killed_in_any_call_ends_as_the_spec_says() {
    let before = applied(&spec("first.yaml"));
    let calls = killed_in_every_call(&before, &spec("second.yaml"), &APPLY, 1);
    println!("killed in each of {calls} calls");
}

#[test]
fn a_dismantling_killed_in_any_call_leaves_nothing_behind() {
    let before = applied(&spec("first.yaml"));
    let destroy = ["destroy", "--auto-approve", "--quiet", "--settle", "0"];
    let calls = killed_in_every_call(&before, &spec("first.yaml"), &destroy, 1);
    println!("killed in each of {calls} calls");
}

#[test]
fn a_company_killed_in_many_calls_ends_as_the_spec_says() {
    let calls = killed_in_every_call(&Account::new(), &company(80), &APPLY, 61);
    println!("killed in every 61st of {calls} calls");
}

/// Applies a spec where AWS is in trouble, and then again where it isn't.
fn in_trouble(faults: &str) -> Ran {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    let served = account.serve(faults);
    let ran = client.run_in(served.environment(), APPLY);
    served.stop("TERM");
    let expected = summary(&applied(&spec("first.yaml")).serve(""));
    converges(&account, &client, &expected, faults);
    ran
}

#[test]
fn throttling_never_fails_an_apply() {
    in_trouble(r#"{"operation": "*", "when": {"share": 0.3}, "effect": "throttle"}"#).ends_with(0);
}

#[test]
fn errors_of_the_server_and_lost_connections_are_got_over() {
    in_trouble(
        r#"{"operation": "*", "when": {"share": 0.05}, "effect": "server_error"},
           {"operation": "*", "when": {"share": 0.05}, "effect": "reset"},
           {"operation": "*", "when": {"share": 0.05}, "effect": "drop_answer"}"#,
    )
    .ends_with(0);
}

#[test]
fn reads_of_ten_seconds_ago_are_got_over() {
    got_over(STALE, &[spec("first.yaml")]);
}

#[test]
fn reads_of_ten_seconds_ago_are_got_over_in_a_company() {
    got_over(STALE, &[company(80)]);
}

/// Returns the addresses of those actions of a plan or report that are not done.
fn left(json: &str) -> BTreeSet<String> {
    let last = json.lines().last().unwrap();
    let json: Value = serde_json::from_str(if last == "}" { json } else { last }).unwrap();
    let actions = json["actions"].as_array().unwrap().iter();
    let left = actions.filter(|action| action["status"] != "done");
    left.map(|action| action["address"].as_str().unwrap().to_owned())
        .collect()
}

/// Applies a spec where a service refuses, and then again where it doesn't. Returns what isn't done by the report of the
/// first run, and what is left to do by the next plan.
#[track_caller]
fn left_by(faults: &str) -> [BTreeSet<String>; 2] {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    let served = account.serve(faults);
    let apply = [&APPLY[..], &["--json"]].concat();
    let report = client.run_in(served.environment(), apply).ends_with(1);
    served.stop("TERM");
    assert!(report.contains(r#""status":"done""#));
    let served = account.serve("");
    let plan = client.run_in(served.environment(), ["plan", "--json", "--quiet"]);
    served.stop("TERM");
    let expected = summary(&applied(&spec("first.yaml")).serve(""));
    converges(&account, &client, &expected, faults);
    [left(&report), left(&plan.ends_with(0))]
}

#[test]
fn a_service_that_is_down_leaves_exactly_what_is_its() {
    let reported_and_planned = left_by(r#"{"operation": "cloudwatch:Put*", "effect": "deny"}"#);
    for left in reported_and_planned {
        assert_eq!(
            Vec::from_iter(left),
            ["alarm/Non-MFA-Logins", "dashboard/Sign-ins"]
        );
    }
}

#[test]
fn logs_that_are_down_leave_exactly_what_is_theirs() {
    let faults = r#"{"operation": "logs:Put*", "effect": "deny"}, {"operation": "logs:Create*", "effect": "deny"}"#;
    let logs = [
        "log_group/CloudTrail/AWSLogs",
        "metric_filter/CloudTrail/AWSLogs:NonMFALogins",
    ];
    for left in left_by(faults) {
        assert_eq!(Vec::from_iter(left), logs);
    }
}

#[test]
fn iam_that_takes_no_more_creations_leaves_exactly_what_is_reported() {
    for calls in [1, 4, 7] {
        let [reported, planned] = left_by(&format!(
            r#"{{"operation": "iam:Create*", "when": {{"after": {calls}}}, "effect": "deny"}}"#
        ));
        assert_eq!(reported, planned, "after {calls} creations");
    }
}

/// Where reads are refused as well, what was done can't be seen to be in force: it counts as failed.
#[test]
fn iam_that_goes_down_half_way_leaves_nothing_that_was_called_done() {
    for calls in [10, 20, 25] {
        let [reported, planned] = left_by(&format!(
            r#"{{"operation": "iam:*", "when": {{"after": {calls}}}, "effect": "deny"}}"#
        ));
        assert!(!planned.is_empty());
        let unreported = Vec::from_iter(planned.difference(&reported));
        assert!(unreported.is_empty(), "after {calls} calls: {unreported:?}");
    }
}

/// Applies a spec where the first answer to an operation is lost after it was done.
#[track_caller]
fn a_lost_answer(operation: &str) -> (Account, Mfactl) {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    let fault = format!(
        r#"{{"operation": "{operation}", "when": {{"first": 1}}, "effect": "drop_answer"}}"#
    );
    let served = account.serve(&fault);
    client.run_in(served.environment(), APPLY).ends_with(0);
    served.stop("TERM");
    (account, client)
}

#[test]
fn a_lost_answer_loses_no_password() {
    let (account, client) = a_lost_answer("iam:CreateLoginProfile");
    let served = account.serve("");
    for user in ["alice", "bob"] {
        let kit = mfactl_tests::Kit::open(&client.folder().join(format!("kits/{user}.age")));
        let answer = served.sign_in(user, kit.password());
        assert!(answer.contains("must be changed"), "{answer}");
    }
}

#[test]
fn a_lost_answer_loses_no_seed() {
    let (account, client) = a_lost_answer("iam:CreateVirtualMFADevice");
    let state = fs::read_to_string(account.state()).unwrap();
    for user in ["alice", "bob"] {
        let kit = mfactl_tests::Kit::open(&client.folder().join(format!("kits/{user}.age")));
        let (_, seed) = kit.otpauth().split_once("secret=").unwrap();
        let seed = seed.split('&').next().unwrap();
        assert!(
            state.contains(seed),
            "the seed in the kit of {user} is that of the device"
        );
    }
}

#[test]
fn a_lost_answer_makes_no_version_too_many() {
    let before = applied(&spec("first.yaml"));
    let client = with_spec(&spec("second.yaml"));
    let served = before.serve(
        r#"{"operation": "iam:CreatePolicyVersion", "when": {"first": 1}, "effect": "drop_answer"}"#,
    );
    client.run_in(served.environment(), APPLY).ends_with(0);
    let requests = before.requests();
    let created = requests
        .lines()
        .filter(|line| line.contains("iam:CreatePolicyVersion"));
    let made: Vec<&str> = created.collect();
    let answer = served.iam(
        "Action=ListPolicyVersions&PolicyArn=arn:aws:iam::123456789012:policy/people/read-logs",
    );
    assert_eq!(answer.matches("<VersionId>").count(), 2, "{made:#?}");
}

/// Returns the passwords and seeds that are in the kits of a folder.
fn secrets(client: &Mfactl) -> Vec<String> {
    let kits = fs::read_dir(client.folder().join("kits")).unwrap();
    kits.flat_map(|kit| {
        let kit = mfactl_tests::Kit::open(&kit.unwrap().path());
        let (_, seed) = kit.otpauth().split_once("secret=").unwrap();
        let seed = seed.split('&').next().unwrap().to_owned();
        [kit.password().to_owned(), seed]
    })
    .collect()
}

#[test]
fn no_secret_is_anywhere_but_in_its_kit() {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    let served = account.serve(
        r#"{"operation": "iam:CreateLoginProfile", "when": {"first": 1}, "effect": "server_error"},
           {"operation": "iam:CreateVirtualMFADevice", "when": {"first": 1}, "effect": "drop_answer"}"#,
    );
    let mut environment = served.environment();
    environment.push(("RUST_LOG".to_owned(), "trace".to_owned()));
    let planned = client.run_in(
        environment.clone(),
        ["plan", "--json", "--out", "plan.json"],
    );
    let applied = client.run_in(
        environment,
        [
            "apply",
            "--auto-approve",
            "--json",
            "--settle=0",
            "--log-format=json",
        ],
    );
    let tells = |line: &str| line.starts_with('{') && line.contains(r#""message":"ended","#);
    assert!(applied.stderr.lines().any(tells));
    let read = |path: &str| fs::read_to_string(client.folder().join(path)).unwrap();
    let shown = [
        planned.stdout,
        planned.stderr,
        applied.stdout.clone(),
        applied.stderr.clone(),
        read("plan.json"),
        read(".mfactl/journal.jsonl"),
        account.requests(),
    ];
    let secrets = secrets(&client);
    assert_eq!(secrets.len(), 4);
    for (place, text) in shown.iter().enumerate() {
        assert!(!text.is_empty(), "place {place}");
        for secret in &secrets {
            let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for form in [secret.as_str(), &encoded] {
                assert!(!text.contains(form), "a secret is in place {place}");
            }
        }
    }
    applied.ends_with(0);
}

#[test]
fn the_journal_tells_the_next_run_what_was_under_way() {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    let hold = r#"{"operation": "iam:CreateGroup", "effect": "hold_answer"}"#;
    account.kill_while_held(hold, &client, &APPLY);
    let journal = client.folder().join(".mfactl/journal.jsonl");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&journal).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let served = account.serve("");
    let again = client.run_in(
        served.environment(),
        ["apply", "--auto-approve", "--settle=0"],
    );
    assert!(
        again.stderr.contains("iam:CreateGroup for group/team"),
        "{again:#?}"
    );
    again.ends_with(0);
    let rest = client.run_in(
        served.environment(),
        ["apply", "--auto-approve", "--settle=0"],
    );
    assert!(!rest.stderr.contains("ended from outside"), "{rest:#?}");
}

#[test]
fn a_signal_lets_the_call_under_way_finish_and_tells_what_is_left() {
    for signal in ["INT", "TERM"] {
        let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
        let slow = r#"{"operation": "iam:CreateGroup", "effect": {"delay_ms": 2000}}"#;
        let ran = account.signal_when(slow, &client, &APPLY, "iam:CreateGroup", signal);
        assert!(ran.stdout.contains("not started"), "{ran:#?}");
        assert!(account.requests().contains("iam:CreateGroup"));
        ran.ends_with(130);
        let expected = summary(&applied(&spec("first.yaml")).serve(""));
        converges(&account, &client, &expected, signal);
    }
}
