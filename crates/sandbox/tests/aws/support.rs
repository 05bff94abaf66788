//! A sandbox for a test, with clients.

use std::path::PathBuf;

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use mfactl_sandbox::{Options, Sandbox};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Holds a sandbox and the clients that reach it with its account's key.
pub(crate) struct Aws {
    pub(crate) sandbox: Sandbox,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
}

/// Starts a sandbox in memory.
pub(crate) async fn aws() -> Aws {
    aws_with(None).await
}

/// Starts a sandbox that keeps its state.
pub(crate) async fn aws_with(store: Option<PathBuf>) -> Aws {
    let sandbox = mfactl_sandbox::start(Options {
        store,
        ..Options::new(ACCOUNT)
    })
    .await
    .unwrap();
    let iam = iam_as(&sandbox, "test");
    let sts = sts_as(&sandbox, "test");
    Aws {
        cloudwatch: cloudwatch_in(&sandbox, "us-east-1"),
        logs: logs_in(&sandbox, "us-east-1"),
        sandbox,
        iam,
        sts,
    }
}

/// Returns a client that signs with an access key.
pub(crate) fn iam_as(sandbox: &Sandbox, access_key_id: &str) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials(access_key_id))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

/// Returns a client that signs with an access key.
pub(crate) fn sts_as(sandbox: &Sandbox, access_key_id: &str) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials(access_key_id))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

/// Returns a client for a region.
pub(crate) fn cloudwatch_in(sandbox: &Sandbox, region: &'static str) -> aws_sdk_cloudwatch::Client {
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials("test"))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_cloudwatch::Client::from_conf(config)
}

/// Returns a client for a region.
pub(crate) fn logs_in(sandbox: &Sandbox, region: &'static str) -> aws_sdk_cloudwatchlogs::Client {
    let config = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials("test"))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_cloudwatchlogs::Client::from_conf(config)
}

fn credentials(access_key_id: &str) -> Credentials {
    Credentials::new(access_key_id, "secret", None, None, "test")
}

/// Returns AWS's code of a refusal.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

impl Aws {
    pub(crate) async fn user(&self, name: &str) {
        self.iam.create_user().user_name(name).send().await.unwrap();
    }

    pub(crate) async fn group(&self, name: &str) {
        self.iam
            .create_group()
            .group_name(name)
            .send()
            .await
            .unwrap();
    }

    /// Creates a policy and returns its ARN.
    pub(crate) async fn policy(&self, name: &str) -> String {
        let created = self
            .iam
            .create_policy()
            .policy_name(name)
            .policy_document(ALLOW_ALL)
            .send()
            .await;
        created.unwrap().policy.unwrap().arn.unwrap()
    }

    pub(crate) async fn member(&self, group: &str, user: &str) {
        let added = self
            .iam
            .add_user_to_group()
            .group_name(group)
            .user_name(user);
        added.send().await.unwrap();
    }
}
