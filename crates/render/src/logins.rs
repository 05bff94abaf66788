//! Sign-ins to the console.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::{Account, Caller, Login, LoginKind, Logins};
use serde::Serialize;
use serde_json::Value;

use crate::document::{Mark, Remark};
use crate::json::{FORMAT_VERSION, value};
use crate::plan::{account_of, caller_of, remark};
use crate::table::{self, Column, Row, Table, TablePage};
use crate::words::{count, first_few};

/// How many people are named in a line.
const FEW: usize = 5;

const COLUMNS: [Column; 6] = [
    column("Time", 20),
    column("Who", 22),
    column("Result", 9),
    column("MFA", 8),
    column("From", 16),
    column("Unusual", 11),
];

const fn column(name: &'static str, most: usize) -> Column {
    Column { name, most }
}

/// Holds sign-ins with what is shown beside them.
#[derive(Debug)]
pub struct LoginsView<'a> {
    /// The account.
    pub account: &'a Account,
    /// Whose credentials looked for them.
    pub caller: &'a Caller,
    /// Whether it is the embedded AWS and not a real account.
    pub sandbox: bool,
    /// Where they were looked for.
    pub log_group: &'a str,
    /// From when on.
    pub since: Timestamp,
    /// The sign-ins.
    pub found: &'a Logins,
    /// Of each whether it came from an address that was new for its person.
    pub unusual: &'a [bool],
    /// Whether texts show the query.
    pub show_query: bool,
}

impl LoginsView<'_> {
    /// Returns them as text with ANSI styles.
    pub fn text(&self) -> String {
        table::text(&self.page())
    }

    /// Returns them as a page of HTML that needs nothing else.
    pub fn html(&self) -> String {
        table::html(&TablePage {
            query: Some(self.found.query.clone()),
            ..self.page()
        })
    }

    /// Returns them as JSON.
    pub fn json(&self) -> Value {
        value(&LoginsJson {
            format_version: FORMAT_VERSION,
            mfactl_version: env!("CARGO_PKG_VERSION"),
            account: self.account,
            caller: self.caller,
            sandbox: self.sandbox,
            log_group: self.log_group,
            since: self.since,
            query: &self.found.query,
            incomplete: self.found.incomplete.as_deref(),
            logins: { self.each() }
                .map(|(login, new_address)| LoginJson { login, new_address })
                .collect(),
        })
    }

    fn each(&self) -> impl Iterator<Item = (&Login, bool)> {
        self.found.logins.iter().zip(self.unusual.iter().copied())
    }

    fn page(&self) -> TablePage {
        TablePage {
            title: format!(
                "{}, as {}. Sign-ins in {} since {}.",
                account_of(self.account, self.sandbox),
                caller_of(self.caller),
                self.log_group,
                self.since
            ),
            table: Table {
                columns: COLUMNS.to_vec(),
                rows: self
                    .each()
                    .map(|(login, is_new)| row(login, is_new))
                    .collect(),
            },
            notes: self.notes(),
            verdict: self.verdict(),
            plot: None,
            query: self.show_query.then(|| self.found.query.clone()),
        }
    }

    fn notes(&self) -> Vec<Remark> {
        let note = |mark, what: &str, is_meant: &dyn Fn(&Login, bool) -> bool| {
            let meant: Vec<&Login> = { self.each() }
                .filter(|(login, is_new)| is_meant(login, *is_new))
                .map(|(login, _)| login)
                .collect();
            let who: BTreeSet<&str> = meant.iter().map(|login| login.who.as_str()).collect();
            let text = format!("{} {what}: {}", meant.len(), first_few(who, FEW));
            (!meant.is_empty()).then(|| remark(mark, text))
        };
        [
            note(Mark::Failure, "without MFA", &|it, _| it.is_without_mfa()),
            note(Mark::Attention, "by the root user", &|it, _| {
                it.kind == LoginKind::Root
            }),
            note(Mark::Attention, "failed", &|it, _| !it.success),
            note(
                Mark::Attention,
                "from an address that was new, after an earlier sign-in from another",
                &|_, is_new| is_new,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn verdict(&self) -> Vec<Remark> {
        let all = self.found.logins.iter();
        let (good, failed): (Vec<&Login>, Vec<&Login>) = all.partition(|login| login.success);
        let with_mfa = good.iter().filter(|login| login.mfa == Some(true)).count();
        let elsewhere = good
            .iter()
            .filter(|it| it.kind == LoginKind::Federated)
            .count();
        let mut verdict = vec![Remark {
            mark: None,
            text: format!(
                "{}: {with_mfa} with MFA, {elsewhere} by an identity provider; {} failed.",
                count(good.len(), "sign-in", "sign-ins"),
                failed.len()
            ),
        }];
        if let Some(why) = &self.found.incomplete {
            verdict.push(remark(Mark::Unknown, format!("These are not all: {why}.")));
        }
        verdict
    }
}

fn row(login: &Login, is_new: bool) -> Row {
    let Login {
        time,
        who,
        kind,
        success,
        mfa,
        from,
        error: _,
    } = login;
    let is_notable = !success || is_new || *kind == LoginKind::Root;
    let mark = match (login.is_without_mfa(), is_notable) {
        (true, _) => Some(Mark::Failure),
        (false, true) => Some(Mark::Attention),
        (false, false) => None,
    };
    let mfa = match (kind, mfa) {
        (_, Some(true)) => "yes",
        (LoginKind::Federated, _) => "provider",
        (_, Some(false)) => "no",
        (_, None) => "not told",
    };
    let result = if *success { "signed in" } else { "failed" };
    Row {
        mark,
        cells: vec![
            time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            who.clone(),
            result.to_owned(),
            mfa.to_owned(),
            from.clone(),
            if is_new { "new address" } else { "" }.to_owned(),
        ],
    }
}

#[derive(Serialize)]
struct LoginsJson<'a> {
    format_version: &'static str,
    mfactl_version: &'static str,
    account: &'a Account,
    caller: &'a Caller,
    sandbox: bool,
    log_group: &'a str,
    since: Timestamp,
    query: &'a str,
    incomplete: Option<&'a str>,
    logins: Vec<LoginJson<'a>>,
}

#[derive(Serialize)]
struct LoginJson<'a> {
    #[serde(flatten)]
    login: &'a Login,
    new_address: bool,
}
