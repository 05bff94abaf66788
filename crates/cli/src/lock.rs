//! The lock of a spec: taken before the account is read, watched while it is changed, and given back.

use std::time::Duration;

use executor::{Holder, Lock};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::CommandError;
use crate::session::Session;
use crate::ui::{Ui, say, shown};

/// How often a run looks whether its lock is still there. What another run can do beside it is bounded by this.
const WATCH: Duration = Duration::from_secs(10);

/// Holds a lock, and stops the run should somebody remove it.
#[derive(Debug)]
pub(crate) struct Held {
    lock: Lock,
    watch: JoinHandle<()>,
}

/// Takes the lock that the spec names. Without one it says that nothing keeps others away; an embedded AWS is this
/// process's alone anyway.
pub(crate) async fn take(
    ui: &Ui,
    session: &Session,
    operation: &str,
    wait: Duration,
    stop: &watch::Sender<bool>,
) -> Result<Option<Held>, CommandError> {
    let Some(place) = &session.desired.lock else {
        if !session.connection.is_sandbox() {
            ui.status("Nothing keeps another apply on this account away: the spec has no `lock`.");
        }
        return Ok(None);
    };
    let identity = &session.connection.identity;
    let holder = Holder {
        id: id()?,
        holder: identity.arn.clone(),
        operation: operation.to_owned(),
        account: identity.account.to_string(),
        since: Timestamp::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let client = &session.connection.clients.s3;
    let waiting = |other: &Holder| {
        let held = sentence(other);
        ui.status(&format!(
            "Waiting for the lock {}, held: {held} …",
            place.object
        ));
    };
    let lock = Lock::take(client, place, &holder, wait, stop.subscribe(), waiting).await?;
    let watch = tokio::spawn(watch_over(lock.clone(), stop.clone(), ui.is_quiet()));
    Ok(Some(Held { lock, watch }))
}

impl Held {
    /// Makes sure that nobody removed the lock while the plan was made and read.
    pub(crate) async fn check(&self) -> Result<(), CommandError> {
        Ok(self.lock.check().await?)
    }

    /// Gives the lock back, and watches it no more.
    pub(crate) async fn release(&self) -> Result<(), CommandError> {
        self.watch.abort();
        Ok(self.lock.release().await?)
    }
}

async fn watch_over(lock: Lock, stop: watch::Sender<bool>, is_quiet: bool) {
    loop {
        tokio::time::sleep(WATCH).await;
        if lock.check().await.is_err() {
            if !is_quiet {
                say("Somebody removed the lock. Stopping after the actions under way …");
            }
            stop.send_replace(true);
            return;
        }
    }
}

/// Says who holds a lock, for what, since when, and its id.
pub(crate) fn sentence(holder: &Holder) -> String {
    let Holder {
        id,
        holder,
        operation,
        account: _,
        since,
        version,
    } = holder;
    let age = Timestamp::now().duration_since(*since).as_secs().max(0);
    format!(
        "{} by {} with mfactl {}, since {since:.0} ({:#} ago), id {}",
        shown(operation),
        shown(holder),
        shown(version),
        SignedDuration::from_secs(age),
        shown(id)
    )
}

/// Returns what no other lock has: 128 random bits.
fn id() -> Result<String, CommandError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CommandError::Runtime(std::io::Error::other(error.to_string())))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads how long to wait: seconds, or a number with a unit, such as `10m`.
pub(crate) fn parse_wait(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let duration = text.parse::<SignedDuration>().ok();
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| "expected seconds, or a time such as `90s` or `10m`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_in_seconds_or_has_a_unit() {
        let wait = |text| parse_wait(text).map(|wait| wait.as_secs());
        assert_eq!(wait("0"), Ok(0));
        assert_eq!(wait("90"), Ok(90));
        assert_eq!(wait("10m"), Ok(600));
        assert_eq!(wait("1h30m"), Ok(5400));
        for text in ["", "-5", "-5s", "soon", "10 apples"] {
            assert!(wait(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_lock_has_another_id() {
        let (one, two) = (id().unwrap(), id().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 32);
    }

    #[test]
    fn who_holds_a_lock_is_shown_and_not_obeyed() {
        let holder = Holder {
            id: "7d3a".to_owned(),
            holder: "arn:aws:iam::123456789012:user/ali\u{1b}[2Jce".to_owned(),
            operation: "apply".to_owned(),
            account: "123456789012".to_owned(),
            since: Timestamp::now() - SignedDuration::from_secs(754),
            version: "0.1.0".to_owned(),
        };
        let sentence = sentence(&holder);
        assert!(sentence.starts_with(
            "apply by arn:aws:iam::123456789012:user/ali\\u{1b}[2Jce with mfactl 0.1.0, since 20"
        ));
        assert!(sentence.ends_with("(12m 34s ago), id 7d3a"), "{sentence}");
    }
}
