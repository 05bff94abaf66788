//! The codes that an MFA device shows: RFC 6238 with SHA-1, six digits and 30 seconds, as AWS's virtual devices do.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret};

/// How long a code is shown, in seconds.
const STEP: u64 = 30;

/// Returns the codes that a device of this seed has shown just before and shows now. None: it isn't a seed.
pub(crate) fn last_two(seed: &SecretString, now: Timestamp) -> Option<[String; 2]> {
    let secret = seed.expose_secret().trim_end_matches('=');
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let device = Builder::new().with_secret(Secret::new(secret.into()));
    // AWS chooses the length of its seeds.
    let device = device.build_noncompliant();
    let now = u64::try_from(now.as_second()).ok()?;
    let before = now.checked_sub(STEP)?;
    Some([before, now].map(|time| device.generate(time).to_string()))
}

/// Returns how long it is until the device shows another code.
pub(crate) fn until_next(now: Timestamp) -> Duration {
    let since = now.as_second().rem_euclid(STEP.cast_signed());
    Duration::from_secs(STEP.saturating_sub(since.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B: `12345678901234567890`.
    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        let seed = SecretString::from(SEED);
        // The last six digits of the RFC's eight, for 59 s and 1111111109 s.
        let [_, at_59] = last_two(&seed, at(59)).unwrap();
        assert_eq!(at_59, "287082");
        let [before, now] = last_two(&seed, at(1_111_111_111)).unwrap();
        assert_eq!([before, now], ["081804", "050471"]);
    }

    #[test]
    fn what_is_no_seed_has_no_codes() {
        assert_eq!(last_two(&SecretString::from("no seed!"), at(59)), None);
    }

    #[test]
    fn the_next_code_is_shown_at_the_half_minute() {
        for (second, wait) in [(0, 30), (1, 29), (29, 1), (59, 1), (60, 30)] {
            assert_eq!(until_next(at(second)), Duration::from_secs(wait));
        }
    }
}
