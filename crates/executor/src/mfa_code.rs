//! The codes that an MFA device shows, and what is wrong with two of them: RFC 6238 with SHA-1, six digits and 30 seconds, as
//! AWS's virtual devices do.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// How long a code is shown, in seconds.
const STEP: i64 = 30;

/// Returns what shows the codes of a seed, in Base32. None: it isn't a seed.
pub(crate) fn of_seed(seed: &SecretString) -> Option<Totp> {
    let seed = seed.expose_secret().trim_end_matches('=');
    let secret = Secret::try_from_base32(seed).ok()?;
    // AWS chooses the length of its seeds.
    Some(Builder::new().with_secret(secret).build_noncompliant())
}

/// Returns the code that is shown at a second since 1970.
fn shown(totp: &Totp, second: i64) -> Option<String> {
    let second = u64::try_from(second).ok()?;
    Some(totp.generate(second).to_string())
}

/// Returns the codes that a device of this seed has shown just before and shows now. None: it isn't a seed.
pub(crate) fn last_two(seed: &SecretString, now: Timestamp) -> Option<[String; 2]> {
    let (totp, now) = (of_seed(seed)?, now.as_second());
    Some([shown(&totp, now - STEP)?, shown(&totp, now)?])
}

/// Returns how long it is until the device shows another code.
pub(crate) fn until_next(now: Timestamp) -> Duration {
    let since = now.as_second().rem_euclid(STEP);
    Duration::from_secs((STEP - since).unsigned_abs())
}

/// How many steps an app's clock is looked for before and after ours: ten minutes.
const WINDOW: i64 = 20;

/// Holds a code of six digits.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(Zeroizing<String>);

impl TotpCode {
    /// Takes a code as an app shows it, a space in the middle among the rest.
    pub fn new(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Self(digits.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no digit: a code can be used once.
impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode")
    }
}

/// Says what is wrong with two codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodesError {
    /// They are the same.
    #[error("that is the same code twice; wait until the app shows the next one")]
    Repeated,
    /// They are the device's, but not one after the other.
    #[error(
        "these are codes of the device, but {0} between them were skipped; take two that follow each other"
    )]
    Skipped(i64),
    /// They are the device's, the later one first.
    #[error("these are codes of the device in the wrong order; first the older one, then the next")]
    Reversed,
    /// One isn't the device's.
    #[error(
        "the {0} code is not one that the device shows now; is it mistyped, or of another entry in the app?"
    )]
    Wrong(&'static str),
}

/// Tells by how many steps the clock of what shows these codes is ahead.
pub(crate) fn check(totp: &Totp, codes: [&TotpCode; 2], now: Timestamp) -> Result<i64, CodesError> {
    let [first, second] = codes;
    if first == second {
        return Err(CodesError::Repeated);
    }
    let now = now.as_second().div_euclid(STEP);
    let step = |code: &TotpCode, which| step_of(totp, code, now).ok_or(CodesError::Wrong(which));
    let (one, next) = (step(first, "first")?, step(second, "second")?);
    match next - one {
        1 => Ok(next - now),
        ..=0 => Err(CodesError::Reversed),
        steps => Err(CodesError::Skipped(steps - 1)),
    }
}

/// Returns the step in which a device shows a code, the nearest one to now.
fn step_of(totp: &Totp, code: &TotpCode, now: i64) -> Option<i64> {
    let mut steps: Vec<i64> = (now - WINDOW..=now + WINDOW).collect();
    steps.sort_by_key(|step| (step - now).abs());
    steps
        .into_iter()
        .find(|step| shown(totp, step * STEP).is_some_and(|shown| shown == code.as_str()))
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

    fn device() -> Totp {
        of_seed(&SEED.into()).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-24T12:00:10Z".parse().unwrap()
    }

    /// Returns the code that an app shows so many steps from now.
    fn code(step: i64) -> TotpCode {
        let code = shown(&device(), now().as_second() + step * STEP);
        TotpCode::new(&code.unwrap()).unwrap()
    }

    fn checked(first: &TotpCode, second: &TotpCode) -> Result<i64, CodesError> {
        check(&device(), [first, second], now())
    }

    #[test]
    fn two_codes_that_follow_each_other_tell_how_far_the_clock_is_ahead() {
        assert_eq!(checked(&code(-1), &code(0)), Ok(0));
        assert_eq!(checked(&code(5), &code(6)), Ok(6));
        assert_eq!(checked(&code(-9), &code(-8)), Ok(-8));
    }

    #[test]
    fn a_code_that_is_repeated_skipped_or_out_of_order_is_told_from_a_wrong_one() {
        assert_eq!(checked(&code(0), &code(0)), Err(CodesError::Repeated));
        assert_eq!(checked(&code(-2), &code(0)), Err(CodesError::Skipped(1)));
        assert_eq!(checked(&code(0), &code(-1)), Err(CodesError::Reversed));
        let other = TotpCode::new("000000").unwrap();
        assert_eq!(checked(&other, &code(0)), Err(CodesError::Wrong("first")));
        assert_eq!(
            checked(&code(0), &code(40)),
            Err(CodesError::Wrong("second"))
        );
    }

    #[test]
    fn a_code_has_six_digits_and_is_not_shown() {
        assert_eq!(TotpCode::new(" 123 456\n"), TotpCode::new("123456"));
        assert!(TotpCode::new("12345").is_none() && TotpCode::new("12345x").is_none());
        assert!(TotpCode::new("١٢٣٤٥٦").is_none());
        assert_eq!(format!("{:?}", code(0)), "TotpCode");
    }
}
