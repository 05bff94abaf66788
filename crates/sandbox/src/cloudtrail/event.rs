//! One event, as CloudTrail writes it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::call::SECRET;
use crate::caller::{Caller, Identity};
use crate::codec::to_json;
use crate::error::Error;
use crate::operation::{Answer, Operation, Run, Service};
use crate::state::Account;
use crate::sts::{Session, SessionMfa};
use crate::value::Value;

/// The region of IAM's events, since IAM is global.
const GLOBAL: &str = "us-east-1";

/// Operations that only get something, though the sandbox keeps that they were called, and those on data, which aren't
/// in the event history.
const LEFT_OUT: [&str; 4] = [
    "GenerateCredentialReport",
    "PutLogEvents",
    "PutMetricData",
    "StartQuery",
];

/// The parameters by which events tell what they are about.
const RESOURCES: [(&str, &str); 12] = [
    ("userName", "AWS::IAM::User"),
    ("groupName", "AWS::IAM::Group"),
    ("roleName", "AWS::IAM::Role"),
    ("policyArn", "AWS::IAM::Policy"),
    ("policyName", "AWS::IAM::Policy"),
    ("serialNumber", "AWS::IAM::MfaDevice"),
    ("virtualMFADeviceName", "AWS::IAM::MfaDevice"),
    ("alarmName", "AWS::CloudWatch::Alarm"),
    ("dashboardName", "AWS::CloudWatch::Dashboard"),
    ("logGroupName", "AWS::Logs::LogGroup"),
    ("filterName", "AWS::Logs::MetricFilter"),
    ("compositeAlarmName", "AWS::CloudWatch::CompositeAlarm"),
];

/// Holds what is known of who sent a request, beyond its signature.
pub(crate) struct Sender<'a> {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: &'a str,
    pub(crate) request_id: &'a str,
}

/// Holds a call before it is known what comes of it, since it may change who its caller is.
pub(crate) struct Happened(Json);

impl Happened {
    /// Takes down a call that CloudTrail tells of; none of another.
    pub(crate) fn of(
        account: &Account,
        identity: &Identity,
        access_key_id: &str,
        service: Service,
        operation: &Operation,
        region: &str,
        parameters: &[(String, Value)],
    ) -> Option<Self> {
        let changes = match operation.run {
            Run::Read(_) => false,
            Run::Write(_) | Run::Across(_) => !LEFT_OUT.contains(&operation.name),
        };
        let (source, region) = match service {
            Service::Iam => ("iam.amazonaws.com", GLOBAL),
            Service::CloudWatch => ("monitoring.amazonaws.com", region),
            Service::Logs => ("logs.amazonaws.com", region),
            // What is done to objects of S3 are data events, which the event history doesn't have.
            Service::Sts | Service::S3 | Service::CloudTrail => return None,
        };
        changes.then(|| {
            let mut event = json!({
                "eventVersion": "1.11",
                "userIdentity": user_identity(account, identity, access_key_id),
                "eventSource": source,
                "eventName": operation.name,
                "awsRegion": region,
                "requestParameters": request_parameters(parameters),
                "responseElements": null,
                "readOnly": false,
                "eventType": "AwsApiCall",
                "managementEvent": true,
                "recipientAccountId": account.id,
                "eventCategory": "Management",
            });
            let session = identity.session.as_ref();
            if session.is_some_and(Session::is_of_console)
                && let Some(members) = event.as_object_mut()
            {
                members.insert("sessionCredentialFromConsole".to_owned(), "true".into());
            }
            Self(event)
        })
    }

    /// Returns the event, now that it is known what came of the call.
    pub(crate) fn came_to(
        self,
        answer: &Answer,
        sender: &Sender<'_>,
        event_id: &str,
        now: Timestamp,
    ) -> Json {
        let Self(mut event) = self;
        if let Json::Object(members) = &mut event {
            let mut set = |name: &str, value: &str| {
                members.insert(name.to_owned(), Json::from(value));
            };
            set("eventTime", &now.to_string());
            set("sourceIPAddress", &sender.address.to_string());
            set("userAgent", sender.user_agent);
            set("requestID", sender.request_id);
            set("eventID", event_id);
            if let Err(Error { code, message }) = answer {
                set("errorCode", code.name());
                set("errorMessage", message);
            }
        }
        event
    }
}

/// Holds a sign-in to the console that somebody tried.
pub(crate) struct SignIn<'a> {
    pub(crate) user: &'a str,
    /// Whether the user has a device, so that a code was asked for.
    pub(crate) mfa: bool,
    pub(crate) succeeded: bool,
}

impl SignIn<'_> {
    /// Returns the event. Who tries with a name that is no user's isn't named: it may be a password, typed into the wrong field.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>
    pub(crate) fn event(
        &self,
        account: &Account,
        sender: &Sender<'_>,
        event_id: &str,
        now: Timestamp,
    ) -> Json {
        let user = account.iam.user(self.user).ok();
        let mut identity = json!({
            "type": "IAMUser",
            "accountId": account.id,
            "accessKeyId": "",
            "userName": user.map_or("HIDDEN_DUE_TO_SECURITY_REASONS", |user| &user.name),
        });
        if let (true, Some(user), Json::Object(members)) = (self.succeeded, user, &mut identity) {
            members.insert("principalId".to_owned(), user.id.as_str().into());
            members.insert("arn".to_owned(), account.user_arn(user).into());
        }
        let mut event = json!({
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": now.to_string(),
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": GLOBAL,
            "sourceIPAddress": sender.address.to_string(),
            "userAgent": sender.user_agent,
            "requestParameters": null,
            "responseElements": {"ConsoleLogin": if self.succeeded { "Success" } else { "Failure" }},
            "additionalEventData": {
                "MobileVersion": "No",
                "MFAUsed": if self.mfa { "Yes" } else { "No" },
            },
            "eventID": event_id,
            "readOnly": false,
            "eventType": "AwsConsoleSignIn",
            "managementEvent": true,
            "recipientAccountId": account.id,
            "eventCategory": "Management",
        });
        if let (false, Json::Object(members)) = (self.succeeded, &mut event) {
            let message = match user {
                Some(_) => "Failed authentication",
                None => "No username found in supplied account",
            };
            members.insert("errorMessage".to_owned(), message.into());
        }
        event
    }
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
fn user_identity(account: &Account, identity: &Identity, access_key_id: &str) -> Json {
    let Identity {
        account: id,
        caller,
        session,
    } = identity;
    let mut said = Map::new();
    let mut set = |name: &str, value: Json| _ = said.insert(name.to_owned(), value);
    let (of_type, name) = match caller {
        Caller::Root => ("Root", None),
        Caller::User(name) => ("IAMUser", Some(name)),
        Caller::Role { .. } => ("AssumedRole", None),
    };
    set("type", of_type.into());
    set("accountId", id.as_str().into());
    set("accessKeyId", access_key_id.into());
    set("principalId", account.caller_id(caller).ok().into());
    set("arn", account.caller_arn(caller).ok().into());
    if let Some(name) = name {
        set("userName", name.as_str().into());
    }
    if let Some(session) = session {
        let mfa = session.mfa == SessionMfa::Present;
        let attributes = json!({"creationDate": session.issued.to_string(), "mfaAuthenticated": mfa.to_string()});
        let mut context = Map::from_iter([("attributes".to_owned(), attributes)]);
        if let Caller::Role { name, .. } = caller
            && let Ok(role) = account.iam.role(name)
        {
            let issuer = json!({
                "type": "Role",
                "principalId": role.id,
                "arn": account.role_arn(role),
                "accountId": id,
                "userName": name,
            });
            context.insert("sessionIssuer".to_owned(), issuer);
        }
        set("sessionContext", context.into());
    }
    Json::Object(said)
}

/// Returns parameters without secrets, named as events name them: with a small letter first.
fn request_parameters(members: &[(String, Value)]) -> Json {
    let shown = members
        .iter()
        .filter(|(name, _)| !SECRET.contains(&name.as_str()));
    shown
        .map(|(name, value)| (with_small_letter(name), parameter(value)))
        .collect()
}

fn parameter(value: &Value) -> Json {
    match value {
        Value::Map(members) => request_parameters(members),
        Value::List(items) => items.iter().map(parameter).collect(),
        other => to_json(other),
    }
}

fn with_small_letter(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Returns a text of an event; empty if there is none.
pub(super) fn text<'a>(event: &'a Json, name: &str) -> &'a str {
    event.get(name).and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn time(event: &Json) -> Timestamp {
    text(event, "eventTime").parse().unwrap_or_default()
}

pub(super) fn access_key_id(event: &Json) -> &str {
    event
        .get("userIdentity")
        .map_or("", |identity| text(identity, "accessKeyId"))
}

/// Returns the name of the user or the role's session that called.
pub(super) fn username(event: &Json) -> &str {
    let Some(identity) = event.get("userIdentity") else {
        return "";
    };
    match text(identity, "type") {
        "Root" => "root",
        "IAMUser" => text(identity, "userName"),
        _ => text(identity, "arn").rsplit('/').next().unwrap_or_default(),
    }
}

/// Lists what an event is about, as far as its parameters tell: types and names.
pub(super) fn resources(event: &Json) -> impl Iterator<Item = (&'static str, &str)> {
    let parameters = event.get("requestParameters");
    RESOURCES.iter().filter_map(move |(name, of_type)| {
        let value = parameters?.get(name)?.as_str()?;
        Some((*of_type, value))
    })
}
