use mfactl_sandbox::Options;

use crate::support::{ACCOUNT, aws, aws_of, aws_with, code, codes, iam_as, sts_as};

#[tokio::test]
async fn the_caller_is_the_root_user_of_the_account() {
    let aws = aws().await;
    let identity = aws.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(ACCOUNT));
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:root"));
    assert_eq!(identity.user_id(), Some(ACCOUNT));
}

#[tokio::test]
async fn a_key_of_twelve_digits_is_an_account_of_its_own() {
    let aws = aws().await;
    aws.user("alice").await;
    let other = iam_as(&aws.sandbox, "999999999999");
    assert!(other.list_users().send().await.unwrap().users.is_empty());
    let identity = sts_as(&aws.sandbox, "999999999999")
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some("999999999999"));
}

#[tokio::test]
async fn an_account_has_one_alias_at_most() {
    let aws = aws().await;
    for alias in ["first", "second"] {
        aws.iam
            .create_account_alias()
            .account_alias(alias)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        aws.iam
            .list_account_aliases()
            .send()
            .await
            .unwrap()
            .account_aliases(),
        ["second"]
    );
    assert_eq!(
        code(
            aws.iam
                .delete_account_alias()
                .account_alias("first")
                .send()
                .await
        ),
        "NoSuchEntity"
    );
    assert_eq!(
        code(
            aws.iam
                .create_account_alias()
                .account_alias("a--b")
                .send()
                .await
        ),
        "ValidationError"
    );
    aws.iam
        .delete_account_alias()
        .account_alias("second")
        .send()
        .await
        .unwrap();
    assert!(
        aws.iam
            .list_account_aliases()
            .send()
            .await
            .unwrap()
            .account_aliases()
            .is_empty()
    );
}

#[tokio::test]
async fn the_summary_counts_what_there_is() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.policy("everything").await;
    let summary = aws
        .iam
        .get_account_summary()
        .send()
        .await
        .unwrap()
        .summary_map
        .unwrap();
    let of = |name: &str| summary[&name.into()];
    assert_eq!(
        [of("Users"), of("Groups"), of("Policies"), of("UsersQuota")],
        [1, 0, 1, 5_000]
    );
}

#[tokio::test]
async fn the_credential_report_is_stale_for_four_hours() {
    let aws = aws().await;
    assert_eq!(
        code(aws.iam.get_credential_report().send().await),
        "ReportNotPresent"
    );
    aws.user("a,b").await;
    aws.iam
        .create_login_profile()
        .user_name("a,b")
        .password("Correct-horse-7")
        .send()
        .await
        .unwrap();
    aws.iam.generate_credential_report().send().await.unwrap();
    aws.user("later").await;
    aws.iam.generate_credential_report().send().await.unwrap();
    let report = aws.iam.get_credential_report().send().await.unwrap();
    let report = String::from_utf8(report.content.unwrap().into_inner()).unwrap();
    let rows: Vec<&str> = report.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("user,arn,user_creation_time,password_enabled,"));
    assert!(rows[1].starts_with("<root_account>,arn:aws:iam::123456789012:root,"));
    assert!(rows[2].starts_with("\"a,b\",\"arn:aws:iam::123456789012:user/a,b\","));
    let columns = rows[0].split(',').count();
    assert_eq!(rows[1].split(',').count(), columns);
    assert_eq!(rows[2].split(',').count(), columns + 2);
    assert!(rows[2].contains("+00:00,true,no_information,"));
}

#[tokio::test]
async fn calls_are_counted_per_operation() {
    let aws = aws().await;
    aws.user("alice").await;
    let _ = aws.iam.create_user().user_name("alice").send().await;
    aws.sts.get_caller_identity().send().await.unwrap();
    let calls: Vec<_> = aws.sandbox.calls().into_iter().collect();
    assert_eq!(
        calls,
        [
            ("iam:CreateUser".to_owned(), 2),
            ("sts:GetCallerIdentity".to_owned(), 1)
        ]
    );
}

#[tokio::test]
async fn a_credential_report_is_fresh_where_that_is_asked_for() {
    let aws = aws_of(Options {
        fresh_credential_reports: true,
        ..Options::new(ACCOUNT)
    })
    .await;
    aws.iam.generate_credential_report().send().await.unwrap();
    aws.user("alice").await;
    aws.iam.generate_credential_report().send().await.unwrap();
    let report = aws.iam.get_credential_report().send().await.unwrap();
    let content = report.content.unwrap().into_inner();
    assert!(String::from_utf8(content).unwrap().contains("\nalice,"));
}

#[tokio::test]
async fn the_device_and_the_keys_of_the_root_user_are_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("state.json");
    let aws = aws_with(Some(store.clone())).await;
    let create = aws.iam.create_virtual_mfa_device();
    let create = create.virtual_mfa_device_name("root-account-mfa-device");
    let device = create.send().await.unwrap().virtual_mfa_device.unwrap();
    let seed = device.base32_string_seed.unwrap().into_inner();
    let [first, second] = codes(&String::from_utf8(seed).unwrap(), [-1, 0]);
    let enable = aws.iam.enable_mfa_device().user_name(ACCOUNT);
    let enable = enable.serial_number(&device.serial_number);
    let enable = enable
        .authentication_code1(first)
        .authentication_code2(second);
    enable.send().await.unwrap();
    let key = aws.iam.create_access_key().send().await.unwrap();
    let key = key.access_key.unwrap().access_key_id;
    aws.sandbox.stop().await.unwrap();

    let aws = aws_with(Some(store)).await;
    let summary = aws.iam.get_account_summary().send().await.unwrap();
    let summary = summary.summary_map.unwrap();
    let of = |name: &str| summary[&name.into()];
    assert_eq!(
        [of("AccountMFAEnabled"), of("AccountAccessKeysPresent")],
        [1, 1]
    );
    let sts = sts_as(&aws.sandbox, &key);
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:root"));
    aws.iam.generate_credential_report().send().await.unwrap();
    let report = aws.iam.get_credential_report().send().await.unwrap();
    let report = String::from_utf8(report.content.unwrap().into_inner()).unwrap();
    let root = report.lines().nth(1).unwrap();
    assert!(
        root.contains(",not_supported,not_supported,true,true,"),
        "{root}"
    );
    let listed = aws.iam.list_virtual_mfa_devices().send().await.unwrap();
    let user = listed.virtual_mfa_devices()[0].user().unwrap();
    assert_eq!(user.arn(), "arn:aws:iam::123456789012:root");
}
