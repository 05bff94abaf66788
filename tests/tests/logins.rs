//! Sign-ins, from the events that a trail writes to what `mfactl logins` shows.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use jiff::{SignedDuration, Timestamp};
use mfactl_tests::{Account, Mfactl, Served};
use reader::{Calls, Clients};
use serde_json::json;

/// Returns an event as CloudTrail writes it ("AWS Management Console sign-in events" in its user guide).
fn event(identity: &str, from: &str, result: &str, mfa: &str, error: &str) -> String {
    let error = if error.is_empty() {
        String::new()
    } else {
        format!(r#""errorMessage": "{error}", "#)
    };
    format!(
        r#"{{"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", {error}"userIdentity": {identity}, "sourceIPAddress": "{from}", "responseElements": {{"ConsoleLogin": "{result}"}}, "additionalEventData": {{"MFAUsed": "{mfa}"}}}}"#
    )
}

fn user(name: &str) -> String {
    format!(
        r#"{{"type": "IAMUser", "userName": "{name}", "arn": "arn:aws:iam::123456789012:user/{name}"}}"#
    )
}

fn clients(served: &Served) -> Clients {
    let environment = served.environment();
    let endpoint = { environment.iter() }.find(|(name, _)| name == "AWS_ENDPOINT_URL");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&endpoint.unwrap().1)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "123456789012",
            "sandbox",
            None,
            None,
            "test",
        )))
        .build();
    Clients::new(&config, &Calls::default())
}

async fn write(served: &Served, events: &[String]) {
    let logs = clients(served).logs;
    let group = logs.create_log_group().log_group_name("trail");
    group.send().await.unwrap();
    let stream = logs.create_log_stream().log_group_name("trail");
    stream.log_stream_name("it").send().await.unwrap();
    let begin = Timestamp::now()
        .checked_sub(SignedDuration::from_mins(30))
        .unwrap();
    let mut call = logs.put_log_events().log_group_name("trail");
    for (minute, event) in (0..).zip(events) {
        let time = begin.as_millisecond() + minute * 60_000;
        let event = InputLogEvent::builder().timestamp(time).message(event);
        call = call.log_events(event.build().unwrap());
    }
    call.log_stream_name("it").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_told_with_what_is_wrong_and_what_is_unusual() {
    let host = Mfactl::new(Vec::new());
    let served = Served::start(&host, &["--listen", "127.0.0.1:0"]);
    let session =
        r#"{"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol"}"#;
    let events = [
        event(&user("alice"), "192.0.2.1", "Success", "Yes", ""),
        event(&user("bob"), "192.0.2.2", "Success", "No", ""),
        event(session, "192.0.2.3", "Success", "No", ""),
        event(
            &user("alice"),
            "203.0.113.9",
            "Failure",
            "Yes",
            "Failed authentication",
        ),
        event(r#"{"type": "Root"}"#, "192.0.2.1", "Success", "Yes", ""),
        r#"{"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}"#.to_owned(),
    ];
    write(&served, &events).await;
    let mfactl = Mfactl::new(served.environment());

    let text = mfactl.run(["logins", "--log-group", "trail"]).ends_with(0);
    for line in [
        "1 without MFA: bob",
        "1 by the root user: root",
        "1 failed: alice",
        "1 from an address that was new",
        "4 sign-ins: 2 with MFA, 1 by an identity provider; 1 failed.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(
        text.lines().skip(1).all(|line| line.chars().count() <= 100),
        "{text}"
    );

    let json = mfactl.run([
        "logins",
        "--log-group",
        "trail",
        "--user",
        "alice",
        "--json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json.ends_with(0)).unwrap();
    let logins = json["logins"].as_array().unwrap();
    assert_eq!(logins.len(), 2);
    assert_eq!(logins[0]["new_address"], true);
    assert_eq!(logins[0]["error"], "Failed authentication");
    assert!(json["query"].as_str().unwrap().contains("ConsoleLogin"));

    let none = mfactl.run(["logins", "--log-group", "nothing"]);
    assert!(
        none.stderr.contains("logs:StartQuery failed"),
        "{}",
        none.stderr
    );
    none.ends_with(1);
}

#[test]
fn a_signal_stops_the_query_too() {
    let account = Account::new();
    let served = account.serve("");
    let group = json!({"logGroupName": "trail"});
    served.json("logs", "Logs_20140328.CreateLogGroup", &group);
    served.stop("TERM");
    let slow = r#"{"operation": "logs:GetQueryResults", "effect": {"delay_ms": 60000}}"#;
    let arguments = ["logins", "--log-group", "trail"];
    for signal in ["INT", "TERM"] {
        let before = account.requests().len();
        let requests = || account.requests().split_off(before);
        let begun = || requests().contains("logs:StartQuery");
        let mfactl = Mfactl::new(Vec::new());
        let ran = account.signal_once(slow, &mfactl, &arguments, begun, signal);
        assert!(ran.stderr.contains("error: interrupted"), "{}", ran.stderr);
        assert_eq!(ran.ends_with(130), "");
        assert!(requests().contains("logs:StopQuery"), "{}", requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_has_ended_can_not_be_stopped() {
    let host = Mfactl::new(Vec::new());
    let served = Served::start(&host, &["--listen", "127.0.0.1:0"]);
    write(
        &served,
        &[event(&user("alice"), "192.0.2.1", "Success", "Yes", "")],
    )
    .await;
    let logs = clients(&served).logs;
    let query = logs.start_query().log_group_name("trail");
    let query = query
        .start_time(0)
        .end_time(1)
        .query_string("fields @message");
    let id = query.send().await.unwrap().query_id.unwrap();
    let ended = logs.stop_query().query_id(id).send().await.unwrap_err();
    let ended = ended.into_service_error();
    assert!(ended.is_invalid_parameter_exception(), "{ended:?}");
    let unknown = logs.stop_query().query_id("0").send().await.unwrap_err();
    let unknown = unknown.into_service_error();
    assert!(unknown.is_resource_not_found_exception(), "{unknown:?}");
}
