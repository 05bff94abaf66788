//! What a collector of OpenTelemetry's is told of a run and of drift, and that no collector holds a run up.

#![expect(clippy::unwrap_used, reason = "what isn't as expected fails the test")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use mfactl_tests::{Account, Kit, Mfactl, Ran, Request, receiver};

/// Applies a spec with passwords and devices, with more in the environment.
fn apply(environment: &[(&str, &str)]) -> (Mfactl, Ran) {
    let (account, mfactl) = (Account::new(), Mfactl::new(Vec::new()));
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reliability/first.yaml");
    fs::copy(spec, mfactl.folder().join("mfactl.yaml")).unwrap();
    let served = account.serve("");
    let mut variables = served.environment();
    let more = environment.iter();
    variables.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let ran = mfactl.run_in(variables, ["apply", "--auto-approve", "--settle=0"]);
    (mfactl, ran)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn a_collector_is_told_of_every_part_of_a_run_and_of_no_secret() {
    let (endpoint, received) = receiver(&[]);
    let (mfactl, ran) = apply(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=acme"),
        ("OTEL_SERVICE_NAME", "access of acme"),
        // What is logged must not change what is traced.
        ("RUST_LOG", "off"),
    ]);
    ran.ends_with(0);
    let requests: Vec<Request> = received.try_iter().collect();
    let mut spans = Vec::new();
    for request in requests {
        assert!(
            request.head.starts_with("post /v1/traces "),
            "{}",
            request.head
        );
        assert!(request.head.contains("x-team: acme"), "{}", request.head);
        spans.extend(request.body);
    }
    let told = [
        "access of acme",
        "run",
        "read",
        "plan",
        "prove",
        "apply",
        "verify",
        "login_profile/alice",
        "iam:CreateLoginProfile",
        "iam:GetAccountAuthorizationDetails",
        "aws.request_id",
        "http.response.status_code",
    ];
    for name in told {
        assert!(holds(&spans, name), "{name}");
    }
    let kits = fs::read_dir(mfactl.folder().join("kits")).unwrap();
    let mut secrets = Vec::new();
    for kit in kits {
        let kit = Kit::open(&kit.unwrap().path());
        let (_, seed) = kit.otpauth().split_once("secret=").unwrap();
        secrets.push(kit.password().to_owned());
        secrets.push(seed.split('&').next().unwrap().to_owned());
    }
    assert!(secrets.len() >= 4);
    for secret in secrets {
        assert!(!holds(&spans, &secret));
    }
}

#[test]
fn nothing_is_sent_where_traces_are_turned_off() {
    for off in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ] {
        let (endpoint, received) = receiver(&[]);
        let (_, ran) = apply(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), off]);
        ran.ends_with(0);
        assert!(received.try_recv().is_err(), "{off:?}");
    }
}

/// Looks for drift in an empty account, with more in the environment.
fn look(faults: &str, environment: &[(&str, &str)]) -> Ran {
    let (account, mfactl) = (Account::new(), Mfactl::new(Vec::new()));
    let spec = "version: 1\naccount: '123456789012'\nregion: us-east-1\nusers: {alice: {}, bob: {}, carol: {}}\n";
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    let served = account.serve(faults);
    let mut variables = served.environment();
    let more = environment.iter();
    variables.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    mfactl.run_in(variables, ["drift"])
}

#[test]
fn a_collector_is_told_how_much_drift_there_is() {
    let (endpoint, received) = receiver(&[]);
    let named = ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str());
    let no_traces = ("OTEL_TRACES_EXPORTER", "none");
    look("", &[named, no_traces]).ends_with(2);
    let told = received.try_recv().unwrap();
    assert!(told.head.starts_with("post /v1/metrics "), "{}", told.head);
    for text in [
        "mfactl.drift",
        "missing",
        "changed",
        "123456789012",
        "mfactl.yaml",
    ] {
        assert!(holds(&told.body, text), "{text}");
    }
    // Field `as_int` of a `NumberDataPoint`: three users are missing.
    let three = [0x31, 3, 0, 0, 0, 0, 0, 0, 0];
    assert!(told.body.windows(9).any(|part| part == three));
    assert!(!holds(&told.body, "undeclared_principal"), "nobody asked");
    assert!(received.try_recv().is_err(), "it is told once");

    let denied = r#"{"operation": "iam:GetAccountAuthorizationDetails", "effect": "deny"}"#;
    look(denied, &[named, no_traces]).ends_with(1);
    assert!(
        received.try_recv().is_err(),
        "what isn't known isn't counted"
    );
    look("", &[named, no_traces, ("OTEL_METRICS_EXPORTER", "none")]).ends_with(2);
    assert!(received.try_recv().is_err(), "it is turned off");
}

#[test]
fn a_collector_that_takes_no_metrics_changes_nothing_else() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let begin = Instant::now();
    let ran = look("", &[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &endpoint)]);
    assert!(begin.elapsed() < Duration::from_secs(20), "{ran:#?}");
    let said = "the collector didn't take the metrics: ";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    ran.ends_with(2);
}

#[test]
fn a_collector_that_does_not_answer_or_is_not_there_holds_nothing_up() {
    let undisturbed = Instant::now();
    apply(&[]).1.ends_with(0);
    let undisturbed = undisturbed.elapsed();
    // Connections are taken by the system, and nobody reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = (format!("http://{}", silent.local_addr().unwrap()), silent);
    let absent = TcpListener::bind("127.0.0.1:0").unwrap();
    let absent = format!("http://{}", absent.local_addr().unwrap());
    for endpoint in [&silent.0, &absent, "no address"] {
        let begin = Instant::now();
        let (_, ran) = apply(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
        let late = begin.elapsed().saturating_sub(undisturbed);
        assert!(late < Duration::from_secs(8), "{endpoint}: {late:?}");
        assert!(!ran.stderr.is_empty());
        ran.ends_with(0);
    }
}
