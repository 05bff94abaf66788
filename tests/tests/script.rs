//! The scripts of `plan --format aws-cli`, run by bash with the AWS CLI: each does what an apply does.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use mfactl_tests::{Account, Mfactl, Ran, Served, code, python, repository};
use serde_json::{Map, Value};

/// What somebody types when a script asks for a first password, twice for each person.
const TYPED: &str = "Correct-horse-battery-1\n";

fn with_spec(text: &str) -> Mfactl {
    let mfactl = Mfactl::new(Vec::new());
    fs::write(mfactl.folder().join("mfactl.yaml"), text).unwrap();
    mfactl
}

fn spec(name: &str) -> String {
    fs::read_to_string(repository("tests/tests/reliability").join(name)).unwrap()
}

fn apply(served: &Served, text: &str) {
    let arguments = ["apply", "--auto-approve", "--quiet", "--settle", "0"];
    let ran = with_spec(text).run_in(served.environment(), arguments);
    ran.ends_with(0);
}

/// Runs the script of a plan, and returns what it said.
fn run_script(served: &Served, text: &str) -> Ran {
    let mfactl = with_spec(text);
    let plan = mfactl.run_in(
        served.environment(),
        ["plan", "--quiet", "--format", "aws-cli"],
    );
    let folder = mfactl.folder();
    fs::write(folder.join("script.sh"), plan.ends_with(0)).unwrap();
    let python = python();
    let programs = Path::new(python.get_program()).parent().unwrap();
    let path = env::var("PATH").unwrap();
    let mut script = Command::new("bash")
        .arg("script.sh")
        .current_dir(folder)
        .envs(served.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("SETTLE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    type_what_is_asked(&mut script, folder);
    let ran = Ran::from(script.wait_with_output().unwrap());
    assert!(!folder.join("pwned").exists(), "a command was obeyed");
    if ran.code == 0 {
        let plan = mfactl.run_in(served.environment(), ["plan", "--detailed-exitcode"]);
        let said = plan.ends_with(0);
        assert!(said.contains("No changes."), "{said}");
    }
    ran
}

/// Types first passwords, and codes of each device as soon as its seed is in its file.
fn type_what_is_asked(script: &mut Child, folder: &Path) {
    let mut keyboard = script.stdin.take().unwrap();
    let text = fs::read_to_string(folder.join("script.sh")).unwrap();
    for line in text.lines() {
        let mut words = line.split(' ');
        let typed = match (words.next(), words.nth(1)) {
            (Some("ask_password"), None) => TYPED.repeat(2),
            (Some("ask_codes"), Some(file)) => {
                let seed = loop {
                    match fs::read_to_string(folder.join(file)) {
                        Ok(seed) if !seed.is_empty() => break seed,
                        _ if script.try_wait().unwrap().is_some() => return,
                        _ => sleep(Duration::from_millis(20)),
                    }
                };
                format!("{}\n{}\n", code(&seed, -30), code(&seed, 0))
            }
            _ => continue,
        };
        // A script that ended reads no more, and says why.
        let _ = keyboard.write_all(typed.as_bytes());
    }
}

/// Returns what an account has, but for what differs between two accounts made alike: ids, times, secrets, who called,
/// how JSON is spaced, and whether something is off because it was said to be.
fn contents(account: &Account) -> Value {
    let state: Value = serde_json::from_slice(&fs::read(account.state()).unwrap()).unwrap();
    essence(&state)
}

fn essence(value: &Value) -> Value {
    const PASSING: [&str; 16] = [
        "id",
        "created",
        "changed",
        "updated",
        "defined",
        "modified",
        "evaluated",
        "state_updated",
        "state_changed",
        "time",
        "seed",
        "enabled",
        "last_step",
        "drift",
        "passwords",
        "cloudtrail",
    ];
    match value {
        Value::Object(members) => {
            let lasting = members.iter().filter(|(name, value)| {
                !PASSING.contains(&name.as_str()) && !value.is_null() && **value != false
            });
            let lasting: Map<String, Value> = lasting
                .map(|(name, value)| (name.clone(), essence(value)))
                .collect();
            lasting.into()
        }
        Value::Array(items) => items.iter().map(essence).collect(),
        Value::String(text) if text.starts_with('{') => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Applies a spec to an account and runs the script of the same plan on another that is the same; asserts that they are
/// the same then, too, and returns the one of the script.
#[track_caller]
fn script_does_what_an_apply_does(before: &Account, text: &str) -> Account {
    let (applied, scripted) = (before.copy(), before.copy());
    let served = applied.serve("");
    apply(&served, text);
    served.stop("TERM");
    let served = scripted.serve("");
    let ran = run_script(&served, text);
    assert_eq!(ran.code, 0, "{ran:#?}");
    served.stop("TERM");
    let [by_script, by_apply] =
        [&scripted, &applied].map(|account| format!("{:#}", contents(account)));
    let lines = by_script.lines().zip(by_apply.lines());
    let differing: Vec<_> = lines.filter(|(one, other)| one != other).collect();
    assert_eq!(
        by_script, by_apply,
        "by a script and by an apply: {differing:#?}"
    );
    scripted
}

/// Returns an account that is as a spec says, with what others added since.
fn account(text: &str, calls: &[&str]) -> Account {
    let account = Account::new();
    let served = account.serve("");
    apply(&served, text);
    for call in calls {
        let answer = served.iam(call);
        assert!(answer.starts_with("HTTP/1.1 200"), "{call}: {answer}");
    }
    served.stop("TERM");
    account
}

const SEED_OF_ALICE: &str =
    "/accounts/123456789012/iam/mfa_devices/arn:aws:iam::123456789012:mfa~1people~1alice/seed";

#[test]
fn a_script_creates_what_an_apply_creates() {
    let account = script_does_what_an_apply_does(&Account::new(), &spec("first.yaml"));
    let state: Value = serde_json::from_slice(&fs::read(account.state()).unwrap()).unwrap();
    let seed = state.pointer(SEED_OF_ALICE).unwrap().as_str().unwrap();
    let served = account.serve("");
    let code = code(seed, 30);
    let answer = served.sign_in("alice", &[("password", TYPED.trim_end()), ("code", &code)]);
    assert!(answer.contains("must be changed"), "{answer}");
}

#[test]
fn a_script_changes_what_an_apply_changes_and_makes_room_for_versions() {
    let version = "Action=CreatePolicyVersion&PolicyArn=arn:aws:iam::123456789012:policy/people/read-logs&PolicyDocument=%7B%22Version%22:%222012-10-17%22,%22Statement%22:%7B%22Effect%22:%22Deny%22,%22Action%22:%22s3:*%22,%22Resource%22:%22*%22%7D%7D";
    let key = "Action=CreateAccessKey&UserName=bob";
    let before = account(
        &spec("first.yaml"),
        &[version, version, version, version, key],
    );
    script_does_what_an_apply_does(&before, &spec("second.yaml"));
}

/// Stays, since a plan that leaves nobody is refused.
const KEEPER: &str = r#"users:
  keeper: {inline_policies: {all: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}}
"#;

#[test]
fn a_script_deletes_what_an_apply_deletes() {
    let all = spec("first.yaml").replace("users:\n", KEEPER);
    let (head, _) = all.split_once(KEEPER).unwrap();
    let before = account(&all, &["Action=CreateAccessKey&UserName=alice"]);
    script_does_what_an_apply_does(&before, &format!("{head}{KEEPER}"));
}

/// Names, tags and texts that AWS takes, and that a shell or the AWS CLI could take for something else.
const HOSTILE: &str = r##"version: 1
account: "123456789012"
region: us-east-1
users:
  -rf: {path: "/$(touch${IFS}pwned)/'/`id`/\"!*/", tags: {"--help": "file:///etc/passwd"}, groups: ["-@=,.+"]}
groups:
  -@=,.+: {path: "/;exit;/"}
policies:
  -p:
    description: file:///etc/passwd
    document:
      Version: "2012-10-17"
      Statement: [{Effect: Deny, Action: "*", Resource: "arn:aws:s3:::it's $(touch pwned)\nJSON\n`id` é 𝄞/*"}]
monitoring:
  log_group: {name: "-a.b", create: {tags: {"a b": "/home"}}}
  metric_filters:
    "--it's $(touch pwned)":
      pattern: '"it''s $(touch pwned)"'
      metric: {namespace: "a'b", name: "`touch pwned` '", value: 1}
  alarms:
    "--help":
      description: "https://127.0.0.1:1/ it's\n`touch pwned` $(touch pwned) é 𝄞 \u202e"
      metric: {namespace: "a'b", name: "`touch pwned` '", dimensions: {"-x": "file://y"}}
      statistic: p99.9
      period: 60
      evaluation_periods: 3
      datapoints_to_alarm: 2
      threshold: -0.5
      comparison: LessThanThreshold
      tags: {"--tag": "https://127.0.0.1:1/"}
  dashboards:
    -d: {widgets: [{type: text, properties: {markdown: "JSON\nJSON\n'$(touch pwned)` é"}}]}
"##;

#[test]
fn what_a_shell_would_obey_reaches_aws_as_it_is() {
    script_does_what_an_apply_does(&Account::new(), HOSTILE);
}
