//! A person, from the first commit that names them to the last: what they can do on each day is asked of an AWS that holds
//! everybody to their policies.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

use std::fs;

use mfactl_tests::{Emulator, Enrolment, Kit, Mfactl, Served, code};
use serde_json::{Value, json};

/// The spec of a team; alice's line is what changes.
const TEAM: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {user: /people/*, mfa_device: /people/*}
defaults: {path: /people/}
users:
ALICE
  bob: {groups: [team]}
groups: {team: {policies: [enforce-mfa, reads]}}
monitoring: {log_group: {name: CloudTrail/AWSLogs, create: {retention_days: 30}}}
policies:
  enforce-mfa: {preset: enforce-mfa}
  reads: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["iam:ListRoles", "iam:ListGroups"], Resource: "*"}]}}
"#;

const KEY: &str = "age1xrahmamw2jvgfahulkgjnd24msgmje8ehtkeghdrc7hw6t9t6dus4nmwll";

/// An AWS that enforces policies, and an administrator's mfactl.
struct World {
    /// In whose folder the server runs.
    _host: Mfactl,
    served: Served,
    administrator: Mfactl,
}

/// Merges a spec in which alice's line is this one, applies it, and makes sure that nothing is left to do.
#[track_caller]
fn merge(mfactl: &Mfactl, team: &str, alice: &str) {
    let text = team.replace("ALICE", alice).replace("KEY", KEY);
    fs::write(mfactl.folder().join("mfactl.yaml"), text).unwrap();
    let apply = ["apply", "--auto-approve", "--settle", "0"];
    mfactl.run(apply).ends_with(0);
    let plan = ["plan", "--detailed-exitcode"];
    let planned = mfactl.run(plan).ends_with(0);
    assert!(planned.contains("No changes."), "{planned}");
}

/// What a person holds after signing in.
struct Session {
    environment: Vec<(String, String)>,
    key: String,
    token: String,
}

impl World {
    fn new() -> Self {
        let host = Mfactl::new(Vec::new());
        let served = Served::start(&host, &["--listen", "127.0.0.1:0", "--enforce"]);
        let administrator = Mfactl::new(served.environment());
        Self {
            _host: host,
            served,
            administrator,
        }
    }

    #[track_caller]
    fn merge(&self, alice: &str) {
        merge(&self.administrator, TEAM, alice);
    }

    fn kit(&self, name: &str) -> Kit {
        Kit::open(&self.administrator.folder().join("kits").join(name))
    }

    /// Signs in to the console: session credentials, or AWS's words.
    fn sign_in(&self, fields: &[(&str, &str)]) -> Result<Session, String> {
        let answer = self.served.sign_in("alice", fields);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let field = |name: &str| Some(body[name].as_str()?.to_owned());
        let Some(key) = field("AccessKeyId") else {
            return Err(body["error"]["message"].to_string());
        };
        let token = field("SessionToken").unwrap();
        let mut environment = self.served.environment();
        environment
            .retain(|(name, _)| !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_SECRET"));
        environment.extend([
            ("AWS_ACCESS_KEY_ID".to_owned(), key.clone()),
            (
                "AWS_SECRET_ACCESS_KEY".to_owned(),
                field("SecretAccessKey").unwrap(),
            ),
            (
                "AWS_SESSION_TOKEN".to_owned(),
                field("SessionToken").unwrap(),
            ),
        ]);
        Ok(Session {
            environment,
            key,
            token,
        })
    }

    #[track_caller]
    fn refused(&self, fields: &[(&str, &str)], because: &str) {
        match self.sign_in(fields) {
            Ok(_) => panic!("alice is in"),
            Err(message) => assert!(message.contains(because), "{message}"),
        }
    }

    /// Tells which of the calls that a person may want to make are let through.
    fn allowed(&self, session: &Session) -> Vec<&'static str> {
        let calls = [
            "ListRoles",
            "ListGroups",
            "ListMFADevices",
            "GetAccountSummary",
            "CreateAccessKey",
            "CreateUser&UserName=eve",
        ];
        calls
            .into_iter()
            .filter(|call| {
                let form = format!("Action={call}&Version=2010-05-08");
                let answer = self
                    .served
                    .call_in_session(&session.key, &session.token, &form);
                let is_denied = answer.contains("AccessDenied");
                assert!(is_denied || answer.contains(" 200 "), "{answer}");
                !is_denied
            })
            .collect()
    }

    /// Enrols a device as the person, and returns its seed.
    fn enrol(&self, session: &Session, device: &str) -> String {
        let person = Mfactl::new(session.environment.clone());
        let enrolment = Enrolment::begin(&person, &["--device", device]);
        let seed = enrolment.seed.clone();
        enrolment
            .answer(&[code(&seed, -30), code(&seed, 0)])
            .ends_with(0);
        seed
    }

    /// Returns alice's line of the report.
    fn reported(&self) -> Value {
        let report = self
            .administrator
            .run(["report", "--format", "json"])
            .ends_with(0);
        let report: Value = serde_json::from_str(&report).unwrap();
        let people = report["people"].as_array().unwrap();
        let alice = people.iter().find(|person| person["user"] == "alice");
        alice.unwrap_or_else(|| panic!("{report:#}")).clone()
    }

    /// Makes sure that nothing is left of alice.
    fn is_gone(&self, session: &Session, password: &str) {
        self.refused(&[("password", password)], "incorrect");
        let form = "Action=ListGroups&Version=2010-05-08";
        let answer = self
            .served
            .call_in_session(&session.key, &session.token, form);
        assert!(!answer.contains(" 200 "), "{answer}");
        let devices = self
            .served
            .iam("Action=ListVirtualMFADevices&Version=2010-05-08");
        assert!(!devices.contains("alice"), "{devices}");
        let users = self.served.iam("Action=ListUsers&Version=2010-05-08");
        assert!(users.contains("bob") && !users.contains("alice"), "{users}");
    }
}

/// What everybody may do, and what the group grants.
const SELF_SERVICE: &[&str] = &["ListMFADevices"];
const GRANTED: &[&str] = &["ListRoles", "ListGroups", "ListMFADevices"];

#[test]
fn who_enrols_can_do_nothing_else_before_and_all_that_is_granted_after() {
    let world = World::new();
    world.merge("  alice: {groups: [team], console: true, mfa: required, deliver_to: KEY}");
    let kit = world.kit("alice.age");
    world.refused(&[("password", kit.password())], "must be changed");
    let own = "Her-own-passw0rd";
    let first = world.sign_in(&[("password", kit.password()), ("new_password", own)]);
    let first = first.unwrap();
    assert_eq!(world.allowed(&first), SELF_SERVICE);

    let seed = world.enrol(&first, "phone");
    assert_eq!(world.allowed(&first), SELF_SERVICE);
    world.refused(&[("password", own)], "incorrect");
    let with_mfa = world.sign_in(&[("password", own), ("code", &code(&seed, 30))]);
    let with_mfa = with_mfa.unwrap();
    assert_eq!(world.allowed(&with_mfa), GRANTED);
    let reported = world.reported();
    assert_eq!(reported["devices"], json!(["virtual"]));
    assert!(reported["password_used"].is_string(), "{reported:#}");
    let logins = world.administrator.run(["logins"]).ends_with(0);
    let counts = "2 sign-ins: 1 with MFA, 0 by an identity provider; 1 failed.";
    assert!(logins.contains(counts), "{logins}");

    // The phone is lost: whoever has it gets nowhere, and alice begins anew.
    let line = r#"  alice: {groups: [team], console: true, mfa: required, deliver_to: KEY, reset: {mfa: "phone lost", password: "phone lost"}}"#;
    world.merge(line);
    world.refused(
        &[("password", own), ("code", &code(&seed, 60))],
        "incorrect",
    );
    let kit = world.kit("alice~2.age");
    let newer = "Her-newer-passw0rd";
    let again = world.sign_in(&[("password", kit.password()), ("new_password", newer)]);
    let again = again.unwrap();
    assert_eq!(world.allowed(&again), SELF_SERVICE);
    let seed = world.enrol(&again, "new-phone");
    let with_mfa = world.sign_in(&[("password", newer), ("code", &code(&seed, 30))]);
    let with_mfa = with_mfa.unwrap();
    assert_eq!(world.allowed(&with_mfa), GRANTED);
    // What was asked for once is done once.
    world.merge(line);
    assert_eq!(world.reported()["devices"], json!(["virtual"]));

    world.merge("");
    world.is_gone(&with_mfa, newer);
}

#[test]
fn who_gets_a_device_never_signs_in_without_it() {
    let world = World::new();
    world.merge("  alice: {groups: [team], console: true, mfa: provisioned, deliver_to: KEY}");
    let kit = world.kit("alice.age");
    let own = "Her-own-passw0rd";
    let password = ("password", kit.password());
    world.refused(&[password], "incorrect");
    world.refused(&[password, ("new_password", own)], "incorrect");
    let code = kit.next_code();
    let fields = [password, ("new_password", own), ("code", &code)];
    let with_mfa = world.sign_in(&fields).unwrap();
    assert_eq!(world.allowed(&with_mfa), GRANTED);
    assert_eq!(world.reported()["devices"], json!(["virtual"]));

    let line = r#"  alice: {groups: [team], console: true, mfa: provisioned, deliver_to: KEY, reset: {mfa: "phone lost", password: "phone lost"}}"#;
    world.merge(line);
    let kit = world.kit("alice~2.age");
    let newer = "Her-newer-passw0rd";
    world.refused(
        &[("password", kit.password()), ("new_password", newer)],
        "incorrect",
    );
    let code = kit.next_code();
    let fields = [
        ("password", kit.password()),
        ("new_password", newer),
        ("code", &code),
    ];
    let with_mfa = world.sign_in(&fields).unwrap();
    assert_eq!(world.allowed(&with_mfa), GRANTED);
    world.merge(line);

    world.merge("");
    world.is_gone(&with_mfa, newer);
}

/// Lets alice come and lose her phone on an AWS that isn't ours, which has no console to sign in to.
fn comes_and_loses_her_phone(emulator: &Emulator, account: &str) -> Mfactl {
    let mfactl = emulator.mfactl();
    let team = TEAM.replace("123456789012", account);
    let devices = || emulator.python("devices.py", &["alice"]);
    let kit = |name: &str| Kit::open(&mfactl.folder().join("kits").join(name));
    let device = format!("['arn:aws:iam::{account}:mfa/people/alice']");
    let line = "  alice: {groups: [team], console: true, mfa: provisioned, deliver_to: KEY";

    merge(&mfactl, &team, &format!("{line}}}"));
    assert_eq!(devices().trim(), device);
    let first = kit("alice.age");

    let reset = format!(r#"{line}, reset: {{mfa: "phone lost", password: "phone lost"}}}}"#);
    merge(&mfactl, &team, &reset);
    assert_eq!(devices().trim(), device);
    let second = kit("alice~2.age");
    assert_ne!(first.seed(), second.seed());
    assert_ne!(first.password(), second.password());
    merge(&mfactl, &team, &reset);
    mfactl
}

#[test]
fn a_person_comes_loses_her_phone_and_leaves_on_moto() {
    let moto = Emulator::moto();
    let mfactl = comes_and_loses_her_phone(&moto, "123456789012");
    merge(&mfactl, TEAM, "");
    assert_eq!(moto.python("users.py", &[]).trim(), "['bob']");
}

/// Nobody can leave there: ministack doesn't tell what signing certificates they have.
#[test]
fn a_person_comes_and_loses_her_phone_on_ministack() {
    comes_and_loses_her_phone(&Emulator::ministack(), "000000000000");
}
