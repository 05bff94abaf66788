//! What time it is for AWS. Codes of MFA devices depend on it, and this machine's clock may be wrong.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Compares this machine's clock with AWS's, by the `Date` of its last answer. Clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// How far this machine's clock was ahead when AWS last answered.
    ahead: Arc<Mutex<Option<SignedDuration>>>,
}

impl Clock {
    /// Returns how far this machine's clock is ahead of AWS's: to about a second, since that is how exact the date of an
    /// answer is. None: there was no answer yet.
    pub fn ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time at AWS; before its first answer, this machine's.
    pub fn now(&self) -> Timestamp {
        let here = Timestamp::now();
        let ahead = self.ahead().unwrap_or_default();
        here.checked_sub(ahead).unwrap_or(here)
    }

    /// Takes the date of an answer that has just come.
    pub(crate) fn answered(&self, date: &str, here: Timestamp) {
        if let Ok(date) = jiff::fmt::rfc2822::parse(date) {
            let ahead = here.duration_since(date.timestamp());
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_compared_with_the_date_of_an_answer() {
        let clock = Clock::default();
        let here = "2026-11-24T12:01:00Z".parse().unwrap();
        clock.answered("yesterday", here);
        assert_eq!(clock.ahead(), None);
        clock.answered("Tue, 24 Nov 2026 12:00:15 GMT", here);
        assert_eq!(clock.ahead(), Some(SignedDuration::from_secs(45)));
    }

    #[test]
    fn a_clock_that_is_wrong_is_corrected() {
        let clock = Clock::default();
        let five_hours_late = Timestamp::now() - SignedDuration::from_hours(5);
        let there = Timestamp::now();
        let date = there.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        clock.answered(&date, five_hours_late);
        let off = clock
            .now()
            .duration_since(there + SignedDuration::from_hours(5));
        assert!(off.abs() < SignedDuration::from_mins(1), "{off}");
    }
}
