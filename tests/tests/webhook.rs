//! What a chat is told of drift, and that no webhook holds a watch up or is shown.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't go on fails"
)]

use std::fs::{self, File};
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use mfactl_tests::{Mfactl, Ran, Request, Served, receiver};
use serde_json::Value;

const SPEC: &str =
    "version: 1\naccount: \"123456789012\"\nregion: us-east-1\nusers: {alice: {}, bob: {}}\n";

/// What no output may hold.
const TOKEN: &str = "T00000000/B00000000/s3cr3ts3cr3t";

/// An account as the spec says, served to anybody, and mfactl.
struct World {
    mfactl: Mfactl,
    sandbox: Served,
}

impl World {
    fn new() -> Self {
        let mfactl = Mfactl::new(Vec::new());
        fs::write(mfactl.folder().join("mfactl.yaml"), SPEC).unwrap();
        let sandbox = Served::start(&mfactl, &["--listen", "127.0.0.1:0"]);
        let apply = ["apply", "--auto-approve", "--settle", "0"];
        mfactl.run_in(sandbox.environment(), apply).ends_with(0);
        Self { mfactl, sandbox }
    }

    /// Looks once, with the webhook in the environment.
    fn drift(&self, endpoint: &str) -> Ran {
        let mut environment = self.sandbox.environment();
        let url = format!("{endpoint}/services/{TOKEN}");
        environment.push(("MFACTL_WEBHOOK_URL".to_owned(), url));
        let ran = self.mfactl.run_in(environment, ["drift", "-vv"]);
        assert!(
            !ran.stdout.contains("s3cr3t") && !ran.stderr.contains("s3cr3t"),
            "{ran:?}"
        );
        ran
    }

    fn watch(&self, endpoint: &str) -> Child {
        let folder = self.mfactl.folder();
        self.mfactl
            .command()
            .args(["drift", "--every", "1s", "-vv"])
            .arg(format!("--webhook={endpoint}/services/{TOKEN}"))
            .envs(self.sandbox.environment())
            .stdout(File::create(folder.join("out")).unwrap())
            .stderr(File::create(folder.join("err")).unwrap())
            .spawn()
            .unwrap()
    }

    /// Ends a watch, and makes sure that it showed no secret.
    fn end(&self, mut watch: Child) -> String {
        let id = watch.id().to_string();
        let ended = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(ended.unwrap().success() && watch.wait().unwrap().success());
        let said = |name: &str| fs::read_to_string(self.mfactl.folder().join(name)).unwrap();
        let said = said("out") + &said("err");
        assert!(!said.contains("s3cr3t"), "{said}");
        said
    }
}

fn text(request: &Request) -> String {
    assert!(
        request
            .head
            .starts_with(&format!("post /services/{} ", TOKEN.to_lowercase()))
    );
    assert!(request.head.contains("content-type: application/json"));
    let json: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 1, "{json}");
    json["text"].as_str().unwrap().to_owned()
}

/// Waits for the next message.
fn next(received: &Receiver<Request>) -> String {
    text(&received.recv_timeout(Duration::from_secs(60)).unwrap())
}

#[test]
fn a_watch_tells_each_change_of_state_once() {
    let world = World::new();
    let (endpoint, received) = receiver(&[]);
    let watch = world.watch(&endpoint);
    let iam = |form: &str| world.sandbox.iam(form);
    let spec = world.mfactl.folder().join("mfactl.yaml");

    iam("Action=DeleteUser&UserName=bob");
    let drift = next(&received);
    assert!(drift.contains("Drift: 1 missing"), "{drift}");
    assert!(
        drift.contains("• `- user/bob`: `iam:DeleteUser` by root"),
        "{drift}"
    );

    iam("Action=DeleteUser&UserName=alice");
    let other = next(&received);
    assert!(other.contains("Drift: 2 missing"), "{other}");

    fs::write(&spec, "version: 3\n").unwrap();
    let failed = next(&received);
    assert_eq!(
        failed,
        "mfactl can't look for drift from `mfactl.yaml`: 3 errors in `mfactl.yaml`"
    );
    fs::write(&spec, "version: 3\nusers: 4\n").unwrap();
    std::thread::sleep(Duration::from_millis(2500));

    fs::write(&spec, SPEC).unwrap();
    let again = next(&received);
    assert!(
        again.starts_with("mfactl can look again.\nDrift: 2 missing"),
        "{again}"
    );

    iam("Action=CreateUser&UserName=alice");
    iam("Action=CreateUser&UserName=bob");
    let mut clean = next(&received);
    if clean.contains("Drift: 1 missing") {
        clean = next(&received);
    }
    assert!(
        clean.starts_with("No drift. 2 objects are as the spec says.\n"),
        "{clean}"
    );
    std::thread::sleep(Duration::from_millis(2500));
    assert!(received.try_recv().is_err(), "nothing else is said");
    world.end(watch);
}

#[test]
fn a_message_that_was_not_taken_is_tried_again_and_then_told_after_the_next_look() {
    let world = World::new();
    let (endpoint, received) = receiver(&[503, 429, 503, 200]);
    let watch = world.watch(&endpoint);
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    for _ in 0..4 {
        assert!(next(&received).contains("user/bob"));
    }
    std::thread::sleep(Duration::from_millis(2500));
    assert!(received.try_recv().is_err(), "it was taken");
    let said = world.end(watch);
    let complaint = "the webhook didn't take a message: it answered 503 Service Unavailable";
    assert_eq!(said.matches(complaint).count(), 1, "{said}");
}

#[test]
fn a_single_look_tells_drift_and_failures_and_keeps_its_exit_code() {
    let world = World::new();
    let (endpoint, received) = receiver(&[]);
    world.drift(&endpoint).ends_with(0);
    assert!(received.try_recv().is_err(), "no drift, no message");
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    world.drift(&endpoint).ends_with(2);
    assert!(next(&received).contains("- user/bob"));
    fs::write(world.mfactl.folder().join("mfactl.yaml"), "version: 3\n").unwrap();
    world.drift(&endpoint).ends_with(1);
    assert!(next(&received).starts_with("mfactl can't look"));
}

#[test]
fn a_webhook_that_refuses_or_is_not_there_is_a_warning() {
    let world = World::new();
    world.sandbox.iam("Action=DeleteUser&UserName=bob");
    let (endpoint, received) = receiver(&[404]);
    let ran = world.drift(&endpoint);
    assert!(ran.stderr.contains("it answered 404 Not Found"), "{ran:?}");
    assert_eq!(ran.code, 2);
    assert_eq!(
        received.try_iter().count(),
        1,
        "another attempt would end alike"
    );
    // Nobody listens at a port that was just given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let absent = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let ran = world.drift(&absent);
    assert!(ran.stderr.contains("Connection refused"), "{ran:?}");
    assert_eq!(ran.code, 2);
}

#[test]
fn an_address_that_can_not_be_used_is_an_error_that_does_not_show_it() {
    let mfactl = Mfactl::new(Vec::new());
    for url in [
        format!("hooks.invalid/services/{TOKEN}"),
        format!("http://hooks.invalid/services/{TOKEN}"),
    ] {
        let ran = mfactl.run(["drift", "--webhook", &url]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.stderr.starts_with("error: the webhook is no") && !ran.stderr.contains("s3cr3t"),
            "{ran:?}"
        );
    }
}
