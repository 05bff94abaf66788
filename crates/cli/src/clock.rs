//! This machine's clock beside AWS's: the codes of MFA devices are made of the time.

use jiff::SignedDuration;
use reader::Clock;

/// From where on a difference is worth saying: half a step of a code.
const NOTABLE: SignedDuration = SignedDuration::from_secs(15);

/// Says that this machine's clock is off, if it is.
pub(crate) fn warning(clock: &Clock) -> Option<String> {
    sentence(clock.ahead()?)
}

fn sentence(ahead: SignedDuration) -> Option<String> {
    if ahead.abs() <= NOTABLE {
        return None;
    }
    let side = if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    Some(format!(
        "this machine's clock is {} s {side} AWS's; codes of an app on this machine will be refused until it is set (`timedatectl set-ntp true`)",
        ahead.abs().as_secs()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_off_from_sixteen_seconds_on() {
        let said = |seconds| sentence(SignedDuration::from_secs(seconds)).unwrap_or_default();
        assert_eq!(said(15), "");
        assert_eq!(said(-15), "");
        assert!(said(90).starts_with("this machine's clock is 90 s ahead of AWS's"));
        assert!(said(-16).contains("16 s behind AWS's"));
    }
}
