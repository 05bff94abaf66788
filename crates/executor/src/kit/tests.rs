use model::{
    AccountId, ActionId, Caller, DeviceType, LoginProfile, MfaDevice, Partition, Path as IamPath,
    Region, Tags,
};
use tempfile::TempDir;

use super::*;

/// A key pair made for these tests.
fn identity() -> (age::x25519::Identity, Recipient) {
    let identity = age::x25519::Identity::generate();
    let recipient = Recipient::new(identity.to_public().to_string()).unwrap();
    (identity, recipient)
}

fn account() -> Account {
    Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    }
}

fn name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

fn password(text: &str) -> FirstPassword {
    FirstPassword {
        text: SecretString::from(text),
        reset_required: true,
    }
}

fn seed() -> Seed {
    Seed {
        device: DeviceName::new("alice").unwrap(),
        serial: "arn:aws:iam::123456789012:mfa/alice".to_owned(),
        base32: SecretString::from("JBSWY3DPEHPK3PXP"),
    }
}

fn open(path: &Path, identity: &age::x25519::Identity) -> String {
    let sealed = fs::read(path).unwrap();
    String::from_utf8(age::decrypt(identity, &sealed).unwrap()).unwrap()
}

fn plan(actions: Vec<(Address, Body)>) -> Plan {
    let action = |(id, (address, after))| Action {
        id: ActionId(id),
        address,
        change: Change::Create { after },
        after: BTreeMap::new(),
        origin: None,
        part_of: None,
        people: 0,
    };
    Plan {
        account: account(),
        region: Region::new("us-east-1").unwrap(),
        caller: Caller::Root,
        actions: actions.into_iter().enumerate().map(action).collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        proofs: Vec::new(),
        gains: None,
        unread: BTreeMap::new(),
        digest: String::new(),
    }
}

fn console(user: &str, recipient: &Recipient) -> (Address, Body) {
    let profile = LoginProfile {
        reset_required: true,
        deliver_to: Some(recipient.clone()),
    };
    (
        Address::LoginProfile(name(user)),
        Body::LoginProfile(profile),
    )
}

fn provisioned(user: &str, recipient: &Recipient) -> (Address, Body) {
    let device = MfaDevice {
        device: DeviceType::Virtual {
            path: IamPath::root(),
        },
        user: Some(name(user)),
        tags: Tags::default(),
        deliver_to: Some(recipient.clone()),
    };
    let address = Address::MfaDevice(DeviceName::new(user).unwrap());
    (address, Body::MfaDevice(device))
}

struct Fixture {
    folder: TempDir,
    identity: age::x25519::Identity,
    recipient: Recipient,
    kits: Kits,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (identity, recipient) = identity();
        let kits = Kits::new(account(), folder.path().join("kits"));
        Self {
            folder,
            identity,
            recipient,
            kits,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("kits/alice.age")
    }

    fn put_password(&self, text: &str) -> Result<(), KitError> {
        self.kits
            .put_password(&name("alice"), &self.recipient, password(text))
    }

    fn open(&self) -> String {
        open(&self.path(), &self.identity)
    }
}

#[test]
fn a_kit_opens_with_its_persons_key_and_holds_all_of_their_secrets() {
    let it = Fixture::new();
    it.put_password("first").unwrap();
    let alice = name("alice");
    it.kits.put_seed(&alice, &it.recipient, seed()).unwrap();
    let text = it.open();
    assert!(text.contains("first") && text.contains("JBSWY3DPEHPK3PXP"));
    assert!(age::decrypt(&identity().0, &fs::read(it.path()).unwrap()).is_err());
    assert!(
        fs::read_to_string(it.path())
            .unwrap()
            .starts_with("-----BEGIN AGE ENCRYPTED FILE-----")
    );
    assert_eq!(
        it.kits.into_written(),
        [it.folder.path().join("kits/alice.age")]
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_kit_and_its_folder() {
    use std::os::unix::fs::PermissionsExt;
    let it = Fixture::new();
    it.put_password("first").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&it.path()), 0o600);
    assert_eq!(mode(it.path().parent().unwrap()), 0o700);
}

#[test]
fn a_kit_that_is_there_is_never_overwritten_and_the_next_has_a_name_beside_it() {
    let it = Fixture::new();
    let folder = it.path().parent().unwrap().to_owned();
    make_folder(&folder).unwrap();
    fs::write(it.path(), "theirs").unwrap();
    it.put_password("first").unwrap();
    it.kits
        .put_seed(&name("alice"), &it.recipient, seed())
        .unwrap();
    assert_eq!(fs::read_to_string(it.path()).unwrap(), "theirs");
    let second = folder.join("alice~2.age");
    let text = open(&second, &it.identity);
    assert!(text.contains("first") && text.contains("JBSWY3DPEHPK3PXP"));
    assert_eq!(it.kits.into_written(), [second]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn a_secret_that_could_not_be_written_does_not_come_with_the_next() {
    let it = Fixture::new();
    let folder = it.path().parent().unwrap().to_owned();
    fs::write(&folder, "a file where the folder is to be").unwrap();
    it.put_password("never set").unwrap_err();
    fs::remove_file(&folder).unwrap();
    it.kits
        .put_seed(&name("alice"), &it.recipient, seed())
        .unwrap();
    let text = it.open();
    assert!(!text.contains("never set") && text.contains("JBSWY3DPEHPK3PXP"));
}

#[test]
fn a_kit_that_somebody_changed_meanwhile_is_left() {
    let it = Fixture::new();
    it.put_password("first").unwrap();
    fs::write(it.path(), "theirs").unwrap();
    let again = it.kits.put_seed(&name("alice"), &it.recipient, seed());
    assert!(matches!(again, Err(KitError::Changed(_))));
    assert_eq!(fs::read_to_string(it.path()).unwrap(), "theirs");
}

#[test]
fn a_password_that_was_never_set_leaves_the_kit() {
    let it = Fixture::new();
    let alice = name("alice");
    it.put_password("first").unwrap();
    it.kits.take_password(&alice, &it.recipient).unwrap();
    assert!(!it.path().exists());

    it.put_password("second").unwrap();
    it.kits.put_seed(&alice, &it.recipient, seed()).unwrap();
    it.kits.take_password(&alice, &it.recipient).unwrap();
    let text = it.open();
    assert!(!text.contains("second") && text.contains("JBSWY3DPEHPK3PXP"));
}

#[test]
fn one_persons_secrets_are_never_sealed_for_two_keys() {
    let it = Fixture::new();
    it.put_password("first").unwrap();
    let other = identity().1;
    let seed = it.kits.put_seed(&name("alice"), &other, seed());
    assert!(matches!(seed, Err(KitError::TwoRecipients(_))));
    let plan = plan(vec![
        console("alice", &it.recipient),
        provisioned("alice", &other),
    ]);
    let checked = check_kits(&plan, &it.folder.path().join("none"));
    assert!(matches!(checked, Err(KitError::TwoRecipients(_))));
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let it = Fixture::new();
    let file = it.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let plan = plan(vec![console("alice", &it.recipient)]);
    let error = check_kits(&plan, &file).unwrap_err();
    assert!(matches!(error, KitError::Folder(..)), "{error}");
    let nothing = check_kits(&self::plan(Vec::new()), &file);
    assert!(nothing.is_ok(), "without a kit the folder doesn't matter");
}

#[test]
fn no_secret_shows_in_what_can_be_printed() {
    let it = Fixture::new();
    it.put_password("first").unwrap();
    it.kits
        .put_seed(&name("alice"), &it.recipient, seed())
        .unwrap();
    let debug = format!("{:?}", it.kits);
    assert!(!debug.contains("first") && !debug.contains("JBSWY3DPEHPK3PXP"));
}

#[cfg(feature = "ssh")]
#[test]
fn a_kit_that_is_sealed_for_an_ssh_key_opens_with_it() {
    const PUBLIC: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKp3+wS5/rJxlegGW+Yz+5XaAm4D810XJfnYGDNiOWvM";
    // Made for this test, and for nothing else.
    const PRIVATE: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACCqd/sEuf6ycZXoBlvmM/uV2gJuA/NdFyX52BgzYjlrzAAAAIjIixYdyIsW\nHQAAAAtzc2gtZWQyNTUxOQAAACCqd/sEuf6ycZXoBlvmM/uV2gJuA/NdFyX52BgzYjlrzA\nAAAED5DpSj4rtS/7XTMBxfoF6VE6SodG61cPnIzOxyZN2t/6p3+wS5/rJxlegGW+Yz+5Xa\nAm4D810XJfnYGDNiOWvMAAAABHRlc3QB\n-----END OPENSSH PRIVATE KEY-----\n";
    let recipient = Recipient::new(PUBLIC).unwrap();
    let sealed = seal(b"the seed", &recipient).unwrap();
    let key = age::ssh::Identity::from_buffer(PRIVATE.as_bytes(), None).unwrap();
    assert_eq!(age::decrypt(&key, sealed.as_bytes()).unwrap(), b"the seed");
}
