use crate::support::{aws, code};

#[tokio::test]
async fn a_policy_that_does_not_exist_is_not_attached() {
    let aws = aws().await;
    aws.user("alice").await;
    for arn in [
        "arn:aws:iam::123456789012:policy/none",
        "arn:aws:iam::aws:policy/NoSuchAccess",
    ] {
        let attach = aws
            .iam
            .attach_user_policy()
            .user_name("alice")
            .policy_arn(arn);
        assert_eq!(code(attach.send().await), "NoSuchEntity");
    }
}

#[tokio::test]
async fn a_user_has_ten_managed_policies_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    for number in 0..10 {
        let arn = aws.policy(&format!("p{number}")).await;
        aws.iam
            .attach_user_policy()
            .user_name("alice")
            .policy_arn(arn)
            .send()
            .await
            .unwrap();
    }
    let again = aws
        .iam
        .attach_user_policy()
        .user_name("alice")
        .policy_arn("arn:aws:iam::123456789012:policy/p0");
    again.send().await.unwrap();
    let arn = aws.policy("p10").await;
    let eleventh = aws
        .iam
        .attach_user_policy()
        .user_name("alice")
        .policy_arn(arn);
    assert_eq!(code(eleventh.send().await), "LimitExceeded");
}

#[tokio::test]
async fn a_policy_that_is_not_attached_is_not_detached() {
    let aws = aws().await;
    aws.group("admins").await;
    let arn = aws.policy("everything").await;
    let detach = aws
        .iam
        .detach_group_policy()
        .group_name("admins")
        .policy_arn(arn);
    assert_eq!(code(detach.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn entities_are_listed_by_kind_and_by_use() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    aws.user("alice").await;
    aws.user("bob").await;
    aws.group("admins").await;
    aws.iam
        .attach_user_policy()
        .user_name("alice")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .attach_group_policy()
        .group_name("admins")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .put_user_permissions_boundary()
        .user_name("bob")
        .permissions_boundary(&arn)
        .send()
        .await
        .unwrap();

    let all = aws
        .iam
        .list_entities_for_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (all.policy_users().len(), all.policy_groups().len()),
        (2, 1)
    );
    let users = aws
        .iam
        .list_entities_for_policy()
        .policy_arn(&arn)
        .entity_filter("User".into());
    let users = users
        .policy_usage_filter("PermissionsBoundary".into())
        .send()
        .await
        .unwrap();
    assert_eq!(users.policy_users()[0].user_name(), Some("bob"));
    assert!(users.policy_groups().is_empty());
    let policy = aws
        .iam
        .get_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    assert_eq!(
        (
            policy.attachment_count,
            policy.permissions_boundary_usage_count
        ),
        (Some(2), Some(1))
    );
}
