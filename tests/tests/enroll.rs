//! A device that a person enrols, from the image of its QR code to the codes of their app.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use mfactl_tests::{Emulator, Enrolment, Mfactl, Ran, Served, answer};
use totp_rs::Secret;

const USER: &str = "Action=CreateUser&Version=2010-05-08&UserName=alice";

/// An AWS where alice has no device, and an mfactl whose AWS it is.
fn account() -> (Mfactl, Served, Mfactl) {
    let host = Mfactl::new(Vec::new());
    let served = Served::start(&host, &["--listen", "127.0.0.1:0"]);
    served.iam(USER);
    let mfactl = Mfactl::new(served.environment());
    (host, served, mfactl)
}

/// Begins to enrol alice, and waits until the image is there.
fn begin(mfactl: &Mfactl) -> Enrolment {
    Enrolment::begin(mfactl, &["alice"])
}

/// Returns the code that an app shows so many steps from now.
fn code(seed: &str, step: i64) -> String {
    mfactl_tests::code(seed, 30 * step)
}

fn devices(served: &Served) -> String {
    served.iam("Action=ListVirtualMFADevices&Version=2010-05-08")
}

#[test]
fn a_device_is_enabled_with_two_codes_after_mistakes_were_told_apart() {
    let (_host, served, mfactl) = account();
    let enrolment = begin(&mfactl);
    let seed = enrolment.seed.clone();
    let (before, now, next) = (code(&seed, -1), code(&seed, 0), code(&seed, 1));
    let later = code(&seed, 2);
    let lines = [
        "12345".to_owned(),
        now.clone(),
        now.clone(),
        now.clone(),
        before.clone(),
        before,
        next.clone(),
        "000000".to_owned(),
        next.clone(),
        now,
        next,
        later,
    ];
    let ran = enrolment.answer(&lines);
    for said in [
        "a code has six digits",
        "the same code twice",
        "wrong order",
        "1 between them were skipped",
        "the first code is not one",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains(&seed) && !ran.stdout.contains(&seed));
    let printed = ran.ends_with(0);
    assert_eq!(
        printed,
        "arn:aws:iam::123456789012:mfa/alice is enabled for alice.\n"
    );
    assert!(devices(&served).contains("EnableDate"));
    assert!(!mfactl.folder().join("code.png").exists());
}

#[cfg(unix)]
#[test]
fn the_image_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_host, _served, mfactl) = account();
    let enrolment = begin(&mfactl);
    let image = fs::metadata(mfactl.folder().join("code.png")).unwrap();
    assert_eq!(image.permissions().mode() & 0o777, 0o600);
    enrolment.answer(&[]);
}

#[test]
fn nobodys_device_is_left_when_no_codes_come_or_a_signal_does() {
    let (_host, served, mfactl) = account();
    let ran = begin(&mfactl).answer(&[]);
    assert!(ran.stderr.contains("deleted again"), "{}", ran.stderr);
    ran.ends_with(1);
    assert!(!devices(&served).contains("mfa/alice"));

    let enrolment = begin(&mfactl);
    let id = enrolment.child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-s", "INT", &id])
        .status();
    assert!(sent.unwrap().success());
    enrolment.end().ends_with(130);
    assert!(!devices(&served).contains("mfa/alice"));
    assert!(!mfactl.folder().join("code.png").exists());
}

#[test]
fn a_seed_is_not_shown_where_nobody_sees_it() {
    let (_host, served, mfactl) = account();
    for arguments in [
        &["enroll", "alice"][..],
        &["enroll", "alice", "--show-secret", "--png", "x"],
    ] {
        let ran = mfactl.run(arguments);
        assert!(
            ran.stderr.contains("stdout is no terminal"),
            "{}",
            ran.stderr
        );
        ran.ends_with(1);
    }
    assert!(!devices(&served).contains("mfa/alice"));
}

#[test]
fn a_ninth_device_is_refused_before_it_is_created() {
    let (_host, served, mfactl) = account();
    for number in 1..=8 {
        served.iam(&format!(
            "Action=EnableMFADevice&Version=2010-05-08&UserName=alice&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Au2f%2Fuser%2Falice%2Fkey-{number}&AuthenticationCode1=123456&AuthenticationCode2=654321"
        ));
    }
    let ran = mfactl.run(["enroll", "alice", "--png", "code.png"]);
    assert!(ran.stderr.contains("MFADevicesPerUser"), "{}", ran.stderr);
    ran.ends_with(1);
    assert!(!devices(&served).contains("mfa/alice"));
}

#[test]
fn a_token_is_enabled_and_synchronised_by_its_serial_number() {
    const SERIAL: &str = "GAHT12345678";
    let (_host, served, mfactl) = account();
    // In the sandbox a token's seed is its serial number.
    let seed = Secret::new(SERIAL.as_bytes().to_vec().into_boxed_slice()).to_base32();
    let run = |arguments: &[&str], codes: [i64; 2]| {
        let mut command = mfactl.command();
        let child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        answer(child.spawn().unwrap(), &codes.map(|step| code(&seed, step))).ends_with(0)
    };
    let enabled = run(&["enroll", "alice", "--serial", SERIAL], [0, 1]);
    assert_eq!(enabled, "GAHT12345678 is enabled for alice.\n");
    let synchronised = run(&["enroll", "alice", "--resync"], [4, 5]);
    assert_eq!(synchronised, "GAHT12345678 is synchronised.\n");
    drop(served);
}

#[test]
fn a_security_key_is_waited_for_until_it_is_there() {
    let (_host, served, mfactl) = account();
    let late = mfactl.run(["enroll", "alice", "--fido2", "--timeout", "1s"]);
    assert!(late.stderr.contains("in time"), "{}", late.stderr);
    late.ends_with(1);
    let child = mfactl
        .command()
        .args(["enroll", "alice", "--fido2", "--timeout", "1m"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    served.iam("Action=EnableMFADevice&Version=2010-05-08&UserName=alice&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Au2f%2Fuser%2Falice%2Fkey&AuthenticationCode1=123456&AuthenticationCode2=654321");
    let printed = Ran::from(child.wait_with_output().unwrap()).ends_with(0);
    assert_eq!(
        printed,
        "arn:aws:iam::123456789012:u2f/user/alice/key is enabled for alice.\n"
    );
}

#[test]
fn moto_takes_a_device_and_gives_a_report() {
    let moto = Emulator::moto();
    let mfactl = moto.mfactl();
    let spec = "version: 1\naccount: \"123456789012\"\nregion: us-east-1\nusers: {alice: {}}\n";
    fs::write(mfactl.folder().join("mfactl.yaml"), spec).unwrap();
    mfactl
        .run(["apply", "--auto-approve", "--quiet", "--settle", "0"])
        .ends_with(0);
    let enrolment = begin(&mfactl);
    let codes = [0, 1].map(|step| code(&enrolment.seed, step));
    enrolment.answer(&codes).ends_with(0);
    let table = mfactl.run(["report", "--quiet"]).ends_with(0);
    // moto has its own report, of another time.
    assert!(table.contains("none of 1 user can sign in"), "{table}");
}
