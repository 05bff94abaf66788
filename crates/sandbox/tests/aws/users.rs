use aws_sdk_iam::types::Tag;

use crate::support::{ACCOUNT, aws, code, iam_as, sts_as};

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
    let sts = sts_as(&aws.sandbox, "999999999999");
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("999999999999"));
}

#[tokio::test]
async fn a_created_user_has_id_path_arn_and_tags() {
    let aws = aws().await;
    let tag = Tag::builder().key("team").value("ops & <dev>").build();
    // `&` and angle brackets are no characters of tags.
    let refused = aws.iam.create_user().user_name("a").tags(tag.unwrap());
    assert_eq!(code(refused.send().await), "ValidationError");
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
