use crate::support::{ALLOW_ALL, aws, code};

#[tokio::test]
async fn a_document_comes_back_url_encoded_and_unchanged() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    let version = aws
        .iam
        .get_policy_version()
        .policy_arn(&arn)
        .version_id("v1");
    let document = version
        .send()
        .await
        .unwrap()
        .policy_version
        .unwrap()
        .document
        .unwrap();
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"));
    let decoded = percent_encoding::percent_decode_str(&document);
    assert_eq!(decoded.decode_utf8().unwrap(), ALLOW_ALL);
}

#[tokio::test]
async fn a_document_that_breaks_the_grammar_is_malformed() {
    let aws = aws().await;
    let documents = [
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
        "{",
    ];
    for document in documents {
        let create = aws
            .iam
            .create_policy()
            .policy_name("p")
            .policy_document(document);
        assert_eq!(
            code(create.send().await),
            "MalformedPolicyDocument",
            "{document}"
        );
    }
}

#[tokio::test]
async fn a_document_of_more_than_6144_characters_but_for_white_space_is_over_the_limit() {
    let aws = aws().await;
    let overhead = ALLOW_ALL.len() - 1;
    let document =
        |size| ALLOW_ALL.replacen('*', &format!("s3:{}", "a".repeat(size - overhead - 3)), 1);
    let create = |name: &str, document: String| {
        aws.iam
            .create_policy()
            .policy_name(name)
            .policy_document(document)
    };
    let spaced = document(6144).replace(',', " ,\n");
    create("fits", spaced).send().await.unwrap();
    assert_eq!(
        code(create("too-big", document(6145)).send().await),
        "LimitExceeded"
    );
}

#[tokio::test]
async fn a_policy_name_is_taken_whatever_its_case_and_path() {
    let aws = aws().await;
    aws.policy("everything").await;
    let again = aws
        .iam
        .create_policy()
        .policy_name("Everything")
        .path("/x/")
        .policy_document(ALLOW_ALL);
    assert_eq!(code(again.send().await), "EntityAlreadyExists");
}

#[tokio::test]
async fn a_policy_has_five_versions_at_most_and_numbers_go_on() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    let create = || {
        aws.iam
            .create_policy_version()
            .policy_arn(&arn)
            .policy_document(ALLOW_ALL)
            .send()
    };
    for _ in 2..=5 {
        create().await.unwrap();
    }
    assert_eq!(code(create().await), "LimitExceeded");
    let delete = |id| {
        aws.iam
            .delete_policy_version()
            .policy_arn(&arn)
            .version_id(id)
            .send()
    };
    assert_eq!(code(delete("v1").await), "DeleteConflict");
    delete("v5").await.unwrap();
    assert_eq!(code(delete("v5").await), "NoSuchEntity");
    let sixth = create().await.unwrap().policy_version.unwrap();
    assert_eq!(
        (sixth.version_id(), sixth.is_default_version),
        (Some("v6"), false)
    );
    let versions = aws
        .iam
        .list_policy_versions()
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    let ids: Vec<_> = versions
        .versions()
        .iter()
        .map(|version| version.version_id().unwrap())
        .collect();
    assert_eq!(ids, ["v6", "v4", "v3", "v2", "v1"]);
}

#[tokio::test]
async fn the_default_version_is_the_one_that_was_set() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    let default = || async {
        let policy = aws
            .iam
            .get_policy()
            .policy_arn(&arn)
            .send()
            .await
            .unwrap()
            .policy
            .unwrap();
        policy.default_version_id.unwrap()
    };
    let create = aws
        .iam
        .create_policy_version()
        .policy_arn(&arn)
        .policy_document(ALLOW_ALL);
    create.set_as_default(true).send().await.unwrap();
    assert_eq!(default().await, "v2");
    aws.iam
        .set_default_policy_version()
        .policy_arn(&arn)
        .version_id("v1")
        .send()
        .await
        .unwrap();
    assert_eq!(default().await, "v1");
    let none = aws
        .iam
        .set_default_policy_version()
        .policy_arn(&arn)
        .version_id("v9");
    assert_eq!(code(none.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn a_policy_is_deleted_without_other_versions_attachments_and_boundaries_only() {
    let aws = aws().await;
    let arn = aws.policy("everything").await;
    aws.user("alice").await;
    let delete = || aws.iam.delete_policy().policy_arn(&arn).send();
    aws.iam
        .create_policy_version()
        .policy_arn(&arn)
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .delete_policy_version()
        .policy_arn(&arn)
        .version_id("v2")
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
        .put_user_permissions_boundary()
        .user_name("alice")
        .permissions_boundary(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    aws.iam
        .delete_user_permissions_boundary()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    assert_eq!(
        code(aws.iam.get_policy().policy_arn(&arn).send().await),
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn a_policy_of_aws_is_listed_and_read_and_not_changed() {
    let aws = aws().await;
    aws.policy("mine").await;
    let all = aws.iam.list_policies().send().await.unwrap();
    let names: Vec<_> = all
        .policies()
        .iter()
        .map(|policy| policy.policy_name().unwrap())
        .collect();
    assert_eq!(names.len(), 11);
    assert!(names.contains(&"AdministratorAccess") && names.contains(&"mine"));
    let arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";
    let policy = aws
        .iam
        .get_policy()
        .policy_arn(arn)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    assert_eq!(policy.path(), Some("/job-function/"));
    assert_eq!(
        code(aws.iam.delete_policy().policy_arn(arn).send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn a_list_of_policies_goes_by_scope_and_use_across_pages() {
    let aws = aws().await;
    let mine = aws.policy("mine").await;
    aws.policy("unused").await;
    aws.user("alice").await;
    for arn in [mine.as_str(), "arn:aws:iam::aws:policy/SecurityAudit"] {
        aws.iam
            .attach_user_policy()
            .user_name("alice")
            .policy_arn(arn)
            .send()
            .await
            .unwrap();
    }
    let mut pages = aws
        .iam
        .list_policies()
        .only_attached(true)
        .into_paginator()
        .page_size(1)
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        names.extend(
            page.unwrap()
                .policies()
                .iter()
                .map(|policy| policy.policy_name().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["SecurityAudit", "mine"]);
    let local = aws
        .iam
        .list_policies()
        .scope("Local".into())
        .send()
        .await
        .unwrap();
    assert_eq!(local.policies().len(), 2);
}

#[tokio::test]
async fn every_policy_of_aws_keeps_the_grammar() {
    let aws = aws().await;
    for policy in aws.iam.list_policies().send().await.unwrap().policies() {
        let version = aws
            .iam
            .get_policy_version()
            .policy_arn(policy.arn().unwrap());
        let version = version
            .version_id(policy.default_version_id().unwrap())
            .send()
            .await
            .unwrap();
        let encoded = version.policy_version.unwrap().document.unwrap();
        let document = percent_encoding::percent_decode_str(&encoded)
            .decode_utf8()
            .unwrap();
        policy::Document::parse(&document).unwrap();
    }
}

#[tokio::test]
async fn a_description_comes_back_as_it_was_or_is_refused() {
    let aws = aws().await;
    let description = "<b>é\u{1f600}</b> &amp;\r\nline\ttwo\r";
    let create = aws
        .iam
        .create_policy()
        .policy_name("p")
        .policy_document(ALLOW_ALL);
    let created = create
        .clone()
        .description(description)
        .send()
        .await
        .unwrap();
    let arn = created.policy.unwrap().arn.unwrap();
    let policy = aws
        .iam
        .get_policy()
        .policy_arn(arn)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    assert_eq!(policy.description(), Some(description));
    // XML has no way to say it.
    let control = create.policy_name("q").description("\u{1b}[31m");
    assert_eq!(code(control.send().await), "ValidationError");
}
