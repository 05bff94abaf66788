//! `mfactl unlock`

use executor::{Lock, LockError};
use model::Lock as Place;
use render::FORMAT_VERSION;
use serde_json::json;

use crate::args::{Format, UnlockArgs};
use crate::connection::{Connection, Embedded};
use crate::error::{CommandError, Exit};
use crate::lock::sentence;
use crate::session::{load, right_account};
use crate::ui::Ui;

/// Tells how a lock came to be free.
enum Ended {
    /// Nobody held it.
    Free,
    /// It was removed.
    Removed,
    /// Its run ended meanwhile.
    GivenBack,
}

/// Shows who holds the lock of a spec, and removes it once that is wanted.
pub(crate) async fn run(ui: &Ui, args: &UnlockArgs) -> Result<Exit, CommandError> {
    let desired = load(ui, &args.spec)?.desired;
    let Some(place) = &desired.lock else {
        return Err(CommandError::NoLock);
    };
    let embedded = args.sandbox.clone().map(|file| Embedded {
        file,
        account: &desired.account,
        lock: Some(place),
    });
    let connection = Connection::open(Some(&desired.region), embedded).await?;
    let unlocked = match right_account(&connection, &desired, &args.spec) {
        Ok(()) => unlock(ui, args, &connection, place).await,
        Err(error) => Err(error),
    };
    connection.close(ui).await?;
    unlocked
}

async fn unlock(
    ui: &Ui,
    args: &UnlockArgs,
    connection: &Connection,
    place: &Place,
) -> Result<Exit, CommandError> {
    let object = &place.object;
    let lock = Lock::find(&connection.clients.s3, place).await?;
    let state = match &lock {
        None => format!("The lock {object} is free."),
        Some(lock) => format!("The lock {object} is held: {}.", sentence(&lock.holder)),
    };
    let is_json = args.output.format() == Format::Json;
    if is_json {
        ui.say(&state);
    } else {
        ui.result(&format!("{state}\n"))?;
    }
    let ended = match &lock {
        None => Ok(Ended::Free),
        Some(lock) => remove(ui, args, connection, place, lock).await,
    };
    if is_json {
        ui.json(&json!({
            "format_version": FORMAT_VERSION,
            "mfactl_version": env!("CARGO_PKG_VERSION"),
            "lock": object.to_string(),
            "holder": lock.map(|lock| lock.holder),
            "removed": matches!(ended, Ok(Ended::Removed)),
        }))?;
        return ended.map(|_| Exit::Done);
    }
    match ended? {
        Ended::Free => {}
        Ended::Removed => ui.result("Removed it.\n")?,
        Ended::GivenBack => ui.result("It was given back meanwhile.\n")?,
    }
    Ok(Exit::Done)
}

/// Removes a lock once that is wanted.
async fn remove(
    ui: &Ui,
    args: &UnlockArgs,
    connection: &Connection,
    place: &Place,
    lock: &Lock,
) -> Result<Ended, CommandError> {
    let id = &lock.holder.id;
    if args.id.as_ref().is_some_and(|meant| meant != id) {
        return Err(CommandError::OtherLock);
    }
    let question = "A run that goes on loses its protection. Type the lock's id, or `yes`, to remove the lock:";
    if !args.auto_approve && !ui.confirm(question, &[id, "yes"]).await {
        return Err(CommandError::Declined);
    }
    match lock.release().await {
        Ok(()) => Ok(Ended::Removed),
        // Its run may have ended while the question was read.
        Err(LockError::Lost(_)) => match Lock::find(&connection.clients.s3, place).await? {
            None => Ok(Ended::GivenBack),
            Some(_) => Err(CommandError::OtherLock),
        },
        Err(error) => Err(error.into()),
    }
}
