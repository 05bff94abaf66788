use aws_sdk_cloudwatchlogs::operation::put_account_policy::builders::PutAccountPolicyFluentBuilder;
use aws_sdk_cloudwatchlogs::types::PolicyType;

use crate::support::{Aws, aws, code};

fn put(aws: &Aws, name: &str, days: &str, mode: &str) -> PutAccountPolicyFluentBuilder {
    let put = aws.logs.put_account_policy().policy_name(name);
    let document = format!(r#"{{"retentionInDays": {days}, "enforcementMode": "{mode}"}}"#);
    put.policy_type(PolicyType::RetentionPolicy)
        .policy_document(document)
}

async fn create(aws: &Aws, name: &str) {
    let create = aws.logs.create_log_group().log_group_name(name);
    create.send().await.unwrap();
}

/// Returns how long a log group keeps its events, and the policy that says so.
async fn retention(aws: &Aws, name: &str) -> (Option<i32>, Option<String>) {
    let groups = aws.logs.describe_log_groups().log_group_name_prefix(name);
    let groups = groups.send().await.unwrap();
    let group = &groups.log_groups()[0];
    let policy = group.retention_policy_name().map(str::to_owned);
    (group.retention_in_days(), policy)
}

#[tokio::test]
async fn the_longest_policy_of_the_account_goes_before_the_groups_own_retention() {
    let aws = aws().await;
    create(&aws, "app").await;
    let own = aws.logs.put_retention_policy().log_group_name("app");
    own.retention_in_days(3653).send().await.unwrap();
    put(&aws, "base", "90", "RETROACTIVE").send().await.unwrap();
    assert_eq!(
        retention(&aws, "app").await,
        (Some(90), Some("base".to_owned()))
    );
    // Of two that say the same the older counts, and their ages have milliseconds.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    put(&aws, "same", "90", "RETROACTIVE").send().await.unwrap();
    assert_eq!(retention(&aws, "app").await.1, Some("base".to_owned()));
    let never = put(&aws, "never", r#""NEVER_EXPIRE""#, "RETROACTIVE");
    let never = never.selection_criteria(r#"LogGroupNamePrefix IN ["x", "ap"]"#);
    never.send().await.unwrap();
    assert_eq!(
        retention(&aws, "app").await,
        (None, Some("never".to_owned()))
    );
    create(&aws, "other").await;
    assert_eq!(
        retention(&aws, "other").await,
        (Some(90), Some("base".to_owned()))
    );

    let delete = |name: &str| {
        let delete = aws.logs.delete_account_policy().policy_name(name);
        delete.policy_type(PolicyType::RetentionPolicy).send()
    };
    for name in ["base", "same", "never"] {
        delete(name).await.unwrap();
    }
    assert_eq!(retention(&aws, "app").await, (Some(3653), None));
    assert_eq!(code(delete("base").await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_policy_for_new_groups_leaves_the_older_ones_alone() {
    let aws = aws().await;
    create(&aws, "old").await;
    // The ages of groups and policies have milliseconds.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    put(&aws, "new", "30", "NEW_ONLY").send().await.unwrap();
    create(&aws, "young").await;
    assert_eq!(retention(&aws, "old").await, (None, None));
    assert_eq!(retention(&aws, "young").await.0, Some(30));
}

#[tokio::test]
async fn policies_are_listed_as_they_came() {
    let aws = aws().await;
    let criteria = r#"LogGroupNamePrefix IN ["/app/"]"#;
    let created = put(&aws, "p", "60", "NEW_ONLY").selection_criteria(criteria);
    let created = created.send().await.unwrap();
    let describe = || aws.logs.describe_account_policies();
    let listed = describe()
        .policy_type(PolicyType::RetentionPolicy)
        .send()
        .await
        .unwrap();
    assert_eq!(
        listed.account_policies(),
        [created.account_policy().unwrap().clone()]
    );
    assert_eq!(
        listed.account_policies()[0].selection_criteria(),
        Some(criteria)
    );
    let others = describe()
        .policy_type(PolicyType::DataProtectionPolicy)
        .send()
        .await
        .unwrap();
    assert!(others.account_policies().is_empty());
}

#[tokio::test]
async fn a_policy_that_breaks_a_rule_is_refused() {
    let aws = aws().await;
    let refused = [
        put(&aws, "p", "29", "NEW_ONLY"),
        put(&aws, "p", "31", "NEW_ONLY"),
        put(&aws, "p", "90", "SOMETIMES"),
        put(&aws, "p", "90", "NEW_ONLY").policy_document("{"),
        put(&aws, "p", "90", "NEW_ONLY").selection_criteria("LogGroupName = 1"),
        put(&aws, "aws/p", "90", "NEW_ONLY"),
        put(&aws, "p", "90", "NEW_ONLY").dry_run(true),
        put(&aws, "p", "90", "NEW_ONLY").policy_type(PolicyType::TransformerPolicy),
    ];
    for put in refused {
        let shown = format!("{put:?}");
        assert_eq!(
            code(put.send().await),
            "InvalidParameterException",
            "{shown}"
        );
    }
}
