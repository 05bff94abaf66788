use model::{AccountId, MfaType, Partition, UserName};

use super::*;

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn as_of() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn person(name: &str) -> Person {
    Person::User(UserName::new(name).unwrap())
}

fn account() -> Account {
    Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: Some("acme".to_owned()),
    }
}

fn nothing() -> Credentials {
    Credentials {
        created: time("2026-01-01T00:00:00Z"),
        password: Some(false),
        password_changed: None,
        password_used: None,
        mfa: false,
        devices: BTreeSet::new(),
        keys: Vec::new(),
    }
}

fn report() -> CredentialReport {
    let root = Credentials {
        password: None,
        password_used: time("2026-10-01T00:00:00Z"),
        ..nothing()
    };
    let alice = Credentials {
        password: Some(true),
        password_changed: time("2026-11-20T00:00:00Z"),
        ..nothing()
    };
    let bob = Credentials {
        password: Some(true),
        password_changed: time("2026-09-01T00:00:00Z"),
        password_used: time("2026-11-24T11:00:00Z"),
        mfa: true,
        devices: BTreeSet::from([MfaType::Virtual, MfaType::Fido2]),
        keys: vec![
            KeyUse {
                active: true,
                rotated: time("2025-11-24T00:00:00Z"),
                used: time("2026-11-12T00:00:00Z"),
            },
            KeyUse {
                active: false,
                rotated: time("2026-01-01T00:00:00Z"),
                used: None,
            },
        ],
        ..nothing()
    };
    CredentialReport {
        generated: "2026-11-24T09:00:00Z".parse().unwrap(),
        people: BTreeMap::from([
            (Person::Root, root),
            (person("=1+1"), alice),
            (person("bob"), bob),
            (person("nobody"), nothing()),
        ]),
        unread: None,
    }
}

/// A report in every format.
struct Shown {
    text: String,
    csv: String,
    markdown: String,
    html: String,
    json: Value,
}

fn shown(report: &CredentialReport) -> Shown {
    let (root, alice, bob) = (Person::Root, person("=1+1"), person("bob"));
    let met = BTreeMap::from([
        (Condition::RootMfa, BTreeSet::from([&root])),
        (Condition::NoMfa, BTreeSet::from([&alice])),
        (Condition::OldKey, BTreeSet::from([&bob])),
    ]);
    let account = account();
    let view = CredentialsView {
        account: &account,
        caller: &Caller::Root,
        sandbox: false,
        report,
        met: &met,
        days: (90, 90),
        as_of: as_of(),
        history: &[],
    };
    Shown {
        text: anstream::adapter::strip_str(&view.text()).to_string(),
        csv: view.csv(),
        markdown: view.markdown(),
        html: view.html(),
        json: view.json(),
    }
}

#[test]
fn everybody_who_has_something_is_in_the_table_with_what_is_wrong() {
    let Shown { text, .. } = shown(&report());
    insta::assert_snapshot!(text, @"
    Account 123456789012 (acme), as the root user. Credential report of 2026-11-24T09:00:00Z, 3 h old.

        USER           MFA             PASSWORD  SIGNED IN  KEY 1             KEY 2
      ✗ the root user  none            not told  54 d       –                 –
      ✗ =1+1           none            4 d       never      –                 –
      ! bob            virtual, FIDO2  84 d      today      365 d, used 12 d  inactive

      ✗ The root user has no MFA. `root-mfa`, CIS 3.0.0: 1.5, 5.0.0: 1.4
      ✗ 1 person with a password has no MFA: =1+1. `no-mfa`, CIS 3.0.0: 1.10, 5.0.0: 1.9
      ! 1 person has a key older than 90 days: bob. `old-key`, CIS 3.0.0: 1.14, 5.0.0: 1.13

    MFA: 1 of 2 people with a password; 3 users in all.
    ");
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
}

#[test]
fn a_name_that_is_a_formula_is_text_in_csv() {
    let Shown { csv, .. } = shown(&report());
    insta::assert_snapshot!(csv, @"
    user,created,password,password_changed,password_used,mfa,mfa_types,key_1_active,key_1_rotated,key_1_used,key_2_active,key_2_rotated,key_2_used,conditions
    <root_account>,2026-01-01T00:00:00Z,,,2026-10-01T00:00:00Z,false,,,,,,,,root-mfa
    '=1+1,2026-01-01T00:00:00Z,true,2026-11-20T00:00:00Z,,false,,,,,,,,no-mfa
    bob,2026-01-01T00:00:00Z,true,2026-09-01T00:00:00Z,2026-11-24T11:00:00Z,true,virtual FIDO2,true,2025-11-24T00:00:00Z,2026-11-12T00:00:00Z,false,2026-01-01T00:00:00Z,,old-key
    nobody,2026-01-01T00:00:00Z,false,,,false,,,,,,,,
    ");
}

#[test]
fn what_could_not_be_read_is_said_in_every_format() {
    let mut report = report();
    report.unread = Some(ReadFailure {
        operation: "iam:ListMFADevices".to_owned(),
        message: "AccessDenied: no".to_owned(),
    });
    let Shown {
        text,
        markdown,
        html,
        json,
        ..
    } = shown(&report);
    for page in [text, markdown, html] {
        assert!(page.contains("What MFA devices are"), "{page}");
    }
    assert_eq!(json["unread"]["operation"], "iam:ListMFADevices");
}

#[test]
fn json_names_conditions_with_their_recommendations() {
    let Shown { json, .. } = shown(&report());
    assert_eq!(json["counts"]["with_password"], 2);
    assert_eq!(json["counts"]["conditions"]["no-mfa"], 1);
    assert_eq!(json["conditions"][0]["cis"]["5.0.0"], "1.4");
    assert_eq!(json["people"][0]["user"], "<root_account>");
}
