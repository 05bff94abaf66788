use std::path::Path;

use mfactl_sandbox::{Options, SandboxError};

use crate::support::{ACCOUNT, ALLOW_ALL, Aws, aws_with, code};

async fn refused(path: &Path) -> SandboxError {
    let options = Options {
        store: Some(path.to_owned()),
        ..Options::new(ACCOUNT)
    };
    mfactl_sandbox::start(options).await.unwrap_err()
}

async fn fill(aws: &Aws) {
    let arn = aws.policy("everything").await;
    aws.user("alice").await;
    aws.group("admins").await;
    aws.member("admins", "alice").await;
    aws.iam
        .attach_group_policy()
        .group_name("admins")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .put_user_permissions_boundary()
        .user_name("alice")
        .permissions_boundary(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .create_login_profile()
        .user_name("alice")
        .password("Correct-horse-7")
        .send()
        .await
        .unwrap();
    aws.iam
        .create_virtual_mfa_device()
        .virtual_mfa_device_name("alice")
        .send()
        .await
        .unwrap();
    aws.logs
        .create_log_group()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn the_state_is_there_after_a_stop() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    let aws = aws_with(Some(path.clone())).await;
    fill(&aws).await;
    let before = aws
        .iam
        .get_account_authorization_details()
        .send()
        .await
        .unwrap();
    aws.sandbox.stop().await.unwrap();

    let aws = aws_with(Some(path)).await;
    let after = aws
        .iam
        .get_account_authorization_details()
        .send()
        .await
        .unwrap();
    assert_eq!(after.user_detail_list(), before.user_detail_list());
    assert_eq!(after.policies(), before.policies());
    // What is derived was derived again.
    let arn = "arn:aws:iam::123456789012:policy/everything";
    assert_eq!(
        code(aws.iam.delete_policy().policy_arn(arn).send().await),
        "DeleteConflict"
    );
    assert_eq!(
        code(aws.iam.delete_group().group_name("admins").send().await),
        "DeleteConflict"
    );
    assert_eq!(
        aws.logs
            .describe_log_groups()
            .send()
            .await
            .unwrap()
            .log_groups()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_change_is_saved_soon_without_a_stop() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    let aws = aws_with(Some(path.clone())).await;
    aws.user("alice").await;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if std::fs::read_to_string(&path).unwrap().contains("alice") {
            return;
        }
    }
    panic!("not saved");
}

#[tokio::test]
async fn a_file_holds_no_password_and_no_secret_key_and_is_its_owners() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    let aws = aws_with(Some(path.clone())).await;
    fill(&aws).await;
    let key = aws
        .iam
        .create_access_key()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .access_key
        .unwrap();
    aws.sandbox.stop().await.unwrap();
    let content = std::fs::read_to_string(&path).unwrap();
    assert!(!content.contains("Correct-horse-7") && !content.contains(&key.secret_access_key));
    #[cfg(unix)]
    for file in [path, directory.path().join("aws.json.lock")] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(file).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_file_that_can_not_be_understood_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    let dangling = r#"{"format_version":1,"accounts":{"123456789012":{"id":"123456789012","iam":{"mfa_devices":{"x":
        {"serial":"x","seed":"AA","created":"2026-11-24T00:00:00Z","tags":{"case_sensitive":true,"tags":{}},
        "assigned":{"user":"nobody","enabled":"2026-11-24T00:00:00Z"},"drift":0}}}}}}"#;
    let damaged = [
        "",
        "{",
        "[]",
        r#"{"format_version":2}"#,
        r#"{"format_version":1,"accounts":[],"x":1}"#,
        dangling,
    ];
    for content in damaged {
        std::fs::write(&path, content).unwrap();
        let error = refused(&path).await.to_string();
        assert!(
            error.contains(path.to_str().unwrap()) && error.contains("left as it is"),
            "{content}: {error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[tokio::test]
async fn two_sandboxes_do_not_share_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    let aws = aws_with(Some(path.clone())).await;
    assert!(matches!(refused(&path).await, SandboxError::InUse { .. }));
    aws.sandbox.stop().await.unwrap();
    aws_with(Some(path)).await;
}

#[tokio::test]
async fn a_file_that_can_not_be_written_is_known_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let error = refused(&directory.path().join("none/aws.json")).await;
    assert!(matches!(error, SandboxError::Write { .. }));
}

#[tokio::test]
async fn a_thousand_users_are_written_and_read_in_no_time() {
    let directory = tempfile::tempdir().unwrap();
    let aws = aws_with(Some(directory.path().join("aws.json"))).await;
    let started = std::time::Instant::now();
    for number in 0..1_000 {
        aws.user(&format!("user-{number}")).await;
    }
    let put = aws
        .iam
        .put_user_policy()
        .user_name("user-0")
        .policy_name("p")
        .policy_document(ALLOW_ALL);
    put.send().await.unwrap();
    let mut pages = aws
        .iam
        .get_account_authorization_details()
        .into_paginator()
        .page_size(1_000)
        .send();
    let mut users = 0;
    while let Some(page) = pages.next().await {
        users += page.unwrap().user_detail_list().len();
    }
    assert_eq!(users, 1_000);
    // A debug build on a busy machine; a tenth of it is usual.
    assert!(
        started.elapsed() < std::time::Duration::from_secs(60),
        "{:?}",
        started.elapsed()
    );
}
