//! The clients of AWS's services.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;

use crate::Calls;

/// Holds the clients of the services that mfactl reads and writes.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is named after its service")]
pub struct Clients {
    pub iam: aws_sdk_iam::Client,
    pub sts: aws_sdk_sts::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub s3: aws_sdk_s3::Client,
}

impl Clients {
    /// Makes the clients, with retries and timeouts that end, and counts their calls.
    ///
    /// CloudWatch and Logs are used in the configuration's region; IAM is global, and the SDK finds its endpoint.
    pub fn new(config: &SdkConfig, calls: &Calls) -> Self {
        let config = config
            .to_builder()
            .retry_config(retries())
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().build())
            .build();
        Self {
            iam: aws_sdk_iam::Client::from_conf(
                aws_sdk_iam::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
            sts: aws_sdk_sts::Client::from_conf(
                aws_sdk_sts::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
            cloudtrail: aws_sdk_cloudtrail::Client::from_conf(
                aws_sdk_cloudtrail::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(
                aws_sdk_cloudwatch::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(
                aws_sdk_cloudwatchlogs::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config)
                    .interceptor(calls.clone())
                    .build(),
            ),
        }
    }
}

/// IAM's rates are low, not documented and shared with every other tool of the account, so patience pays; the SDK adds
/// the jitter.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(250))
        .with_max_backoff(Duration::from_secs(8))
}

/// A full page of `GetAccountAuthorizationDetails` may take AWS more than half a minute.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(60))
        .operation_timeout(Duration::from_secs(180))
        .build()
}
