//! Who must have MFA and has none is shown, and overdue after the grace period. Other devices than virtual ones are seen.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;

use mfactl_tests::{Mfactl, Served};

const SPEC: &str = r#"version: 1
account: "123456789012"
region: us-east-1
defaults: {mfa_grace: 7d}
users:
  alice: {groups: [team], console: true, mfa: required, deliver_to: KEY}
  bob: {groups: [team], console: true, mfa: required, deliver_to: KEY}
groups:
  team: {policies: [enforce-mfa]}
policies:
  enforce-mfa: {preset: enforce-mfa}
"#;
const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// An account of alice and bob, whose passwords are old.
fn world() -> Mfactl {
    let mfactl = Mfactl::new(Vec::new());
    let spec = SPEC.replace("KEY", KEY);
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    mfactl
        .run(["apply", "--sandbox", "--auto-approve", "--quiet"])
        .ends_with(0);
    let file = mfactl.folder().join(".mfactl/sandbox.json");
    let state = fs::read_to_string(&file).unwrap();
    let (before, after) = (r#""created":"20"#, r#""created":"19"#);
    assert!(state.contains(before));
    fs::write(&file, state.replace(before, after)).unwrap();
    mfactl
}

#[test]
fn who_is_overdue_fails_a_plan_and_a_look_for_drift_only_where_that_was_asked_for() {
    let mfactl = world();
    for (command, code) in [
        (&["plan", "--detailed-exitcode"][..], 0),
        (&["plan", "--fail-on", "overdue"], 2),
        (&["drift"], 0),
        (&["drift", "--fail-on", "overdue"], 2),
    ] {
        let ran = mfactl.run([command, &["--sandbox", "--quiet"]].concat());
        let shown = ran.ends_with(code);
        assert_eq!(
            shown.matches(" days old, overdue for ").count(),
            2,
            "{shown}"
        );
    }
}

#[test]
fn a_security_key_counts_and_nothing_is_made_beside_it() {
    let mfactl = Mfactl::new(Vec::new());
    let file = mfactl.folder().join("mfactl.yaml");
    let spec = SPEC.replace("KEY", KEY).replacen(
        "bob: {groups: [team], console: true, mfa: required",
        "bob: {groups: [team], console: true, mfa: provisioned",
        1,
    );
    fs::write(&file, &spec).unwrap();
    let served = Served::start(&mfactl, &["--listen", "127.0.0.1:0"]);
    let run = |arguments: &[&str]| mfactl.run_in(served.environment(), arguments);
    run(&["apply", "--auto-approve", "--quiet", "--settle", "0"]).ends_with(0);
    served.iam("Action=EnableMFADevice&Version=2010-05-08&UserName=alice&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Au2f%2Fuser%2Falice%2Fkey-1&AuthenticationCode1=123456&AuthenticationCode2=654321");
    fs::write(&file, spec.replace("mfa: required", "mfa: provisioned")).unwrap();
    let ran = run(&["plan", "--detailed-exitcode", "-v"]);
    assert!(
        ran.stderr.contains(" 1  iam:ListMFADevices"),
        "bob has a virtual device, and needn't be asked about: {}",
        ran.stderr
    );
    let shown = ran.ends_with(0);
    assert!(shown.contains("No changes."), "{shown}");
}
