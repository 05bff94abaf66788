//! What `destroy` asks, and which answers will do.

#![expect(clippy::unwrap_used, reason = "what isn't as expected fails the test")]

use std::fs;
use std::io::Write;
use std::process::Stdio;

use mfactl_tests::{Mfactl, Served};

const TEAM: &str = r#"
version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {}
"#;

fn team() -> (Mfactl, Served) {
    let served = Served::start(&Mfactl::new(Vec::new()), &[]);
    served.iam("Action=CreateAccountAlias&AccountAlias=acme-prod");
    let mfactl = Mfactl::new(served.environment());
    fs::write(mfactl.folder().join("mfactl.yaml"), TEAM).unwrap();
    mfactl.run(["apply", "--auto-approve"]).ends_with(0);
    (mfactl, served)
}

/// Answers the question of `destroy`, and returns the exit code and what stood on stderr.
fn answer(mfactl: &Mfactl, answer: &str) -> (Option<i32>, String) {
    let mut command = mfactl.command();
    command.arg("destroy").stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have ended before it reads.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), stderr)
}

#[test]
fn only_the_accounts_id_or_alias_will_do() {
    let (mfactl, _served) = team();
    for wrong in ["", "\n", "yes\n", "1\n", "123456789\n", "acme\n"] {
        let (code, stderr) = answer(&mfactl, wrong);
        assert_eq!(code, Some(1), "{wrong:?}");
        assert!(
            stderr.contains("from account 123456789012 (acme-prod)"),
            "{stderr}"
        );
        assert!(stderr.contains("declined; nothing was changed"), "{stderr}");
        assert!(stderr.contains("--auto-approve"), "{stderr}");
    }
    mfactl.run(["plan", "--detailed-exitcode"]).ends_with(0);
    assert_eq!(answer(&mfactl, "123456789012\n").0, Some(0));
    mfactl.run(["apply", "--auto-approve"]).ends_with(0);
    assert_eq!(answer(&mfactl, "acme-prod\n").0, Some(0));
    mfactl.run(["plan", "--detailed-exitcode"]).ends_with(2);
}
