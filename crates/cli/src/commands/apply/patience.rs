//! Reads that AWS is asked too much for: an apply makes them again. Throttling alone is no reason to leave an account half
//! done.

use std::time::Duration;

use model::{ReadFailure, Snapshot};
use reader::ReadError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::DEADLINE;
use crate::args::{ApplyFormat, TargetArgs};
use crate::error::CommandError;
use crate::session::Session;
use crate::ui::Ui;

/// The wait before a read is made again. The SDK waited some 15 seconds by then.
const PAUSE: Duration = Duration::from_secs(5);

/// Opens a session, for as long as an apply waits for AWS.
pub(crate) async fn open(
    ui: &Ui,
    target: &TargetArgs<ApplyFormat>,
) -> Result<Session, CommandError> {
    let end = Instant::now() + DEADLINE;
    loop {
        match Session::open(ui, target).await {
            Err(CommandError::Read(ReadError::Throttled(_))) if pause(ui, end).await => {}
            opened => return opened,
        }
    }
}

/// Reads the account until nothing is missing for throttling, for as long as an apply waits for AWS. Once `stop` holds true
/// no read is made again.
pub(super) async fn read(ui: &Ui, session: &Session, mut stop: watch::Receiver<bool>) -> Snapshot {
    let end = Instant::now() + DEADLINE;
    loop {
        let snapshot = session.read(ui).await;
        if !snapshot.unread().values().any(ReadFailure::is_throttled) {
            return snapshot;
        }
        let goes_on = tokio::select! {
            paused = pause(ui, end) => paused,
            _ = stop.wait_for(|stop| *stop) => false,
        };
        if !goes_on {
            return snapshot;
        }
    }
}

/// Waits, unless that takes too long by now.
async fn pause(ui: &Ui, end: Instant) -> bool {
    if Instant::now() + PAUSE > end {
        return false;
    }
    ui.status(&format!(
        "AWS takes no more calls for the moment (throttling); it is asked again in {} seconds …",
        PAUSE.as_secs()
    ));
    sleep(PAUSE).await;
    true
}
