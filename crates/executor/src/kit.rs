//! Sealed kits: one encrypted file a person, with the secrets that are made for them.
//!
//! What is in a kit exists otherwise only in memory. A kit is an ASCII-armoured age file, so that it can be mailed,
//! pasted and kept in Git; `age --decrypt -i KEY kits/alice.age` shows it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::iter::once;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{Account, Action, Address, Body, Change, DeviceName, Plan, Recipient, UserName};
use secrecy::SecretString;
use tempfile::NamedTempFile;

use crate::kit_text;

/// Says why a person's kit can't be written, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The folder can't be made, or no file can be made in it.
    #[error("no kit can be written in the folder `{}`: make it writable, or name another with --kits", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// A kit couldn't be written.
    #[error("the kit `{}` can't be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// Somebody else wrote to a kit of this run.
    #[error("the kit `{}` was changed during this run, so it is left as it is", .0.display())]
    Changed(PathBuf),
    /// One person's secrets are to be sealed for two keys.
    #[error("the secrets of user/{0} are to be sealed for two recipients: declare one")]
    TwoRecipients(UserName),
    /// A kit can't be encrypted or drawn.
    #[error("the kit of user/{0} can't be sealed")]
    Seal(UserName, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Checks that every kit that a plan makes can be written to a folder, which is made if it is missing.
///
/// To be called before a plan is applied.
pub fn check_kits(plan: &Plan, folder: &Path) -> Result<(), KitError> {
    let mut recipients = BTreeMap::new();
    for (user, recipient) in plan.actions.iter().filter_map(delivery) {
        if *recipients.entry(user).or_insert(recipient) != recipient {
            return Err(KitError::TwoRecipients(user.clone()));
        }
    }
    if recipients.is_empty() {
        return Ok(());
    }
    make_folder(folder)?;
    NamedTempFile::new_in(folder).map_err(|error| KitError::Folder(folder.to_owned(), error))?;
    Ok(())
}

/// Returns whose kit an action adds to, and whom it is sealed for.
fn delivery(action: &Action) -> Option<(&UserName, &Recipient)> {
    match (&action.address, &action.change) {
        (
            Address::LoginProfile(user),
            Change::Create {
                after: Body::LoginProfile(profile),
            }
            | Change::Update {
                after: Body::LoginProfile(profile),
                ..
            },
        ) => Some((user, profile.deliver_to.as_ref()?)),
        (
            Address::MfaDevice(_),
            Change::Create {
                after: Body::MfaDevice(device),
            }
            | Change::Update {
                after: Body::MfaDevice(device),
                ..
            },
        ) => Some((device.user.as_ref()?, device.deliver_to.as_ref()?)),
        _ => None,
    }
}

/// Returns the names that a person's kit may have, in the order in which they are tried: no kit is ever overwritten, since
/// the run that wrote it may have been interrupted and what is in it be in force. No user's name has a `~`.
fn paths(folder: &Path, user: &UserName) -> impl Iterator<Item = PathBuf> {
    let first = folder.join(format!("{user}.age"));
    let others = (2..).map(move |number: u32| format!("{user}~{number}.age"));
    once(first).chain(others.map(move |name| folder.join(name)))
}

fn make_folder(folder: &Path) -> Result<(), KitError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| KitError::Folder(folder.to_owned(), error))
}

/// Holds a password that its person is to use once, or until they change it.
#[derive(Debug, Clone)]
pub(crate) struct FirstPassword {
    pub(crate) text: SecretString,
    pub(crate) reset_required: bool,
}

/// Holds what an authenticator app needs.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) device: DeviceName,
    /// The device's serial number, which isn't secret.
    pub(crate) serial: String,
    pub(crate) base32: SecretString,
}

/// Holds one person's secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    pub(crate) password: Option<FirstPassword>,
    pub(crate) seed: Option<Seed>,
}

/// Holds the kits of one run.
///
/// Writing blocks its thread for the moment that a disk takes, which is less than what a call to AWS takes.
#[derive(Debug)]
pub(crate) struct Kits {
    account: Account,
    folder: PathBuf,
    kits: Mutex<BTreeMap<UserName, Kit>>,
}

#[derive(Debug)]
struct Kit {
    recipient: Recipient,
    secrets: Secrets,
    /// What this run wrote last and where, to know the file again. None where there is no file.
    written: Option<(PathBuf, String)>,
}

impl Kits {
    pub(crate) fn new(account: Account, folder: PathBuf) -> Self {
        Self {
            account,
            folder,
            kits: Mutex::default(),
        }
    }

    /// Puts a password into a person's kit, which is on disk when this returns.
    pub(crate) fn put_password(
        &self,
        user: &UserName,
        recipient: &Recipient,
        password: FirstPassword,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.password = Some(password))
    }

    /// Returns the password that this run put into a person's kit.
    pub(crate) fn password(&self, user: &UserName) -> Option<FirstPassword> {
        let kits = self.lock();
        kits.get(user).and_then(|kit| kit.secrets.password.clone())
    }

    /// Takes the password out of a person's kit again. A kit with nothing left in it is removed.
    pub(crate) fn take_password(
        &self,
        user: &UserName,
        recipient: &Recipient,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.password = None)
    }

    /// Puts a device's seed into a person's kit, which is on disk when this returns.
    pub(crate) fn put_seed(
        &self,
        user: &UserName,
        recipient: &Recipient,
        seed: Seed,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.seed = Some(seed))
    }

    /// Returns the seed that this run put into a person's kit.
    pub(crate) fn seed(&self, user: &UserName) -> Option<Seed> {
        self.lock().get(user)?.secrets.seed.clone()
    }

    /// Takes the seed out of a person's kit again. A kit with nothing left in it is removed.
    pub(crate) fn take_seed(&self, user: &UserName, recipient: &Recipient) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.seed = None)
    }

    /// Lists the kits that are on disk.
    pub(crate) fn into_written(self) -> Vec<PathBuf> {
        let kits = self.lock();
        let written = kits.values().filter_map(|kit| kit.written.as_ref());
        written.map(|(path, _)| path.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<UserName, Kit>> {
        self.kits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        user: &UserName,
        recipient: &Recipient,
        change: impl FnOnce(&mut Secrets),
    ) -> Result<(), KitError> {
        let mut kits = self.lock();
        let kit = kits.entry(user.clone()).or_insert_with(|| Kit {
            recipient: recipient.clone(),
            secrets: Secrets::default(),
            written: None,
        });
        if kit.recipient != *recipient {
            return Err(KitError::TwoRecipients(user.clone()));
        }
        let before = kit.secrets.clone();
        change(&mut kit.secrets);
        let saved = self.save(user, kit);
        if saved.is_err() {
            // What isn't on disk must not come with what is written next.
            kit.secrets = before;
        }
        saved
    }

    fn save(&self, user: &UserName, kit: &mut Kit) -> Result<(), KitError> {
        if kit.secrets.password.is_none() && kit.secrets.seed.is_none() {
            return kit.remove();
        }
        let text = kit_text::write(user, &self.account, &kit.secrets)
            .map_err(|error| KitError::Seal(user.clone(), error.into()))?;
        let sealed = seal(text.as_bytes(), &kit.recipient)
            .map_err(|error| KitError::Seal(user.clone(), error))?;
        make_folder(&self.folder)?;
        match kit.on_disk()? {
            Some(path) => {
                let file = written(&self.folder, &path, &sealed)?;
                let placed = file.persist(&path);
                placed.map_err(|error| KitError::Write(path.clone(), error.error))?;
                kit.written = Some((path, sealed));
            }
            None => kit.written = Some(place(&self.folder, user, sealed)?),
        }
        sync(&self.folder);
        Ok(())
    }
}

/// Puts a whole file under the first name that nothing has, a dangling link included.
fn place(folder: &Path, user: &UserName, sealed: String) -> Result<(PathBuf, String), KitError> {
    for path in paths(folder, user) {
        let file = written(folder, &path, &sealed)?;
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok((path, sealed)),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(KitError::Write(path, error.error)),
        }
    }
    let full = io::Error::other("the folder has too many kits");
    Err(KitError::Folder(folder.to_owned(), full))
}

/// Writes a file that is to be put in place. Temporary files are 0600 from the start.
fn written(folder: &Path, path: &Path, sealed: &str) -> Result<NamedTempFile, KitError> {
    let failed = |error| KitError::Write(path.to_owned(), error);
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(sealed.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    Ok(file)
}

impl Kit {
    fn remove(&mut self) -> Result<(), KitError> {
        if let Some(path) = self.on_disk()? {
            fs::remove_file(&path).map_err(|error| KitError::Write(path, error))?;
        }
        self.written = None;
        Ok(())
    }

    /// Returns where the file that this run wrote is, if it is still there. Another in its place is an error.
    fn on_disk(&self) -> Result<Option<PathBuf>, KitError> {
        let Some((path, written)) = &self.written else {
            return Ok(None);
        };
        match fs::read(path) {
            Ok(found) if found == written.as_bytes() => Ok(Some(path.clone())),
            Ok(_) => Err(KitError::Changed(path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KitError::Write(path.clone(), error)),
        }
    }
}

/// Makes a new name in a folder survive a crash, as far as the file system can: not every one lets a folder be synced.
fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

fn seal(
    text: &[u8],
    recipient: &Recipient,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    #[cfg(feature = "ssh")]
    if let Ok(key) = recipient.as_str().parse::<age::ssh::Recipient>() {
        return Ok(age::encrypt_and_armor(&key, text)?);
    }
    let recipient: age::x25519::Recipient = recipient.as_str().parse()?;
    Ok(age::encrypt_and_armor(&recipient, text)?)
}

#[cfg(test)]
mod tests;
