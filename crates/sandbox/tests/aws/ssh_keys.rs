use aws_sdk_iam::types::{EncodingType, StatusType};
use data_encoding::BASE64;

use crate::support::{aws, code};

/// Returns an RSA key of this many bits as `ssh-keygen` writes it. Its modulus is nobody's.
fn key(bits: usize) -> String {
    let mut modulus = vec![0; bits / 8 + 1];
    modulus[1] = 0x80;
    let mut bytes = Vec::new();
    for field in [b"ssh-rsa".as_slice(), &[1, 0, 1], &modulus] {
        bytes.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        bytes.extend(field);
    }
    format!("ssh-rsa {} alice@laptop", BASE64.encode(&bytes))
}

#[tokio::test]
async fn an_ssh_key_is_uploaded_read_deactivated_and_keeps_its_user_from_being_deleted() {
    let aws = aws().await;
    aws.user("alice").await;
    let upload = || {
        let upload = aws.iam.upload_ssh_public_key().user_name("alice");
        upload.ssh_public_key_body(key(2_048)).send()
    };
    let uploaded = upload().await.unwrap().ssh_public_key.unwrap();
    let id = uploaded.ssh_public_key_id();
    assert!(id.starts_with("APKA") && uploaded.fingerprint().len() == 47);
    assert_eq!(code(upload().await), "DuplicateSSHPublicKey");
    let get = |encoding| {
        let get = aws.iam.get_ssh_public_key().user_name("alice");
        get.ssh_public_key_id(id).encoding(encoding).send()
    };
    let read = get(EncodingType::Ssh)
        .await
        .unwrap()
        .ssh_public_key
        .unwrap();
    assert_eq!(read.ssh_public_key_body(), key(2_048));
    assert_eq!(
        code(get(EncodingType::Pem).await),
        "UnrecognizedPublicKeyEncoding"
    );

    let update = aws.iam.update_ssh_public_key().user_name("alice");
    let update = update.ssh_public_key_id(id).status(StatusType::Inactive);
    update.send().await.unwrap();
    let listed = aws
        .iam
        .list_ssh_public_keys()
        .user_name("alice")
        .send()
        .await;
    assert_eq!(
        *listed.unwrap().ssh_public_keys()[0].status(),
        StatusType::Inactive
    );
    let delete = aws.iam.delete_user().user_name("alice").send().await;
    assert_eq!(code(delete), "DeleteConflict");
    let delete = aws.iam.delete_ssh_public_key().user_name("alice");
    delete.ssh_public_key_id(id).send().await.unwrap();
    aws.delete_user("alice").await;
}

#[tokio::test]
async fn a_key_that_is_none_or_too_short_is_refused() {
    let aws = aws().await;
    aws.user("alice").await;
    let refusals = [
        ("hello".to_owned(), "UnrecognizedPublicKeyEncoding"),
        ("ssh-rsa hello".to_owned(), "InvalidPublicKey"),
        (key(1_024), "InvalidPublicKey"),
        (
            "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----".to_owned(),
            "InvalidPublicKey",
        ),
    ];
    for (body, expected) in refusals {
        let upload = aws.iam.upload_ssh_public_key().user_name("alice");
        let refused = upload.ssh_public_key_body(&body).send().await;
        assert_eq!(code(refused), expected, "{body}");
    }
    let upload = aws.iam.upload_ssh_public_key().user_name("alice");
    let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----";
    upload.ssh_public_key_body(pem).send().await.unwrap();
}

#[tokio::test]
async fn a_user_has_five_ssh_keys_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    let upload = |bits| {
        let upload = aws.iam.upload_ssh_public_key().user_name("alice");
        upload.ssh_public_key_body(key(bits)).send()
    };
    for number in 0..5 {
        upload(2_048 + 8 * number).await.unwrap();
    }
    assert_eq!(code(upload(4_096).await), "LimitExceeded");
}
