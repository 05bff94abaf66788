use aws_sdk_iam::types::StatusType;

use crate::support::{aws, code, iam_as, sts_as};

#[tokio::test]
async fn a_user_has_two_access_keys_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = || aws.iam.create_access_key().user_name("alice").send();
    let key = create().await.unwrap().access_key.unwrap();
    assert!(key.access_key_id.starts_with("AKIA") && key.access_key_id.len() == 20);
    assert_eq!(key.secret_access_key.len(), 40);
    create().await.unwrap();
    assert_eq!(code(create().await), "LimitExceeded");
    let keys = aws
        .iam
        .list_access_keys()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(keys.access_key_metadata().len(), 2);
}

#[tokio::test]
async fn a_users_key_stands_for_the_user_until_it_is_inactive() {
    let aws = aws().await;
    aws.user("alice").await;
    let key = aws
        .iam
        .create_access_key()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .access_key
        .unwrap();
    let id = key.access_key_id;
    let sts = sts_as(&aws.sandbox, &id);
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:user/alice"));
    let own = iam_as(&aws.sandbox, &id).get_user().send().await.unwrap();
    assert_eq!(own.user.unwrap().user_name, "alice");
    let used = aws
        .iam
        .get_access_key_last_used()
        .access_key_id(&id)
        .send()
        .await
        .unwrap();
    let used = used.access_key_last_used.unwrap();
    assert_eq!(
        (used.service_name.as_str(), used.region.as_str()),
        ("iam", "us-east-1")
    );

    let update = aws
        .iam
        .update_access_key()
        .user_name("alice")
        .access_key_id(&id);
    update.status(StatusType::Inactive).send().await.unwrap();
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "InvalidClientTokenId"
    );
}

#[tokio::test]
async fn a_key_of_another_user_is_no_such_entity() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let key = aws
        .iam
        .create_access_key()
        .user_name("alice")
        .send()
        .await
        .unwrap()
        .access_key
        .unwrap();
    let delete = aws
        .iam
        .delete_access_key()
        .user_name("bob")
        .access_key_id(&key.access_key_id);
    assert_eq!(code(delete.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn the_root_users_keys_are_those_that_no_user_is_named_for() {
    let aws = aws().await;
    let create = || aws.iam.create_access_key().send();
    let key = create().await.unwrap().access_key.unwrap().access_key_id;
    create().await.unwrap();
    assert_eq!(code(create().await), "LimitExceeded");
    let sts = sts_as(&aws.sandbox, &key);
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:root"));
    let used = aws.iam.get_access_key_last_used().access_key_id(&key);
    let used = used.send().await.unwrap().access_key_last_used.unwrap();
    assert_eq!(used.service_name(), "sts");

    let update = aws.iam.update_access_key().access_key_id(&key);
    update.status(StatusType::Inactive).send().await.unwrap();
    let refused = sts.get_caller_identity().send().await;
    assert_eq!(code(refused), "InvalidClientTokenId");
    let delete = aws.iam.delete_access_key().access_key_id(&key);
    delete.send().await.unwrap();
    let left = aws.iam.list_access_keys().send().await.unwrap();
    assert_eq!(left.access_key_metadata().len(), 1);
    // They are not those of a user.
    aws.user("alice").await;
    let alices = aws.iam.list_access_keys().user_name("alice");
    assert!(
        alices
            .send()
            .await
            .unwrap()
            .access_key_metadata()
            .is_empty()
    );
}
