use crate::support::{ALLOW_ALL, aws, code};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[tokio::test]
async fn a_role_needs_a_trust_policy() {
    let aws = aws().await;
    let create = |document| {
        aws.iam
            .create_role()
            .role_name("app")
            .assume_role_policy_document(document)
            .send()
    };
    assert_eq!(code(create(ALLOW_ALL).await), "MalformedPolicyDocument");
    let role = create(TRUST).await.unwrap().role.unwrap();
    assert!(role.role_id.starts_with("AROA"));
    assert_eq!(code(create(TRUST).await), "EntityAlreadyExists");
}

#[tokio::test]
async fn a_role_with_policies_is_not_deleted() {
    let aws = aws().await;
    aws.iam
        .create_role()
        .role_name("app")
        .assume_role_policy_document(TRUST)
        .send()
        .await
        .unwrap();
    let arn = aws.policy("everything").await;
    let delete = || aws.iam.delete_role().role_name("app").send();
    aws.iam
        .attach_role_policy()
        .role_name("app")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    let details = aws
        .iam
        .get_account_authorization_details()
        .send()
        .await
        .unwrap();
    assert_eq!(
        details.role_detail_list()[0].attached_managed_policies()[0].policy_arn(),
        Some(arn.as_str())
    );
    aws.iam
        .detach_role_policy()
        .role_name("app")
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    assert_eq!(
        code(aws.iam.get_role().role_name("app").send().await),
        "NoSuchEntity"
    );
}
