//! The journal of an apply: a JSON line before and after each call that changes something.
//!
//! It explains a run that was ended from outside. Nothing depends on it: the next run reads the account and plans again.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use model::Plan;
use serde_json::{Value, json};

/// Where the journal of the last apply in a folder is.
const PATH: &str = ".mfactl/journal.jsonl";

/// Where that of the apply before is.
const PREVIOUS: &str = ".mfactl/journal.previous.jsonl";

/// Adds lines to the journal of a run, none of which holds a secret. Only its owner may read it.
#[derive(Debug)]
pub(crate) struct Journal {
    file: Mutex<File>,
}

/// Says what the last apply in this folder had under way when it was ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// When it began.
    pub(crate) begun: String,
    /// The account that it was about.
    pub(crate) account: String,
    /// The calls whose answer isn't known, each with its object.
    pub(crate) under_way: BTreeSet<String>,
}

/// Tells, once, whether the last apply in this folder was ended from outside, and what it was doing.
pub(crate) fn interrupted() -> Option<Interrupted> {
    let file = File::open(PATH).ok()?;
    // One that is still running holds its journal.
    file.try_lock().ok()?;
    let interrupted = interrupted_in(&io::read_to_string(file).ok()?)?;
    let _ = fs::rename(PATH, PREVIOUS);
    Some(interrupted)
}

fn interrupted_in(journal: &str) -> Option<Interrupted> {
    let mut begun: Option<Interrupted> = None;
    // The last line may have been cut off.
    for line in journal
        .lines()
        .map_while(|line| serde_json::from_str::<Value>(line).ok())
    {
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let call = format!("{} for {}", text("operation"), text("address"));
        match (text("type"), &mut begun) {
            ("begin", _) => {
                begun = Some(Interrupted {
                    begun: text("time").to_owned(),
                    account: text("account").to_owned(),
                    under_way: BTreeSet::new(),
                });
            }
            ("calling", Some(run)) => {
                run.under_way.insert(call);
            }
            ("called", Some(run)) => {
                run.under_way.remove(&call);
            }
            ("end", _) => begun = None,
            _ => {}
        }
    }
    begun
}

impl Journal {
    /// Begins the journal of a run, and keeps that of the one before.
    pub(crate) fn begin(plan: &Plan) -> io::Result<Self> {
        if let Some(folder) = Path::new(PATH).parent() {
            DirBuilder::new().recursive(true).create(folder)?;
        }
        if File::open(PATH).is_ok_and(|file| file.try_lock().is_err()) {
            return Err(io::Error::other("another apply is running in this folder"));
        }
        match fs::rename(PATH, PREVIOUS) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.create_new(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(PATH)?;
        file.try_lock()?;
        let journal = Self {
            file: Mutex::new(file),
        };
        journal.write(&json!({
            "type": "begin",
            "time": Timestamp::now(),
            "account": plan.account.id.as_str(),
            "digest": plan.digest,
            "version": env!("CARGO_PKG_VERSION"),
        }));
        Ok(journal)
    }

    /// Adds that a call is made, or what came of it.
    pub(crate) fn add(&self, line: &Value) {
        self.write(line);
    }

    /// Adds that the run came to its end.
    pub(crate) fn end(&self, complete: bool) {
        self.write(&json!({"type": "end", "time": Timestamp::now(), "complete": complete}));
    }

    /// Hands a line to the system, which keeps it when this process is killed. A disk that is full must not stop an
    /// apply half way.
    fn write(&self, line: &Value) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

impl Interrupted {
    /// Says so to a person.
    pub(crate) fn sentence(&self) -> String {
        let Self {
            begun,
            account,
            under_way,
        } = self;
        let calls = if under_way.is_empty() {
            "no call was under way".to_owned()
        } else {
            let calls: Vec<&str> = under_way.iter().map(String::as_str).collect();
            format!("under way were {}", calls.join(", "))
        };
        format!(
            "The apply of {begun} on account {account} was ended from outside; {calls}. The account is read and planned again."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: &str = r#"{"type":"begin","account":"123456789012","time":"2026-11-24T12:00:00Z"}
{"type":"calling","operation":"iam:CreateGroup","address":"group/team"}
{"type":"calling","operation":"iam:CreateUser","address":"user/alice"}
{"type":"called","operation":"iam:CreateGroup","address":"group/team","answer":"done"}
"#;

    #[test]
    fn a_run_without_an_end_tells_what_was_under_way() {
        let run = interrupted_in(&format!("{BEGUN}{{\"type\":\"cal")).unwrap();
        let under_way = Vec::from_iter(&run.under_way);
        assert_eq!(under_way, ["iam:CreateUser for user/alice"]);
        assert_eq!(
            run.sentence(),
            "The apply of 2026-11-24T12:00:00Z on account 123456789012 was ended from outside; under way were iam:CreateUser for user/alice. The account is read and planned again."
        );
    }

    #[test]
    fn a_run_that_ended_tells_nothing() {
        let ended = format!("{BEGUN}{{\"type\":\"end\",\"complete\":false}}\n");
        assert_eq!(interrupted_in(&ended), None);
        assert_eq!(interrupted_in(""), None);
    }
}
