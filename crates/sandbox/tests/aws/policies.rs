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
    let version = version.send().await.unwrap().policy_version.unwrap();
    let document = version.document.unwrap();
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"));
    let decoded = percent_encoding::percent_decode_str(&document);
    assert_eq!(decoded.decode_utf8().unwrap(), ALLOW_ALL);
}

#[tokio::test]
async fn a_document_that_breaks_the_grammar_is_malformed() {
    let aws = aws().await;
    let bad =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#;
    let created = aws
        .iam
        .create_policy()
        .policy_name("p")
        .policy_document(bad);
    assert_eq!(code(created.send().await), "MalformedPolicyDocument");
}
