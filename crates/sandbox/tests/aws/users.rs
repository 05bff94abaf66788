use aws_sdk_iam::types::Tag;

use crate::support::{ALLOW_ALL, aws, code};

#[tokio::test]
async fn a_created_user_has_id_path_arn_and_tags() {
    let aws = aws().await;
    let tag = Tag::builder().key("team").value("öps +1").build().unwrap();
    let created = aws
        .iam
        .create_user()
        .user_name("alice")
        .path("/people/<&>/")
        .tags(tag.clone());
    let user = created.send().await.unwrap().user.unwrap();
    assert!(user.user_id.starts_with("AIDA") && user.user_id.len() == 21);
    assert_eq!(user.arn, "arn:aws:iam::123456789012:user/people/<&>/alice");
    assert_eq!(user.tags(), [tag]);
    let read = aws.iam.get_user().user_name("alice").send().await.unwrap();
    assert_eq!(read.user.unwrap(), user);
}

#[tokio::test]
async fn a_user_name_is_taken_whatever_its_case() {
    let aws = aws().await;
    aws.user("alice").await;
    let again = aws.iam.create_user().user_name("ALICE").send().await;
    assert_eq!(code(again), "EntityAlreadyExists");
}

#[tokio::test]
async fn a_name_or_path_that_breaks_the_model_is_a_validation_error() {
    let aws = aws().await;
    for name in ["", "a b", "ä", &"x".repeat(65)] {
        assert_eq!(
            code(aws.iam.create_user().user_name(name).send().await),
            "ValidationError",
            "{name}"
        );
    }
    for path in [
        "people",
        "/people",
        "//",
        "/a b/",
        &format!("/{}/", "x".repeat(511)),
    ] {
        let create = aws.iam.create_user().user_name("alice").path(path);
        assert_eq!(code(create.send().await), "ValidationError", "{path}");
    }
    let longest = aws
        .iam
        .create_user()
        .user_name("x".repeat(64))
        .path(format!("/{}/", "x".repeat(510)));
    longest.send().await.unwrap();
}

#[tokio::test]
async fn a_boundary_that_does_not_exist_creates_no_user() {
    let aws = aws().await;
    let create = aws.iam.create_user().user_name("alice");
    let create = create.permissions_boundary("arn:aws:iam::123456789012:policy/none");
    assert_eq!(code(create.send().await), "NoSuchEntity");
    assert_eq!(
        code(aws.iam.get_user().user_name("alice").send().await),
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn a_list_of_users_is_paged_by_path_and_has_neither_tags_nor_boundaries() {
    let aws = aws().await;
    let boundary = aws.policy("limit").await;
    for name in ["alice", "Bob", "carol"] {
        let tag = Tag::builder().key("team").value("ops").build().unwrap();
        let create = aws
            .iam
            .create_user()
            .user_name(name)
            .path("/people/")
            .tags(tag);
        create.permissions_boundary(&boundary).send().await.unwrap();
    }
    aws.user("robot").await;
    let first = aws
        .iam
        .list_users()
        .path_prefix("/people")
        .max_items(2)
        .send()
        .await
        .unwrap();
    assert!(first.is_truncated());
    assert!(
        first
            .users()
            .iter()
            .all(|user| user.tags.is_none() && user.permissions_boundary.is_none())
    );
    let rest = aws
        .iam
        .list_users()
        .path_prefix("/people")
        .marker(first.marker().unwrap());
    let rest = rest.send().await.unwrap();
    assert!(!rest.is_truncated() && rest.marker().is_none());
    let names: Vec<_> = first
        .users()
        .iter()
        .chain(rest.users())
        .map(|user| user.user_name.as_str())
        .collect();
    assert_eq!(names, ["alice", "Bob", "carol"]);
}

#[tokio::test]
async fn a_marker_that_is_none_is_a_validation_error() {
    let aws = aws().await;
    assert_eq!(
        code(aws.iam.list_users().marker("*").send().await),
        "ValidationError"
    );
}

#[tokio::test]
async fn a_renamed_user_keeps_id_groups_policies_keys_and_boundary() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    aws.user("alice").await;
    aws.group("admins").await;
    aws.member("admins", "alice").await;
    aws.iam
        .attach_user_policy()
        .user_name("alice")
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
        .put_user_policy()
        .user_name("alice")
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    let key = aws
        .iam
        .create_access_key()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .access_key
        .unwrap();
    let before = aws
        .iam
        .get_user()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .user
        .unwrap();
    let rename = aws
        .iam
        .update_user()
        .user_name("alice")
        .new_user_name("alicia")
        .new_path("/x/");
    rename.send().await.unwrap();

    assert_eq!(
        code(aws.iam.get_user().user_name("alice").send().await),
        "NoSuchEntity"
    );
    let after = aws
        .iam
        .get_user()
        .user_name("alicia")
        .send()
        .await
        .unwrap()
        .user
        .unwrap();
    assert_eq!(after.user_id, before.user_id);
    assert_eq!(after.arn, "arn:aws:iam::123456789012:user/x/alicia");
    let group = aws
        .iam
        .get_group()
        .group_name("admins")
        .send()
        .await
        .unwrap();
    assert_eq!(group.users()[0].user_name, "alicia");
    let entities = aws
        .iam
        .list_entities_for_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(entities.policy_users().len(), 1);
    assert_eq!(entities.policy_users()[0].user_name(), Some("alicia"));
    let used = aws
        .iam
        .get_access_key_last_used()
        .access_key_id(&key.access_key_id)
        .send()
        .await
        .unwrap();
    assert_eq!(used.user_name(), Some("alicia"));
}

#[tokio::test]
async fn a_user_is_not_renamed_to_a_name_that_is_taken() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let rename = |name| {
        aws.iam
            .update_user()
            .user_name("alice")
            .new_user_name(name)
            .send()
    };
    assert_eq!(code(rename("BOB").await), "EntityAlreadyExists");
    rename("ALICE").await.unwrap();
    aws.iam.get_user().user_name("ALICE").send().await.unwrap();
}

#[tokio::test]
async fn a_user_with_anything_left_is_not_deleted() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    aws.group("admins").await;
    aws.user("alice").await;
    let delete = || aws.iam.delete_user().user_name("alice").send();

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
        .attach_user_policy()
        .user_name("alice")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .detach_user_policy()
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
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .delete_user_policy()
        .user_name("alice")
        .policy_name("p")
        .send()
        .await
        .unwrap();

    let key = aws
        .iam
        .create_access_key()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .access_key
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    let id = key.access_key_id;
    aws.iam
        .delete_access_key()
        .user_name("alice")
        .access_key_id(id)
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
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .delete_login_profile()
        .user_name("alice")
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
    delete().await.unwrap();
    aws.iam
        .delete_policy()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
}
