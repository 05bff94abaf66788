//! Who changed what, as CloudTrail tells.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{Address, LogGroupName, ReadFailure};

/// Holds what CloudTrail tells of who made objects as they were found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trail {
    /// The latest call that can have made an object as it was found, by the object's address.
    pub calls: BTreeMap<Address, TrailCall>,
    /// Whether there may be more to find, since no more pages of events were read than are allowed.
    pub is_cut_short: bool,
    /// Why CloudTrail couldn't be asked, or not to the end.
    pub failure: Option<ReadFailure>,
    /// Where it was looked.
    pub source: TrailSource,
}

/// Tells where it was looked for who made objects as they were found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailSource {
    /// In CloudTrail's event history: the last 90 days.
    #[default]
    EventHistory,
    /// In a log group that a trail delivers to.
    LogGroup {
        /// Its name.
        name: LogGroupName,
        /// From when on.
        since: Timestamp,
        /// How much Logs Insights looked through, which is what it costs by; none where there was nothing to look for, or it failed.
        bytes_scanned: Option<u64>,
    },
}

/// Describes one call, in CloudTrail's words. All of it is data: a user agent is what the caller says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailCall {
    /// CloudTrail's id of the event.
    pub event_id: String,
    /// When it was.
    pub time: Timestamp,
    /// The operation, as IAM policies name it: `iam:RemoveUserFromGroup`.
    pub operation: String,
    /// Who called: `user/NAME`, `role/NAME` or what CloudTrail says of others.
    pub by: String,
    /// The name of a role's session: often the person who assumed it.
    pub session: Option<String>,
    /// The address, or the service of AWS, that it came from.
    pub from: Option<String>,
    /// The tool, where the user agent tells one that people know.
    pub tool: Option<Tool>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// Whether the caller had signed in with MFA, where CloudTrail tells.
    pub mfa: Option<bool>,
}

macro_rules! tools {
    ($($(#[$doc:meta])* $tool:ident = $phrase:literal),* $(,)?) => {
        /// Names a tool that calls AWS.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Tool { $($(#[$doc])* $tool),* }

        impl Tool {
            /// Says with what a call was made: `with the AWS CLI`.
            pub fn phrase(self) -> &'static str {
                match self { $(Self::$tool => $phrase),* }
            }
        }
    };
}

tools! {
    /// mfactl itself.
    Mfactl = "with mfactl",
    /// The AWS Management Console.
    Console = "in the console",
    /// The AWS CLI.
    AwsCli = "with the AWS CLI",
    /// Terraform, or a tool that uses its provider.
    Terraform = "with Terraform",
    /// Pulumi.
    Pulumi = "with Pulumi",
    /// `CloudFormation`, for whoever changed the stack.
    CloudFormation = "by CloudFormation",
    /// boto3, the SDK for Python.
    Boto3 = "with boto3",
    /// Another SDK of AWS.
    AwsSdk = "with an AWS SDK",
}
