//! An AWS that answers what a test scripts, behind the SDK's own clients: requests are really built, signed, retried,
//! paged and parsed, and only the network is missing.

use std::collections::{BTreeMap, VecDeque};
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as ProvidedCredentials;
use aws_sdk_iam::config::{
    AsyncSleep, Credentials, SharedAsyncSleep, SharedCredentialsProvider, Sleep,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::{Calls, Clients};

/// Holds the answers of each operation. The last one is given again and again; an operation without any is refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Aws(Arc<Mutex<BTreeMap<String, VecDeque<Answer>>>>);

#[derive(Debug, Clone)]
struct Answer {
    /// Answers only requests whose body has this text.
    to: &'static str,
    /// Is given again and again, whatever comes after it.
    always: bool,
    status: u16,
    body: Vec<u8>,
}

impl Aws {
    /// Answers an IAM or STS operation with what is in its result element.
    pub(super) fn xml(self, operation: &str, result: &str) -> Self {
        self.xml_to(operation, "", result)
    }

    /// Answers those requests of an IAM operation that have a text in them.
    pub(super) fn xml_to(self, operation: &str, to: &'static str, result: &str) -> Self {
        let name = operation.split_once(':').unwrap().1;
        let body =
            format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>");
        self.push(operation, to, 200, body.into_bytes())
    }

    /// Answers a Logs operation.
    pub(super) fn json(self, operation: &str, body: &Value) -> Self {
        self.json_to(operation, "", body)
    }

    /// Answers those requests of a Logs operation that have a text in them.
    pub(super) fn json_to(self, operation: &str, to: &'static str, body: &Value) -> Self {
        self.push(operation, to, 200, body.to_string().into_bytes())
    }

    /// Answers a CloudWatch operation.
    pub(super) fn cbor(self, operation: &str, body: &Value) -> Self {
        self.cbor_to(operation, "", body)
    }

    /// Answers those requests of a CloudWatch operation that have a text in them.
    pub(super) fn cbor_to(self, operation: &str, to: &'static str, body: &Value) -> Self {
        self.push(operation, to, 200, cbor(body))
    }

    /// Refuses an operation with an error, as the operation's service writes it.
    pub(super) fn refuse(self, operation: &str, status: u16, code: &str, message: &str) -> Self {
        let body = refusal(operation, code, message);
        self.push(operation, "", status, body)
    }

    /// Refuses an operation whenever it is called.
    pub(super) fn always_refuse(self, operation: &str, code: &str, message: &str) -> Self {
        let body = refusal(operation, code, message);
        self.add(
            operation,
            Answer {
                to: "",
                always: true,
                status: 400,
                body,
            },
        )
    }

    fn push(self, operation: &str, to: &'static str, status: u16, body: Vec<u8>) -> Self {
        let always = false;
        self.add(
            operation,
            Answer {
                to,
                always,
                status,
                body,
            },
        )
    }

    fn add(self, operation: &str, answer: Answer) -> Self {
        let mut answers = self.0.lock().unwrap();
        answers
            .entry(operation.to_owned())
            .or_default()
            .push_back(answer);
        drop(answers);
        self
    }

    /// Returns clients that talk to this AWS, and what counts their calls.
    pub(super) fn clients(&self) -> (Clients, Calls) {
        let key = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        self.clients_of(key)
    }

    /// As [`Aws::clients`], with credentials from elsewhere.
    pub(super) fn clients_of(
        &self,
        credentials: impl ProvideCredentials + 'static,
    ) -> (Clients, Calls) {
        clients(SharedHttpConnector::new(self.clone()), credentials)
    }

    fn answer(&self, request: &HttpRequest) -> Answer {
        let (operation, body) = operation(request);
        let mut answers = self.0.lock().unwrap();
        let scripted = answers.get_mut(&operation).and_then(|answers| {
            let index = answers.iter().position(|answer| body.contains(answer.to))?;
            let another = !answers.get(index)?.always
                && answers
                    .iter()
                    .skip(index + 1)
                    .any(|answer| body.contains(answer.to));
            if another {
                answers.remove(index)
            } else {
                answers.get(index).cloned()
            }
        });
        scripted.unwrap_or_else(|| {
            let (status, code, message) = match operation.as_str() {
                // Every run asks for it, and an account has none until somebody sets it.
                "iam:GetAccountPasswordPolicy" => (404, "NoSuchEntity", "none"),
                _ => (400, "AccessDenied", "nobody expected this call"),
            };
            Answer {
                to: "",
                always: false,
                status,
                body: refusal(&operation, code, message),
            }
        })
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Answer { status, body, .. } = self.answer(&request);
        let mut response =
            HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        let headers = response.headers_mut();
        headers.insert("x-amzn-requestid", "11111111-2222-3333-4444-555555555555");
        headers.insert("smithy-protocol", "rpc-v2-cbor");
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Tells which operation a request is for, and returns its body as text.
fn operation(request: &HttpRequest) -> (String, String) {
    let bytes = request.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Some(target) = request.headers().get("x-amz-target") {
        return (format!("logs:{}", target.rsplit('.').next().unwrap()), text);
    }
    if let Some((_, name)) = request.uri().rsplit_once("/operation/") {
        let body: Value = ciborium::from_reader(bytes).unwrap_or_default();
        return (format!("cloudwatch:{name}"), body.to_string());
    }
    let action = text
        .split('&')
        .find_map(|field| field.strip_prefix("Action="));
    let action = action.unwrap();
    let service = if action == "GetCallerIdentity" {
        "sts"
    } else {
        "iam"
    };
    (format!("{service}:{action}"), text)
}

fn refusal(operation: &str, code: &str, message: &str) -> Vec<u8> {
    let json = serde_json::json!({ "__type": code, "message": message });
    match operation.split_once(':').unwrap().0 {
        "logs" => json.to_string().into_bytes(),
        "cloudwatch" => cbor(&json),
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
        .into_bytes(),
    }
}

fn cbor(body: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).unwrap();
    bytes
}

/// Doesn't sleep where the SDK backs off, which is for 8 seconds at most, and never wakes where it waits for a timeout.
#[derive(Debug)]
struct NoBackoff;

impl AsyncSleep for NoBackoff {
    fn sleep(&self, duration: Duration) -> Sleep {
        if duration <= Duration::from_secs(8) {
            Sleep::new(ready(()))
        } else {
            Sleep::new(pending())
        }
    }
}

/// Has no answer at all, as where there is no network.
#[derive(Debug)]
struct Nowhere;

impl HttpConnector for Nowhere {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())))
    }
}

/// Returns clients that reach nothing.
pub(super) fn unreachable_clients() -> (Clients, Calls) {
    let key = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
    clients(SharedHttpConnector::new(Nowhere), key)
}

/// Has nothing to sign with.
#[derive(Debug)]
pub(super) struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> ProvidedCredentials<'a>
    where
        Self: 'a,
    {
        ProvidedCredentials::ready(Err(CredentialsError::not_loaded("no profile")))
    }
}

fn clients(
    connector: SharedHttpConnector,
    credentials: impl ProvideCredentials + 'static,
) -> (Clients, Calls) {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .sleep_impl(SharedAsyncSleep::new(NoBackoff))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    let calls = Calls::default();
    (Clients::new(&config, &calls), calls)
}
