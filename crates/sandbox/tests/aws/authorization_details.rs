use aws_sdk_iam::types::EntityType;

use crate::support::{ALLOW_ALL, aws};

#[tokio::test]
async fn a_page_counts_entities_of_all_kinds_and_every_entity_comes_once() {
    let aws = aws().await;
    for name in ["alice", "bob", "carol"] {
        aws.user(name).await;
    }
    aws.group("admins").await;
    aws.member("admins", "bob").await;
    let arn = aws.policy("everything").await;
    for arn in [arn.as_str(), "arn:aws:iam::aws:policy/SecurityAudit"] {
        aws.iam
            .attach_group_policy()
            .group_name("admins")
            .policy_arn(arn)
            .send()
            .await
            .unwrap();
    }
    let mut pages = aws
        .iam
        .get_account_authorization_details()
        .into_paginator()
        .page_size(2)
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let before = names.len();
        names.extend(
            page.user_detail_list()
                .iter()
                .map(|it| it.user_name.clone().unwrap()),
        );
        names.extend(
            page.group_detail_list()
                .iter()
                .map(|it| it.group_name.clone().unwrap()),
        );
        names.extend(
            page.policies()
                .iter()
                .map(|it| it.policy_name.clone().unwrap()),
        );
        assert!(names.len() - before <= 2);
    }
    assert_eq!(
        names,
        [
            "alice",
            "bob",
            "carol",
            "admins",
            "everything",
            "SecurityAudit"
        ]
    );
}

#[tokio::test]
async fn a_filter_leaves_only_its_kinds() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.group("admins").await;
    let details = aws
        .iam
        .get_account_authorization_details()
        .filter(EntityType::Group);
    let details = details.send().await.unwrap();
    assert_eq!(details.group_detail_list().len(), 1);
    assert!(details.user_detail_list().is_empty());
}

#[tokio::test]
async fn a_users_details_have_groups_policies_boundary_and_tags() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("team")
        .value("ops")
        .build()
        .unwrap();
    let create = aws
        .iam
        .create_user()
        .user_name("alice")
        .permissions_boundary(&arn)
        .tags(tag.clone());
    create.send().await.unwrap();
    aws.group("Admins").await;
    aws.member("Admins", "alice").await;
    aws.iam
        .attach_user_policy()
        .user_name("alice")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .put_user_policy()
        .user_name("alice")
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    let details = aws
        .iam
        .get_account_authorization_details()
        .send()
        .await
        .unwrap();
    let alice = &details.user_detail_list()[0];
    assert_eq!(alice.group_list(), ["Admins"]);
    assert_eq!(alice.tags(), [tag]);
    assert_eq!(
        alice
            .permissions_boundary()
            .unwrap()
            .permissions_boundary_arn(),
        Some(arn.as_str())
    );
    assert_eq!(
        alice.attached_managed_policies()[0].policy_arn(),
        Some(arn.as_str())
    );
    assert_eq!(alice.user_policy_list()[0].policy_name(), Some("p"));
    let policy = &details.policies()[0];
    assert_eq!(policy.policy_version_list()[0].version_id(), Some("v1"));
}
