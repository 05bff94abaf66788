//! `mfactl report` over time.

use std::fs;

use mfactl_tests::Mfactl;

const OLD: &str = r#"{"generated":"2026-01-01T00:00:00Z","account":"123456789012","users":9,"with_password":9,"with_mfa":1,"conditions":{"no-mfa":8}}"#;
const OTHER: &str = r#"{"generated":"2026-01-01T00:00:00Z","account":"000000000001","users":77,"with_password":77,"with_mfa":77,"conditions":{}}"#;

#[test]
fn a_history_grows_by_a_line_a_report_and_is_drawn_for_its_account() {
    let mfactl = Mfactl::new(Vec::new());
    let file = mfactl.folder().join("history.jsonl");
    fs::write(&file, format!("{OTHER}\n{OLD}\n")).unwrap();
    let arguments = [
        "report",
        "--sandbox",
        "--history",
        "history.jsonl",
        "--format",
        "html",
    ];
    let page = mfactl.run(arguments).ends_with(0);
    assert!(
        page.contains("1 of 9 people with a password had MFA at first, 0 of 0"),
        "{page}"
    );
    assert_eq!(page.matches("<polyline").count(), 3);
    assert!(!page.contains("77"), "{page}");
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept.lines().count(), 3);
    // AWS makes no newer report for four hours, and one is counted once.
    mfactl.run(arguments).ends_with(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), kept);
}

#[test]
fn a_file_that_is_no_history_is_left() {
    let mfactl = Mfactl::new(Vec::new());
    let file = mfactl.folder().join("mfactl.yaml");
    fs::write(&file, "version: 1\n").unwrap();
    let ran = mfactl.run(["report", "--sandbox", "--history", "mfactl.yaml"]);
    assert!(ran.stderr.contains("mfactl.yaml, line 1"), "{}", ran.stderr);
    ran.ends_with(1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "version: 1\n");
}
