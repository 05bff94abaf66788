//! A sandbox for a test, with clients.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use mfactl_sandbox::{Options, Sandbox};
use totp_rs::{Builder, Secret};

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
    aws_of(Options {
        store,
        ..Options::new(ACCOUNT)
    })
    .await
}

/// Starts a sandbox that holds users and roles to their policies.
pub(crate) async fn aws_enforcing() -> Aws {
    aws_of(Options {
        enforce: true,
        ..Options::new(ACCOUNT)
    })
    .await
}

pub(crate) async fn aws_of(options: Options) -> Aws {
    let sandbox = mfactl_sandbox::start(options).await.unwrap();
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
    iam_with(sandbox, credentials(access_key_id))
}

pub(crate) fn iam_with(sandbox: &Sandbox, credentials: Credentials) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

/// Returns a client that signs with an access key.
pub(crate) fn sts_as(sandbox: &Sandbox, access_key_id: &str) -> aws_sdk_sts::Client {
    sts_with(sandbox, credentials(access_key_id))
}

pub(crate) fn sts_with(sandbox: &Sandbox, credentials: Credentials) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

/// Returns a client for a region.
pub(crate) fn cloudwatch_in(sandbox: &Sandbox, region: &'static str) -> aws_sdk_cloudwatch::Client {
    cloudwatch(sandbox, region, "test")
}

/// Returns a client that signs with an access key.
pub(crate) fn cloudwatch_with(sandbox: &Sandbox, key: &str) -> aws_sdk_cloudwatch::Client {
    cloudwatch(sandbox, "us-east-1", key)
}

fn cloudwatch(sandbox: &Sandbox, region: &'static str, key: &str) -> aws_sdk_cloudwatch::Client {
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials(key))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_cloudwatch::Client::from_conf(config)
}

/// Returns a client for a region.
pub(crate) fn logs_in(sandbox: &Sandbox, region: &'static str) -> aws_sdk_cloudwatchlogs::Client {
    logs(sandbox, region, "test")
}

/// Returns a client that signs with an access key.
pub(crate) fn logs_with(sandbox: &Sandbox, key: &str) -> aws_sdk_cloudwatchlogs::Client {
    logs(sandbox, "us-east-1", key)
}

fn logs(sandbox: &Sandbox, region: &'static str, key: &str) -> aws_sdk_cloudwatchlogs::Client {
    let config = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials(key))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_cloudwatchlogs::Client::from_conf(config)
}

fn credentials(access_key_id: &str) -> Credentials {
    Credentials::new(access_key_id, "secret", None, None, "test")
}

/// Returns temporary credentials as clients take them.
pub(crate) fn temporary(given: &aws_sdk_sts::types::Credentials) -> Credentials {
    let token = Some(given.session_token().to_owned());
    Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        token,
        None,
        "test",
    )
}

/// Returns the codes that a device with a seed shows some steps of 30 seconds from now.
pub(crate) fn codes<const N: usize>(seed: &str, steps: [i64; N]) -> [String; N] {
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(seed).unwrap())
        .build_noncompliant();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    steps.map(|steps| {
        let time = now.checked_add_signed(30 * steps).unwrap();
        totp.generate(time).to_string()
    })
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

/// Returns AWS's words of a refusal.
pub(crate) fn message<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => error.message().unwrap_or("no message").to_owned(),
    }
}

impl Aws {
    /// Gives a user an access key and returns its id.
    pub(crate) async fn key(&self, user: &str) -> String {
        let created = self.iam.create_access_key().user_name(user).send().await;
        created.unwrap().access_key.unwrap().access_key_id
    }

    /// Gives a user a virtual device and returns its serial number and seed.
    pub(crate) async fn device(&self, user: &str) -> (String, String) {
        let create = self.iam.create_virtual_mfa_device();
        let created = create.virtual_mfa_device_name(user).send().await.unwrap();
        let device = created.virtual_mfa_device.unwrap();
        let seed = device.base32_string_seed().unwrap().clone().into_inner();
        let seed = String::from_utf8(seed).unwrap();
        let [first, second] = codes(&seed, [-1, 0]);
        let enable = self.iam.enable_mfa_device().user_name(user);
        let enable = enable.serial_number(device.serial_number());
        let enable = enable
            .authentication_code1(first)
            .authentication_code2(second);
        enable.send().await.unwrap();
        (device.serial_number, seed)
    }

    /// Creates a role with a trust policy of one statement and returns its ARN.
    pub(crate) async fn role(&self, name: &str, principal: &str, condition: &str) -> String {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{condition}}}]}}"#
        );
        let create = self.iam.create_role().role_name(name);
        let created = create.assume_role_policy_document(trust).send().await;
        created.unwrap().role.unwrap().arn
    }

    /// Gives a user an inline policy.
    pub(crate) async fn allow(&self, user: &str, statements: &str) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let put = self
            .iam
            .put_user_policy()
            .user_name(user)
            .policy_name("own");
        put.policy_document(document).send().await.unwrap();
    }

    pub(crate) async fn user(&self, name: &str) {
        self.iam.create_user().user_name(name).send().await.unwrap();
    }

    pub(crate) async fn delete_user(&self, name: &str) {
        self.iam.delete_user().user_name(name).send().await.unwrap();
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
