use crate::support::{ALLOW_ALL, aws, code};

fn document(size: usize) -> String {
    ALLOW_ALL.replacen(
        '*',
        &format!("s3:{}", "a".repeat(size - (ALLOW_ALL.len() - 1) - 3)),
        1,
    )
}

#[tokio::test]
async fn the_inline_policies_of_a_user_have_2048_characters_together() {
    let aws = aws().await;
    aws.user("alice").await;
    let put = |name: &str, size| {
        aws.iam
            .put_user_policy()
            .user_name("alice")
            .policy_name(name)
            .policy_document(document(size))
            .send()
    };
    put("a", 1000).await.unwrap();
    put("b", 1048).await.unwrap();
    assert_eq!(code(put("a", 1001).await), "LimitExceeded");
    put("a", 999).await.unwrap();
    let names = aws
        .iam
        .list_user_policies()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(names.policy_names(), ["a", "b"]);
}

#[tokio::test]
async fn an_inline_policy_is_read_replaced_and_deleted() {
    let aws = aws().await;
    aws.group("admins").await;
    for size in [200, 300] {
        let put = aws
            .iam
            .put_group_policy()
            .group_name("admins")
            .policy_name("p");
        put.policy_document(document(size)).send().await.unwrap();
    }
    let get = || {
        aws.iam
            .get_group_policy()
            .group_name("admins")
            .policy_name("p")
            .send()
    };
    let encoded = get().await.unwrap().policy_document;
    let decoded = percent_encoding::percent_decode_str(&encoded)
        .decode_utf8()
        .unwrap();
    assert_eq!(decoded, document(300));
    let delete = || {
        aws.iam
            .delete_group_policy()
            .group_name("admins")
            .policy_name("p")
            .send()
    };
    delete().await.unwrap();
    assert_eq!(code(get().await), "NoSuchEntity");
    assert_eq!(code(delete().await), "NoSuchEntity");
}
