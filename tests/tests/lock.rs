//! Two runs on one account, whose spec has a lock.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mfactl_tests::{Account, Emulator, End, Mfactl, Ran, Served};
use serde_json::Value;

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--settle", "0"];
const SLOW: &str = r#"{"operation": "iam:*", "effect": {"delay_ms": 60}}"#;

/// Returns an mfactl with a spec in its folder, which has a lock and these groups of alice.
fn with_groups(groups: &[&str]) -> Mfactl {
    let mfactl = Mfactl::new(Vec::new());
    let declared: String = groups.iter().map(|name| format!("  {name}:\n")).collect();
    let spec = format!(
        "version: 1\naccount: \"123456789012\"\nregion: us-east-1\nlock: {{s3: acme-locks/prod/mfactl.lock}}\n\
         prune: {{group: \"*\"}}\nusers:\n  alice: {{groups: [{}]}}\ngroups:\n{declared}",
        groups.join(", ")
    );
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    mfactl
}

/// Starts a run whose requests have a key of their own in the log.
fn start(mfactl: &Mfactl, served: &Served, key: &str, arguments: &[&str]) -> Child {
    let mut command = mfactl.command();
    let command = command
        .envs(served.environment())
        .env("AWS_ACCESS_KEY_ID", key);
    let run = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    run.spawn().unwrap()
}

fn end(run: Child) -> Ran {
    Ran::from(run.wait_with_output().unwrap())
}

/// Returns the requests in their order: whose key, which operation, and what came of it.
fn requests(account: &Account) -> Vec<(String, String, String)> {
    let log = account.requests();
    let request = |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("access_key_id"), text("operation"), text("outcome"))
    };
    log.lines().map(request).collect()
}

/// Counts how often a request to IAM is of another run than the one before it.
fn changes_of_hands(account: &Account) -> usize {
    let keys: Vec<String> = requests(account)
        .into_iter()
        .filter(|(_, operation, _)| operation.starts_with("iam:"))
        .map(|(key, ..)| key)
        .collect();
    keys.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// Waits until a key has called an operation.
#[track_caller]
fn wait_for(account: &Account, key: &str, operation: &str) {
    let begin = Instant::now();
    while !account
        .requests()
        .lines()
        .any(|line| line.contains(&format!("\"{key}\"")) && line.contains(operation))
    {
        assert!(begin.elapsed() < Duration::from_secs(30), "{operation}");
        sleep(Duration::from_millis(5));
    }
}

fn signal(run: &Child, name: &str) {
    let id = run.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.unwrap().success());
}

#[track_caller]
fn assert_free(mfactl: &Mfactl, served: &Served) {
    let shown = mfactl.run_in(served.environment(), ["unlock"]);
    assert_eq!(
        shown.ends_with(0),
        "The lock acme-locks/prod/mfactl.lock is free.\n"
    );
}

#[test]
fn two_applies_that_are_started_together_do_not_interleave() {
    let account = Account::new();
    let served = account.serve(SLOW);
    let (one, other) = (with_groups(&["a", "b", "c"]), with_groups(&["d", "e", "f"]));
    let waiting = [&APPLY[..], &["--lock-timeout", "60"]].concat();
    let first = start(&one, &served, "first", &waiting);
    let second = start(&other, &served, "second", &waiting);
    end(first).ends_with(0);
    end(second).ends_with(0);
    // Reads and writes alike: a plan that is made on what another run is changing promises nothing.
    assert_eq!(changes_of_hands(&account), 1, "{:?}", requests(&account));
    assert_free(&one, &served);
}

#[test]
fn without_a_lock_they_do() {
    let account = Account::new();
    let served = account.serve(SLOW);
    let unlocked = |groups: &[&str]| {
        let mfactl = with_groups(groups);
        let file = mfactl.folder().join("mfactl.yaml");
        let spec = fs::read_to_string(&file).unwrap();
        fs::write(
            &file,
            spec.replace("lock: {s3: acme-locks/prod/mfactl.lock}\n", ""),
        )
        .unwrap();
        mfactl
    };
    let (one, other) = (unlocked(&["a", "b", "c"]), unlocked(&["d", "e", "f"]));
    let mut runs = [(&one, "first"), (&other, "second")]
        .map(|(mfactl, key)| start(mfactl, &served, key, &APPLY));
    let begin = Instant::now();
    while changes_of_hands(&account) < 2 {
        assert!(begin.elapsed() < Duration::from_secs(30), "they did not");
        sleep(Duration::from_millis(20));
    }
    for run in &mut runs {
        run.kill().unwrap();
    }
    let notice = "Nothing keeps another apply on this account away: the spec has no `lock`.";
    for run in runs {
        let ran = end(run);
        assert!(ran.stderr.contains(notice), "{ran:#?}");
    }
}

#[test]
fn a_second_run_fails_at_once_and_reads_nothing() {
    let account = Account::new();
    let served = account.serve(SLOW);
    let mfactl = with_groups(&["a", "b"]);
    let first = start(&mfactl, &served, "first", &APPLY);
    wait_for(&account, "first", "s3:PutObject");
    for command in ["apply", "destroy"] {
        let second = start(
            &mfactl,
            &served,
            "second",
            &[command, "--auto-approve", "--quiet"],
        );
        let second = end(second);
        assert_eq!(second.code, 1, "{second:#?}");
        let held = "error: the lock acme-locks/prod/mfactl.lock is held: apply by arn:aws:iam::123456789012:root with mfactl ";
        assert!(second.stderr.contains(held), "{}", second.stderr);
        for hint in ["--lock-timeout", "mfactl unlock"] {
            assert!(second.stderr.contains(hint), "{}", second.stderr);
        }
    }
    end(first).ends_with(0);
    let calls = requests(&account);
    let calls = calls.iter().filter(|(key, ..)| key == "second");
    assert!(calls.clone().count() > 0);
    assert!(
        calls
            .clone()
            .all(|(_, operation, _)| !operation.starts_with("iam:")),
        "{calls:?}"
    );
}

#[test]
fn the_lock_is_taken_before_the_account_is_read_and_a_plan_takes_none() {
    let account = Account::new();
    let served = account.serve("");
    let mfactl = with_groups(&["a"]);
    mfactl.run_in(served.environment(), ["plan"]).ends_with(0);
    assert!(!account.requests().contains("s3:"));
    mfactl.run_in(served.environment(), APPLY).ends_with(0);
    let calls = requests(&account);
    let first = |wanted: &str| {
        calls
            .iter()
            .rposition(|(_, operation, _)| operation == wanted)
    };
    let taken = first("s3:PutObject").unwrap();
    let reads = calls[taken..]
        .iter()
        .filter(|(_, operation, _)| operation == "iam:GetAccountAuthorizationDetails");
    assert_eq!(reads.count(), 2, "for the plan and for the verification");
    assert_eq!(calls.last().unwrap().1, "s3:DeleteObject");
}

#[test]
fn the_lock_of_a_killed_run_stays_until_it_is_removed() {
    let (account, mfactl) = (Account::new(), with_groups(&["a"]));
    let fault = r#"{"operation": "iam:CreateUser", "effect": "hold_answer"}"#;
    let killed = account.kill_while_held(fault, &mfactl, &APPLY);
    assert!(matches!(killed, End::Killed), "{killed:?}");
    let served = account.serve("");
    let again = mfactl.run_in(served.environment(), APPLY);
    assert_eq!(again.code, 1, "{again:#?}");
    let declined = mfactl.run_in(served.environment(), ["unlock"]);
    assert_eq!(declined.code, 1, "{declined:#?}");
    let other = mfactl.run_in(served.environment(), ["unlock", "0123", "--force"]);
    assert!(
        other.stderr.contains("not the id of this lock"),
        "{other:#?}"
    );
    let id = declined.stdout.split("id ").nth(1).unwrap();
    let id = id.trim_end().trim_end_matches('.');
    let json = |arguments: &[&str], code| {
        let arguments = [&["unlock", "--json"], arguments].concat();
        let ran = mfactl.run_in(served.environment(), arguments);
        serde_json::from_str::<Value>(&ran.ends_with(code)).unwrap()
    };
    let left = json(&["0123", "--force"], 1);
    assert_eq!(left["holder"]["id"], id);
    assert_eq!(left["removed"], false);
    assert_eq!(json(&[id, "--force"], 0)["removed"], true);
    let free = json(&[], 0);
    assert_eq!(
        (&free["holder"], &free["removed"]),
        (&Value::Null, &Value::from(false))
    );
    mfactl.run_in(served.environment(), APPLY).ends_with(0);
    assert_free(&mfactl, &served);
}

#[test]
fn a_run_that_is_stopped_gives_its_lock_back() {
    for name in ["TERM", "INT", "HUP"] {
        let account = Account::new();
        let served = account.serve(SLOW);
        let mfactl = with_groups(&["a", "b"]);
        let one_by_one = [&APPLY[..], &["--parallelism", "1"]].concat();
        let run = start(&mfactl, &served, "first", &one_by_one);
        wait_for(&account, "first", "iam:CreateUser");
        signal(&run, name);
        let ran = end(run);
        assert_eq!(ran.code, 130, "{ran:#?}");
        assert_free(&mfactl, &served);
    }
}

#[test]
fn a_run_that_is_stopped_while_it_can_not_write_its_lock_ends() {
    let account = Account::new();
    let served = account.serve(r#"{"operation": "s3:PutObject", "effect": "throttle"}"#);
    let mfactl = with_groups(&["a"]);
    let json = [&APPLY[..], &["--json"]].concat();
    let run = start(&mfactl, &served, "first", &json);
    wait_for(&account, "first", "s3:PutObject");
    let begin = Instant::now();
    signal(&run, "TERM");
    let ran = end(run);
    assert_eq!(ran.code, 130, "{ran:#?}");
    // S3's throttling is waited for an hour.
    assert!(begin.elapsed() < Duration::from_secs(30));
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.contains(r#""type":"interrupted""#), "{last}");
    assert!(!account.requests().contains("\"iam:"), "{ran:#?}");
}

#[test]
fn a_second_signal_ends_a_run_that_aws_keeps_waiting() {
    let account = Account::new();
    let served = account.serve(r#"{"operation": "iam:CreateUser", "effect": {"delay_ms": 20000}}"#);
    let mfactl = with_groups(&["a"]);
    let run = start(&mfactl, &served, "first", &APPLY);
    wait_for(&account, "first", "iam:CreateGroup");
    let begin = Instant::now();
    signal(&run, "TERM");
    sleep(Duration::from_millis(300));
    signal(&run, "TERM");
    let ran = end(run);
    assert_eq!(ran.code, 130, "{ran:#?}");
    assert!(begin.elapsed() < Duration::from_secs(15), "{ran:#?}");
    assert!(
        ran.stderr.contains("a second signal ends at once"),
        "{ran:#?}"
    );
    // The journal says what was under way.
    let again = mfactl.run_in(served.environment(), ["unlock", "--auto-approve"]);
    assert_eq!(again.code, 0, "{again:#?}");
    let again = mfactl.run_in(served.environment(), APPLY);
    assert!(
        again.stderr.contains("iam:CreateUser for user/alice"),
        "{again:#?}"
    );
    assert_eq!(again.code, 0, "{again:#?}");
}

#[test]
fn a_report_says_what_a_lock_that_is_not_given_back_makes_of_the_run() {
    let account = Account::new();
    let served = account.serve(r#"{"operation": "s3:DeleteObject", "effect": "deny"}"#);
    let mfactl = with_groups(&["a"]);
    let json = [&APPLY[..], &["--json"]].concat();
    let lines = mfactl.run_in(served.environment(), json).ends_with(1);
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<_> = lines
        .iter()
        .filter(|line| !line["exit_code"].is_null())
        .map(|line| {
            (
                line["type"].as_str().unwrap(),
                line["exit_code"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(codes, [("report", 1), ("error", 1)]);
}

#[test]
fn a_run_that_is_stopped_while_it_asks_gives_its_lock_back() {
    let account = Account::new();
    let served = account.serve("");
    let mfactl = with_groups(&["a"]);
    let mut run = start(&mfactl, &served, "first", &["apply", "--json"]);
    // Its standard input stays open, as a terminal's does.
    let input = run.stdin.take();
    wait_for(&account, "first", "iam:GetAccountAuthorizationDetails");
    sleep(Duration::from_millis(500));
    signal(&run, "INT");
    let ran = end(run);
    drop(input);
    assert_eq!(ran.code, 130, "{ran:#?}");
    assert!(ran.stderr.contains("interrupted; nothing was changed"));
    let last: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["type"], &last["exit_code"]),
        (&"interrupted".into(), &130.into())
    );
    assert_free(&mfactl, &served);
}

#[test]
fn a_run_that_fails_or_is_declined_gives_its_lock_back() {
    let account = Account::new();
    let served = account.serve(r#"{"operation": "iam:CreateUser", "effect": "deny"}"#);
    let mfactl = with_groups(&["a"]);
    for (arguments, code) in [(&APPLY[..], 1), (&["apply"], 1)] {
        let ran = mfactl.run_in(served.environment(), arguments);
        assert_eq!(ran.code, code, "{ran:#?}");
        assert_free(&mfactl, &served);
    }
}

#[test]
fn an_answer_that_is_lost_locks_nobody_out() {
    for fault in [
        r#"{"operation": "s3:PutObject", "when": {"first": 1}, "effect": "drop_answer"}"#,
        r#"{"operation": "s3:DeleteObject", "when": {"first": 1}, "effect": "drop_answer"}"#,
        r#"{"operation": "s3:*", "when": {"first": 2}, "effect": "conflict"}"#,
        r#"{"operation": "s3:*", "when": {"share": 0.4}, "effect": "throttle"}"#,
        r#"{"operation": "s3:*", "when": {"share": 0.4}, "effect": "server_error"}"#,
        r#"{"operation": "s3:*", "when": {"share": 0.4}, "effect": "reset"}"#,
        r#"{"operation": "s3:*", "when": {"share": 0.4}, "effect": "drop_answer"}"#,
    ] {
        let (account, mfactl) = (Account::new(), with_groups(&["a"]));
        let served = account.serve(fault);
        let ran = mfactl.run_in(served.environment(), APPLY);
        assert_eq!(ran.code, 0, "{fault}: {ran:#?}");
        served.stop("TERM");
        assert_free(&mfactl, &account.serve(""));
    }
}

#[test]
fn a_run_whose_lock_is_removed_begins_nothing_new_and_fails() {
    let account = Account::new();
    // Longer than a run takes to look for its lock.
    let served = account.serve(
        r#"{"operation": "iam:CreateUser", "effect": {"delay_ms": 12000}}, {"operation": "iam:CreateGroup", "effect": {"delay_ms": 12000}}"#,
    );
    let mfactl = with_groups(&["a"]);
    let run = start(&mfactl, &served, "first", &APPLY);
    // What comes before the writes.
    wait_for(&account, "first", "iam:GetAccountAuthorizationDetails");
    sleep(Duration::from_millis(1500));
    mfactl
        .run_in(served.environment(), ["unlock", "--auto-approve"])
        .ends_with(0);
    let ran = end(run);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.stderr
            .contains("the lock acme-locks/prod/mfactl.lock was removed while this ran"),
        "{ran:#?}"
    );
    assert!(account.requests().contains("iam:CreateUser"));
    assert!(!account.requests().contains("iam:AddUserToGroup"));
}

/// Who may not list a bucket is told `AccessDenied` of an object that is gone.
#[test]
fn a_run_with_no_more_than_what_is_printed_notices_that_its_lock_is_removed() {
    let account = Account::new();
    let served = account
        .serve_enforcing(r#"{"operation": "iam:CreateGroup", "effect": {"delay_ms": 12000}}"#);
    let mfactl = with_groups(&["a"]);
    let printed = mfactl.run(["permissions", "apply", "-f", "mfactl.yaml"]);
    let key = runner(&served);
    permit(&served, &printed.ends_with(0));
    let run = start(&mfactl, &served, &key, &APPLY);
    wait_for(&account, &key, "iam:CreateUser");
    mfactl
        .run_in(served.environment(), ["unlock", "--auto-approve"])
        .ends_with(0);
    let ran = end(run);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.stderr.contains("Somebody removed the lock"), "{ran:#?}");
    let joins = |(_, operation, _): &(_, String, _)| operation == "iam:AddUserToGroup";
    assert!(!requests(&account).iter().any(joins), "{ran:#?}");
}

#[test]
fn a_missing_bucket_is_said_before_anything_is_read() {
    let account = Account::new();
    let served = account.serve("");
    let mfactl = with_groups(&["a"]);
    let file = mfactl.folder().join("mfactl.yaml");
    let spec = fs::read_to_string(&file).unwrap();
    fs::write(&file, spec.replace("acme-locks/", "acme-lokcs/")).unwrap();
    let ran = mfactl.run_in(served.environment(), APPLY);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.stderr
            .contains("NoSuchBucket: The specified bucket does not exist"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("hint: create the bucket"),
        "{}",
        ran.stderr
    );
    assert!(!account.requests().contains("iam:"));
}

#[test]
fn a_region_that_is_not_the_buckets_is_said() {
    let account = Account::new();
    let served = account.serve("");
    let mfactl = with_groups(&["a"]);
    let file = mfactl.folder().join("mfactl.yaml");
    let spec = fs::read_to_string(&file).unwrap();
    let elsewhere = spec.replace("mfactl.lock}", "mfactl.lock, region: eu-central-1}");
    fs::write(&file, elsewhere).unwrap();
    let ran = mfactl.run_in(served.environment(), APPLY);
    assert_eq!(ran.code, 1, "{ran:#?}");
    for words in [
        "expecting 'us-east-1'",
        "hint: add the region of the bucket",
    ] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

/// Makes user `runner`, and returns its access key.
fn runner(served: &Served) -> String {
    served.iam("Action=CreateUser&UserName=runner");
    let key = served.iam("Action=CreateAccessKey&UserName=runner");
    between(&key, "<AccessKeyId>", "</AccessKeyId>").to_owned()
}

/// Gives user `runner` one policy.
#[track_caller]
fn permit(served: &Served, document: &str) {
    let escaped: String = document
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let put = "Action=PutUserPolicy&UserName=runner&PolicyName=own&PolicyDocument=";
    let answer = served.iam(&format!("{put}{escaped}"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Returns the text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap().1;
    rest.split_once(end).unwrap().0
}

#[test]
fn a_run_needs_what_is_printed_for_its_lock_and_each_of_it() {
    let server = Mfactl::new(Vec::new());
    let served = Served::start(&server, &["--enforce", "--bucket", "acme-locks"]);
    let mfactl = with_groups(&["a"]);
    let key = runner(&served);
    let permit = |document: &str| permit(&served, document);
    let run = |arguments: &[&str]| end(start(&mfactl, &served, &key, arguments));
    let printed = mfactl
        .run(["permissions", "apply", "-f", "mfactl.yaml"])
        .ends_with(0);
    let spec = fs::read_to_string(mfactl.folder().join("mfactl.yaml")).unwrap();
    // The runner is an undeclared user, and no plan is to take from it what it needs here.
    fs::write(
        mfactl.folder().join("mfactl.yaml"),
        spec.replace("prune:", "ignore: [user/runner]\nprune:"),
    )
    .unwrap();
    for (missing, leaves_the_lock) in [
        ("s3:PutObject", false),
        ("s3:GetObject", true),
        ("s3:DeleteObject", true),
    ] {
        permit(&printed.replace(missing, "s3:ListAllMyBuckets"));
        let ran = run(&APPLY);
        assert_eq!(ran.code, 1, "{missing}: {ran:#?}");
        assert!(ran.stderr.contains(missing), "{missing}: {ran:#?}");
        permit(
            &mfactl
                .run(["permissions", "unlock", "-f", "mfactl.yaml"])
                .ends_with(0),
        );
        if leaves_the_lock {
            let removed = run(&["unlock", "--force"]);
            assert!(removed.ends_with(0).ends_with("Removed it.\n"));
        }
    }
    permit(&printed);
    run(&APPLY).ends_with(0);
}

const OBJECT: &str = "prod/mfactl.lock";

#[test]
fn on_an_aws_that_is_not_ours_a_lock_is_free_or_held_by_a_dead_run_or_something_else() {
    let declared = with_groups(&["a"]);
    let file = declared.folder().join("mfactl.yaml");
    let file = file.to_str().unwrap();
    let apply = [&APPLY[..], &["-f", file]].concat();
    let unlock = ["unlock", "--force", "-f", file];

    let emulator = Emulator::moto();
    let mfactl = emulator.mfactl();
    emulator.python("locked.py", &["acme-locks", OBJECT, ""]);
    mfactl.run(&apply).ends_with(0);
    assert!(mfactl.run(unlock).ends_with(0).ends_with("is free.\n"));

    let emulator = Emulator::moto();
    let mfactl = emulator.mfactl();
    let holder = r#"{"id": "7d3a", "holder": "arn:aws:iam::123456789012:user/alice", "operation": "apply",
        "account": "123456789012", "since": "2026-11-24T09:30:00Z", "version": "0.1.0", "added": "by a later version"}"#;
    emulator.python("locked.py", &["acme-locks", OBJECT, holder]);
    let held = mfactl.run(&apply);
    assert_eq!(held.code, 1, "{held:#?}");
    assert!(held.stderr.contains("user/alice"), "{held:#?}");
    assert!(mfactl.run(unlock).ends_with(0).ends_with("Removed it.\n"));
    mfactl.run(&apply).ends_with(0);

    let emulator = Emulator::moto();
    let mfactl = emulator.mfactl();
    emulator.python("locked.py", &["acme-locks", OBJECT, "a shopping list"]);
    for arguments in [&apply[..], &unlock] {
        let ran = mfactl.run(arguments);
        assert_eq!(ran.code, 1, "{ran:#?}");
        let said = "acme-locks/prod/mfactl.lock is there and is no lock of mfactl's";
        assert!(ran.stderr.contains(said), "{ran:#?}");
    }
}
