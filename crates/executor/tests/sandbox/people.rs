//! A person who comes, changes and leaves.

use aws_sdk_iam::types::Tag;
use model::{
    Address, Attachment, Body, Boundary, Change, Credential, CredentialType, DeviceType,
    InlinePolicy, LoginProfile, MfaDevice, User,
};

use crate::support::{
    Aws, assert_applied, aws, create, delete, deletes, group, managed, outcomes, path, policy,
    tags, update, user, user_named,
};

/// What a person is made of, in an order that AWS accepts.
fn arrival(aws: &Aws) -> Vec<(Address, Change)> {
    let alice = User {
        path: path("/people/"),
        tags: tags(&[("Team", "core"), ("old", "1")]),
        boundary: Boundary::Policy(managed("bounds")),
        ..user()
    };
    let attachment = |name| {
        Body::Attachment(Attachment {
            policy: managed(name),
        })
    };
    let inline = Body::InlinePolicy(InlinePolicy {
        document: policy("s3:GetObject").document,
    });
    let device = MfaDevice {
        device: DeviceType::Virtual {
            path: path("/people/"),
        },
        user: Some(user_named("alice")),
        tags: tags(&[("team", "core")]),
        deliver_to: Some(aws.recipient()),
    };
    let profile = LoginProfile {
        reset_required: true,
        deliver_to: Some(aws.recipient()),
    };
    vec![
        create("policy/bounds", Body::Policy(policy("*"))),
        create("policy/enforce-mfa", Body::Policy(policy("iam:*"))),
        create("group/admins", group()),
        create(
            "attachment/group:admins:enforce-mfa",
            attachment("enforce-mfa"),
        ),
        create("inline_policy/group:admins:read", inline.clone()),
        create("user/alice", Body::User(alice)),
        create(
            "attachment/user:alice:enforce-mfa",
            attachment("enforce-mfa"),
        ),
        create("inline_policy/user:alice:read", inline),
        create("membership/admins:alice", Body::Membership),
        create("mfa_device/alice", Body::MfaDevice(device)),
        create("login_profile/alice", Body::LoginProfile(profile)),
    ]
}

#[tokio::test]
async fn a_person_comes_with_all_that_belongs_to_them_and_leaves_with_it() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    let got = aws.clients.iam.get_user().user_name("alice").send().await;
    let alice = got.unwrap().user.unwrap();
    assert_eq!(alice.path(), "/people/");
    assert_eq!(alice.tags().len(), 2);
    let boundary = alice.permissions_boundary().unwrap();
    assert_eq!(
        boundary.permissions_boundary_arn(),
        Some("arn:aws:iam::123456789012:policy/mfa/bounds")
    );
    let members = aws.clients.iam.get_group().group_name("admins");
    assert_eq!(members.send().await.unwrap().users().len(), 1);

    assert_applied(&aws.apply(deletes(arrival(&aws))).await);
    let iam = &aws.clients.iam;
    assert!(iam.list_users().send().await.unwrap().users().is_empty());
    assert!(iam.list_groups().send().await.unwrap().groups().is_empty());
    assert!(
        iam.list_policies()
            .send()
            .await
            .unwrap()
            .policies()
            .iter()
            .all(|policy| { !policy.arn().unwrap_or_default().contains("123456789012") })
    );
    let devices = iam.list_virtual_mfa_devices().send().await.unwrap();
    assert!(devices.virtual_mfa_devices().is_empty());
}

#[tokio::test]
async fn what_is_gone_already_is_done() {
    let aws = aws().await;
    let report = aws.apply(deletes(arrival(&aws))).await;
    let outcomes = outcomes(&report);
    assert!(
        outcomes.iter().all(|outcome| outcome == "already done"),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_person_who_appeared_since_the_plan_is_not_taken_for_the_planned_one() {
    let aws = aws().await;
    let create_user = aws.clients.iam.create_user().user_name("Alice");
    create_user.send().await.unwrap();
    let changes = vec![
        create("user/alice", Body::User(user())),
        create("group/admins", group()),
        create("membership/admins:alice", Body::Membership),
    ];
    let report = aws.apply(changes).await;
    assert_eq!(
        outcomes(&report),
        [
            "user/alice exists: it appeared since the plan was made",
            "after 0",
            "after 0"
        ]
    );
}

#[tokio::test]
async fn what_has_no_identity_may_be_done_twice() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    let again = arrival(&aws).into_iter().filter(|(address, _)| {
        matches!(
            address,
            Address::Membership(..) | Address::Attachment(..) | Address::InlinePolicy(..)
        )
    });
    let report = aws.apply(again.collect()).await;
    assert!(report.is_complete(), "{:?}", outcomes(&report));
}

#[tokio::test]
async fn a_user_is_renamed_moved_tagged_and_unbound() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    let before = User {
        path: path("/people/"),
        tags: tags(&[("Team", "core"), ("old", "1")]),
        boundary: Boundary::Policy(managed("bounds")),
        ..user()
    };
    let moved = User {
        path: path("/staff/"),
        tags: tags(&[("team", "edge"), ("new", "2")]),
        renamed_from: Some(user_named("alice")),
        ..before.clone()
    };
    let unbound = User {
        boundary: Boundary::None,
        renamed_from: None,
        ..moved.clone()
    };
    let report = aws
        .apply(vec![
            update("user/alicia", Body::User(before), Body::User(moved.clone())),
            update("user/alicia", Body::User(moved), Body::User(unbound)),
        ])
        .await;
    assert_applied(&report);
    let got = aws.clients.iam.get_user().user_name("alicia").send().await;
    let alicia = got.unwrap().user.unwrap();
    assert_eq!(alicia.path(), "/staff/");
    assert!(alicia.permissions_boundary().is_none());
    let mut values: Vec<&str> = alicia.tags().iter().map(Tag::value).collect();
    values.sort_unstable();
    assert_eq!(values, ["2", "edge"]);
}

#[tokio::test]
async fn every_long_lived_credential_is_deleted() {
    let aws = aws().await;
    assert_applied(
        &aws.apply(vec![create("user/alice", Body::User(user()))])
            .await,
    );
    let key = aws.clients.iam.create_access_key().user_name("alice");
    let key = key.send().await.unwrap().access_key.unwrap();
    let credential = Body::Credential(Credential {
        credential_type: CredentialType::AccessKey,
    });
    let address = format!("credential/alice:{}", key.access_key_id());
    let gone = vec![
        delete(&address, credential),
        delete("user/alice", Body::User(user())),
    ];
    assert_applied(&aws.apply(gone).await);
}

#[tokio::test]
async fn what_the_plan_can_not_ask_for_is_an_error_and_not_a_panic() {
    let aws = aws().await;
    let role = Body::Role(model::Role {
        path: path("/"),
        boundary: None,
    });
    for change in [
        create("role/ops", role),
        create("policy/aws/ReadOnlyAccess", Body::Policy(policy("*"))),
        create("user/alice", group()),
        update("membership/a:b", Body::Membership, Body::Membership),
    ] {
        let report = aws.apply(vec![change]).await;
        let outcome = outcomes(&report).remove(0);
        assert!(outcome.starts_with("mfactl made a mistake"), "{outcome}");
    }
}
