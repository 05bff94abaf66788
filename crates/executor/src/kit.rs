//! Sealed kits: a person's first password and MFA seed, in one file that only they can open.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use model::{Account, Address, Body, Change, Plan, Recipient, UserName};
use secrecy::SecretString;
use tempfile::NamedTempFile;
use tokio::sync::Mutex;

use crate::kit_text;

/// Says why a kit can't be written. It never holds what was to be in it.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Kits of these names are there, and none is ever overwritten.
    #[error("{} there already; move what is not yet delivered, or use another folder (--kits)", exist(.0))]
    Exists(Vec<PathBuf>),
    /// The folder or a file in it can't be written.
    #[error("can't write {}", path.display())]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The kit can't be encrypted to its recipient.
    #[error("can't seal a kit for {0}")]
    Unsealable(Recipient),
}

fn exist(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    format!(
        "{} {}",
        names.join(", "),
        if names.len() == 1 { "is" } else { "are" }
    )
}

/// Makes sure, before anything is changed, that each kit a plan will write can be written.
///
/// The folder is made if it is missing. A file of a kit's name is an error that names all of them.
pub fn check_kits(plan: &Plan, folder: &Path) -> Result<(), KitError> {
    let people: Vec<&UserName> = plan
        .actions
        .iter()
        .filter_map(|action| recipient(&action.address, &action.change))
        .collect();
    if people.is_empty() {
        return Ok(());
    }
    make_folder(folder)?;
    NamedTempFile::new_in(folder).map_err(|source| unwritable(folder, source))?;
    let mut existing: Vec<PathBuf> = people
        .iter()
        .map(|user| path(folder, user))
        .filter(|path| path.exists())
        .collect();
    existing.dedup();
    if existing.is_empty() {
        Ok(())
    } else {
        Err(KitError::Exists(existing))
    }
}

/// Returns the person for whom an action makes a secret.
fn recipient<'a>(address: &'a Address, change: &'a Change) -> Option<&'a UserName> {
    match (address, change) {
        (Address::LoginProfile(user), Change::Create { .. }) => Some(user),
        (
            Address::MfaDevice(_),
            Change::Create {
                after: Body::MfaDevice(device),
            },
        ) => device.deliver_to.as_ref().map(|delivery| &delivery.user),
        _ => None,
    }
}

fn path(folder: &Path, user: &UserName) -> PathBuf {
    folder.join(format!("{user}.age"))
}

fn make_folder(folder: &Path) -> Result<(), KitError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| unwritable(folder, source))
}

fn unwritable(path: &Path, source: io::Error) -> KitError {
    KitError::Unwritable {
        path: path.to_owned(),
        source,
    }
}

/// Holds the kits of one run, and writes each anew whenever a secret is added.
pub(crate) struct Kits {
    account: Account,
    folder: PathBuf,
    kits: Mutex<BTreeMap<UserName, Kit>>,
}

struct Kit {
    recipient: Recipient,
    secrets: Secrets,
    is_written: bool,
}

/// Holds what a person gets. Its `Debug` shows no secret.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) password: Option<SecretString>,
    pub(crate) seed: Option<SecretString>,
}

impl Kits {
    pub(crate) fn new(account: Account, folder: PathBuf) -> Self {
        Self {
            account,
            folder,
            kits: Mutex::default(),
        }
    }

    pub(crate) fn into_written(self) -> Vec<PathBuf> {
        let written = self
            .kits
            .into_inner()
            .into_iter()
            .filter(|(_, kit)| kit.is_written);
        written.map(|(user, _)| path(&self.folder, &user)).collect()
    }

    /// Writes a password into its person's kit.
    pub(crate) async fn add_password(
        &self,
        user: &UserName,
        recipient: &Recipient,
        password: SecretString,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.password = Some(password))
            .await
    }

    /// Takes a password that never came to be out of its person's kit.
    pub(crate) async fn remove_password(
        &self,
        user: &UserName,
        recipient: &Recipient,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.password = None)
            .await
    }

    /// Writes a device's seed into its person's kit.
    pub(crate) async fn add_seed(
        &self,
        user: &UserName,
        recipient: &Recipient,
        seed: SecretString,
    ) -> Result<(), KitError> {
        self.change(user, recipient, |secrets| secrets.seed = Some(seed))
            .await
    }

    async fn change(
        &self,
        user: &UserName,
        recipient: &Recipient,
        change: impl FnOnce(&mut Secrets),
    ) -> Result<(), KitError> {
        let mut kits = self.kits.lock().await;
        let kit = kits.entry(user.clone()).or_insert_with(|| Kit {
            recipient: recipient.clone(),
            secrets: Secrets::default(),
            is_written: false,
        });
        change(&mut kit.secrets);
        self.save(user, kit)
    }

    fn save(&self, user: &UserName, kit: &mut Kit) -> Result<(), KitError> {
        let path = path(&self.folder, user);
        if kit.secrets.password.is_none() && kit.secrets.seed.is_none() {
            if kit.is_written {
                fs::remove_file(&path).map_err(|source| unwritable(&path, source))?;
                kit.is_written = false;
            }
            return Ok(());
        }
        let sealed = self.seal(user, kit)?;
        make_folder(&self.folder)?;
        // A temporary file is made with mode 0600.
        let mut file = NamedTempFile::new_in(&self.folder)
            .map_err(|source| unwritable(&self.folder, source))?;
        let written = file
            .write_all(sealed.as_bytes())
            .and_then(|()| file.as_file().sync_all());
        written.map_err(|source| unwritable(&path, source))?;
        let persisted = if kit.is_written {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        match persisted {
            Ok(_) => kit.is_written = true,
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(KitError::Exists(vec![path]));
            }
            Err(error) => return Err(unwritable(&path, error.error)),
        }
        Ok(())
    }

    fn seal(&self, user: &UserName, kit: &Kit) -> Result<String, KitError> {
        let unsealable = || KitError::Unsealable(kit.recipient.clone());
        let recipient: age::x25519::Recipient =
            kit.recipient.as_str().parse().map_err(|_| unsealable())?;
        let text = kit_text::text(&self.account, user, &kit.secrets);
        age::encrypt_and_armor(&recipient, text.as_bytes()).map_err(|_| unsealable())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use model::{AccountId, Partition};
    use tempfile::TempDir;

    use super::*;

    fn account() -> Account {
        let id = AccountId::new("123456789012").unwrap();
        Account {
            id,
            partition: Partition::new("aws").unwrap(),
            alias: None,
        }
    }

    fn alice() -> UserName {
        UserName::new("alice").unwrap()
    }

    fn open(path: &Path, identity: &age::x25519::Identity) -> String {
        String::from_utf8(age::decrypt(identity, &fs::read(path).unwrap()).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn only_its_owner_opens_a_kit_that_has_both_secrets() {
        let folder = TempDir::new().unwrap();
        let identity = age::x25519::Identity::generate();
        let recipient = Recipient::new(identity.to_public().to_string()).unwrap();
        let kits = Kits::new(account(), folder.path().join("kits"));
        kits.add_seed(&alice(), &recipient, "JBSWY3DPEHPK3PXP".into())
            .await
            .unwrap();
        kits.add_password(&alice(), &recipient, "Tr0ub4dor&3".into())
            .await
            .unwrap();
        let path = folder.path().join("kits/alice.age");
        let sealed = fs::read_to_string(&path).unwrap();
        assert!(
            sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----")
                && !sealed.contains("Tr0ub4dor")
        );
        let text = open(&path, &identity);
        assert!(
            text.contains("Tr0ub4dor&3") && text.contains("JBSWY3DPEHPK3PXP"),
            "{text}"
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(folder.path().join("kits"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o700
        );
        assert_eq!(kits.into_written(), [path]);
    }

    #[tokio::test]
    async fn a_kit_that_is_there_is_never_overwritten() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("alice.age"), "undelivered").unwrap();
        let recipient =
            Recipient::new(age::x25519::Identity::generate().to_public().to_string()).unwrap();
        let kits = Kits::new(account(), folder.path().to_owned());
        let error = kits
            .add_password(&alice(), &recipient, "x".into())
            .await
            .unwrap_err();
        assert!(matches!(error, KitError::Exists(_)), "{error}");
        assert_eq!(
            fs::read_to_string(folder.path().join("alice.age")).unwrap(),
            "undelivered"
        );
    }

    #[tokio::test]
    async fn a_password_that_never_came_to_be_leaves_no_kit() {
        let folder = TempDir::new().unwrap();
        let recipient =
            Recipient::new(age::x25519::Identity::generate().to_public().to_string()).unwrap();
        let kits = Kits::new(account(), folder.path().to_owned());
        kits.add_password(&alice(), &recipient, "x".into())
            .await
            .unwrap();
        kits.remove_password(&alice(), &recipient).await.unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(kits.into_written().is_empty());
    }
}
