use crate::support::{ALLOW_ALL, Aws, aws, code};

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

/// Returns the trust policy of a role.
async fn trust_of(aws: &Aws, role: &str) -> String {
    let role = aws.iam.get_role().role_name(role).send().await.unwrap();
    let encoded = role.role.unwrap().assume_role_policy_document.unwrap();
    percent_encoding::percent_decode_str(&encoded)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

#[tokio::test]
async fn a_trust_policy_names_nobody_who_is_not_there() {
    let aws = aws().await;
    let create = |principal: &str| {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#
        );
        let create = aws.iam.create_role().role_name("role");
        create.assume_role_policy_document(trust).send()
    };
    for nobody in ["user/alice", "user/*", "role/role"] {
        let refused = create(&format!("arn:aws:iam::123456789012:{nobody}")).await;
        assert_eq!(code(refused), "MalformedPolicyDocument", "{nobody}");
    }
    for nobody in ["alice", "12345", "AIDA"] {
        let refused = create(nobody).await;
        assert_eq!(code(refused), "MalformedPolicyDocument", "{nobody}");
    }
    aws.user("alice").await;
    let path = create("arn:aws:iam::123456789012:user/path/alice").await;
    assert_eq!(code(path), "MalformedPolicyDocument");
    create("arn:aws:iam::123456789012:user/alice")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_trust_policy_follows_a_renamed_user_and_shows_the_id_of_a_deleted_one() {
    let aws = aws().await;
    aws.user("alice").await;
    let trusted = r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#;
    aws.role("admin", trusted, "").await;
    let rename = aws.iam.update_user().user_name("alice");
    rename.new_user_name("alicia").send().await.unwrap();
    assert!(trust_of(&aws, "admin").await.contains(":user/alicia"));
    let user = aws.iam.get_user().user_name("alicia").send().await.unwrap();
    let id = user.user.unwrap().user_id;
    aws.iam
        .delete_user()
        .user_name("alicia")
        .send()
        .await
        .unwrap();
    aws.user("alicia").await;
    let trust = trust_of(&aws, "admin").await;
    assert!(trust.contains(&id) && !trust.contains("alicia"), "{trust}");
}

#[tokio::test]
async fn there_are_no_instance_profiles() {
    let aws = aws().await;
    let profiles = |role: &str| {
        aws.iam
            .list_instance_profiles_for_role()
            .role_name(role)
            .send()
    };
    assert_eq!(code(profiles("admin").await), "NoSuchEntity");
    aws.role("admin", r#"{"AWS":"123456789012"}"#, "").await;
    assert!(
        profiles("admin")
            .await
            .unwrap()
            .instance_profiles()
            .is_empty()
    );
}

#[tokio::test]
async fn a_trust_policy_is_about_assuming_the_role() {
    let aws = aws().await;
    let create = |action: &str| {
        let create = aws.iam.create_role().role_name("role");
        let trust = TRUST.replace("sts:AssumeRole", action);
        create.assume_role_policy_document(trust).send()
    };
    assert_eq!(
        code(create("s3:GetObject").await),
        "MalformedPolicyDocument"
    );
    create("STS:Assume*").await.unwrap();
}

#[tokio::test]
async fn a_role_is_updated() {
    let aws = aws().await;
    aws.role("role", r#"{"AWS":"123456789012"}"#, "").await;
    let update = aws.iam.update_role().role_name("role").description("new");
    update.send().await.unwrap();
    let role = aws.iam.get_role().role_name("role").send().await.unwrap();
    assert_eq!(role.role.unwrap().description(), Some("new"));
}
