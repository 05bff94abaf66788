use aws_sdk_iam::types::Tag;

use crate::support::{aws, code};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

#[tokio::test]
async fn a_users_tag_replaces_one_whose_key_differs_in_case() {
    let aws = aws().await;
    aws.user("alice").await;
    for it in [tag("Team", "ops"), tag("team", "dev")] {
        aws.iam
            .tag_user()
            .user_name("alice")
            .tags(it)
            .send()
            .await
            .unwrap();
    }
    let tags = aws
        .iam
        .list_user_tags()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("team", "dev")]);
    aws.iam
        .untag_user()
        .user_name("alice")
        .tag_keys("TEAM")
        .send()
        .await
        .unwrap();
    assert!(
        aws.iam
            .list_user_tags()
            .user_name("alice")
            .send()
            .await
            .unwrap()
            .tags()
            .is_empty()
    );
}

#[tokio::test]
async fn a_policys_tags_differ_by_case() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    let both = aws
        .iam
        .tag_policy()
        .policy_arn(&arn)
        .tags(tag("Team", "ops"))
        .tags(tag("team", "dev"));
    both.send().await.unwrap();
    let tags = aws
        .iam
        .list_policy_tags()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("Team", "ops"), tag("team", "dev")]);
}

#[tokio::test]
async fn a_user_has_fifty_tags_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    let fifty = (0..50).map(|number| tag(&format!("k{number}"), ""));
    aws.iam
        .tag_user()
        .user_name("alice")
        .set_tags(Some(fifty.collect()))
        .send()
        .await
        .unwrap();
    aws.iam
        .tag_user()
        .user_name("alice")
        .tags(tag("K0", "new"))
        .send()
        .await
        .unwrap();
    let more = aws.iam.tag_user().user_name("alice").tags(tag("k50", ""));
    assert_eq!(code(more.send().await), "LimitExceeded");
}

#[tokio::test]
async fn tags_of_aws_duplicates_and_other_characters_are_refused() {
    let aws = aws().await;
    let create = || aws.iam.create_user().user_name("alice");
    assert_eq!(
        code(create().tags(tag("AWS:x", "")).send().await),
        "InvalidInput"
    );
    assert_eq!(
        code(create().tags(tag("x", "aws:y")).send().await),
        "InvalidInput"
    );
    assert_eq!(
        code(
            create()
                .tags(tag("x", "1"))
                .tags(tag("X", "2"))
                .send()
                .await
        ),
        "InvalidInput"
    );
    assert_eq!(
        code(create().tags(tag("x", "<b>")).send().await),
        "ValidationError"
    );
}
