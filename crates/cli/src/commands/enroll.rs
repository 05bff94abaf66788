//! `mfactl enroll`

mod dialog;
mod fido2;

use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::pin::pin;

use executor::{MOST_DEVICES, NewDevice, devices_of};
use model::{Account, Caller, DeviceName, MfaType, UserName};
use secrecy::ExposeSecret;

use self::dialog::Dialog;
use crate::args::EnrollArgs;
use crate::connection::Connection;
use crate::error::{CommandError, Exit};
use crate::signals::stop_signal;
use crate::ui::{Ui, shown};
use crate::{clock, error};

/// Gives a user an MFA device, or synchronises one.
pub(crate) async fn run(ui: &Ui, args: &EnrollArgs) -> Result<Exit, CommandError> {
    check_output(args)?;
    let stop = pin!(stop_signal().map_err(CommandError::Runtime)?);
    let connection = Connection::open_account(&args.account).await?;
    let done = enrol(ui, args, &connection, stop).await;
    connection.close(ui).await?;
    done.map(|()| Exit::Done)
}

/// A seed must not get into a file or a log by accident: it is shown on a terminal only, or as the image that was asked
/// for.
fn check_output(args: &EnrollArgs) -> Result<(), CommandError> {
    let shows = args.creates() && args.png.is_none() || args.show_secret;
    if shows && !stdout().is_terminal() {
        return Err(CommandError::NoTerminal);
    }
    match &args.png {
        Some(png) if png.exists() => Err(CommandError::Exists { path: png.clone() }),
        _ => Ok(()),
    }
}

async fn enrol(
    ui: &Ui,
    args: &EnrollArgs,
    connection: &Connection,
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<(), CommandError> {
    let user = match (&args.user, &connection.identity.caller) {
        (Some(user), _) | (None, Caller::User(user)) => user,
        (None, caller @ (Caller::Root | Caller::Role(_) | Caller::Other(_))) => {
            return Err(CommandError::NoUser(caller.to_string()));
        }
    };
    let devices = devices_of(&connection.clients.iam, user).await?;
    if let Some(warning) = clock::warning(connection.calls().clock()) {
        ui.notice(&warning);
    }
    let dialog = Dialog {
        ui,
        connection,
        user,
    };
    let resync = args.resync.then(|| device_to_resync(args, &devices));
    if let Some(serial) = resync.transpose()? {
        return until(&mut stop, dialog.resync(&serial)).await;
    }
    if devices.len() >= MOST_DEVICES {
        return Err(CommandError::TooManyDevices(user.clone()));
    }
    if args.fido2 {
        let wait = fido2::wait(&dialog, &devices, args.timeout);
        return until(&mut stop, wait).await;
    }
    match &args.serial {
        Some(serial) => until(&mut stop, dialog.enable(serial, None)).await,
        None => create(args, &dialog, stop).await,
    }
}

/// Ends with what is first: the work, or the signal to stop.
async fn until(
    stop: &mut (impl Future<Output = ()> + Unpin),
    work: impl Future<Output = Result<(), CommandError>>,
) -> Result<(), CommandError> {
    tokio::select! {
        biased;
        () = stop => Err(CommandError::Stopped),
        done = work => done,
    }
}

/// Creates a device, shows it and enables it. However that ends, no device is left that nobody has.
async fn create(
    args: &EnrollArgs,
    dialog: &Dialog<'_>,
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<(), CommandError> {
    let Dialog {
        ui,
        connection,
        user,
    } = *dialog;
    let iam = &connection.clients.iam;
    let account = reader::account(&connection.clients, &connection.identity).await;
    let name = match &args.device {
        Some(name) => name.clone(),
        None => DeviceName::new(user.as_str())?,
    };
    let device = NewDevice::create(iam, &name)
        .await
        .map_err(|source| match source.code() {
            Some("EntityAlreadyExists") => CommandError::DeviceExists(name.clone()),
            _ => CommandError::Enrol(source),
        })?;
    let enabled = match show(ui, args, &device, &account) {
        Ok(()) => until(&mut stop, dialog.enable(&device.serial, Some(&device))).await,
        Err(error) => Err(error),
    };
    if let Some(png) = &args.png {
        remove(ui, png);
    }
    let Err(error) = enabled else {
        return Ok(());
    };
    match device.delete(iam).await {
        Ok(()) => ui.status("The device was deleted again."),
        // The answer to the call that enabled it was lost.
        Err(conflict) if conflict.code() == Some("DeleteConflict") => {
            ui.notice("the device is enabled all the same");
        }
        Err(left) => ui.notice(&format!(
            "the device is left, and nobody has its seed: delete it with `aws iam delete-virtual-mfa-device --serial-number {}` ({})",
            device.serial,
            error::chain(&left)
        )),
    }
    Err(error)
}

fn show(
    ui: &Ui,
    args: &EnrollArgs,
    device: &NewDevice,
    account: &Account,
) -> Result<(), CommandError> {
    match &args.png {
        Some(png) => {
            device.write_png(account, png)?;
            ui.say(&format!(
                "Scan {} with an authenticator app. It is deleted when this ends.",
                png.display()
            ));
        }
        None => {
            let drawing = device.drawing(account)?;
            ui.result(&drawing)?;
            ui.result("\n")?;
            ui.say("Scan this with an authenticator app: light text on a dark ground, or `--png FILE`.");
        }
    }
    if args.show_secret {
        ui.result(device.seed().expose_secret())?;
        ui.result("\n")?;
    }
    Ok(())
}

/// The image holds the seed.
fn remove(ui: &Ui, png: &Path) {
    if let Err(error) = std::fs::remove_file(png)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        ui.notice(&format!(
            "{} holds the device's seed and can't be deleted: {error}",
            png.display()
        ));
    }
}

/// Names the device that is meant: the only one of the user's that shows codes, or the one that is named.
fn device_to_resync(args: &EnrollArgs, devices: &[String]) -> Result<String, CommandError> {
    let is_meant = |serial: &&String| match (&args.serial, &args.device) {
        (Some(meant), _) => *serial == meant,
        (None, Some(name)) => serial.rsplit('/').next() == Some(name.as_str()),
        (None, None) => true,
    };
    let shows_codes = |serial: &&String| MfaType::of_serial(serial) != MfaType::Fido2;
    let mut meant = devices.iter().filter(shows_codes).filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one.clone()),
        _ => Err(CommandError::WhichDevice(
            devices.iter().map(|serial| shown(serial)).collect(),
        )),
    }
}

/// Returns the page of the console where a user's security keys are registered ("Assign a passkey or security key in the
/// AWS Management Console" in the IAM User Guide).
fn console(connection: &Connection, user: &UserName) -> String {
    let domain = match connection.identity.partition.as_str() {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    if connection.identity.caller == Caller::User(user.clone()) {
        format!("https://{domain}/iam/home#/security_credentials")
    } else {
        format!("https://{domain}/iam/home#/users/details/{user}?section=security_credentials")
    }
}
