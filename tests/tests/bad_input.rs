//! What can be wrong with the input, the account or the way to it: a clear error, the right exit code, and nothing
//! changed. Mistakes in a spec are in `scenarios/mistakes.trycmd`.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use mfactl_tests::{Emulator, Mfactl, Ran, recipe};

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
fn a_mistyped_command_is_an_error_and_not_pending_changes() {
    let mfactl = Mfactl::new(Vec::new());
    let ran = mfactl.run(["plan", "--detailed-exit-code"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.stderr.contains("--detailed-exitcode"), "{ran:#?}");
    assert_eq!(mfactl.run(["--help"]).code, 0);
}

#[test]
fn credentials_of_another_account_change_nothing() {
    let moto = Emulator::moto();
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
    let moto = Emulator::moto();
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

#[test]
fn hostile_cases_are_decided_or_reported_one_by_one_and_quickly() {
    let mfactl = Mfactl::new(Vec::new());
    let case = |policy: &str, resource: &str| {
        format!(
            r#"{{"id":0,"identityPolicies":[{policy}],"request":{{"action":"s3:GetObject","resource":"{resource}"}}}}"#
        )
    };
    let allow = |resources: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":{resources}}}}}"#
        )
    };
    let long = format!(r#""arn:aws:s3:::*{}b*""#, "a?".repeat(450));
    let globs = [
        vec![r#""arn:aws:s3:::*a*a*a?a*b""#; 5_000].join(","),
        vec![long.as_str(); 900].join(","),
    ];
    let (deep, globs) = ("[".repeat(1_000_000), globs.join(","));
    let lines = [
        case(
            &allow(&format!("[{globs}]")),
            &format!("arn:aws:s3:::{}", "a".repeat(2_000)),
        ),
        case(
            &allow(r#""arn:aws:s3:::${${${aws:username}}}${aws:x, '${aws:y}'}""#),
            "arn:aws:s3:::a",
        ),
        case(
            &allow(&format!("\"arn:aws:s3:::{}\"", "${".repeat(60_000))),
            "arn:aws:s3:::a",
        ),
        case(&deep, "*"),
        case(
            &format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
            "*",
        ),
        case("{}", &"a".repeat(9_000_000)),
        "\u{0}\u{1b}[31m".to_owned(),
        r#"{"id":0,"\u001b[31mred":1}"#.to_owned(),
        case(&allow(r#""*""#), "arn:aws:s3:::a"),
    ];
    fs::write(mfactl.folder().join("cases.jsonl"), lines.join("\n")).unwrap();
    let start = Instant::now();
    let ran = mfactl.run(["policy", "eval", "cases.jsonl"]);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let results: Vec<bool> = ran
        .stdout
        .lines()
        .map(|line| line.contains(r#""result":"allowed""#))
        .collect();
    assert_eq!(results, [false, false, false, true], "{}", ran.stdout);
    for number in 4..=8 {
        assert!(
            ran.stderr.contains(&format!("cases.jsonl:{number}: ")),
            "{}",
            ran.stderr
        );
    }
    assert!(
        !ran.stderr.contains("panicked") && !ran.stderr.contains('\u{1b}'),
        "{}",
        ran.stderr
    );
}
