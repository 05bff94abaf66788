//! The state file: what is in it survives, what is not the sandbox's is left alone, and one process has it at a time.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use std::path::Path;
use std::time::Duration;

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use mfactl_sandbox::{Options, Sandbox, SandboxError};

async fn try_start(file: &Path) -> Result<Sandbox, SandboxError> {
    mfactl_sandbox::start(Options {
        store: Some(file.to_owned()),
        ..Options::new("123456789012")
    })
    .await
}

fn iam(sandbox: &Sandbox) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
        .endpoint_url(sandbox.endpoint())
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

async fn create_user(sandbox: &Sandbox, name: &str) {
    let create = iam(sandbox).create_user().user_name(name);
    create.send().await.unwrap();
}

async fn users(sandbox: &Sandbox) -> Vec<String> {
    let users = iam(sandbox).list_users().send().await.unwrap().users;
    users.into_iter().map(|user| user.user_name).collect()
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
async fn what_was_created_is_there_after_a_stop() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let sandbox = try_start(&file).await.unwrap();
    create_user(&sandbox, "alice").await;
    sandbox.stop().await.unwrap();
    assert_eq!(users(&try_start(&file).await.unwrap()).await, ["alice"]);
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
        r#"{"format_version":1,"accounts":{},"more":1}"#,
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
    let text = r#"{"format_version":1,"accounts":{"123456789012":{"id":"999999999999"}}}"#;
    std::fs::write(&file, text).unwrap();
    let refused = try_start(&file).await.unwrap_err();
    assert!(
        matches!(refused, SandboxError::Inconsistent { .. }),
        "{refused}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
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
async fn a_file_in_a_folder_that_is_not_there_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let refused = try_start(&directory.path().join("missing/state.json"))
        .await
        .unwrap_err();
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
async fn an_address_that_others_can_reach_is_refused() {
    let options = Options {
        listen: ([0, 0, 0, 0], 0).into(),
        ..Options::new("123456789012")
    };
    let refused = mfactl_sandbox::start(options).await.unwrap_err();
    assert!(matches!(refused, SandboxError::NotLoopback(_)), "{refused}");
}
