//! `mfactl import`

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use model::Snapshot;
use spec::{Import, LeftOut};

use crate::args::ImportArgs;
use crate::connection::Connection;
use crate::error::{CommandError, Exit};
use crate::ui::{Ui, shown};

/// Writes a spec for what the account has, and makes sure that planning it shows no changes.
pub(crate) async fn run(ui: &Ui, args: &ImportArgs) -> Result<Exit, CommandError> {
    let out = args.out.as_ref().or(args.split.as_ref());
    if let Some(out) = out.filter(|out| out.exists()) {
        return Err(CommandError::Exists { path: out.clone() });
    }
    let connection = Connection::open_account(&args.account).await?;
    let (account, region) = (connection.identity.account.clone(), &connection.region);
    let everything = spec::everything(account, region.clone());
    let parallelism = usize::from(args.parallelism);
    let snapshot = connection.read(ui, &everything, parallelism).await;
    let import = spec::import(&snapshot, region);
    connection.close(ui).await?;
    write(ui, args, &import)?;
    for LeftOut { address, reason } in &import.left_out {
        let address = address.to_string();
        ui.status(&format!("Not declared: {}, {reason}.", shown(&address)));
    }
    check(&import, out, &snapshot)?;
    let declared = match import.declared {
        1 => "1 object is declared".to_owned(),
        number => format!("{number} objects are declared"),
    };
    let place = out.map(|out| format!(" in {}", out.display()));
    ui.status(&format!(
        "{declared}{}. Planning this spec shows no changes.",
        place.unwrap_or_default()
    ));
    Ok(Exit::Done)
}

fn write(ui: &Ui, args: &ImportArgs, import: &Import) -> Result<(), CommandError> {
    match (&args.out, &args.split) {
        (Some(file), _) => {
            create(file, &import.file()).map_err(|source| unwritable(file.clone(), source))
        }
        (None, Some(folder)) => {
            write_files(folder, import).map_err(|source| unwritable(folder.clone(), source))
        }
        (None, None) => ui.result(&import.file()),
    }
}

fn unwritable(path: PathBuf, source: io::Error) -> CommandError {
    CommandError::Unwritable { path, source }
}

fn write_files(folder: &Path, import: &Import) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (name, text) in import.files() {
        create(&folder.join(name), &text)?;
    }
    Ok(())
}

/// Writes a file that wasn't there.
fn create(file: &Path, text: &str) -> io::Result<()> {
    File::create_new(file)?.write_all(text.as_bytes())
}

/// Reads the spec back and plans it: the account has names and values that AWS takes and a spec refuses.
fn check(import: &Import, out: Option<&PathBuf>, snapshot: &Snapshot) -> Result<(), CommandError> {
    let unread = snapshot.unread();
    if !unread.is_empty() {
        let kinds = unread.keys().map(ToString::to_string);
        return Err(CommandError::ImportIncomplete {
            kinds: kinds.collect::<Vec<_>>().join(", "),
        });
    }
    let spec = match out {
        Some(path) => spec::load(path)?,
        None => {
            let printed = tempfile::tempdir().map_err(CommandError::Runtime)?;
            let file = printed.path().join("mfactl.yaml");
            create(&file, &import.file()).map_err(CommandError::Runtime)?;
            spec::load(&file)?
        }
    };
    let plan = planner::plan(&spec.desired, snapshot);
    let differ = plan.actions.iter().map(|action| &action.address);
    let withheld = plan.withheld.iter().map(|withheld| &withheld.address);
    let differ: Vec<String> = differ.chain(withheld).map(ToString::to_string).collect();
    if differ.is_empty() {
        Ok(())
    } else {
        let objects = differ.join(", ");
        Err(CommandError::ImportDiffers { objects })
    }
}
