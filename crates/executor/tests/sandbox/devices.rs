//! MFA devices and their seeds.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE32_NOPAD;
use model::{Address, Body, Change, Delivery, DeviceType, MfaDevice};
use totp_rs::{Builder, Secret};

use crate::support::{
    Aws, assert_applied, aws, create, delete, outcomes, path, tags, update, user, user_named,
};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/people/alice";

fn device(aws: &Aws) -> MfaDevice {
    MfaDevice {
        device: DeviceType::Virtual {
            path: path("/people/"),
        },
        user: None,
        tags: tags(&[("a", "1"), ("b", "2")]),
        deliver_to: Some(Delivery {
            user: user_named("alice"),
            recipient: aws.recipient(),
        }),
    }
}

fn arrival(aws: &Aws) -> Vec<(Address, Change)> {
    vec![
        create("user/alice", Body::User(user())),
        create("mfa_device/alice", Body::MfaDevice(device(aws))),
    ]
}

/// Returns the secret key that the person's kit shows.
fn seed(aws: &Aws) -> String {
    let kit = aws.kit("alice");
    let after = kit.split("?secret=").nth(1).unwrap();
    after.split('&').next().unwrap().to_owned()
}

/// Enables the device as its person does, with what is in the kit.
async fn enable(aws: &Aws) {
    let secret = BASE32_NOPAD.decode(seed(aws).as_bytes()).unwrap();
    let totp = Builder::new()
        .with_secret(Secret::new(secret.into()))
        .build()
        .unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let request = aws.clients.iam.enable_mfa_device().user_name("alice");
    let request = request.serial_number(SERIAL);
    request
        .authentication_code1(totp.generate(now - 30).to_string())
        .authentication_code2(totp.generate(now).to_string())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn the_seed_in_the_kit_is_the_devices_and_nowhere_else() {
    let aws = aws().await;
    let report = aws.apply(arrival(&aws)).await;
    assert_applied(&report);
    let seed = seed(&aws);
    assert!(!aws.everything_shown(&report).contains(&seed));
    assert!(aws.kit("alice").contains(SERIAL));
    enable(&aws).await;
}

#[tokio::test]
async fn an_enabled_device_is_deactivated_and_deleted() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    enable(&aws).await;
    let enabled = MfaDevice {
        user: Some(user_named("alice")),
        ..device(&aws)
    };
    let gone = vec![
        delete("mfa_device/alice", Body::MfaDevice(enabled)),
        delete("user/alice", Body::User(user())),
    ];
    assert_applied(&aws.apply(gone).await);
    let left = aws.clients.iam.list_virtual_mfa_devices().send().await;
    assert!(left.unwrap().virtual_mfa_devices().is_empty());
}

#[tokio::test]
async fn a_devices_tags_are_changed() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    let after = MfaDevice {
        tags: tags(&[("a", "10"), ("c", "3")]),
        ..device(&aws)
    };
    let change = update(
        "mfa_device/alice",
        Body::MfaDevice(device(&aws)),
        Body::MfaDevice(after),
    );
    assert_applied(&aws.apply(vec![change]).await);
    let got = aws.clients.iam.list_mfa_device_tags().serial_number(SERIAL);
    let got = got.send().await.unwrap();
    let mut tags: Vec<(&str, &str)> = got
        .tags()
        .iter()
        .map(|tag| (tag.key(), tag.value()))
        .collect();
    tags.sort_unstable();
    assert_eq!(tags, [("a", "10"), ("c", "3")]);
}

#[tokio::test]
async fn a_device_whose_seed_can_not_be_sealed_is_deleted_again() {
    let aws = aws().await;
    fs::write(aws.kits(), "a file in the place of the folder").unwrap();
    let report = aws.apply(arrival(&aws)).await;
    assert_eq!(
        outcomes(&report)[1],
        "mfa_device/alice was created, but its seed could not be sealed; it was deleted again"
    );
    let left = aws.clients.iam.list_virtual_mfa_devices().send().await;
    assert!(left.unwrap().virtual_mfa_devices().is_empty());
}

#[tokio::test]
async fn a_second_kit_of_a_person_is_put_beside_the_first() {
    let aws = aws().await;
    fs::create_dir(aws.kits()).unwrap();
    fs::write(aws.kits().join("alice.age"), "not delivered yet").unwrap();
    let report = aws.apply(arrival(&aws)).await;
    assert_applied(&report);
    assert_eq!(report.kits, [aws.kits().join("alice~2.age")]);
    let kept = fs::read_to_string(aws.kits().join("alice.age")).unwrap();
    assert_eq!(kept, "not delivered yet");
}
