//! CloudTrail's event history.

use aws_sdk_cloudtrail::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use mfactl_sandbox::{Options, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Aws, aws, aws_enforcing, aws_of, code, iam_as, logs_in};

fn cloudtrail(sandbox: &Sandbox, region: &'static str) -> aws_sdk_cloudtrail::Client {
    let config = aws_sdk_cloudtrail::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_cloudtrail::Client::from_conf(config)
}

async fn create_user(aws: &Aws, name: &str) {
    aws.iam.create_user().user_name(name).send().await.unwrap();
}

pub(crate) async fn events(sandbox: &Sandbox, key: LookupAttributeKey, value: &str) -> Vec<Event> {
    let attribute = LookupAttribute::builder()
        .attribute_key(key)
        .attribute_value(value)
        .build()
        .unwrap();
    let call = cloudtrail(sandbox, "us-east-1").lookup_events();
    let answer = call.lookup_attributes(attribute).send().await.unwrap();
    answer.events.unwrap_or_default()
}

fn record(event: &Event) -> Value {
    serde_json::from_str(event.cloud_trail_event().unwrap()).unwrap()
}

#[tokio::test]
async fn a_change_is_told_with_who_made_it_and_with_what() {
    let aws = aws().await;
    create_user(&aws, "alice").await;
    let events = events(&aws.sandbox, LookupAttributeKey::EventName, "CreateUser").await;
    let [event] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(event.username(), Some("root"));
    assert_eq!(event.read_only(), Some("false"));
    assert_eq!(event.resources()[0].resource_name(), Some("alice"));
    let record = record(event);
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["requestParameters"]["userName"], "alice");
    assert_eq!(record["sourceIPAddress"], "127.0.0.1");
    let agent = record["userAgent"].as_str().unwrap();
    assert!(agent.starts_with("aws-sdk-rust/"), "{agent}");
    assert!(record.get("errorCode").is_none());
}

#[tokio::test]
async fn secrets_are_not_told() {
    let aws = aws().await;
    create_user(&aws, "alice").await;
    let call = aws.iam.create_login_profile().user_name("alice");
    call.password("Very-secret-1").send().await.unwrap();
    let events = events(&aws.sandbox, LookupAttributeKey::ResourceName, "alice").await;
    assert_eq!(events[0].event_name(), Some("CreateLoginProfile"));
    let told = format!("{events:?}");
    assert!(!told.contains("Very-secret-1"), "{told}");
}

#[tokio::test]
async fn what_was_refused_is_told_with_its_code() {
    let aws = aws().await;
    let refused = aws.iam.delete_user().user_name("nobody").send().await;
    assert_eq!(code(refused), "NoSuchEntity");
    let events = events(&aws.sandbox, LookupAttributeKey::EventName, "DeleteUser").await;
    assert_eq!(record(&events[0])["errorCode"], "NoSuchEntity");
}

#[tokio::test]
async fn a_user_is_told_with_their_key_and_what_they_may_not_do() {
    let aws = aws_enforcing().await;
    create_user(&aws, "alice").await;
    let key = aws.iam.create_access_key().user_name("alice").send().await;
    let key = key.unwrap().access_key.unwrap();
    let as_alice = iam_as(&aws.sandbox, key.access_key_id());
    let refused = as_alice.create_user().user_name("bob").send().await;
    assert_eq!(code(refused), "AccessDenied");
    let events = events(
        &aws.sandbox,
        LookupAttributeKey::AccessKeyId,
        key.access_key_id(),
    )
    .await;
    let record = record(&events[0]);
    assert_eq!(record["userIdentity"]["userName"], "alice");
    assert_eq!(record["errorCode"], "AccessDenied");
}

#[tokio::test]
async fn events_come_newest_first_in_pages() {
    let aws = aws().await;
    for name in ["a", "b", "c"] {
        create_user(&aws, name).await;
    }
    let client = cloudtrail(&aws.sandbox, "us-east-1");
    let mut pages = client
        .lookup_events()
        .max_results(2)
        .into_paginator()
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let of_page = page.unwrap().events.unwrap_or_default();
        assert!(of_page.len() <= 2);
        names.extend(of_page.iter().map(|event| {
            let record = record(event);
            record["requestParameters"]["userName"].to_string()
        }));
    }
    assert_eq!(names, ["\"c\"", "\"b\"", "\"a\""]);
}

#[tokio::test]
async fn reads_and_data_are_not_told_and_each_region_tells_its_own() {
    let aws = aws().await;
    aws.iam.list_users().send().await.unwrap();
    let logs = logs_in(&aws.sandbox, "eu-west-1");
    let group = logs.create_log_group().log_group_name("g").send();
    group.await.unwrap();
    let all = |region| cloudtrail(&aws.sandbox, region).lookup_events().send();
    assert!(all("us-east-1").await.unwrap().events().is_empty());
    let events = all("eu-west-1").await.unwrap().events.unwrap();
    assert_eq!(events[0].event_source(), Some("logs.amazonaws.com"));
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn what_can_not_be_looked_up_is_refused() {
    let aws = aws().await;
    let client = cloudtrail(&aws.sandbox, "us-east-1");
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventName)
        .attribute_value("CreateUser")
        .build()
        .unwrap();
    let two = client
        .lookup_events()
        .lookup_attributes(attribute.clone())
        .lookup_attributes(attribute)
        .send()
        .await;
    assert_eq!(code(two), "InvalidLookupAttributesException");
    let many = client.lookup_events().max_results(51).send().await;
    assert_eq!(code(many), "InvalidMaxResultsException");
    let token = client.lookup_events().next_token("x").send().await;
    assert_eq!(code(token), "InvalidNextTokenException");
    let times = client
        .lookup_events()
        .start_time(aws_sdk_cloudtrail::primitives::DateTime::from_secs(2))
        .end_time(aws_sdk_cloudtrail::primitives::DateTime::from_secs(1))
        .send()
        .await;
    assert_eq!(code(times), "InvalidTimeRangeException");
}

#[tokio::test]
async fn events_are_kept_with_the_state() {
    let folder = TempDir::new().unwrap();
    let options = || Options {
        store: Some(folder.path().join("aws.json")),
        ..Options::new("123456789012")
    };
    let aws = aws_of(options()).await;
    create_user(&aws, "alice").await;
    aws.sandbox.stop().await.unwrap();
    let aws = aws_of(options()).await;
    let events = events(&aws.sandbox, LookupAttributeKey::ResourceName, "alice").await;
    assert_eq!(events.len(), 1);
}
