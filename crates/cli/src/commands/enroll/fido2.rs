//! A security key or passkey, which only the console can register.

use std::time::Duration;

use executor::devices_of;
use model::MfaType;
use tokio::time::{Instant, sleep};

use super::console;
use super::dialog::Dialog;
use crate::error::CommandError;

/// How often the user's devices are listed.
const EVERY: Duration = Duration::from_secs(5);

/// Says what to click, and waits until the device is there.
pub(super) async fn wait(
    dialog: &Dialog<'_>,
    before: &[String],
    timeout: Duration,
) -> Result<(), CommandError> {
    let Dialog {
        ui,
        connection,
        user,
    } = dialog;
    ui.say(&format!(
        "Only the console can register a security key or passkey:\n\
         1. Open {}\n\
         2. Under \"Multi-factor authentication (MFA)\" choose \"Assign MFA device\"\n\
         3. Name it, choose \"Passkey or security key\", and do as the browser says",
        console(connection, user)
    ));
    ui.status("Waiting for it … (Ctrl-C ends that)");
    let end = Instant::now() + timeout;
    loop {
        let now = devices_of(&connection.clients.iam, user).await?;
        let is_new = |serial: &&String| {
            MfaType::of_serial(serial) == MfaType::Fido2 && !before.contains(serial)
        };
        if let Some(serial) = now.iter().find(is_new) {
            return ui.result(&format!("{serial} is enabled for {user}.\n"));
        }
        if Instant::now() + EVERY > end {
            return Err(CommandError::NotRegistered);
        }
        sleep(EVERY).await;
    }
}
