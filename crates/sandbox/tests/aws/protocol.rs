//! What the SDK does not send: other protocols, and requests that are wrong.

use std::fmt::Write as _;

use mfactl_sandbox::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Aws, aws, code};

const IAM: &str = "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
const CLOUDWATCH: &str = "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0";

/// Posts a body and returns the whole response as text.
async fn post(aws: &Aws, headers: &[(&str, &str)], body: &str) -> String {
    let endpoint = aws.sandbox.endpoint();
    let mut stream = TcpStream::connect(endpoint.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let mut request = String::from("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    // A refusal may come before the whole of a long request was read.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8_lossy(&response).into_owned()
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_refused_by_name() {
    let aws = aws().await;
    let missing = aws.iam.list_server_certificates().send().await;
    let message = format!("{:?}", missing.as_ref().unwrap_err());
    assert!(
        message.contains("no operation ListServerCertificates of iam"),
        "{message}"
    );
    assert_eq!(code(missing), "InvalidAction");
    assert_eq!(
        code(aws.logs.describe_destinations().send().await),
        "InvalidAction"
    );
    assert_eq!(
        code(aws.cloudwatch.list_metric_streams().send().await),
        "InvalidAction"
    );
}

#[tokio::test]
async fn a_request_without_signature_is_refused() {
    let aws = aws().await;
    let response = post(&aws, &[], "Action=ListUsers&Version=2010-05-08").await;
    assert!(response.starts_with("HTTP/1.1 403"));
    assert!(response.contains("<Code>MissingAuthenticationToken</Code>"));
}

#[tokio::test]
async fn a_service_that_is_not_there_is_refused_by_name() {
    let aws = aws().await;
    let authorization = IAM.replace("/iam/", "/sqs/");
    let response = post(
        &aws,
        &[("Authorization", &authorization)],
        "Action=ListQueues",
    )
    .await;
    assert!(response.contains("no service `sqs`"), "{response}");
}

#[tokio::test]
async fn a_request_that_is_too_long_or_too_deep_is_refused() {
    let aws = aws().await;
    let long = format!("Action=GetUser&UserName={}", "x".repeat(5 << 20));
    assert!(
        post(&aws, &[("Authorization", IAM)], &long)
            .await
            .starts_with("HTTP/1.1 413")
    );
    let deep = format!("Action=GetUser&{}=1", vec!["a"; 10_000].join("."));
    assert!(
        post(&aws, &[("Authorization", IAM)], &deep)
            .await
            .starts_with("HTTP/1.1 400")
    );
    let headers = [
        ("Authorization", CLOUDWATCH),
        (
            "X-Amz-Target",
            "GraniteServiceVersion20100801.DescribeAlarms",
        ),
    ];
    let nested = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(
        post(&aws, &headers, &nested)
            .await
            .starts_with("HTTP/1.1 400")
    );
}

#[tokio::test]
async fn cloudwatch_speaks_json_and_xml_too() {
    let aws = aws().await;
    let form = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&MetricName=m&Namespace=n&Statistic=Sum&Period=60\
                &EvaluationPeriods=1&Threshold=1&ComparisonOperator=GreaterThanThreshold\
                &Dimensions.member.1.Name=user&Dimensions.member.1.Value=alice%20%26%20bob";
    assert!(
        post(&aws, &[("Authorization", CLOUDWATCH)], form)
            .await
            .starts_with("HTTP/1.1 200")
    );
    let xml = post(
        &aws,
        &[("Authorization", CLOUDWATCH)],
        "Action=DescribeAlarms&Version=2010-08-01",
    )
    .await;
    assert!(xml.contains("<Value>alice &amp; bob</Value>"), "{xml}");
    let headers = [
        ("Authorization", CLOUDWATCH),
        ("Content-Type", "application/x-amz-json-1.0"),
        (
            "X-Amz-Target",
            "GraniteServiceVersion20100801.DescribeAlarms",
        ),
    ];
    let json = post(&aws, &headers, "{}").await;
    assert!(
        json.contains(r#""Dimensions":[{"Name":"user","Value":"alice & bob"}]"#),
        "{json}"
    );
    let get = [
        headers[0],
        headers[1],
        ("X-Amz-Target", "GraniteServiceVersion20100801.GetDashboard"),
    ];
    let refused = post(&aws, &get, r#"{"DashboardName":"none"}"#).await;
    assert!(
        refused.contains("x-amzn-query-error: ResourceNotFound;Sender"),
        "{refused}"
    );
    assert!(
        refused.contains(r#""__type":"DashboardNotFoundError""#),
        "{refused}"
    );
}

#[tokio::test]
async fn the_sandbox_listens_on_loopback_only() {
    let options = Options {
        listen: ([0, 0, 0, 0], 0).into(),
        ..Options::new("123456789012")
    };
    let refused = mfactl_sandbox::start(options).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("`0.0.0.0:0` is not a loopback address")
    );
    let refused = mfactl_sandbox::start(Options::new("12345"))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("`12345` is not an account"));
}
