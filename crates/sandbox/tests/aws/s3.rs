//! What a client of S3 that isn't boto3 sees, and what the tests of the contract can't set up.

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::primitives::ByteStream;
use mfactl_sandbox::{Bucket, Effect, Fault, Faults, Options, Sandbox, SandboxError, When};

use crate::support::{ACCOUNT, aws_of, code, message};

const BUCKET: &str = "acme-locks";
const KEY: &str = "prod/mfactl.lock";

fn options() -> Options {
    let bucket = Bucket {
        name: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
    };
    Options {
        buckets: vec![bucket],
        ..Options::new(ACCOUNT)
    }
}

/// Returns a client that tries once only.
fn s3(sandbox: &Sandbox, region: &'static str, key: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new(key, "secret", None, None, "test"))
        .endpoint_url(sandbox.endpoint());
    Client::from_conf(config.build())
}

/// Puts an object where none is, and returns its tag.
async fn put(s3: &Client) -> String {
    let put = s3.put_object().bucket(BUCKET).key(KEY).if_none_match("*");
    let put = put.body(ByteStream::from_static(b"mine"));
    put.send().await.unwrap().e_tag.unwrap()
}

#[tokio::test]
async fn what_the_sdk_puts_is_read_and_survives_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Some(folder.path().join("state.json"));
    let first = aws_of(Options {
        store: store.clone(),
        ..options()
    })
    .await;
    let tag = put(&s3(&first.sandbox, "us-east-1", "test")).await;
    first.sandbox.stop().await.unwrap();
    let second = aws_of(Options { store, ..options() }).await;
    let get = s3(&second.sandbox, "us-east-1", "test").get_object();
    let get = get.bucket(BUCKET).key(KEY).if_match(tag);
    let found = get.send().await.unwrap();
    assert_eq!(found.body.collect().await.unwrap().to_vec(), b"mine");
}

#[tokio::test]
async fn a_bucket_of_another_region_is_said_to_be_there() {
    let aws = aws_of(options()).await;
    let get = s3(&aws.sandbox, "eu-central-1", "test").get_object();
    assert_eq!(
        message(get.bucket(BUCKET).key(KEY).send().await),
        "The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'us-east-1'"
    );
}

#[tokio::test]
async fn to_delete_what_is_the_one_takes_the_right_to_read_it() {
    let aws = aws_of(Options {
        enforce: true,
        ..options()
    })
    .await;
    aws.user("alice").await;
    let may = |actions: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"arn:aws:s3:::{BUCKET}/{KEY}"}}"#
        )
    };
    aws.allow("alice", &may(r#""s3:PutObject","s3:DeleteObject""#))
        .await;
    let alice = s3(&aws.sandbox, "us-east-1", &aws.key("alice").await);
    let tag = put(&alice).await;
    let delete = || alice.delete_object().bucket(BUCKET).key(KEY).if_match(&tag);
    assert!(message(delete().send().await).contains("s3:GetObject"));
    aws.allow("alice", &may(r#""s3:GetObject","s3:DeleteObject""#))
        .await;
    delete().send().await.unwrap();
    // Without the right to list, nobody learns that it is gone.
    let get = alice.get_object().bucket(BUCKET).key(KEY);
    assert!(message(get.send().await).contains("s3:ListBucket"));
}

#[tokio::test]
async fn a_write_can_be_in_the_way_of_another_and_a_service_in_trouble() {
    let fault = |when, effect| Fault {
        operation: "s3:PutObject".to_owned(),
        when,
        effect,
    };
    let faults = vec![
        fault(When::Calls(vec![1]), Effect::Conflict),
        fault(When::Calls(vec![2]), Effect::Throttle),
        fault(When::Calls(vec![3]), Effect::ServerError),
    ];
    let faults = Faults { seed: 1, faults };
    let aws = aws_of(Options {
        faults,
        ..options()
    })
    .await;
    let s3 = s3(&aws.sandbox, "us-east-1", "test");
    for expected in ["ConditionalRequestConflict", "SlowDown", "InternalError"] {
        let put = s3.put_object().bucket(BUCKET).key(KEY);
        assert_eq!(code(put.send().await), expected);
    }
    put(&s3).await;
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_name() {
    let aws = aws_of(options()).await;
    let s3 = s3(&aws.sandbox, "us-east-1", "test");
    let list = s3.list_objects_v2().bucket(BUCKET).send().await;
    assert_eq!(code(list), "NotImplemented");
    let encryption = aws_sdk_s3::types::ServerSideEncryption::AwsKms;
    let put = s3.put_object().bucket(BUCKET).key(KEY);
    let put = put.server_side_encryption(encryption).send().await;
    assert!(message(put).contains("x-amz-server-side-encryption"));
}

#[tokio::test]
async fn a_bucket_that_can_not_be_named_so_is_an_error_at_the_start() {
    let bucket = Bucket {
        name: "Acme_Locks".to_owned(),
        region: "us-east-1".to_owned(),
    };
    let started = mfactl_sandbox::start(Options {
        buckets: vec![bucket],
        ..Options::new(ACCOUNT)
    });
    assert!(matches!(started.await, Err(SandboxError::Bucket(_))));
}
