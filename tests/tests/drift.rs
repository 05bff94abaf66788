//! What somebody changes beside mfactl is shown, with who it was; what can't be known is said and not taken for drift.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't go on fails"
)]

use std::fs::{self, File};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mfactl_tests::{Mfactl, Ran, Served};
use serde_json::{Value, json};

const SPEC: &str = r#"version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {groups: [readers]}
  bob: {}
groups:
  readers: {policies: [read]}
policies:
  read: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}}
"#;

/// An account as the spec says, served to anybody, and mfactl.
struct World {
    mfactl: Mfactl,
    sandbox: Served,
}

impl World {
    fn new(arguments: &[&str], faults: &str) -> Self {
        let mfactl = Mfactl::new(Vec::new());
        fs::write(mfactl.folder().join("mfactl.yaml"), SPEC).unwrap();
        fs::write(mfactl.folder().join("faults.json"), faults).unwrap();
        let listen = ["--listen", "127.0.0.1:0", "--faults", "faults.json"];
        let sandbox = Served::start(&mfactl, &[&listen, arguments].concat());
        let world = Self { mfactl, sandbox };
        world
            .run(&["apply", "--auto-approve", "--settle", "0"])
            .ends_with(0);
        world
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let quiet = arguments.iter().chain(&["--quiet"]);
        self.mfactl.run_in(self.sandbox.environment(), quiet)
    }

    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.run(&arguments).ends_with(code)).unwrap()
    }

    /// Puts the events of the account's event history into a log group, as a trail does, so long ago.
    fn deliver(&self, ago: Duration) {
        let logs = |operation: &str, body: &Value| {
            let target = format!("Logs_20140328.{operation}");
            self.sandbox.json("logs", &target, body)
        };
        let lookup = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        let found = self.sandbox.json("cloudtrail", lookup, &json!({}));
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - ago;
        let time = u64::try_from(time.as_millis()).unwrap();
        let events = found["Events"].as_array().unwrap().iter();
        let events = events
            .map(|event| json!({"timestamp": time, "message": event["CloudTrailEvent"]}))
            .collect::<Vec<_>>();
        let group = "CloudTrail/AWSLogs";
        logs("CreateLogGroup", &json!({"logGroupName": group}));
        let stream = json!({"logGroupName": group, "logStreamName": "1"});
        logs("CreateLogStream", &stream);
        let put =
            json!({"logGroupName": group, "logStreamName": "1", "logEvents": Value::from(events)});
        logs("PutLogEvents", &put);
    }

    /// Gives mallory, who may do everything, an access key, and returns its id.
    fn mallory(&self) -> String {
        self.sandbox.iam("Action=CreateUser&UserName=mallory");
        self.sandbox.iam("Action=AttachUserPolicy&UserName=mallory&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess");
        let answer = self.sandbox.iam("Action=CreateAccessKey&UserName=mallory");
        let (_, rest) = answer.split_once("<AccessKeyId>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    }
}

const LOG_GROUP: &str = "monitoring: {log_group: {name: CloudTrail/AWSLogs}}\n";

const NO_FAULTS: &str = r#"{"faults": []}"#;

#[test]
fn nothing_drifted_is_exit_code_0_and_silence() {
    let world = World::new(&[], NO_FAULTS);
    let ran = world.run(&["drift", "--all"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", "")
    );
    let json = world.json(&["drift"], 0);
    assert_eq!(json["differences"], serde_json::json!([]));
}

#[test]
fn a_change_by_somebody_else_is_shown_with_who_when_and_how() {
    let world = World::new(&["--enforce"], NO_FAULTS);
    let key = world.mallory();
    let take_out = "Action=RemoveUserFromGroup&GroupName=readers&UserName=alice";
    world.sandbox.call_as(&key, "iam", take_out);
    let text = world.run(&["drift"]).ends_with(2);
    assert!(text.contains("- membership/readers:alice"), "{text}");
    assert!(
        text.contains("iam:RemoveUserFromGroup by user/mallory at 20"),
        "{text}"
    );
    assert!(text.contains("from 127.0.0.1, without MFA"), "{text}");
    assert!(!text.contains("user/mallory\n"), "not asked for: {text}");

    let json = world.json(&["drift", "--all"], 2);
    let by = &json["differences"][0]["by"];
    assert_eq!(by["by"], "user/mallory");
    assert_eq!(by["mfa"], false);
    let principal = &json["undeclared_principals"][0];
    assert_eq!(principal["address"], "user/mallory");
    assert_eq!(
        principal["access"],
        serde_json::json!(["attachment/user:mallory:aws/AdministratorAccess"])
    );
    assert_eq!(principal["by"]["by"], "root");
}

#[test]
fn what_mfactl_itself_applied_is_told_from_what_others_did() {
    let world = World::new(&[], NO_FAULTS);
    let changed = SPEC.replace("s3:GetObject", "s3:ListBucket");
    fs::write(world.mfactl.folder().join("mfactl.yaml"), changed).unwrap();
    world
        .run(&["apply", "--auto-approve", "--settle", "0"])
        .ends_with(0);
    fs::write(world.mfactl.folder().join("mfactl.yaml"), SPEC).unwrap();
    let json = world.json(&["drift"], 2);
    assert_eq!(json["differences"][0]["address"], "policy/read");
    assert_eq!(json["differences"][0]["by"]["tool"], "mfactl");
}

#[test]
fn what_was_never_applied_is_missing_and_nobody_is_blamed() {
    let world = World::new(&[], NO_FAULTS);
    let more = SPEC.replace("  bob: {}\n", "  bob: {}\n  carol: {}\n");
    fs::write(world.mfactl.folder().join("mfactl.yaml"), more).unwrap();
    let text = world.run(&["drift"]).ends_with(2);
    assert!(text.contains("- user/carol"), "{text}");
    assert!(
        text.contains("CloudTrail doesn't tell who did it for 1 object"),
        "{text}"
    );
}

#[test]
fn a_trail_that_may_not_be_read_is_a_line_and_no_error() {
    let faults = r#"{"faults": [{"operation": "cloudtrail:LookupEvents", "effect": "deny"}]}"#;
    let world = World::new(&[], faults);
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    let text = world.run(&["drift"]).ends_with(2);
    let last = text.lines().last().unwrap();
    assert!(
        last.contains("AccessDenied") && last.contains("cloudtrail:LookupEvents"),
        "{text}"
    );
    let text = world.run(&["drift", "--no-trail"]).ends_with(2);
    assert!(!text.contains("cloudtrail"), "{text}");
}

#[test]
fn an_incomplete_read_is_exit_code_1() {
    let faults = r#"{"faults": [{"operation": "iam:GetAccountAuthorizationDetails", "effect": "deny", "when": {"after": 6}}]}"#;
    let world = World::new(&[], faults);
    let denied = (0..8)
        .map(|_| world.run(&["drift"]))
        .find(|ran| ran.code != 0);
    let text = denied.unwrap().ends_with(1);
    let denied = "AccessDenied for iam:GetAccountAuthorizationDetails";
    assert!(
        text.contains(denied) && text.contains("Incomplete:"),
        "{text}"
    );

    // The denied call hides nine kinds. It is said once, with what to do; JSON has it by kind.
    for command in ["drift", "plan"] {
        let hint = format!("`mfactl permissions {command}` prints what the credentials need");
        for format in ["text", "markdown", "html", "github", "sarif"] {
            let output = world.run(&[command, "--format", format]);
            let output = if format == "html" {
                output
                    .ends_with(1)
                    .replace("<code>", "`")
                    .replace("</code>", "`")
            } else {
                output.ends_with(1)
            };
            let said = output.matches("GetAccountAuthorizationDetails").count();
            assert_eq!(said, 1, "{command} as {format}: {output}");
            assert_eq!(
                output.matches(&hint).count(),
                1,
                "{command} as {format}: {output}"
            );
        }
        let json = world.json(&[command], 1);
        assert_eq!(json["unread"].as_object().unwrap().len(), 9, "{json}");
    }
}

#[test]
fn drift_needs_no_more_than_its_permissions_say() {
    let world = World::new(&["--enforce"], NO_FAULTS);
    world.sandbox.iam("Action=CreateUser&UserName=watcher");
    let spec = format!("{SPEC}{LOG_GROUP}");
    fs::write(world.mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    let permissions = ["permissions", "drift", "-f", "mfactl.yaml"];
    let document = world.run(&permissions).ends_with(0);
    let document: String = document
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let put =
        format!("Action=PutUserPolicy&UserName=watcher&PolicyName=drift&PolicyDocument={document}");
    world.sandbox.iam(&put);
    let answer = world.sandbox.iam("Action=CreateAccessKey&UserName=watcher");
    let (_, rest) = answer.split_once("<AccessKeyId>").unwrap();
    let key = rest.split_once('<').unwrap().0.to_owned();
    world
        .sandbox
        .iam("Action=RemoveUserFromGroup&GroupName=readers&UserName=alice");

    let mut environment = world.sandbox.environment();
    environment.push(("AWS_ACCESS_KEY_ID".to_owned(), key));
    world.deliver(Duration::ZERO);
    for options in [&["--metric"][..], &["--trail-log-group", "30"]] {
        let arguments = [&["drift", "--quiet", "--json"], options].concat();
        let ran = world.mfactl.run_in(environment.clone(), arguments);
        let json: Value = serde_json::from_str(&ran.ends_with(2)).unwrap();
        assert_eq!(json["trail"]["failure"], Value::Null);
        assert_eq!(
            json["differences"][0]["by"]["operation"],
            "iam:RemoveUserFromGroup"
        );
    }
}

#[test]
fn a_log_group_tells_what_the_event_history_may_not_be_asked() {
    let faults = r#"{"faults": [{"operation": "cloudtrail:LookupEvents", "effect": "deny", "when": {"after": 1}}]}"#;
    let world = World::new(&[], faults);
    let spec = format!("{SPEC}{LOG_GROUP}");
    fs::write(world.mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    world.deliver(Duration::from_secs(3 * 24 * 60 * 60));

    let text = world.run(&["drift"]).ends_with(2);
    assert!(text.contains("AccessDenied"), "{text}");
    let text = world.run(&["drift", "--trail-log-group", "4"]).ends_with(2);
    assert!(text.contains("iam:DeleteUser by root at 20"), "{text}");
    assert!(text.contains(" of log group CloudTrail/AWSLogs."), "{text}");
    let text = world.run(&["drift", "--trail-log-group", "2"]).ends_with(2);
    assert!(
        text.contains("Log group CloudTrail/AWSLogs doesn't tell who did it for 1 object"),
        "{text}"
    );
}

#[test]
fn a_log_group_that_can_not_be_asked_is_said() {
    let world = World::new(&[], NO_FAULTS);
    let ran = world.run(&["drift", "--trail-log-group", "4"]);
    assert!(
        ran.stderr.contains("the spec names no log group"),
        "{ran:?}"
    );
    assert_eq!(ran.code, 1);
    let spec = format!("{SPEC}{LOG_GROUP}");
    fs::write(world.mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    let text = world.run(&["drift", "--trail-log-group", "4"]).stdout;
    assert!(
        text.contains("ResourceNotFoundException for logs:StartQuery"),
        "{text}"
    );
}

/// Waits until a file says something, and returns all that it says.
fn wait_for(file: &std::path::Path, text: &str) -> String {
    for _ in 0..300 {
        let said = fs::read_to_string(file).unwrap();
        if said.contains(text) {
            return said;
        }
        sleep(Duration::from_millis(100));
    }
    fs::read_to_string(file).unwrap()
}

#[test]
fn a_watch_tells_what_changes_once_and_says_once_why_it_can_not_look() {
    let world = World::new(&["--request-log", "requests.jsonl"], NO_FAULTS);
    let folder = world.mfactl.folder();
    let (out, err) = (folder.join("out"), folder.join("err"));
    let mut watch = world
        .mfactl
        .command()
        .args(["drift", "--every", "1s", "--metric", "--quiet"])
        .envs(world.sandbox.environment())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap();
    let requests = folder.join("requests.jsonl");
    wait_for(&requests, "PutMetricData");
    assert_eq!(fs::read_to_string(&out).unwrap(), "", "nothing drifted");

    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    let said = wait_for(&out, "Drift:");
    assert!(
        said.contains("- user/bob") && said.contains("iam:DeleteUser"),
        "{said}"
    );
    sleep(Duration::from_millis(2500));
    assert_eq!(fs::read_to_string(&out).unwrap(), said, "said once");
    let metric = wait_for(&requests, r#""Value":1.0"#);
    assert!(
        metric.contains(r#""Value":1.0"#) && metric.contains(r#""Namespace":"mfactl""#),
        "{metric}"
    );

    fs::write(folder.join("mfactl.yaml"), "version: 3\n").unwrap();
    let complaint = wait_for(&err, "error");
    sleep(Duration::from_millis(2500));
    assert_eq!(fs::read_to_string(&err).unwrap(), complaint, "said once");
    fs::write(folder.join("mfactl.yaml"), SPEC.replace("  bob: {}\n", "")).unwrap();
    wait_for(&out, "No drift. 5 objects are as the spec says.");

    let id = watch.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(watch.wait().unwrap().success());
    let said = fs::read_to_string(&out).unwrap();
    assert!(said.ends_with("as the spec says.\n"), "{said}");
}
