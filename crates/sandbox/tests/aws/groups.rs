use crate::support::{aws, code};

#[tokio::test]
async fn a_group_with_a_member_is_not_deleted() {
    let aws = aws().await;
    aws.group("admins").await;
    aws.user("alice").await;
    aws.member("admins", "alice").await;
    let delete = || aws.iam.delete_group().group_name("admins").send();
    assert_eq!(code(delete().await), "DeleteConflict");
    let remove = aws
        .iam
        .remove_user_from_group()
        .group_name("admins")
        .user_name("alice");
    remove.send().await.unwrap();
    delete().await.unwrap();
}
