//! What can be wrong with the input, the account or the way to it: a clear error, the right exit code, and nothing
//! changed. Mistakes in a spec are in `scenarios/mistakes.trycmd`.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use mfactl_tests::{Mfactl, Moto, Ran, recipe};

/// Applies a spec, which must fail.
#[track_caller]
fn apply(mfactl: &Mfactl, spec: &str, code: i32) -> Ran {
    let ran = mfactl.run(["apply", "--auto-approve", "--file", spec]);
    assert_eq!(ran.code, code, "{ran:#?}");
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert!(!mfactl.folder().join("kits").exists(), "a kit was written");
    ran
}

fn apply_recipe(mfactl: &Mfactl, code: i32) -> Ran {
    apply(mfactl, &recipe().display().to_string(), code)
}

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn credentials_of_another_account_change_nothing() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    let spec = "version: 1\naccount: \"210987654321\"\nregion: us-east-1\nusers: {alice: {}}\n";
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    let ran = apply(&mfactl, "mfactl.yaml", 3);
    assert!(
        ran.stderr.contains("123456789012") && ran.stderr.contains("210987654321"),
        "{}",
        ran.stderr
    );
    assert_eq!(moto.python("users.py", &[]).trim(), "[]");
}

#[test]
fn without_credentials_there_is_an_error_that_says_so() {
    let mfactl = Mfactl::new(environment(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]));
    let ran = apply_recipe(&mfactl, 1);
    assert!(ran.stderr.contains("credentials"), "{}", ran.stderr);
}

#[test]
fn an_endpoint_that_nobody_listens_at_is_given_up_within_a_minute() {
    // A port that was free a moment ago, and that nobody else is given soon.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let mfactl = Mfactl::new(environment(&[
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_ACCESS_KEY_ID", "nobody"),
        ("AWS_SECRET_ACCESS_KEY", "nothing"),
    ]));
    let start = Instant::now();
    let ran = apply_recipe(&mfactl, 1);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    assert!(ran.stderr.contains("can't be reached"), "{}", ran.stderr);
}

#[test]
fn what_may_not_be_read_is_withheld_and_the_rest_is_planned() {
    let moto = Moto::start();
    let mfactl = moto.mfactl_for_iam_only();
    let ran = mfactl.run(["plan", "--file", &recipe().display().to_string()]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    for line in ["+ user/alice", "? alarm/*", "? dashboard/*", "AccessDenied"] {
        assert!(ran.stdout.contains(line), "no {line:?} in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("+ alarm/"), "{}", ran.stdout);
}

#[test]
fn a_file_of_fifty_megabytes_is_refused_quickly() {
    let mfactl = Mfactl::new(Vec::new());
    let line = "# a comment of fifty characters, and then one more\n";
    fs::write(mfactl.folder().join("mfactl.yaml"), line.repeat(1_000_000)).unwrap();
    let start = Instant::now();
    let ran = apply(&mfactl, "mfactl.yaml", 1);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(ran.stderr.contains("mfactl.yaml"), "{}", ran.stderr);
}
