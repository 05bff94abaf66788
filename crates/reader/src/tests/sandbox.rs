//! Against an AWS that keeps state and pages as AWS does.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_iam::types::Tag;
use futures_util::{StreamExt, stream};
use model::{Body, Kind, LoginProfile, Snapshot, UserName};
use sandbox::{Options, Sandbox};

use super::desired::{Wishes, address, nothing, user};
use crate::{Calls, Clients, read, whoami};

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;

async fn start() -> (Sandbox, SdkConfig, aws_sdk_iam::Client) {
    let sandbox = sandbox::start(Options::new("123456789012")).await.unwrap();
    let key = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(sandbox.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build();
    let iam = aws_sdk_iam::Client::new(&config);
    (sandbox, config, iam)
}

async fn read_all(config: &SdkConfig, desired: &model::Desired) -> (Snapshot, Calls) {
    let calls = Calls::default();
    let clients = Clients::new(config, &calls);
    let identity = whoami(&clients).await.unwrap();
    (read(&clients, identity, desired, 10).await, calls)
}

async fn create_user(iam: &aws_sdk_iam::Client, name: &str) {
    let tag = Tag::builder().key("team").value("eng").build().unwrap();
    let call = iam.create_user().user_name(name).tags(tag);
    call.send().await.unwrap();
}

/// Fills an account with as many objects as the budget is for.
async fn fill(iam: &aws_sdk_iam::Client) {
    let users =
        (0..2000).map(|index| async move { create_user(iam, &format!("user-{index}")).await });
    stream::iter(users)
        .buffer_unordered(16)
        .collect::<()>()
        .await;
    for index in 0..50 {
        let call = iam.create_group().group_name(format!("group-{index}"));
        call.send().await.unwrap();
    }
    for index in 0..60 {
        let call = iam.create_policy().policy_name(format!("policy-{index}"));
        call.policy_document(ALLOW).send().await.unwrap();
    }
}

#[tokio::test]
async fn two_thousand_users_take_three_pages_and_no_call_of_their_own() {
    let (sandbox, config, iam) = start().await;
    fill(&iam).await;
    let desired = (0..2000).fold(nothing(), |desired, index| {
        desired.with(&format!("user/user-{index}"), user(None))
    });
    let (live, calls) = read_all(&config, &desired).await;
    sandbox.stop().await.unwrap();

    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let count = |kind| {
        live.iter()
            .filter(|(address, _)| address.kind() == kind)
            .count()
    };
    assert_eq!(
        [Kind::User, Kind::Group, Kind::Policy].map(count),
        [2000, 50, 60]
    );
    let Some(Body::User(user)) = live.get(&address("user/user-1999")) else {
        panic!("the last user is read");
    };
    assert_eq!(user.tags.get("team"), Some("eng"));
    // GetCallerIdentity, ListAccountAliases and three pages: a password policy and a monitoring section add six.
    assert_eq!(calls.total(), 6, "{:?}", calls.counts());
}

#[tokio::test]
async fn whoever_leaves_is_read_with_all_that_must_go_first() {
    let (sandbox, config, iam) = start().await;
    create_user(&iam, "bob").await;
    create_user(&iam, "ann").await;
    for name in ["bob", "ann"] {
        let call = iam.create_login_profile().user_name(name);
        call.password("Correct-horse-7").send().await.unwrap();
    }
    let key = iam
        .create_access_key()
        .user_name("bob")
        .send()
        .await
        .unwrap();
    let id = key.access_key().unwrap().access_key_id().to_owned();
    let device = iam
        .create_virtual_mfa_device()
        .virtual_mfa_device_name("spare");
    device.send().await.unwrap();
    let desired = nothing()
        .with("user/alice", user(Some("ann")))
        .with(
            "login_profile/alice",
            Body::LoginProfile(LoginProfile {
                reset_required: true,
                deliver_to: None,
            }),
        )
        .pruning(Kind::User, "/*");
    let (live, _) = read_all(&config, &desired).await;
    sandbox.stop().await.unwrap();

    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let found: Vec<String> = live
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    let key = format!("credential/bob:{id}");
    let names = [
        "user/ann",
        "user/bob",
        "login_profile/ann",
        "login_profile/bob",
        &key,
        "mfa_device/spare",
    ];
    assert_eq!(found, names);
    let looked_up = |name| live.has_looked_up(Kind::Credential, &UserName::new(name).unwrap());
    assert!(looked_up("bob") && !looked_up("ann"));
}

#[tokio::test]
async fn a_role_and_the_policy_of_aws_attached_to_it_are_observed() {
    let (sandbox, config, iam) = start().await;
    let role = iam
        .create_role()
        .role_name("ops")
        .assume_role_policy_document(TRUST);
    role.send().await.unwrap();
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let attach = iam.attach_role_policy().role_name("ops").policy_arn(arn);
    attach.send().await.unwrap();
    let inline = iam.put_role_policy().role_name("ops").policy_name("own");
    inline.policy_document(ALLOW).send().await.unwrap();
    let (live, _) = read_all(&config, &nothing()).await;
    sandbox.stop().await.unwrap();

    assert!(live.unread().is_empty(), "{:?}", live.unread());
    for text in [
        "role/ops",
        "policy/aws/ReadOnlyAccess",
        "attachment/role:ops:aws/ReadOnlyAccess",
        "inline_policy/role:ops:own",
    ] {
        assert!(live.get(&address(text)).is_some(), "{text}");
    }
}
