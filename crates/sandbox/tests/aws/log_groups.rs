use aws_sdk_cloudwatchlogs::types::LogGroupClass;

use crate::support::{Aws, aws, code, logs_in};

async fn create(aws: &Aws, name: &str) {
    aws.logs
        .create_log_group()
        .log_group_name(name)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_log_group_is_created_once_in_each_region() {
    let aws = aws().await;
    create(&aws, "app").await;
    let again = aws.logs.create_log_group().log_group_name("app");
    assert_eq!(code(again.send().await), "ResourceAlreadyExistsException");
    let elsewhere = logs_in(&aws.sandbox, "eu-central-1");
    elsewhere
        .create_log_group()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    let groups = elsewhere.describe_log_groups().send().await.unwrap();
    let group = &groups.log_groups()[0];
    assert_eq!(
        group.arn(),
        Some("arn:aws:logs:eu-central-1:123456789012:log-group:app:*")
    );
    assert_eq!(
        group.log_group_arn(),
        Some("arn:aws:logs:eu-central-1:123456789012:log-group:app")
    );
    assert_eq!(group.metric_filter_count(), Some(0));
}

#[tokio::test]
async fn a_log_group_name_keeps_the_model() {
    let aws = aws().await;
    for name in ["", "a b", "a:b", "aws/app", &"x".repeat(513)] {
        let create = aws.logs.create_log_group().log_group_name(name);
        assert_eq!(
            code(create.send().await),
            "InvalidParameterException",
            "{name}"
        );
    }
    create(&aws, "/aws/app#1.x-Y_z").await;
}

#[tokio::test]
async fn log_groups_are_listed_by_prefix_or_by_part_in_pages() {
    let aws = aws().await;
    for name in ["a/1", "a/2", "a/3", "b/2"] {
        create(&aws, name).await;
    }
    let mut pages = aws
        .logs
        .describe_log_groups()
        .log_group_name_prefix("a/")
        .into_paginator()
        .page_size(2)
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        names.extend(
            page.unwrap()
                .log_groups()
                .iter()
                .map(|group| group.log_group_name().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["a/1", "a/2", "a/3"]);
    let part = aws
        .logs
        .describe_log_groups()
        .log_group_name_pattern("/2")
        .send()
        .await
        .unwrap();
    assert_eq!(part.log_groups().len(), 2);
    let both = aws
        .logs
        .describe_log_groups()
        .log_group_name_pattern("/2")
        .log_group_name_prefix("a");
    assert_eq!(code(both.send().await), "InvalidParameterException");
}

#[tokio::test]
async fn retention_is_one_of_a_list_of_days() {
    let aws = aws().await;
    create(&aws, "app").await;
    let put = |days| {
        aws.logs
            .put_retention_policy()
            .log_group_name("app")
            .retention_in_days(days)
            .send()
    };
    let retention = || async {
        aws.logs
            .describe_log_groups()
            .send()
            .await
            .unwrap()
            .log_groups()[0]
            .retention_in_days
    };
    assert_eq!(code(put(31).await), "InvalidParameterException");
    put(30).await.unwrap();
    assert_eq!(retention().await, Some(30));
    aws.logs
        .delete_retention_policy()
        .log_group_name("app")
        .send()
        .await
        .unwrap();
    assert_eq!(retention().await, None);
    let none = aws
        .logs
        .put_retention_policy()
        .log_group_name("none")
        .retention_in_days(30);
    assert_eq!(code(none.send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_log_group_is_deleted_unless_it_is_protected() {
    let aws = aws().await;
    let created = aws
        .logs
        .create_log_group()
        .log_group_name("app")
        .deletion_protection_enabled(true);
    created.send().await.unwrap();
    let delete = || aws.logs.delete_log_group().log_group_name("app").send();
    assert_eq!(code(delete().await), "ValidationException");
    let unprotect = aws
        .logs
        .put_log_group_deletion_protection()
        .log_group_identifier("app");
    unprotect
        .deletion_protection_enabled(false)
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn tags_of_a_log_group_go_by_its_arn() {
    let aws = aws().await;
    let created = aws
        .logs
        .create_log_group()
        .log_group_name("app")
        .tags("team", "ops");
    created
        .log_group_class(LogGroupClass::Standard)
        .send()
        .await
        .unwrap();
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:app";
    aws.logs
        .tag_resource()
        .resource_arn(arn)
        .tags("env", "prod")
        .send()
        .await
        .unwrap();
    aws.logs
        .untag_resource()
        .resource_arn(arn)
        .tag_keys("team")
        .send()
        .await
        .unwrap();
    let tags = aws
        .logs
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        tags.tags().unwrap().clone(),
        [("env".to_owned(), "prod".to_owned())].into()
    );
    let streams = aws
        .logs
        .list_tags_for_resource()
        .resource_arn(format!("{arn}:*"));
    assert_eq!(code(streams.send().await), "InvalidParameterException");
    let none = aws
        .logs
        .list_tags_for_resource()
        .resource_arn(format!("{arn}x"));
    assert_eq!(code(none.send().await), "ResourceNotFoundException");
}

#[tokio::test]
#[expect(deprecated, reason = "older clients call these, Terraform among them")]
async fn tags_of_a_log_group_go_by_its_name_as_older_clients_call() {
    let aws = aws().await;
    create(&aws, "app").await;
    let tag = |name| aws.logs.tag_log_group().log_group_name(name);
    let untag = |name| aws.logs.untag_log_group().log_group_name(name);
    let list = |name| aws.logs.list_tags_log_group().log_group_name(name).send();
    tag("app")
        .tags("team", "ops")
        .tags("env", "prod")
        .send()
        .await
        .unwrap();
    untag("app").tags("team").tags("none").send().await.unwrap();
    let tags = list("app").await.unwrap();
    assert_eq!(
        tags.tags().unwrap().clone(),
        [("env".to_owned(), "prod".to_owned())].into()
    );
    let many = (0..50).map(|n| (format!("t{n}"), String::new())).collect();
    assert_eq!(
        code(tag("app").set_tags(Some(many)).send().await),
        "InvalidParameterException"
    );
    let none = tag("none").tags("a", "b").send().await;
    assert_eq!(code(none), "ResourceNotFoundException");
    let none = untag("none").tags("a").send().await;
    assert_eq!(code(none), "ResourceNotFoundException");
    assert_eq!(code(list("none").await), "ResourceNotFoundException");
}
