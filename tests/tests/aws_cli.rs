//! The sandbox by the AWS CLI, as administrators type it.

use std::fs;

use mfactl_tests::{Mfactl, Served, python, succeeds};

/// Runs the AWS CLI in a folder, with a sandbox for its AWS.
struct Cli {
    folder: Mfactl,
    sandbox: Served,
}

#[expect(clippy::panic, reason = "a test that can't go on fails")]
impl Cli {
    fn new() -> Self {
        let folder = Mfactl::new(Vec::new());
        let sandbox = Served::start(&folder, &["--listen", "127.0.0.1:0"]);
        Self { folder, sandbox }
    }

    /// Runs a command whose words have no spaces in them, and returns what it prints, as text.
    #[track_caller]
    fn aws(&self, words: &str) -> String {
        let mut command = python();
        command
            .args([
                "-c",
                "import sys, awscli.clidriver; sys.exit(awscli.clidriver.main())",
            ])
            .args(words.split_whitespace())
            .args(["--output", "text"])
            .current_dir(self.folder.folder())
            .envs(self.sandbox.environment())
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        succeeds(&mut command).trim_end().replace('\t', " ")
    }

    /// Returns two consecutive codes of the seed in a file.
    fn codes(&self, seed: &str) -> String {
        let script = "import pyotp, sys, time; app, now = pyotp.TOTP(sys.argv[1]), int(time.time()); print(app.at(now - 30), app.at(now))";
        let path = self.folder.folder().join(seed);
        let seed = fs::read_to_string(path).unwrap_or_else(|error| panic!("the seed: {error}"));
        succeeds(python().args(["-c", script, seed.trim()]))
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.folder().join(name);
        fs::write(path, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

#[test]
fn a_user_gets_a_group_a_policy_and_a_device_and_goes() {
    let cli = Cli::new();
    cli.write("policy.json", POLICY);
    assert_eq!(
        cli.aws("iam create-user --user-name alice --query User.Arn"),
        "arn:aws:iam::123456789012:user/alice"
    );
    cli.aws("iam create-group --group-name staff");
    cli.aws("iam add-user-to-group --group-name staff --user-name alice");
    let policy = cli.aws("iam create-policy --policy-name read --policy-document file://policy.json --query Policy.Arn");
    cli.aws(&format!(
        "iam attach-group-policy --group-name staff --policy-arn {policy}"
    ));
    assert_eq!(
        cli.aws("iam list-attached-group-policies --group-name staff --query AttachedPolicies[].PolicyName"),
        "read"
    );

    let serial = cli.aws(
        "iam create-virtual-mfa-device --virtual-mfa-device-name phone --outfile seed --bootstrap-method Base32StringSeed --query VirtualMFADevice.SerialNumber",
    );
    let codes = cli.codes("seed");
    let (one, two) = codes
        .trim()
        .split_once(' ')
        .unwrap_or_else(|| panic!("{codes}"));
    cli.aws(&format!(
        "iam enable-mfa-device --user-name alice --serial-number {serial} --authentication-code1 {one} --authentication-code2 {two}"
    ));
    assert_eq!(
        cli.aws("iam list-mfa-devices --user-name alice --query MFADevices[].SerialNumber"),
        serial
    );

    cli.aws(&format!(
        "iam deactivate-mfa-device --user-name alice --serial-number {serial}"
    ));
    cli.aws(&format!(
        "iam delete-virtual-mfa-device --serial-number {serial}"
    ));
    cli.aws("iam remove-user-from-group --group-name staff --user-name alice");
    cli.aws("iam delete-user --user-name alice");
    cli.aws(&format!(
        "iam detach-group-policy --group-name staff --policy-arn {policy}"
    ));
    cli.aws(&format!("iam delete-policy --policy-arn {policy}"));
    cli.aws("iam delete-group --group-name staff");
    assert_eq!(cli.aws("iam list-users --query Users[].UserName"), "");
}

#[test]
fn an_alarm_and_a_dashboard_are_put_and_deleted() {
    let cli = Cli::new();
    cli.write("dashboard.json", r#"{"widgets":[]}"#);
    cli.aws("cloudwatch put-metric-alarm --alarm-name logins --namespace App --metric-name Logins --statistic Sum --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold");
    assert_eq!(
        cli.aws(
            "cloudwatch describe-alarms --query MetricAlarms[].[AlarmName,StateValue,Threshold]"
        ),
        "logins INSUFFICIENT_DATA 1.0"
    );
    cli.aws(
        "cloudwatch put-dashboard --dashboard-name logins --dashboard-body file://dashboard.json",
    );
    assert_eq!(
        cli.aws("cloudwatch get-dashboard --dashboard-name logins --query DashboardBody"),
        r#"{"widgets":[]}"#
    );
    cli.aws("cloudwatch delete-alarms --alarm-names logins");
    cli.aws("cloudwatch delete-dashboards --dashboard-names logins");
    assert_eq!(
        cli.aws("cloudwatch describe-alarms --query MetricAlarms"),
        ""
    );
    assert_eq!(
        cli.aws("cloudwatch list-dashboards --query DashboardEntries"),
        ""
    );
}

#[test]
fn a_metric_filter_is_put_tried_and_deleted() {
    let cli = Cli::new();
    cli.aws("logs create-log-group --log-group-name app");
    cli.aws("logs put-retention-policy --log-group-name app --retention-in-days 30");
    assert_eq!(
        cli.aws("logs describe-log-groups --query logGroups[].[logGroupName,retentionInDays]"),
        "app 30"
    );
    cli.aws("logs put-metric-filter --log-group-name app --filter-name errors --filter-pattern ERROR --metric-transformations metricName=Errors,metricNamespace=App,metricValue=1");
    assert_eq!(
        cli.aws("logs describe-metric-filters --query metricFilters[].[filterName,filterPattern]"),
        "errors ERROR"
    );
    assert_eq!(
        cli.aws("logs test-metric-filter --filter-pattern ERROR --log-event-messages INFO ERROR --query matches[].eventNumber"),
        "2"
    );
    cli.aws("logs delete-metric-filter --log-group-name app --filter-name errors");
    cli.aws("logs delete-log-group --log-group-name app");
    assert_eq!(cli.aws("logs describe-log-groups --query logGroups"), "");
}
