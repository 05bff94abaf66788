//! Where secrets must not be.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{Body, DeviceType, LoginProfile, MfaDevice};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tracing_subscriber::filter::LevelFilter;

use crate::support::{assert_applied, aws, create, path, tags, user, user_named};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Returns what follows a label in a kit, up to the next white space.
fn after(kit: &str, label: &str) -> String {
    let rest = kit.split(label).nth(1).unwrap();
    rest.split([' ', '\n', '&']).next().unwrap().to_owned()
}

#[tokio::test]
async fn no_secret_is_in_a_log_of_everything() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let aws = aws().await;
    let profile = LoginProfile {
        reset_required: true,
        deliver_to: Some(aws.recipient()),
    };
    let device = MfaDevice {
        device: DeviceType::Virtual { path: path("/") },
        user: Some(user_named("alice")),
        tags: tags(&[]),
        deliver_to: Some(aws.recipient()),
    };
    let report = aws
        .apply(vec![
            create("user/alice", Body::User(user())),
            create("mfa_device/alice", Body::MfaDevice(device)),
            create("login_profile/alice", Body::LoginProfile(profile)),
        ])
        .await;
    assert_applied(&report);
    let kit = aws.kit("alice");
    let (password, seed) = (after(&kit, "Password   "), after(&kit, "?secret="));
    let text = log.text();
    for call in ["IAM.CreateLoginProfile", "IAM.CreateVirtualMFADevice"] {
        assert!(text.contains(call), "the SDK logs its calls");
    }
    for secret in [
        &utf8_percent_encode(&password, NON_ALPHANUMERIC).to_string(),
        &STANDARD.encode(&seed),
        &password,
        &seed,
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}
