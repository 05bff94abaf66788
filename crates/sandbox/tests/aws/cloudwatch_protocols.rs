//! Every operation of CloudWatch in its three protocols: the same comes of it.

use std::fmt::Write as _;

use aws_sdk_cloudwatch::primitives::{DateTime, DateTimeFormat};
use ciborium::Value as Cbor;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::metrics::minutes_ago;
use crate::support::{Aws, aws};

const CREDENTIAL: &str = "Credential=test/20261124/us-east-1/monitoring/aws4_request";
const SERVICE: &str = "GraniteServiceVersion20100801";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Protocol {
    Cbor,
    Json,
    Query,
}

/// Calls every operation, in an order in which each succeeds.
fn calls() -> Vec<(&'static str, Json)> {
    let (start, end) = (minutes_ago(10).secs(), minutes_ago(0).secs());
    let metric = json!({"Namespace": "App", "MetricName": "Logins"});
    let datum = json!({"MetricName": "Logins", "Timestamp": start, "Values": [1, 2.5],
        "Counts": [2, 1], "Unit": "Count"});
    let alarm = json!({"AlarmName": "a & b", "Namespace": "App", "MetricName": "Logins",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.5,
        "ComparisonOperator": "GreaterThanThreshold", "ActionsEnabled": false,
        "Dimensions": [{"Name": "user", "Value": "alice"}], "Tags": [{"Key": "k", "Value": "v"}]});
    let statistics = json!({"Namespace": "App", "MetricName": "Logins", "StartTime": start,
        "EndTime": end, "Period": 60, "Statistics": ["Sum", "Average"]});
    let query = json!({"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}});
    let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a & b";
    vec![
        (
            "PutMetricData",
            json!({"Namespace": "App", "MetricData": [datum]}),
        ),
        ("ListMetrics", json!({"Namespace": "App"})),
        ("GetMetricStatistics", statistics),
        (
            "GetMetricData",
            json!({"MetricDataQueries": [query], "StartTime": start, "EndTime": end}),
        ),
        ("PutMetricAlarm", alarm),
        (
            "PutCompositeAlarm",
            json!({"AlarmName": "c", "AlarmRule": "ALARM(\"a & b\")"}),
        ),
        (
            "SetAlarmState",
            json!({"AlarmName": "a & b", "StateValue": "ALARM", "StateReason": "<test>"}),
        ),
        ("EnableAlarmActions", json!({"AlarmNames": ["a & b"]})),
        ("DisableAlarmActions", json!({"AlarmNames": ["c"]})),
        (
            "DescribeAlarms",
            json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}),
        ),
        (
            "DescribeAlarmsForMetric",
            json!({"Namespace": "App", "MetricName": "Logins",
                "Dimensions": [{"Name": "user", "Value": "alice"}]}),
        ),
        (
            "DescribeAlarmHistory",
            json!({"AlarmName": "a & b", "StartDate": start, "MaxRecords": 2}),
        ),
        (
            "TagResource",
            json!({"ResourceARN": arn, "Tags": [{"Key": "team", "Value": "ops"}]}),
        ),
        (
            "UntagResource",
            json!({"ResourceARN": arn, "TagKeys": ["k"]}),
        ),
        ("ListTagsForResource", json!({"ResourceARN": arn})),
        ("DeleteAlarms", json!({"AlarmNames": ["c"]})),
        (
            "PutDashboard",
            json!({"DashboardName": "d", "DashboardBody": "{\"widgets\": []}"}),
        ),
        ("GetDashboard", json!({"DashboardName": "d"})),
        ("ListDashboards", json!({})),
        ("DeleteDashboards", json!({"DashboardNames": ["d"]})),
    ]
}

#[tokio::test]
async fn every_operation_answers_the_same_in_three_protocols() {
    let (cbor, json, query) = (aws().await, aws().await, aws().await);
    for (operation, parameters) in calls() {
        let from_cbor: Cbor = {
            let body = call(&cbor, Protocol::Cbor, operation, &parameters).await;
            ciborium::from_reader(body.as_slice()).unwrap()
        };
        let from_cbor = timeless(of_cbor(from_cbor));
        let from_json = call(&json, Protocol::Json, operation, &parameters).await;
        let from_json = timeless(serde_json::from_slice(&from_json).unwrap());
        assert_eq!(from_cbor, from_json, "{operation}");
        let xml = call(&query, Protocol::Query, operation, &parameters).await;
        let xml = String::from_utf8(xml).unwrap();
        for text in texts(&from_json) {
            assert!(
                xml.contains(&format!(">{text}<")),
                "{operation}: {text} in {xml}"
            );
        }
    }
}

/// Calls an operation and returns the body of its answer, which must not be a refusal.
async fn call(aws: &Aws, protocol: Protocol, operation: &str, parameters: &Json) -> Vec<u8> {
    let target = format!("{SERVICE}.{operation}");
    let (path, headers, body) = match protocol {
        Protocol::Cbor => {
            let mut body = Vec::new();
            ciborium::into_writer(&to_cbor("", parameters), &mut body).unwrap();
            let path = format!("/service/{SERVICE}/operation/{operation}");
            (path, vec![("Smithy-Protocol", "rpc-v2-cbor")], body)
        }
        Protocol::Json => {
            let headers = vec![
                ("Content-Type", "application/x-amz-json-1.0"),
                ("X-Amz-Target", target.as_str()),
            ];
            ("/".to_owned(), headers, parameters.to_string().into_bytes())
        }
        Protocol::Query => {
            let mut form = vec![("Action".to_owned(), operation.to_owned())];
            to_form("", parameters, &mut form);
            let mut body = form_urlencoded::Serializer::new(String::new());
            let body = body.extend_pairs(form).finish().into_bytes();
            ("/".to_owned(), Vec::new(), body)
        }
    };
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 {CREDENTIAL}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    request.push_str("\r\n");
    let endpoint = aws.sandbox.endpoint();
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(&[request.as_bytes(), &body].concat())
        .await
        .unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let end = response
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .unwrap()
        + 4;
    let shown = String::from_utf8_lossy(&response);
    assert!(
        response.starts_with(b"HTTP/1.1 200"),
        "{operation} {protocol:?}: {shown}"
    );
    response[end..].to_vec()
}

fn is_time(name: &str) -> bool {
    matches!(name, "Timestamp" | "StartTime" | "EndTime" | "StartDate")
}

fn to_cbor(name: &str, value: &Json) -> Cbor {
    match value {
        Json::Object(members) => {
            let members = members.iter();
            Cbor::Map(
                members
                    .map(|(key, it)| (Cbor::from(key.as_str()), to_cbor(key, it)))
                    .collect(),
            )
        }
        Json::Array(items) => Cbor::Array(items.iter().map(|it| to_cbor("", it)).collect()),
        Json::String(text) => Cbor::from(text.as_str()),
        Json::Bool(flag) => Cbor::from(*flag),
        Json::Number(number) if is_time(name) => {
            Cbor::Tag(1, Box::new(Cbor::from(number.as_f64().unwrap())))
        }
        Json::Number(number) => match number.as_i64() {
            Some(number) => Cbor::from(number),
            None => Cbor::from(number.as_f64().unwrap()),
        },
        Json::Null => Cbor::Null,
    }
}

fn of_cbor(value: Cbor) -> Json {
    match value {
        Cbor::Map(members) => {
            let members = members.into_iter();
            members
                .map(|(key, it)| (key.into_text().unwrap(), of_cbor(it)))
                .collect()
        }
        Cbor::Array(items) => items.into_iter().map(of_cbor).collect(),
        Cbor::Text(text) => Json::from(text),
        Cbor::Bool(flag) => Json::from(flag),
        Cbor::Integer(number) => Json::from(i64::try_from(number).unwrap()),
        Cbor::Float(number) => Json::from(number),
        Cbor::Tag(1, number) => of_cbor(*number),
        other => panic!("{other:?}"),
    }
}

fn to_form(name: &str, value: &Json, form: &mut Vec<(String, String)>) {
    let last = name.rsplit('.').next().unwrap();
    match value {
        Json::Object(members) => {
            for (key, it) in members {
                let dot = if name.is_empty() { "" } else { "." };
                to_form(&format!("{name}{dot}{key}"), it, form);
            }
        }
        Json::Array(items) => {
            for (index, it) in items.iter().enumerate() {
                to_form(&format!("{name}.member.{}", index + 1), it, form);
            }
        }
        Json::String(text) => form.push((name.to_owned(), text.clone())),
        Json::Number(number) if is_time(last) => {
            let time = DateTime::from_secs(number.as_i64().unwrap());
            form.push((name.to_owned(), time.fmt(DateTimeFormat::DateTime).unwrap()));
        }
        other => form.push((name.to_owned(), other.to_string())),
    }
}

/// Returns an answer without its times, and without the data that may name them.
fn timeless(answer: Json) -> Json {
    match answer {
        Json::Object(members) => {
            let is_kept =
                |(name, _): &(String, Json)| !name.contains("Timestamp") && name != "LastModified";
            let members = members.into_iter().filter(is_kept);
            members.map(|(name, it)| (name, timeless(it))).collect()
        }
        Json::Array(items) => items.into_iter().map(timeless).collect(),
        other => other,
    }
}

/// Returns the texts and numbers of an answer as XML has them.
fn texts(answer: &Json) -> Vec<String> {
    match answer {
        Json::Object(members) => members.values().flat_map(texts).collect(),
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::String(text) => {
            let escaped = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            vec![escaped.replace('"', "&quot;")]
        }
        Json::Number(number) => vec![number.as_f64().unwrap().to_string()],
        other => vec![other.to_string()],
    }
}
