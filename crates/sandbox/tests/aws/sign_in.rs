use aws_sdk_cloudtrail::types::LookupAttributeKey;
use aws_sdk_iam::config::Credentials;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cloudtrail::events;
use crate::support::{Aws, aws, aws_enforcing, code, codes, iam_with, logs_in};

const PASSWORD: &str = "Correct-horse-7";

/// What a user needs before there is a device; with one, everything.
const GUARD: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"},
    {"Effect":"Deny","NotAction":["iam:ChangePassword","iam:CreateVirtualMFADevice","iam:EnableMFADevice"],"Resource":"*",
     "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;

/// Signs in with the fields of a form; the error is the code and words of the refusal.
async fn sign_in(aws: &Aws, form: &str) -> Result<Credentials, String> {
    let endpoint = aws.sandbox.endpoint();
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    if let Some(error) = body.get("error") {
        return Err(error.to_string());
    }
    assert_eq!(body["Version"], 1);
    assert!(body["Expiration"].as_str().unwrap().ends_with('Z'));
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let token = Some(text("SessionToken"));
    let (id, secret) = (text("AccessKeyId"), text("SecretAccessKey"));
    Ok(Credentials::new(id, secret, token, None, "test"))
}

/// Gives a user a password.
async fn password(aws: &Aws, user: &str, reset: bool) {
    let create = aws.iam.create_login_profile().user_name(user);
    let create = create.password(PASSWORD).password_reset_required(reset);
    create.send().await.unwrap();
}

#[tokio::test]
async fn a_first_sign_in_changes_the_password_and_enrols_and_then_everything_is_open() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    password(&aws, "alice", true).await;
    aws.allow("alice", GUARD).await;
    let form = format!("user=alice&password={PASSWORD}");
    let refused = sign_in(&aws, &form).await.unwrap_err();
    assert!(refused.contains("send new_password"), "{refused}");
    let form = format!("{form}&new_password=Another-horse-8");
    let alice = iam_with(&aws.sandbox, sign_in(&aws, &form).await.unwrap());
    assert_eq!(code(alice.list_users().send().await), "AccessDenied");
    let create = alice.create_virtual_mfa_device();
    create
        .virtual_mfa_device_name("phone")
        .send()
        .await
        .unwrap();

    let (_, seed) = aws.device("alice").await;
    let form = "user=alice&password=Another-horse-8";
    sign_in(&aws, form).await.unwrap_err();
    let [wrong, right] = codes(&seed, [-9, 1]);
    sign_in(&aws, &format!("{form}&code={wrong}"))
        .await
        .unwrap_err();
    let form = format!("{form}&code={right}");
    let signed_in = sign_in(&aws, &form).await.unwrap();
    sign_in(&aws, &form).await.unwrap_err();
    let alice = iam_with(&aws.sandbox, signed_in);
    alice.list_users().send().await.unwrap();
}

#[tokio::test]
async fn a_user_who_may_not_change_the_password_that_must_be_changed_is_locked_out() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    password(&aws, "alice", true).await;
    let form = format!("user=alice&password={PASSWORD}&new_password=Another-horse-8");
    let refused = sign_in(&aws, &form).await.unwrap_err();
    assert!(refused.contains("iam:ChangePassword"), "{refused}");
    // Nothing was changed.
    let refused = sign_in(&aws, &form).await.unwrap_err();
    assert!(refused.contains("iam:ChangePassword"), "{refused}");
}

#[tokio::test]
async fn a_wrong_name_password_or_account_is_told_in_the_same_words() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    password(&aws, "alice", false).await;
    let mut words = Vec::new();
    for form in [
        "user=alice&password=wrong",
        "user=bob&password=wrong",
        "user=nobody&password=wrong",
        "user=alice&password=Correct-horse-7&account=210987654321",
        "user=alice",
        "",
    ] {
        words.push(sign_in(&aws, form).await.unwrap_err());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "{words:?}");
    let form = format!("user=alice&password={PASSWORD}&account=123456789012");
    let alice = iam_with(&aws.sandbox, sign_in(&aws, &form).await.unwrap());
    assert_eq!(
        alice
            .get_user()
            .send()
            .await
            .unwrap()
            .user
            .unwrap()
            .user_name,
        "alice"
    );
}

#[tokio::test]
async fn a_code_of_a_device_that_is_not_enabled_is_not_passed_over() {
    let aws = aws().await;
    aws.user("alice").await;
    password(&aws, "alice", false).await;
    let form = format!("user=alice&password={PASSWORD}");
    let refused = sign_in(&aws, &format!("{form}&code=123456")).await;
    assert!(refused.unwrap_err().contains("without code"));
    sign_in(&aws, &form).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_is_told_to_the_history_and_the_trails_log_group_and_dates_the_password() {
    let aws = aws().await;
    aws.user("alice").await;
    password(&aws, "alice", false).await;
    let logs = logs_in(&aws.sandbox, "us-east-1");
    for name in ["CloudTrail/AWSLogs", "other"] {
        let create = logs.create_log_group().log_group_name(name);
        create.send().await.unwrap();
    }
    sign_in(&aws, "user=alice&password=wrong")
        .await
        .unwrap_err();
    sign_in(&aws, "user=nobody&password=wrong")
        .await
        .unwrap_err();
    let form = format!("user=alice&password={PASSWORD}");
    sign_in(&aws, &form).await.unwrap();
    let (_, seed) = aws.device("alice").await;
    let [code] = codes(&seed, [1]);
    sign_in(&aws, &form).await.unwrap_err();
    sign_in(&aws, &format!("{form}&code={code}")).await.unwrap();

    let stream = "123456789012_CloudTrail_us-east-1";
    let written = logs.get_log_events().log_group_name("CloudTrail/AWSLogs");
    let written = written.log_stream_name(stream).start_from_head(true);
    let written = written.send().await.unwrap();
    let told: Vec<Value> = { written.events().iter() }
        .map(|event| serde_json::from_str(event.message().unwrap()).unwrap())
        .collect();
    let told_shortly: Vec<[&str; 3]> = { told.iter() }
        .map(|event| {
            [
                &event["userIdentity"]["userName"],
                &event["responseElements"]["ConsoleLogin"],
                &event["additionalEventData"]["MFAUsed"],
            ]
            .map(|value| value.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told_shortly,
        [
            ["alice", "Failure", "No"],
            ["HIDDEN_DUE_TO_SECURITY_REASONS", "Failure", "No"],
            ["alice", "Success", "No"],
            ["alice", "Failure", "Yes"],
            ["alice", "Success", "Yes"],
        ]
    );
    assert_eq!(
        told[1]["errorMessage"],
        "No username found in supplied account"
    );
    let elsewhere = logs.describe_log_streams().log_group_name("other");
    assert!(elsewhere.send().await.unwrap().log_streams().is_empty());
    let history = events(&aws.sandbox, LookupAttributeKey::EventName, "ConsoleLogin").await;
    assert_eq!(history.len(), 5);
    assert_eq!(history[0].username(), Some("alice"));

    let user = aws.iam.get_user().user_name("alice").send().await.unwrap();
    assert!(user.user.unwrap().password_last_used.is_some());
    aws.iam.generate_credential_report().send().await.unwrap();
    let report = aws.iam.get_credential_report().send().await.unwrap();
    let report = String::from_utf8(report.content.unwrap().into_inner()).unwrap();
    let mut rows = report.lines();
    let row = rows.find(|row| row.starts_with("alice,")).unwrap();
    assert!(!row.contains("no_information"), "{row}");
}
