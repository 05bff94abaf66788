//! MFA devices and their seeds.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE32_NOPAD;
use model::{Address, Body, Change, DeviceType, MfaDevice};
use sandbox::{Effect, When};
use totp_rs::{Builder, Secret};

use crate::support::{
    Aws, assert_applied, aws, aws_with, create, delete, fault, outcomes, path, tags, update, user,
    user_named,
};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/people/alice";

fn device(aws: &Aws) -> MfaDevice {
    MfaDevice {
        device: DeviceType::Virtual {
            path: path("/people/"),
        },
        user: Some(user_named("alice")),
        tags: tags(&[("a", "1"), ("b", "2")]),
        deliver_to: Some(aws.recipient()),
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

/// Returns whose device it is.
async fn holder(aws: &Aws) -> Option<String> {
    let listed = aws.clients.iam.list_virtual_mfa_devices().send().await;
    let [device] = listed.unwrap().virtual_mfa_devices.try_into().unwrap();
    assert_eq!(device.serial_number, SERIAL);
    Some(device.user?.user_name)
}

/// Returns a device as it is found once it is made.
fn found(aws: &Aws) -> MfaDevice {
    MfaDevice {
        deliver_to: None,
        ..device(aws)
    }
}

#[tokio::test]
async fn a_new_device_is_enabled_and_its_seed_is_in_the_kit_and_nowhere_else() {
    let aws = aws().await;
    let report = aws.apply(arrival(&aws)).await;
    assert_applied(&report);
    let seed = seed(&aws);
    assert!(!aws.everything_shown(&report).contains(&seed));
    assert!(aws.kit("alice").contains(SERIAL));
    assert_eq!(holder(&aws).await.as_deref(), Some("alice"));
    // An app that has what is in the kit shows codes that AWS takes.
    let secret = BASE32_NOPAD.decode(seed.as_bytes()).unwrap();
    let totp = Builder::new().with_secret(Secret::new(secret.into()));
    let totp = totp.build().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    let request = aws.clients.iam.resync_mfa_device().user_name("alice");
    let request = request.serial_number(SERIAL);
    let request = request.authentication_code1(totp.generate(now - 30).to_string());
    let request = request.authentication_code2(totp.generate(now).to_string());
    request.send().await.unwrap();
}

#[tokio::test]
async fn a_device_that_is_not_enabled_is_made_anew() {
    let aws = aws().await;
    let leftover = aws.clients.iam.create_virtual_mfa_device();
    let leftover = leftover.virtual_mfa_device_name("alice").path("/people/");
    let leftover = leftover.send().await.unwrap().virtual_mfa_device.unwrap();
    let unassigned = MfaDevice {
        user: None,
        ..found(&aws)
    };
    let change = update(
        "mfa_device/alice",
        Body::MfaDevice(unassigned),
        Body::MfaDevice(device(&aws)),
    );
    let changes = vec![create("user/alice", Body::User(user())), change];
    assert_applied(&aws.apply(changes).await);
    assert_eq!(holder(&aws).await.as_deref(), Some("alice"));
    let old = leftover.base32_string_seed.unwrap().into_inner();
    assert_ne!(seed(&aws).as_bytes(), old);
}

#[tokio::test]
async fn a_device_that_can_not_be_enabled_is_taken_away_with_its_kit() {
    let aws = aws_with(fault("iam:EnableMFADevice", When::Always, Effect::Deny)).await;
    let report = aws.apply(arrival(&aws)).await;
    let outcome = &outcomes(&report)[1];
    assert!(
        outcome.starts_with("iam:EnableMFADevice failed: AccessDenied"),
        "{outcome}"
    );
    let left = aws.clients.iam.list_virtual_mfa_devices().send().await;
    assert!(left.unwrap().virtual_mfa_devices().is_empty());
    assert!(fs::read_dir(aws.kits()).unwrap().next().is_none());
}

#[tokio::test]
async fn an_answer_that_is_lost_to_the_enabling_makes_no_second_device() {
    let first = When::Calls(vec![1]);
    let aws = aws_with(fault("iam:EnableMFADevice", first, Effect::DropAnswer)).await;
    let report = aws.apply(arrival(&aws)).await;
    assert_applied(&report);
    assert_eq!(holder(&aws).await.as_deref(), Some("alice"));
    assert_eq!(report.kits, [aws.kits().join("alice.age")]);
}

#[tokio::test]
async fn an_enabled_device_is_deactivated_and_deleted() {
    let aws = aws().await;
    assert_applied(&aws.apply(arrival(&aws)).await);
    let gone = vec![
        delete("mfa_device/alice", Body::MfaDevice(found(&aws))),
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
        ..found(&aws)
    };
    let change = update(
        "mfa_device/alice",
        Body::MfaDevice(found(&aws)),
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
