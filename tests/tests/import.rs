//! Accounts that others built, imported: planning the spec shows no changes.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;
use std::path::Path;

use mfactl_tests::{
    Account, Emulator, Mfactl, Ran, Served, company, python, python_file, succeeds,
};

/// Fills a sandbox by boto3.
fn filled(folder: &Mfactl) -> Served {
    let sandbox = Served::start(folder, &["--listen", "127.0.0.1:0"]);
    let mut fill = python();
    fill.arg(python_file("account.py"))
        .envs(sandbox.environment());
    succeeds(&mut fill);
    sandbox
}

fn import(folder: &Mfactl, sandbox: &Served, arguments: &[&str]) -> Ran {
    folder.run_in(sandbox.environment(), ["import"].iter().chain(arguments))
}

/// Asserts that there is nothing to do, and returns what the plan says.
#[track_caller]
fn no_changes(folder: &Mfactl, sandbox: &Served, spec: &str) -> String {
    let plan = ["plan", "--detailed-exitcode", "-f", spec];
    let plan = folder.run_in(sandbox.environment(), plan).ends_with(0);
    assert!(plan.contains("No changes."), "{plan}");
    plan
}

#[test]
fn what_boto3_built_is_imported_as_a_file_and_as_a_folder() {
    let folder = Mfactl::new(Vec::new());
    let sandbox = filled(&folder);
    let ran = import(&folder, &sandbox, &["--out", "all.yaml"]);
    for left_out in [
        "Not declared: metric_filter/trail:errors, a filter of another log group has its name.",
        "Not declared: alarm/any, it watches other alarms.",
    ] {
        assert!(ran.stderr.contains(left_out), "{}", ran.stderr);
    }
    ran.ends_with(0);
    no_changes(&folder, &sandbox, "all.yaml");
    import(&folder, &sandbox, &["--split", "spec"]).ends_with(0);
    no_changes(&folder, &sandbox, "spec");
    let printed = import(&folder, &sandbox, &[]).ends_with(0);
    assert_eq!(printed, read(&folder.folder().join("all.yaml")));
}

#[test]
fn what_is_there_already_is_not_overwritten() {
    let folder = Mfactl::new(Vec::new());
    let sandbox = filled(&folder);
    let file = folder.folder().join("mine.yaml");
    fs::write(&file, "mine").unwrap();
    for arguments in [["--out", "mine.yaml"], ["--split", "."]] {
        let ran = import(&folder, &sandbox, &arguments);
        assert!(ran.stderr.contains("exists; nothing was written"));
        ran.ends_with(1);
    }
    assert_eq!(read(&file), "mine");
}

#[test]
fn what_could_not_be_read_is_missing_and_said_to_be() {
    let (folder, account) = (Mfactl::new(Vec::new()), Account::new());
    let served = account.serve(r#"{"operation": "logs:*", "effect": "deny"}"#);
    let ran = import(&folder, &served, &["--out", "all.yaml"]);
    assert!(
        ran.stderr
            .contains("not everything could be read: metric_filter")
    );
    ran.ends_with(1);
    let text = read(&folder.folder().join("all.yaml"));
    assert!(text.contains(
        "# Missing, since it could not be read: metric_filter. logs:DescribeMetricFilters answers:"
    ));
}

#[test]
fn a_company_that_was_applied_comes_back() {
    let (folder, account) = (Mfactl::new(Vec::new()), Account::new());
    let served = account.serve("");
    fs::write(folder.folder().join("mfactl.yaml"), company(120)).unwrap();
    let apply = ["apply", "--auto-approve", "--quiet", "--settle", "0"];
    folder.run_in(served.environment(), apply).ends_with(0);
    import(&folder, &served, &["--out", "all.yaml"]).ends_with(0);
    no_changes(&folder, &served, "all.yaml");
}

#[test]
fn an_account_on_moto_is_imported() {
    let moto = Emulator::moto();
    moto.python("account.py", &["iam"]);
    let mfactl = moto.mfactl();
    mfactl.run(["import", "--out", "all.yaml"]).ends_with(0);
    let plan = mfactl.run(["plan", "--detailed-exitcode", "-f", "all.yaml"]);
    assert!(plan.ends_with(0).contains("No changes."));
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}
