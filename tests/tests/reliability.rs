//! An apply that is killed, refused, raced and lied to: run again, it ends where the spec says.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

use std::collections::BTreeSet;
use std::fs;

use mfactl_tests::{Account, End, Meanwhile, Mfactl, People, Ran, Served, company, repository};
use serde_json::Value;

const APPLY: [&str; 5] = ["apply", "--auto-approve", "--quiet", "--settle", "0"];
const DESTROY: [&str; 5] = ["destroy", "--auto-approve", "--quiet", "--settle", "0"];

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

fn people(account: &Account) -> People {
    People::read(&fs::read(account.state()).unwrap_or_default())
}

/// Kills an apply of `text` on a copy of an account in every `step`th of its calls, and each time runs it again.
///
/// In the state that it leaves, nobody gets in without MFA who doesn't before or after, and nobody is locked out.
///
/// Returns how many calls an undisturbed run takes.
fn killed_in_every_call(before: &Account, text: &str, arguments: &[&str], step: usize) -> usize {
    killed_after(people(before), before, text, arguments, step)
}

/// Does the same where the people of before count as these.
fn killed_after(
    start: People,
    before: &Account,
    text: &str,
    arguments: &[&str],
    step: usize,
) -> usize {
    let undisturbed = before.copy();
    let served = undisturbed.serve("");
    let ran = with_spec(text).run_in(served.environment(), arguments);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let calls = undisturbed.requests().lines().count();
    let expected = summary(&served);
    served.stop("TERM");
    let mut meanwhile = Meanwhile::new(start, people(&undisturbed), &[]);
    let mut call = 1;
    loop {
        let (account, client) = (before.copy(), with_spec(text));
        match account.kill_at(call, &client, arguments) {
            End::Killed => {
                let wrongs = meanwhile.wrongs(&people(&account));
                assert!(wrongs.is_empty(), "killed in call {call}: {wrongs:#?}");
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
                // Runs differ by a few calls, in how often they look whether a change shows.
                let until = call - step;
                assert!(
                    until + step > calls * 9 / 10,
                    "killed until call {until} of {calls}"
                );
                return calls;
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
fn a_reset_killed_in_any_call_ends_with_one_device() {
    let text = spec("first.yaml");
    let before = applied(&text);
    let reset = "  alice:\n    reset: {password: lost, mfa: lost}";
    let text = text.replacen("  alice:", reset, 1);
    let start = people(&before).without_devices_of("alice");
    let calls = killed_after(start, &before, &text, &APPLY, 1);
    println!("killed in each of {calls} calls");
}

#[test]
fn a_dismantling_killed_in_any_call_leaves_nothing_behind() {
    let before = applied(&spec("first.yaml"));
    let calls = killed_in_every_call(&before, &spec("first.yaml"), &DESTROY, 1);
    println!("killed in each of {calls} calls");
}

/// Returns in which calls a run on many objects is killed: in every so many, or as `MFACTL_STEP` says.
fn step(usual: usize) -> usize {
    std::env::var("MFACTL_STEP").map_or(usual, |step| step.parse().unwrap())
}

/// What the names of operations that change something begin with.
const WRITES: [&str; 13] = [
    "Add",
    "Attach",
    "Change",
    "Create",
    "Deactivate",
    "Delete",
    "Detach",
    "Enable",
    "Put",
    "Remove",
    "Set",
    "Tag",
    "Update",
];

/// Kills an apply of `text` once it has changed one thing, and its successor, and so on, until one finds nothing to do.
///
/// In no state on the way does anybody get in without MFA who doesn't before or after, and nobody is locked out. The end
/// is that of an undisturbed run.
///
/// Returns how many were killed.
fn killed_in_every_write(before: &Account, text: &str, arguments: &[&str]) -> usize {
    let undisturbed = before.copy();
    let served = undisturbed.serve("");
    with_spec(text)
        .run_in(served.environment(), arguments)
        .ends_with(0);
    let expected = summary(&served);
    served.stop("TERM");
    let mut meanwhile = Meanwhile::new(people(before), people(&undisturbed), &[]);
    let faults: Vec<_> = ["iam", "cloudwatch", "logs"]
        .into_iter()
        .flat_map(|service| WRITES.map(|write| format!("{service}:{write}*")))
        .map(|operation| format!(r#"{{"operation": "{operation}", "effect": "hold_answer"}}"#))
        .collect();
    // One after the other, so that each is killed with one thing done.
    let arguments = [arguments, &["--parallelism", "1"]].concat();
    let (account, client) = (before.copy(), with_spec(text));
    let mut killed = 0;
    loop {
        match account.kill_while_held(&faults.join(","), &client, &arguments) {
            End::Killed => killed += 1,
            End::Ended(ran) => {
                assert_eq!(ran.code, 0, "after {killed}: {ran:#?}");
                assert!(!wrote(&ran), "after {killed}: {ran:#?}");
                let served = account.serve("");
                assert_eq!(summary(&served), expected);
                served.stop("TERM");
                return killed;
            }
        }
        let wrongs = meanwhile.wrongs(&people(&account));
        assert!(wrongs.is_empty(), "after {killed}: {wrongs:#?}");
    }
}

#[test]
fn a_companys_creation_killed_in_many_calls_ends_as_the_spec_says() {
    let step = step(31);
    let calls = killed_in_every_call(&Account::new(), &company(100), &APPLY, step);
    println!("killed in every {step}th of {calls} calls");
}

#[test]
fn a_companys_creation_killed_with_every_object_ends_as_the_spec_says() {
    let killed = killed_in_every_write(&Account::new(), &company(100), &APPLY);
    assert!(killed >= 213, "killed {killed} times");
}

#[test]
fn a_companys_update_killed_in_many_calls_ends_as_the_spec_says() {
    let (before, step) = (applied(&company(100)), step(31));
    let calls = killed_in_every_call(&before, &company(120), &APPLY, step);
    println!("killed in every {step}th of {calls} calls");
}

#[test]
fn a_companys_update_killed_with_every_object_ends_as_the_spec_says() {
    let before = applied(&company(100));
    let killed = killed_in_every_write(&before, &company(120), &APPLY);
    assert!(killed >= 100, "killed {killed} times");
}

#[test]
fn a_companys_dismantling_killed_in_many_calls_leaves_nothing_behind() {
    let (before, step) = (applied(&company(100)), step(97));
    let calls = killed_in_every_call(&before, &company(100), &DESTROY, step);
    println!("killed in every {step}th of {calls} calls");
}

#[test]
fn a_companys_dismantling_killed_with_every_object_leaves_nothing_behind() {
    let before = applied(&company(100));
    let killed = killed_in_every_write(&before, &company(100), &DESTROY);
    assert!(killed >= 200, "killed {killed} times");
}

/// Applies specs where AWS is in trouble, and then again where it isn't.
fn got_over(faults: &str, specs: &[String]) {
    for text in specs {
        let (account, client) = (Account::new(), with_spec(text));
        let served = account.serve(faults);
        let ran = client.run_in(served.environment(), APPLY);
        served.stop("TERM");
        let expected = summary(&applied(text).serve(""));
        converges(&account, &client, &expected, faults);
        ran.ends_with(0);
    }
}

const THROTTLING: &str = r#"{"operation": "*", "when": {"share": 0.3}, "effect": "throttle"}"#;
const TROUBLE: &str = r#"{"operation": "*", "when": {"share": 0.05}, "effect": "server_error"},
    {"operation": "*", "when": {"share": 0.05}, "effect": "reset"},
    {"operation": "*", "when": {"share": 0.05}, "effect": "drop_answer"}"#;
const STALE: &str = r#"{"operation": "*", "effect": {"stale_reads_ms": 10000}}"#;

#[test]
fn throttling_never_fails_an_apply() {
    got_over(THROTTLING, &[spec("first.yaml")]);
}

/// The SDK gives up after eight attempts, and after three where it asks whose credentials these are.
#[test]
fn reads_that_aws_throttles_for_longer_than_the_sdk_tries_are_made_again() {
    let account = Account::new();
    let client = with_spec(&spec("first.yaml"));
    let faults = r#"{"operation": "sts:GetCallerIdentity", "when": {"first": 4}, "effect": "throttle"},
        {"operation": "iam:GetAccountAuthorizationDetails", "when": {"calls": [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19]},
         "effect": "throttle"}"#;
    let served = account.serve(faults);
    let apply = ["apply", "--auto-approve", "--settle", "0"];
    let ran = client.run_in(served.environment(), apply);
    served.stop("TERM");
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_eq!(ran.stderr.matches("asked again in 5 seconds").count(), 3);
    assert!(ran.stderr.contains("Verified: nothing is left to do."));
}

#[test]
fn throttling_never_fails_the_apply_of_a_company() {
    got_over(THROTTLING, &[company(80)]);
}

#[test]
fn errors_of_the_server_and_lost_connections_are_got_over() {
    got_over(TROUBLE, &[spec("first.yaml"), company(80)]);
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
    let json: Value = serde_json::from_str(json).unwrap();
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
    let lines = client.run_in(served.environment(), apply).ends_with(1);
    let report = lines.lines().last().unwrap();
    served.stop("TERM");
    assert!(report.contains(r#""status":"done""#));
    let served = account.serve("");
    let plan = client.run_in(served.environment(), ["plan", "--json", "--quiet"]);
    served.stop("TERM");
    let expected = summary(&applied(&spec("first.yaml")).serve(""));
    converges(&account, &client, &expected, faults);
    [left(report), left(&plan.ends_with(0))]
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
        let code = kit.next_code();
        let answer = served.sign_in(user, &[("password", kit.password()), ("code", &code)]);
        assert!(answer.contains("must be changed"), "{answer}");
    }
}

#[test]
fn a_lost_answer_loses_no_seed() {
    let (account, client) = a_lost_answer("iam:CreateVirtualMFADevice");
    let state = fs::read_to_string(account.state()).unwrap();
    for user in ["alice", "bob"] {
        let kit = mfactl_tests::Kit::open(&client.folder().join(format!("kits/{user}.age")));
        assert!(
            state.contains(kit.seed()),
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

/// Runs mfactl, which logs all it can, and returns everything that it shows while it runs and leaves behind but for kits.
#[track_caller]
fn shown(client: &Mfactl, served: &Served, arguments: &[&str]) -> Vec<String> {
    let file = |name| client.folder().join(name);
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| fs::File::create(file(name)).unwrap());
    let mut command = client.command();
    command.envs(served.environment()).env("RUST_LOG", "trace");
    let mut run = command
        .args(arguments)
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .unwrap();
    let mut shown = BTreeSet::new();
    let status = loop {
        for name in ["cmdline", "environ"] {
            let seen = fs::read(format!("/proc/{}/{name}", run.id())).unwrap_or_default();
            shown.insert(String::from_utf8_lossy(&seen).into_owned());
        }
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    let log = fs::read_to_string(file("stderr")).unwrap();
    assert!(status.success(), "{log}");
    shown.insert(log);
    for name in ["stdout", "plan.json", ".mfactl/journal.jsonl"] {
        shown.extend(fs::read_to_string(file(name)));
    }
    Vec::from_iter(shown)
}

/// Returns the state of an account without what AWS itself keeps of a secret: the seeds of devices.
fn state_without_seeds(account: &Account) -> String {
    let mut state: Value = serde_json::from_slice(&fs::read(account.state()).unwrap()).unwrap();
    let devices = state["accounts"]["123456789012"]["iam"]["mfa_devices"].as_object_mut();
    for device in devices.unwrap().values_mut() {
        device["seed"] = Value::Null;
    }
    state.to_string()
}

#[test]
fn no_secret_is_anywhere_but_in_its_kit() {
    let (account, client) = (Account::new(), with_spec(&spec("first.yaml")));
    // The first password is sent twice, and the first device made twice.
    let served = account.serve(
        r#"{"operation": "iam:CreateLoginProfile", "when": {"first": 1}, "effect": "server_error"},
           {"operation": "iam:CreateVirtualMFADevice", "when": {"first": 1}, "effect": "drop_answer"}"#,
    );
    let apply = [
        "apply",
        "--auto-approve",
        "--json",
        "--settle=0",
        "--log-format=json",
    ];
    let mut all = Vec::new();
    all.extend(shown(&client, &served, &["plan"]));
    all.extend(shown(
        &client,
        &served,
        &["plan", "--json", "--out", "plan.json"],
    ));
    all.extend(shown(&client, &served, &apply));
    let tells = |text: &String| text.contains(r#""message":"ended","#);
    assert!(all.iter().any(tells), "what is done is logged");
    fs::write(client.folder().join("mfactl.yaml"), spec("second.yaml")).unwrap();
    all.extend(shown(&client, &served, &["plan"]));
    all.extend(shown(
        &client,
        &served,
        &["apply", "--auto-approve", "--settle=0"],
    ));
    served.stop("TERM");
    let kept = fs::read_to_string(account.state()).unwrap();
    all.push(state_without_seeds(&account));
    let served = account.serve("");
    all.extend(shown(
        &client,
        &served,
        &["destroy", "--auto-approve", "--settle=0"],
    ));
    served.stop("TERM");
    all.push(fs::read_to_string(account.state()).unwrap());
    all.push(account.requests());
    let secrets = secrets(&client);
    assert_eq!(secrets.len(), 6);
    assert!(
        secrets.iter().any(|secret| kept.contains(secret)),
        "AWS keeps seeds"
    );
    for text in &all {
        for secret in &secrets {
            let every: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let special: String = secret.chars().map(escaped).collect();
            for form in [secret, &every, &special] {
                let begin: String = text.chars().take(200).collect();
                assert!(
                    !text.contains(form),
                    "a secret is in what begins with {begin}"
                );
            }
        }
    }
}

/// Returns a character as it is in a form.
fn escaped(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        character.to_string()
    } else {
        format!("%{:02X}", u32::from(character))
    }
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
