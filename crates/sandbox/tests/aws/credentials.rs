use crate::support::{aws, code};

const CERTIFICATE: &str =
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n";

#[tokio::test]
async fn a_signing_certificate_keeps_its_user_from_being_deleted() {
    let aws = aws().await;
    aws.user("alice").await;
    let upload = aws
        .iam
        .upload_signing_certificate()
        .user_name("alice")
        .certificate_body(CERTIFICATE);
    let id = upload
        .send()
        .await
        .unwrap()
        .certificate
        .unwrap()
        .certificate_id;
    assert_eq!(
        code(aws.iam.delete_user().user_name("alice").send().await),
        "DeleteConflict"
    );
    let listed = aws
        .iam
        .list_signing_certificates()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(listed.certificates()[0].certificate_body, CERTIFICATE);
    let delete = aws
        .iam
        .delete_signing_certificate()
        .user_name("alice")
        .certificate_id(id);
    delete.send().await.unwrap();
    aws.delete_user("alice").await;
}

#[tokio::test]
async fn a_certificate_that_is_none_is_malformed() {
    let aws = aws().await;
    aws.user("alice").await;
    let upload = aws
        .iam
        .upload_signing_certificate()
        .user_name("alice")
        .certificate_body("hello");
    assert_eq!(code(upload.send().await), "MalformedCertificate");
}

#[tokio::test]
async fn a_service_specific_credential_keeps_its_user_from_being_deleted() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = |service| {
        aws.iam
            .create_service_specific_credential()
            .user_name("alice")
            .service_name(service)
            .send()
    };
    assert_eq!(
        code(create("s3.amazonaws.com").await),
        "NotSupportedService"
    );
    let credential = create("codecommit.amazonaws.com")
        .await
        .unwrap()
        .service_specific_credential
        .unwrap();
    assert_eq!(credential.service_password().len(), 40);
    assert_eq!(
        code(aws.iam.delete_user().user_name("alice").send().await),
        "DeleteConflict"
    );
    let delete = aws
        .iam
        .delete_service_specific_credential()
        .user_name("alice");
    let id = credential.service_specific_credential_id;
    delete
        .service_specific_credential_id(id)
        .send()
        .await
        .unwrap();
    aws.delete_user("alice").await;
}

#[tokio::test]
async fn an_api_key_has_an_alias_a_secret_told_once_and_an_end_if_asked_for() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = |service, days| {
        let create = aws.iam.create_service_specific_credential();
        let create = create.user_name("alice").service_name(service);
        create.credential_age_days(days).send()
    };
    let refused = create("codecommit.amazonaws.com", 30).await;
    assert_eq!(code(refused), "InvalidInput");
    let key = create("bedrock.amazonaws.com", 30).await.unwrap();
    let key = key.service_specific_credential.unwrap();
    assert!(key.service_credential_alias().is_some() && key.service_user_name().is_empty());
    let month = 30 * 24 * 60 * 60;
    assert_eq!(
        key.expiration_date().unwrap().secs() - key.create_date().secs(),
        month
    );
    let reset = aws.iam.reset_service_specific_credential();
    let reset = reset.service_specific_credential_id(key.service_specific_credential_id());
    let reset = reset.user_name("alice").send().await.unwrap();
    let reset = reset.service_specific_credential.unwrap();
    assert_ne!(
        reset.service_credential_secret(),
        key.service_credential_secret()
    );
}
