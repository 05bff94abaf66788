//! An event of CloudTrail: who called, from where, with what.
//!
//! "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail user guide.

use aws_sdk_cloudtrail::types::Event;
use jiff::Timestamp;
use model::{Tool, TrailCall};
use serde::Deserialize;
use serde_json::Value;

use super::operations::{Operation, Service};

/// Holds what is read of an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    #[serde(rename = "eventID")]
    event_id: String,
    event_time: Timestamp,
    event_name: String,
    event_source: String,
    #[serde(rename = "sourceIPAddress")]
    source: Option<String>,
    user_agent: Option<String>,
    error_code: Option<String>,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    user_identity: UserIdentity,
    session_credential_from_console: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserIdentity {
    #[serde(rename = "type")]
    of_type: String,
    arn: Option<String>,
    user_name: Option<String>,
    account_id: Option<String>,
    invoked_by: Option<String>,
    session_context: Option<SessionContext>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionContext {
    session_issuer: SessionIssuer,
    attributes: SessionAttributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionIssuer {
    user_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionAttributes {
    mfa_authenticated: Option<String>,
}

impl Record {
    /// Reads an event of an answer. One that isn't as documented tells nothing.
    pub(super) fn of(event: &Event) -> Option<Self> {
        Self::read(event.cloud_trail_event()?)
    }

    /// Reads an event as CloudTrail writes it.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text)
            .inspect_err(|error| tracing::debug!(%error, "an event can't be read"))
            .ok()
    }

    /// Tells whether the call was one of an operation, and was done.
    pub(super) fn is_done(&self, operation: Operation) -> bool {
        let Operation { service, name } = operation;
        self.error_code.is_none()
            && self.event_name == name
            && self.event_source == service.source()
    }

    pub(super) fn parameters(&self) -> &Value {
        &self.request_parameters
    }

    /// Returns what is told of the call; none of a service that isn't ours.
    pub(super) fn call(&self) -> Option<TrailCall> {
        let services = [Service::Iam, Service::CloudWatch, Service::Logs];
        let is_source = |service: &Service| service.source() == self.event_source;
        let service = services.into_iter().find(is_source)?;
        Some(TrailCall {
            event_id: self.event_id.clone(),
            time: self.event_time,
            operation: format!("{}:{}", service.prefix(), self.event_name),
            by: self.user_identity.by(),
            session: self.user_identity.session(),
            from: self.source.clone(),
            tool: self.tool(),
            user_agent: self.user_agent.clone().filter(|agent| !agent.is_empty()),
            mfa: self.user_identity.mfa(),
        })
    }

    fn tool(&self) -> Option<Tool> {
        let invoked_by = self.user_identity.invoked_by.as_deref();
        let from_console = self.session_credential_from_console.as_deref() == Some("true");
        tool(
            self.user_agent.as_deref().unwrap_or_default(),
            invoked_by,
            from_console,
        )
    }
}

/// Tells the tool by its user agent. Anybody can send any.
fn tool(agent: &str, invoked_by: Option<&str>, from_console: bool) -> Option<Tool> {
    const TOOLS: [(&str, Tool); 9] = [
        ("app/mfactl", Tool::Mfactl),
        ("cloudformation.amazonaws.com", Tool::CloudFormation),
        ("Pulumi/", Tool::Pulumi),
        ("Terraform/", Tool::Terraform),
        ("terraform-provider-aws/", Tool::Terraform),
        ("aws-cli/", Tool::AwsCli),
        ("console.amazonaws.com", Tool::Console),
        ("Boto3/", Tool::Boto3),
        ("aws-sdk-", Tool::AwsSdk),
    ];
    if invoked_by == Some("cloudformation.amazonaws.com") {
        return Some(Tool::CloudFormation);
    }
    let is_cli = agent.contains("aws-cli/");
    if from_console && !is_cli {
        return Some(Tool::Console);
    }
    TOOLS
        .into_iter()
        .find(|(mark, _)| agent.contains(mark))
        .map(|(_, tool)| tool)
}

impl UserIdentity {
    fn by(&self) -> String {
        let name = match self.of_type.as_str() {
            "Root" => Some("root".to_owned()),
            "IAMUser" => self.user_name.as_ref().map(|name| format!("user/{name}")),
            "AssumedRole" => self.role().map(|name| format!("role/{name}")),
            "AWSService" => self.invoked_by.clone(),
            _ => None,
        };
        name.or_else(|| self.arn.clone())
            .or_else(|| self.account_id.as_ref().map(|id| format!("account {id}")))
            .unwrap_or_else(|| "somebody".to_owned())
    }

    fn role(&self) -> Option<&str> {
        let context = self.session_context.as_ref();
        let issuer = context.and_then(|context| context.session_issuer.user_name.as_deref());
        // `…:assumed-role/ROLE/SESSION`
        issuer.or_else(|| self.arn.as_deref()?.split('/').nth(1))
    }

    fn session(&self) -> Option<String> {
        match self.of_type.as_str() {
            "AssumedRole" => Some(self.arn.as_deref()?.rsplit('/').next()?.to_owned()),
            _ => None,
        }
    }

    /// Of a session of a role only "with" is told: whoever came by way of an identity provider signed in there, and
    /// CloudTrail says "without" of them all. A user without a session called with an access key, which carries no MFA.
    fn mfa(&self) -> Option<bool> {
        let context = self.session_context.as_ref();
        let told = context.and_then(|it| it.attributes.mfa_authenticated.as_deref());
        match (self.of_type.as_str(), told) {
            (_, Some("true")) => Some(true),
            ("Root" | "IAMUser", Some("false")) | ("IAMUser", None) => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(identity: &Value, agent: &str) -> TrailCall {
        let event = json!({
            "eventID": "1",
            "eventTime": "2026-11-24T10:02:11Z",
            "eventName": "CreateUser",
            "eventSource": "iam.amazonaws.com",
            "sourceIPAddress": "203.0.113.7",
            "userAgent": agent,
            "requestParameters": null,
            "userIdentity": identity,
        });
        let record: Record = serde_json::from_value(event).unwrap();
        record.call().unwrap()
    }

    #[test]
    fn a_caller_is_told_by_type() {
        let role = json!({
            "type": "AssumedRole",
            "arn": "arn:aws:sts::123456789012:assumed-role/Admin/mallory@example.com",
            "sessionContext": {"sessionIssuer": {"userName": "Admin"}, "attributes": {"mfaAuthenticated": "false"}},
        });
        let call = record(&role, "");
        assert_eq!(call.by, "role/Admin");
        assert_eq!(call.session.as_deref(), Some("mallory@example.com"));
        assert_eq!(call.mfa, None, "the identity provider knows");
        let user = |context: &Value| {
            record(
                &json!({"type": "IAMUser", "userName": "eve", "sessionContext": context}),
                "",
            )
        };
        assert_eq!(user(&json!(null)).by, "user/eve");
        assert_eq!(user(&json!(null)).mfa, Some(false), "an access key");
        let with_mfa = user(&json!({"attributes": {"mfaAuthenticated": "true"}}));
        assert_eq!(with_mfa.mfa, Some(true));
        assert_eq!(record(&json!({"type": "Root"}), "").by, "root");
        assert_eq!(
            record(
                &json!({"type": "AWSAccount", "accountId": "210987654321"}),
                ""
            )
            .by,
            "account 210987654321"
        );
        assert_eq!(record(&json!({}), "").by, "somebody");
    }

    #[test]
    fn a_tool_is_told_by_its_user_agent() {
        for (agent, expected) in [
            (
                "aws-sdk-rust/1.5 ua/2.1 api/iam#1.133.0 os/linux lang/rust#1.95.0 app/mfactl",
                Some(Tool::Mfactl),
            ),
            (
                "aws-sdk-rust/1.5 ua/2.1 api/iam#1.133.0 os/linux",
                Some(Tool::AwsSdk),
            ),
            (
                "aws-cli/2.31.0 md/awscrt#0.27 ua/2.1 os/linux",
                Some(Tool::AwsCli),
            ),
            (
                "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/6.0 aws-sdk-go-v2/1.36",
                Some(Tool::Terraform),
            ),
            (
                "Boto3/1.44.0 md/Botocore#1.44.0 os/linux",
                Some(Tool::Boto3),
            ),
            ("console.amazonaws.com", Some(Tool::Console)),
            ("cloudformation.amazonaws.com", Some(Tool::CloudFormation)),
            ("curl/8.5", None),
        ] {
            assert_eq!(record(&json!({}), agent).tool, expected, "{agent}");
        }
        assert_eq!(tool("Mozilla/5.0", None, true), Some(Tool::Console));
        assert_eq!(
            tool("aws-cli/2.31 exec-env/CloudShell", None, true),
            Some(Tool::AwsCli)
        );
    }
}
