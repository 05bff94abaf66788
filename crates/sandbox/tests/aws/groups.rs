use crate::support::{ALLOW_ALL, aws, code};

#[tokio::test]
async fn a_group_with_members_or_policies_is_not_deleted() {
    let aws = aws().await;
    aws.group("admins").await;
    aws.user("alice").await;
    let delete = || aws.iam.delete_group().group_name("admins").send();
    aws.member("admins", "alice").await;
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .remove_user_from_group()
        .group_name("admins")
        .user_name("alice")
        .send()
        .await
        .unwrap();
    aws.iam
        .put_group_policy()
        .group_name("admins")
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .delete_group_policy()
        .group_name("admins")
        .policy_name("p")
        .send()
        .await
        .unwrap();
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    aws.iam
        .attach_group_policy()
        .group_name("admins")
        .policy_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .detach_group_policy()
        .group_name("admins")
        .policy_arn(arn)
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    for number in 0..11 {
        aws.group(&format!("g{number}")).await;
    }
    for number in 0..10 {
        aws.member(&format!("g{number}"), "alice").await;
    }
    let eleventh = aws
        .iam
        .add_user_to_group()
        .group_name("g10")
        .user_name("alice")
        .send()
        .await;
    assert_eq!(code(eleventh), "LimitExceeded");
    aws.member("g9", "alice").await;
    assert_eq!(
        aws.iam
            .list_groups_for_user()
            .user_name("alice")
            .send()
            .await
            .unwrap()
            .groups()
            .len(),
        10
    );
}

#[tokio::test]
async fn a_renamed_group_keeps_members_and_policies() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    aws.group("admins").await;
    aws.user("alice").await;
    aws.member("admins", "alice").await;
    aws.iam
        .attach_group_policy()
        .group_name("admins")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    aws.iam
        .update_group()
        .group_name("admins")
        .new_group_name("Owners")
        .send()
        .await
        .unwrap();
    let groups = aws
        .iam
        .list_groups_for_user()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(groups.groups()[0].group_name, "Owners");
    let group = aws
        .iam
        .get_group()
        .group_name("Owners")
        .send()
        .await
        .unwrap();
    assert_eq!(group.users()[0].user_name, "alice");
    let entities = aws
        .iam
        .list_entities_for_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(entities.policy_groups()[0].group_name(), Some("Owners"));
    assert!(entities.policy_users().is_empty());
}

#[tokio::test]
async fn a_membership_needs_both_sides() {
    let aws = aws().await;
    aws.group("admins").await;
    aws.user("alice").await;
    let add = |group, user| {
        aws.iam
            .add_user_to_group()
            .group_name(group)
            .user_name(user)
            .send()
    };
    assert_eq!(code(add("admins", "bob").await), "NoSuchEntity");
    assert_eq!(code(add("none", "alice").await), "NoSuchEntity");
    // A name in another case is another name.
    assert_eq!(code(add("Admins", "alice").await), "NoSuchEntity");
    let remove = aws
        .iam
        .remove_user_from_group()
        .group_name("admins")
        .user_name("alice");
    assert_eq!(code(remove.send().await), "NoSuchEntity");
}
