use std::time::{Duration, Instant};

use aws_sdk_iam::config::retry::RetryConfig;
use mfactl_sandbox::{Effect, Fault, Faults, Options, When};

use crate::support::{ACCOUNT, Aws, aws_of, code};

fn fault(operation: &str, when: When, effect: Effect) -> Fault {
    Fault {
        operation: operation.to_owned(),
        when,
        effect,
    }
}

/// Starts a sandbox with faults, and a client of it that tries once only.
async fn aws_with(faults: Vec<Fault>) -> (Aws, aws_sdk_iam::Client) {
    let aws = aws_of(Options {
        faults: Faults { seed: 1, faults },
        ..Options::new(ACCOUNT)
    })
    .await;
    let config = aws.iam.config().to_builder();
    let once = config.retry_config(RetryConfig::disabled()).build();
    let iam = aws_sdk_iam::Client::from_conf(once);
    (aws, iam)
}

#[tokio::test]
async fn a_throttled_call_does_nothing_and_succeeds_when_it_is_tried_again() {
    let throttled = fault("iam:CreateUser", When::Calls(vec![1]), Effect::Throttle);
    let (aws, iam) = aws_with(vec![throttled]).await;
    assert_eq!(
        code(iam.create_user().user_name("alice").send().await),
        "Throttling"
    );
    aws.user("alice").await;
    let (aws, _) = aws_with(vec![fault("logs:*", When::First(1), Effect::Throttle)]).await;
    // The SDK tries again by itself.
    aws.logs.describe_log_groups().send().await.unwrap();
    assert_eq!(aws.sandbox.calls().get("logs:DescribeLogGroups"), Some(&1));
}

#[tokio::test]
async fn a_call_is_denied_or_answered_with_an_error_of_the_server() {
    let denied = fault("iam:Create*", When::Always, Effect::Deny);
    let broken = fault("cloudwatch:*", When::Always, Effect::ServerError);
    let (aws, iam) = aws_with(vec![denied, broken]).await;
    assert_eq!(
        code(iam.create_group().group_name("g").send().await),
        "AccessDenied"
    );
    iam.list_groups().send().await.unwrap();
    let alarms = aws.cloudwatch.describe_alarms().send().await;
    assert_eq!(code(alarms), "InternalFailure");
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_work_done_and_a_reset_does_not() {
    let dropped = fault("iam:CreateUser", When::Always, Effect::DropAnswer);
    let reset = fault("iam:CreateGroup", When::Always, Effect::Reset);
    let (_aws, iam) = aws_with(vec![dropped, reset]).await;
    let user = iam.create_user().user_name("alice").send().await;
    assert!(user.unwrap_err().as_service_error().is_none());
    iam.get_user().user_name("alice").send().await.unwrap();
    let group = iam.create_group().group_name("g").send().await;
    assert!(group.unwrap_err().as_service_error().is_none());
    assert_eq!(
        code(iam.get_group().group_name("g").send().await),
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn a_delayed_call_takes_its_time() {
    let (_aws, iam) = aws_with(vec![fault("iam:*", When::Always, Effect::Delay(80))]).await;
    let started = Instant::now();
    iam.list_users().send().await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_read_answers_as_before_a_change_for_a_while() {
    let stale = fault("iam:GetUser", When::Always, Effect::StaleReads(1_500));
    let (aws, iam) = aws_with(vec![stale]).await;
    aws.user("alice").await;
    let get = || iam.get_user().user_name("alice").send();
    assert_eq!(code(get().await), "NoSuchEntity");
    // Other reads, and writes, see the change.
    assert_eq!(iam.list_users().send().await.unwrap().users().len(), 1);
    assert_eq!(
        code(iam.create_user().user_name("alice").send().await),
        "EntityAlreadyExists"
    );
    tokio::time::sleep(Duration::from_millis(1_550)).await;
    get().await.unwrap();
}

#[tokio::test]
async fn requests_are_logged_with_their_outcome_and_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("requests.jsonl");
    let reset = fault("iam:ListUsers", When::Calls(vec![1]), Effect::Reset);
    let aws = aws_of(Options {
        request_log: Some(log.clone()),
        faults: Faults {
            seed: 0,
            faults: vec![reset],
        },
        ..Options::new(ACCOUNT)
    })
    .await;
    aws.user("alice").await;
    let profile = aws.iam.create_login_profile().user_name("alice");
    profile.password("Secret-Password-1").send().await.unwrap();
    let missing = aws.iam.get_user().user_name("bob").send().await;
    assert_eq!(code(missing), "NoSuchEntity");
    aws.iam.list_users().send().await.unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("Secret-Password-1"), "{text}");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| {
            (
                line["operation"].as_str().unwrap(),
                line["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("iam:CreateUser", "OK"),
        ("iam:CreateLoginProfile", "OK"),
        ("iam:GetUser", "NoSuchEntity"),
        ("iam:ListUsers", "no answer"),
        ("iam:ListUsers", "OK"),
    ];
    assert_eq!(told, expected);
    assert_eq!(lines[1]["parameters"]["UserName"], "alice");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&log).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
