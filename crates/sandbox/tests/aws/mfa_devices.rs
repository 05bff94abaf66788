use aws_sdk_iam::types::{AssignmentStatusType, VirtualMfaDevice};

use crate::support::{self, Aws, aws, code};

async fn device(aws: &Aws, name: &str) -> VirtualMfaDevice {
    let create = aws
        .iam
        .create_virtual_mfa_device()
        .virtual_mfa_device_name(name)
        .send()
        .await;
    create.unwrap().virtual_mfa_device.unwrap()
}

/// Returns the codes that a device shows some steps of 30 seconds from now.
fn codes(device: &VirtualMfaDevice, steps: [i64; 2]) -> [String; 2] {
    let seed = device.base32_string_seed().unwrap().clone().into_inner();
    support::codes(&String::from_utf8(seed).unwrap(), steps)
}

/// Enables a device with the codes of two steps.
async fn enable(
    aws: &Aws,
    user: &str,
    device: &VirtualMfaDevice,
    steps: [i64; 2],
) -> Result<(), String> {
    let enable = aws
        .iam
        .enable_mfa_device()
        .user_name(user)
        .serial_number(device.serial_number());
    let [first, second] = codes(device, steps);
    let enabled = enable
        .authentication_code1(first)
        .authentication_code2(second)
        .send()
        .await;
    if enabled.is_ok() {
        Ok(())
    } else {
        Err(code(enabled))
    }
}

#[tokio::test]
async fn a_new_device_has_a_seed_and_a_qr_code_and_lists_show_neither() {
    let aws = aws().await;
    let device = device(&aws, "alice").await;
    assert_eq!(
        device.serial_number(),
        "arn:aws:iam::123456789012:mfa/alice"
    );
    let seed = device.base32_string_seed().unwrap().as_ref();
    assert!(
        seed.len() == 64
            && seed
                .iter()
                .all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(b))
    );
    let image = device.qr_code_png().unwrap().as_ref();
    let reader = png::Decoder::new(std::io::Cursor::new(image))
        .read_info()
        .unwrap();
    assert!(reader.info().width > 100 && reader.info().width == reader.info().height);
    let listed = aws.iam.list_virtual_mfa_devices().send().await.unwrap();
    let listed = &listed.virtual_mfa_devices()[0];
    assert!(listed.base32_string_seed().is_none() && listed.qr_code_png().is_none());
}

#[tokio::test]
async fn a_device_is_enabled_by_two_consecutive_codes_only() {
    let aws = aws().await;
    aws.user("alice").await;
    let device = device(&aws, "alice").await;
    let wrong = "InvalidAuthenticationCode".to_owned();
    for steps in [[0, 0], [0, -1], [-2, 0], [-1000, -999]] {
        assert_eq!(
            enable(&aws, "alice", &device, steps).await,
            Err(wrong.clone()),
            "{steps:?}"
        );
    }
    enable(&aws, "alice", &device, [-1, 0]).await.unwrap();
    let devices = aws
        .iam
        .list_mfa_devices()
        .user_name("alice")
        .send()
        .await
        .unwrap();
    assert_eq!(
        devices.mfa_devices()[0].serial_number,
        device.serial_number()
    );
}

#[tokio::test]
async fn a_device_belongs_to_one_user() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let device = device(&aws, "alice").await;
    enable(&aws, "alice", &device, [-1, 0]).await.unwrap();
    assert_eq!(
        enable(&aws, "bob", &device, [-1, 0]).await,
        Err("EntityAlreadyExists".to_owned())
    );
    let deactivate = aws
        .iam
        .deactivate_mfa_device()
        .user_name("bob")
        .serial_number(device.serial_number());
    assert_eq!(code(deactivate.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn a_device_is_deactivated_before_it_is_deleted_and_its_user_after_both() {
    let aws = aws().await;
    aws.user("alice").await;
    let device = device(&aws, "alice").await;
    let serial = device.serial_number();
    enable(&aws, "alice", &device, [-1, 0]).await.unwrap();
    let delete = || {
        aws.iam
            .delete_virtual_mfa_device()
            .serial_number(serial)
            .send()
    };
    assert_eq!(code(delete().await), "DeleteConflict");
    assert_eq!(
        code(aws.iam.delete_user().user_name("alice").send().await),
        "DeleteConflict"
    );
    aws.iam
        .deactivate_mfa_device()
        .user_name("alice")
        .serial_number(serial)
        .send()
        .await
        .unwrap();
    aws.delete_user("alice").await;
    delete().await.unwrap();
    assert_eq!(code(delete().await), "NoSuchEntity");
}

#[tokio::test]
async fn virtual_devices_are_listed_by_assignment() {
    let aws = aws().await;
    aws.user("alice").await;
    let assigned = device(&aws, "alice").await;
    device(&aws, "spare").await;
    enable(&aws, "alice", &assigned, [-1, 0]).await.unwrap();
    let list = |status| async {
        let list = aws
            .iam
            .list_virtual_mfa_devices()
            .set_assignment_status(status)
            .send()
            .await
            .unwrap();
        list.virtual_mfa_devices
    };
    assert_eq!(list(None).await.len(), 2);
    let unassigned = list(Some(AssignmentStatusType::Unassigned)).await;
    assert_eq!(
        unassigned[0].serial_number,
        "arn:aws:iam::123456789012:mfa/spare"
    );
    let assigned = list(Some(AssignmentStatusType::Assigned)).await;
    assert_eq!(assigned[0].user().unwrap().user_name, "alice");
}

#[tokio::test]
async fn a_device_stays_with_a_renamed_user() {
    let aws = aws().await;
    aws.user("alice").await;
    let device = device(&aws, "alice").await;
    enable(&aws, "alice", &device, [-1, 0]).await.unwrap();
    aws.iam
        .update_user()
        .user_name("alice")
        .new_user_name("alicia")
        .send()
        .await
        .unwrap();
    let devices = aws
        .iam
        .list_mfa_devices()
        .user_name("alicia")
        .send()
        .await
        .unwrap();
    assert_eq!(devices.mfa_devices()[0].user_name, "alicia");
    let resync = aws
        .iam
        .resync_mfa_device()
        .user_name("alicia")
        .serial_number(device.serial_number());
    let [first, second] = codes(&device, [1, 2]);
    resync
        .authentication_code1(first)
        .authentication_code2(second)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_device_name_is_taken_until_the_device_is_deleted() {
    let aws = aws().await;
    device(&aws, "alice").await;
    let again = aws
        .iam
        .create_virtual_mfa_device()
        .virtual_mfa_device_name("alice")
        .send()
        .await;
    assert_eq!(code(again), "EntityAlreadyExists");
}

#[tokio::test]
async fn a_user_has_eight_devices_at_most() {
    let aws = aws().await;
    aws.user("alice").await;
    for number in 0..8 {
        let device = device(&aws, &format!("d{number}")).await;
        enable(&aws, "alice", &device, [-1, 0]).await.unwrap();
    }
    let ninth = device(&aws, "d8").await;
    assert_eq!(
        enable(&aws, "alice", &ninth, [-1, 0]).await,
        Err("LimitExceeded".to_owned())
    );
}

#[tokio::test]
async fn devices_have_tags() {
    let aws = aws().await;
    let device = device(&aws, "alice").await;
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("team")
        .value("ops")
        .build()
        .unwrap();
    aws.iam
        .tag_mfa_device()
        .serial_number(device.serial_number())
        .tags(tag.clone())
        .send()
        .await
        .unwrap();
    let tags = aws
        .iam
        .list_mfa_device_tags()
        .serial_number(device.serial_number())
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag]);
    aws.iam
        .untag_mfa_device()
        .serial_number(device.serial_number())
        .tag_keys("team")
        .send()
        .await
        .unwrap();
    let tags = aws
        .iam
        .list_mfa_device_tags()
        .serial_number(device.serial_number())
        .send()
        .await
        .unwrap();
    assert!(tags.tags().is_empty());
}

#[tokio::test]
async fn get_mfa_device_knows_no_virtual_device() {
    let aws = aws().await;
    let device = device(&aws, "alice").await;
    let get = aws
        .iam
        .get_mfa_device()
        .serial_number(device.serial_number());
    assert_eq!(code(get.send().await), "NoSuchEntity");
}

/// Enables a device that is no virtual one, on these codes.
async fn enable_fixture(aws: &Aws, user: &str, serial: &str, codes: [String; 2]) -> String {
    let enable = aws.iam.enable_mfa_device().user_name(user);
    let [first, second] = codes;
    let enable = enable.authentication_code1(first);
    let enabled = enable.authentication_code2(second).serial_number(serial);
    match enabled.send().await {
        Ok(_) => "OK".to_owned(),
        refused => code(refused),
    }
}

#[tokio::test]
async fn a_hardware_token_shows_the_codes_of_its_serial_number_and_is_listed_with_its_user_only() {
    let aws = aws().await;
    aws.user("alice").await;
    let serial = "GAHT12345678";
    let codes = |steps| support::codes("I5AUQVBRGIZTINJWG44A", steps);
    let wrong = enable_fixture(&aws, "alice", serial, codes([0, 0])).await;
    assert_eq!(wrong, "InvalidAuthenticationCode");
    let right = enable_fixture(&aws, "alice", serial, codes([-1, 0])).await;
    assert_eq!(right, "OK");
    let again = enable_fixture(&aws, "alice", serial, codes([-1, 0])).await;
    assert_eq!(again, "EntityAlreadyExists");

    let own = aws.iam.list_mfa_devices().user_name("alice").send().await;
    assert_eq!(own.unwrap().mfa_devices()[0].serial_number(), serial);
    let listed = aws.iam.list_virtual_mfa_devices().send().await.unwrap();
    assert!(listed.virtual_mfa_devices().is_empty());
    let get = aws.iam.get_mfa_device().serial_number(serial).send().await;
    assert_eq!(code(get), "NoSuchEntity");
    let delete = aws.iam.delete_user().user_name("alice").send().await;
    assert_eq!(code(delete), "DeleteConflict");

    let deactivate = aws.iam.deactivate_mfa_device().user_name("alice");
    deactivate.serial_number(serial).send().await.unwrap();
    aws.delete_user("alice").await;
}

#[tokio::test]
async fn a_fido_key_is_its_users_and_read_by_its_arn() {
    let aws = aws().await;
    aws.user("alice").await;
    let codes = || ["000000", "000000"].map(str::to_owned);
    let key = "arn:aws:iam::123456789012:u2f/user/alice/laptop-ABC123";
    for not_hers in [
        "arn:aws:iam::123456789012:u2f/user/bob/laptop-ABC123",
        "arn:aws:iam::210987654321:u2f/user/alice/laptop-ABC123",
    ] {
        let refused = enable_fixture(&aws, "alice", not_hers, codes()).await;
        assert_eq!(refused, "NoSuchEntity");
    }
    assert_eq!(enable_fixture(&aws, "alice", key, codes()).await, "OK");
    let get = aws.iam.get_mfa_device().serial_number(key).send().await;
    assert_eq!(get.unwrap().user_name(), Some("alice"));
    let get = aws.iam.get_mfa_device().serial_number(key);
    assert_eq!(code(get.user_name("bob").send().await), "NoSuchEntity");
    let own = aws.iam.list_mfa_devices().user_name("alice").send().await;
    assert_eq!(own.unwrap().mfa_devices()[0].serial_number(), key);
    let deactivate = aws.iam.deactivate_mfa_device().user_name("alice");
    deactivate.serial_number(key).send().await.unwrap();
    let get = aws.iam.get_mfa_device().serial_number(key).send().await;
    assert_eq!(code(get), "NoSuchEntity");
}
