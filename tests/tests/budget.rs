//! How many calls to AWS a plan and a report take, from the binary through the SDK to the sandbox.

#![expect(clippy::expect_used, reason = "what isn't as expected fails the test")]

use std::fs;

use mfactl_tests::{Mfactl, company};

/// Returns the number of calls that `-v` showed, and the lines that name them.
fn calls(stderr: &str) -> (usize, Vec<&str>) {
    let mut lines = stderr
        .lines()
        .skip_while(|line| !line.ends_with("calls to AWS:"));
    let total = lines.next().and_then(|line| line.split(' ').next());
    let total = total.expect("the calls are shown").parse();
    (
        total.expect("it is a number"),
        lines.map(str::trim).collect(),
    )
}

#[test]
fn a_plan_for_2000_people_takes_at_most_12_calls_and_a_report_5() {
    let mfactl = Mfactl::new(Vec::new());
    fs::write(mfactl.folder().join("mfactl.yaml"), company(2_000)).unwrap();
    mfactl
        .run(["apply", "--sandbox", "--auto-approve", "--quiet"])
        .ends_with(0);
    let ran = mfactl.run(["plan", "--sandbox", "-v", "--detailed-exitcode"]);
    let (total, by_operation) = calls(&ran.stderr);
    assert!(total <= 12, "{total} calls: {by_operation:#?}");
    assert_eq!(
        by_operation,
        [
            "1  cloudwatch:DescribeAlarms",
            "3  iam:GetAccountAuthorizationDetails",
            "1  iam:GetAccountPasswordPolicy",
            "1  iam:ListAccountAliases",
            "1  logs:DescribeLogGroups",
            "1  logs:DescribeMetricFilters",
            "1  sts:GetCallerIdentity",
        ]
    );
    ran.ends_with(0);
    let ran = mfactl.run(["report", "--sandbox", "-v"]);
    let (total, by_operation) = calls(&ran.stderr);
    assert!(total <= 5, "{total} calls: {by_operation:#?}");
    ran.ends_with(0);
}
