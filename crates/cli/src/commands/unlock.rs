//! `mfactl unlock`

use executor::{Lock, LockError};
use model::Lock as Place;

use crate::args::UnlockArgs;
use crate::connection::{Connection, Embedded};
use crate::error::{CommandError, Exit};
use crate::lock;
use crate::session::{load, right_account};
use crate::ui::Ui;

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
    let Some(lock) = Lock::find(&connection.clients.s3, place).await? else {
        ui.result(&format!("The lock {object} is free.\n"))?;
        return Ok(Exit::Done);
    };
    let (id, held) = (&lock.holder.id, lock::sentence(&lock.holder));
    ui.result(&format!("The lock {object} is held: {held}.\n"))?;
    if args.id.as_ref().is_some_and(|meant| meant != id) {
        return Err(CommandError::OtherLock);
    }
    let question = "A run that goes on loses its protection. Type the lock's id, or `yes`, to remove the lock:";
    if !args.auto_approve && !ui.confirm(question, &[id, "yes"]).await {
        return Err(CommandError::Declined);
    }
    match lock.release().await {
        Ok(()) => ui.result("Removed it.\n")?,
        // Its run may have ended while the question was read.
        Err(LockError::Lost(_)) => match Lock::find(&connection.clients.s3, place).await? {
            None => ui.result("It was given back meanwhile.\n")?,
            Some(_) => return Err(CommandError::OtherLock),
        },
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Done)
}
