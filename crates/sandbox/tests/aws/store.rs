//! The state file: what is in it survives, what is not the sandbox's is left alone, and one process has it at a time.
use std::path::Path;
use std::time::Duration;

use mfactl_sandbox::{Options, Sandbox, SandboxError};

use crate::support::{ACCOUNT, ALLOW_ALL, Aws, aws_with, code, iam_as};

async fn try_start(file: &Path) -> Result<Sandbox, SandboxError> {
    mfactl_sandbox::start(Options {
        store: Some(file.to_owned()),
        ..Options::new(ACCOUNT)
    })
    .await
}

async fn create_user(sandbox: &Sandbox, name: &str) {
    let create = iam_as(sandbox, "test").create_user().user_name(name);
    create.send().await.unwrap();
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

/// Waits until a change is saved without anybody asking.
async fn wait_until_saved(file: &Path, text: &str) {
    for _ in 0..100 {
        if std::fs::read_to_string(file).unwrap().contains(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{text}` is not saved after five seconds");
}

#[tokio::test]
async fn a_change_is_saved_before_the_sandbox_stops() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let sandbox = try_start(&file).await.unwrap();
    create_user(&sandbox, "alice").await;
    wait_until_saved(&file, "alice").await;
}

#[tokio::test]
async fn a_second_sandbox_on_the_same_file_is_refused_until_the_first_stops() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let first = try_start(&file).await.unwrap();
    let refused = try_start(&file).await.unwrap_err();
    assert!(matches!(refused, SandboxError::InUse { path } if path == file));
    first.stop().await.unwrap();
    try_start(&file).await.unwrap();
}

#[tokio::test]
async fn a_file_is_free_after_a_stop_while_clients_are_still_connected() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    for round in 0..20 {
        let sandbox = try_start(&file).await.unwrap();
        create_user(&sandbox, &format!("user-{round}")).await;
        sandbox.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name_and_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    for damaged in [
        "",
        "{",
        "[]",
        "\u{0}\u{0}",
        r#"{"format_version":2,"accounts":{},"more":1}"#,
    ] {
        std::fs::write(&file, damaged).unwrap();
        let refused = try_start(&file).await.unwrap_err();
        assert!(
            matches!(refused, SandboxError::Damaged { .. }),
            "{damaged:?}: {refused}"
        );
        assert!(refused.to_string().contains("state.json"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    }
}

#[tokio::test]
async fn a_half_written_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let sandbox = try_start(&file).await.unwrap();
    create_user(&sandbox, "alice").await;
    sandbox.stop().await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&file, &bytes).unwrap();
    let refused = try_start(&file).await.unwrap_err();
    assert!(matches!(refused, SandboxError::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_that_contradicts_itself_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let other_id = r#"{"format_version":2,"accounts":{"123456789012":{"id":"999999999999"}}}"#;
    let dangling = r#"{"format_version":2,"accounts":{"123456789012":{"id":"123456789012","iam":{"mfa_devices":{"x":
        {"serial":"x","seed":"AA","tags":{"case_sensitive":true,"tags":{}},
        "assigned":{"user":"nobody","enabled":"2026-11-24T00:00:00Z"},"drift":0}}}}}}"#;
    for text in [other_id, dangling] {
        std::fs::write(&file, text).unwrap();
        let refused = try_start(&file).await.unwrap_err();
        assert!(
            matches!(refused, SandboxError::Inconsistent { .. }),
            "{refused}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[tokio::test]
async fn what_a_kill_in_the_middle_of_a_save_left_behind_goes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aws.json");
    std::fs::write(directory.path().join("aws.json.new"), "{\"half").unwrap();
    let aws = aws_with(Some(path)).await;
    aws.user("alice").await;
    aws.sandbox.stop().await.unwrap();
    let files = std::fs::read_dir(directory.path()).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let files: std::collections::BTreeSet<String> = files.collect();
    let expected = ["aws.json", "aws.json.lock"].map(str::to_owned);
    assert_eq!(files, expected.into());
}

#[tokio::test]
async fn a_file_of_another_format_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    std::fs::write(&file, r#"{"format_version":99,"something":"else"}"#).unwrap();
    let refused = try_start(&file).await.unwrap_err();
    assert!(
        matches!(refused, SandboxError::Format { found: 99, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_made_and_one_that_cannot_be_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("missing/state.json");
    let sandbox = try_start(&file).await.unwrap();
    sandbox.stop().await.unwrap();
    // The folder's name is a file's.
    let refused = try_start(&file.join("state.json")).await.unwrap_err();
    assert!(matches!(refused, SandboxError::Write { .. }), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    // Even where a file of the same name was open to everybody.
    let sandbox = try_start(&file).await.unwrap();
    sandbox.stop().await.unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let sandbox = try_start(&file).await.unwrap();
    create_user(&sandbox, "alice").await;
    sandbox.stop().await.unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
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
async fn a_file_holds_no_password_and_no_secret_key() {
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
        started.elapsed() < Duration::from_secs(60),
        "{:?}",
        started.elapsed()
    );
}
