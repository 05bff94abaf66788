//! Who can sign in and with what: the credential report of an account, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::{
    Account, Caller, Condition, CredentialCounts, CredentialReport, Credentials, KeyUse, Person,
    ReadFailure,
};
use serde::Serialize;
use serde_json::Value;

use crate::document::{Mark, Remark};
use crate::json::{FORMAT_VERSION, value};
use crate::plan::{account_of, caller_of, remark};
use crate::plot::plot;
use crate::table::{self, Column, Row, Table, TablePage};
use crate::unread;
use crate::words::{count, first_few};

/// How many of those whom a condition is met by are named in its line.
const FEW: usize = 5;

const COLUMNS: [Column; 6] = [
    column("User", 22),
    column("MFA", 15),
    column("Password", 9),
    column("Signed in", 9),
    column("Key 1", 17),
    column("Key 2", 17),
];

const fn column(name: &'static str, most: usize) -> Column {
    Column { name, most }
}

/// Holds an account's credentials with what is shown beside them.
#[derive(Debug)]
pub struct CredentialsView<'a> {
    /// The account.
    pub account: &'a Account,
    /// Whose credentials read it.
    pub caller: &'a Caller,
    /// Whether it is the embedded AWS and not a real account.
    pub sandbox: bool,
    /// The report.
    pub report: &'a CredentialReport,
    /// Whom each condition is met by.
    pub met: &'a BTreeMap<Condition, BTreeSet<&'a Person>>,
    /// The days after which something is unused, and a key old.
    pub days: (i64, i64),
    /// When it is.
    pub as_of: Timestamp,
    /// What was counted at other times and now, the oldest first, where that is kept.
    pub history: &'a [CredentialCounts],
}

impl CredentialsView<'_> {
    /// Returns it as text with ANSI styles, no wider than a hundred characters but for its sentences.
    pub fn text(&self) -> String {
        table::text(&self.page())
    }

    /// Returns it as GitHub-flavoured Markdown.
    pub fn markdown(&self) -> String {
        table::markdown(&self.page())
    }

    /// Returns it as a page of HTML that needs nothing else.
    pub fn html(&self) -> String {
        table::html(&self.page())
    }

    /// Returns it as CSV with a row for everybody, its times in UTC.
    ///
    /// A field that a spreadsheet would take for a formula, as names may look like one, begins with an apostrophe.
    #[expect(
        clippy::expect_used,
        reason = "rows of one length are written to memory"
    )]
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(CSV).expect("it can be written");
        for (person, credentials) in &self.report.people {
            let row = self.csv_row(person, credentials);
            writer.write_record(row).expect("it can be written");
        }
        let bytes = writer.into_inner().expect("it can be written");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns it as JSON.
    pub fn json(&self) -> Value {
        let age = self.as_of.duration_since(self.report.generated);
        let (unused_days, key_days) = self.days;
        value(&CredentialsJson {
            format_version: FORMAT_VERSION,
            mfactl_version: env!("CARGO_PKG_VERSION"),
            account: self.account,
            caller: self.caller,
            sandbox: self.sandbox,
            generated: self.report.generated,
            age_seconds: age.as_secs(),
            unused_days,
            key_days,
            counts: self.report.counts(&self.account.id, self.met),
            people: { self.report.people.iter() }
                .map(|(user, credentials)| PersonJson {
                    user,
                    credentials,
                    conditions: self.conditions_of(user).collect(),
                })
                .collect(),
            conditions: { self.met.iter() }
                .map(|(condition, people)| ConditionJson {
                    condition: *condition,
                    cis: BTreeMap::from(condition.cis()),
                    people,
                })
                .collect(),
            unread: self.report.unread.as_ref(),
        })
    }

    fn conditions_of(&self, person: &Person) -> impl Iterator<Item = Condition> {
        let met = self.met.iter();
        met.filter(|(_, people)| people.contains(person))
            .map(|(condition, _)| *condition)
    }

    fn page(&self) -> TablePage {
        let shown = self.report.people.iter().filter(|(person, it)| {
            **person == Person::Root || it.has_password() || !it.keys.is_empty()
        });
        TablePage {
            title: format!(
                "{}, as {}. Credential report of {}, {}.",
                account_of(self.account, self.sandbox),
                caller_of(self.caller),
                self.report.generated,
                age(self.as_of.duration_since(self.report.generated))
            ),
            table: Table {
                columns: COLUMNS.to_vec(),
                rows: shown.map(|(person, it)| self.row(person, it)).collect(),
            },
            notes: self.notes(),
            verdict: self.verdict(),
            plot: plot(self.history),
            query: None,
        }
    }

    fn row(&self, person: &Person, credentials: &Credentials) -> Row {
        let days = |time| days(time, self.as_of);
        let password = match (credentials.password, credentials.password_changed) {
            (Some(false), _) => "–".to_owned(),
            (Some(true) | None, None) => "not told".to_owned(),
            (Some(true) | None, Some(changed)) => days(changed),
        };
        let used = match (credentials.password, credentials.password_used) {
            (Some(false), _) => "–".to_owned(),
            (_, None) => "never".to_owned(),
            (_, Some(used)) => days(used),
        };
        let mut keys = credentials.keys.iter().map(|key| self.key(key));
        let mut key = || keys.next().unwrap_or_else(|| "–".to_owned());
        let cells = [name(person), mfa(credentials), password, used, key(), key()];
        Row {
            mark: self.mark(person),
            cells: cells.into(),
        }
    }

    /// What lets somebody in without MFA fails; what is only old or unused somebody should know.
    fn mark(&self, person: &Person) -> Option<Mark> {
        self.conditions_of(person).map(mark).max()
    }

    fn key(&self, key: &KeyUse) -> String {
        if !key.active {
            return "inactive".to_owned();
        }
        let made = key.rotated.map(|time| days(time, self.as_of));
        let used = match key.used {
            None => "never used".to_owned(),
            Some(used) => format!("used {}", days(used, self.as_of)),
        };
        match made {
            None => used,
            Some(made) => format!("{made}, {used}"),
        }
    }

    fn notes(&self) -> Vec<Remark> {
        let note = |(condition, people): (&Condition, &BTreeSet<&Person>)| {
            let names = first_few(people.iter().map(|person| name(person)), FEW);
            let [(third, first), (fifth, second)] = condition.cis();
            let text = format!(
                "{}: {}. `{condition}`, CIS {third}: {first}, {fifth}: {second}",
                self.sentence(*condition, people.len()),
                names
            );
            let text = match condition {
                // There is but one.
                Condition::RootMfa | Condition::RootKey => {
                    text.replacen(": the root user.", ".", 1)
                }
                Condition::NoMfa | Condition::Unused | Condition::OldKey => text,
            };
            remark(mark(*condition), text)
        };
        self.met.iter().map(note).collect()
    }

    fn sentence(&self, condition: Condition, number: usize) -> String {
        let people = || count(number, "person", "people");
        let have = if number == 1 { "has" } else { "have" };
        let (unused, old) = self.days;
        match condition {
            Condition::RootMfa => "The root user has no MFA".to_owned(),
            Condition::RootKey => "The root user has an access key".to_owned(),
            Condition::NoMfa => format!("{} with a password {have} no MFA", people()),
            Condition::Unused => {
                format!(
                    "{} {have} a password or key unused for over {unused} days",
                    people()
                )
            }
            Condition::OldKey => format!("{} {have} a key older than {old} days", people()),
        }
    }

    fn verdict(&self) -> Vec<Remark> {
        let counts = self.report.counts(&self.account.id, self.met);
        let CredentialCounts {
            users,
            with_password,
            with_mfa,
            ..
        } = counts;
        let mut verdict = vec![Remark {
            mark: None,
            text: match with_password {
                0 => format!(
                    "No password: none of {} can sign in.",
                    count(users, "user", "users")
                ),
                _ => format!(
                    "MFA: {with_mfa} of {} with a password; {} in all.",
                    count(with_password, "person", "people"),
                    count(users, "user", "users")
                ),
            },
        }];
        if let Some(failure) = &self.report.unread {
            let what = "What MFA devices are isn't known, or not of all";
            verdict.push(unread::unknown(what, failure, "report"));
        }
        verdict
    }

    fn csv_row(&self, person: &Person, credentials: &Credentials) -> Vec<String> {
        let Credentials {
            created,
            password,
            password_changed,
            password_used,
            mfa,
            devices,
            keys,
        } = credentials;
        let time = |time: &Option<Timestamp>| time.map(|it| it.to_string()).unwrap_or_default();
        let devices: Vec<&str> = devices.iter().map(|device| device.name()).collect();
        let conditions: Vec<&str> = self.conditions_of(person).map(Condition::as_str).collect();
        let mut row = vec![
            no_formula(&person.to_string()),
            time(created),
            password.map(|it| it.to_string()).unwrap_or_default(),
            time(password_changed),
            time(password_used),
            mfa.to_string(),
            devices.join(" "),
        ];
        for place in 0..2 {
            let key = keys.get(place);
            row.push(key.map(|key| key.active.to_string()).unwrap_or_default());
            row.push(key.map(|key| time(&key.rotated)).unwrap_or_default());
            row.push(key.map(|key| time(&key.used)).unwrap_or_default());
        }
        row.push(conditions.join(" "));
        row
    }
}

const CSV: [&str; 14] = [
    "user",
    "created",
    "password",
    "password_changed",
    "password_used",
    "mfa",
    "mfa_types",
    "key_1_active",
    "key_1_rotated",
    "key_1_used",
    "key_2_active",
    "key_2_rotated",
    "key_2_used",
    "conditions",
];

/// Returns a field as a spreadsheet takes it for text.
fn no_formula(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

fn mark(condition: Condition) -> Mark {
    match condition {
        Condition::RootMfa | Condition::RootKey | Condition::NoMfa => Mark::Failure,
        Condition::Unused | Condition::OldKey => Mark::Attention,
    }
}

fn name(person: &Person) -> String {
    match person {
        Person::Root => "the root user".to_owned(),
        Person::User(name) => name.to_string(),
    }
}

fn mfa(credentials: &Credentials) -> String {
    let devices: Vec<&str> = credentials
        .devices
        .iter()
        .map(|device| device.name())
        .collect();
    match (credentials.mfa, devices.as_slice()) {
        (false, _) => "none".to_owned(),
        (true, []) => "yes".to_owned(),
        (true, devices) => devices.join(", "),
    }
}

/// Returns how many days ago something was.
fn days(time: Timestamp, as_of: Timestamp) -> String {
    match as_of.duration_since(time).as_hours().div_euclid(24) {
        ..=0 => "today".to_owned(),
        days => format!("{days} d"),
    }
}

fn age(age: SignedDuration) -> String {
    match (age.as_hours(), age.as_mins()) {
        (..=0, ..=0) => "made just now".to_owned(),
        (..=0, minutes) => format!("{minutes} min old"),
        (hours, _) => format!("{hours} h old"),
    }
}

#[derive(Serialize)]
struct CredentialsJson<'a> {
    format_version: &'static str,
    mfactl_version: &'static str,
    account: &'a Account,
    caller: &'a Caller,
    sandbox: bool,
    generated: Timestamp,
    age_seconds: i64,
    unused_days: i64,
    key_days: i64,
    counts: CredentialCounts,
    people: Vec<PersonJson<'a>>,
    conditions: Vec<ConditionJson<'a>>,
    unread: Option<&'a ReadFailure>,
}

#[derive(Serialize)]
struct PersonJson<'a> {
    user: &'a Person,
    #[serde(flatten)]
    credentials: &'a Credentials,
    conditions: Vec<Condition>,
}

#[derive(Serialize)]
struct ConditionJson<'a> {
    condition: Condition,
    /// Recommendations of the CIS AWS Foundations Benchmark by its version.
    cis: BTreeMap<&'static str, &'static str>,
    people: &'a BTreeSet<&'a Person>,
}

#[cfg(test)]
mod tests;
