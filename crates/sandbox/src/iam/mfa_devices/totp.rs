//! Codes of an MFA device: RFC 6238 with SHA-1, six digits, 30 seconds.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

const STEP: i64 = 30;

/// How many steps a device's clock, or its user, may be behind or ahead.
///
/// AWS does not document its window; it says that codes sent too late still associate a device, out of sync.
const WINDOW: i64 = 20;

/// Returns by how many steps a device is ahead that shows these codes one after the other, if any device does.
pub(super) fn drift(seed: &str, codes: [&str; 2], now: Timestamp) -> Option<i64> {
    let totp = device(seed)?;
    let step = step(0, now);
    let [first, second] = codes;
    (-WINDOW..=WINDOW).find(|ahead| {
        // The second code is the one of now.
        shows(&totp, step + ahead - 1, first) && shows(&totp, step + ahead, second)
    })
}

/// Returns the step, by its own clock, in which a device that is ahead by `drift` steps shows a code: now, or a step away.
pub(super) fn shown_in(seed: &str, code: &str, drift: i64, now: Timestamp) -> Option<i64> {
    let totp = device(seed)?;
    let step = step(drift, now);
    (step - 1..=step + 1).find(|step| shows(&totp, *step, code))
}

/// Returns the step in which a device is that is ahead by `drift` steps.
pub(super) fn step(drift: i64, now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP) + drift
}

/// Returns what shows a device's codes. A hardware token's seed is shorter than RFC 4226 wants.
fn device(seed: &str) -> Option<Totp> {
    let secret = BASE32_NOPAD.decode(seed.as_bytes()).ok()?;
    let builder = Builder::new().with_secret(Secret::new(secret.into()));
    Some(builder.build_noncompliant())
}

fn shows(totp: &Totp, step: i64, code: &str) -> bool {
    u64::try_from(step * STEP).is_ok_and(|time| totp.generate(time).to_string() == code)
}
