//! What an apply did.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::{Action, ActionId, Change, Plan};
use serde::Serialize;

use crate::collapse::collapse;
use crate::document::{Document, Entry, Mark, Remark, Section};
use crate::plan::{about, remark, title};
use crate::words::{count, mark, participle};
use crate::{Header, changes, findings, unread};

/// What stands above what is left to do though all was done.
const UNVERIFIED: &str = "The account was read again, and this is left:";

/// Tells how one action of a plan ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// It was done.
    Done,
    /// It was done already when its turn came.
    AlreadyDone,
    /// It was tried and failed.
    Failed {
        /// The error with its causes.
        error: String,
    },
    /// It wasn't tried, since it waits for another, maybe by way of others, which failed.
    Skipped {
        /// The one that failed.
        failed: ActionId,
    },
    /// It wasn't tried, since the apply was interrupted before its turn.
    NotStarted,
}

/// Holds what an apply did.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The plan that was applied.
    pub plan: &'a Plan,
    /// How each action ended, in the order of the plan's actions.
    pub statuses: &'a [Status],
    /// What AWS had doubts about though it did it.
    pub warnings: &'a [(ActionId, String)],
    /// The sealed kits that were written.
    pub kits: &'a [PathBuf],
    /// What reading the account again came to, if that was done.
    pub verification: Option<Verification<'a>>,
    /// How what is left is done.
    pub rest: Rest<'a>,
}

/// Tells how what an apply left is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest<'a> {
    /// By the same `mfactl apply`.
    Apply,
    /// By the same `mfactl destroy`.
    Destroy,
    /// By another plan, which is to be reviewed as the one that was applied was.
    Review {
        /// The command that saves it.
        plan: &'a str,
    },
}

/// Tells whether the account, read again after an apply, is as it should be.
#[derive(Debug, Clone, Copy)]
pub enum Verification<'a> {
    /// Nothing is left to do.
    Verified,
    /// Something still is, or it isn't known.
    Differs {
        /// What is planned now.
        now: &'a Plan,
    },
}

/// Counts what an apply did. Objects that went with their user or group are not counted again, but where they failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Objects created.
    pub added: usize,
    /// Objects changed in place.
    pub changed: usize,
    /// Objects deleted.
    pub destroyed: usize,
    /// Actions that failed.
    pub failed: usize,
    /// Actions that were skipped.
    pub skipped: usize,
    /// Actions that had not been started when the apply was interrupted.
    pub not_started: usize,
}

impl<'a> Report<'a> {
    /// Counts what was done and what wasn't.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        let mut changed = BTreeSet::new();
        for (action, status) in self.ended() {
            match status {
                Status::Done | Status::AlreadyDone => {
                    let is_another_step = matches!(action.change, Change::Update { .. })
                        && !changed.insert(&action.address);
                    if !is_another_step {
                        tally.add_done(action);
                    }
                }
                Status::Failed { .. } => tally.failed += 1,
                Status::Skipped { .. } => tally.skipped += 1,
                Status::NotStarted => tally.not_started += 1,
            }
        }
        tally
    }

    /// Pairs each action with how it ended.
    pub(crate) fn ended(&self) -> impl Iterator<Item = (&'a Action, &'a Status)> {
        let statuses = self
            .statuses
            .iter()
            .chain(std::iter::repeat(&Status::NotStarted));
        self.plan.actions.iter().zip(statuses)
    }

    pub(crate) fn document(&self, header: &Header) -> Document {
        let Report {
            plan,
            statuses: _,
            warnings,
            kits,
            verification,
            rest: _,
        } = self;
        let left = self.ended().filter(|(_, status)| !status.is_done());
        let left =
            left.map(|(action, status)| (Some(action.address.kind()), ended(plan, action, status)));
        let doubts = warnings
            .iter()
            .filter_map(|(id, message)| Some(warned(plan.action(*id)?, message)));
        let heading = "Sealed kits: pass each to its owner, who alone can open it.".to_owned();
        let kits = kits
            .iter()
            .map(|kit| Entry::new(Mark::Create, &kit.display()));
        Document {
            about: Some(about(plan, header)),
            title: title(plan, header),
            sections: vec![
                Section {
                    heading: None,
                    entries: doubts.chain(collapse(left)).collect(),
                },
                Section {
                    heading: Some(Remark {
                        mark: None,
                        text: heading,
                    }),
                    entries: kits.collect(),
                },
                Section {
                    heading: Some(remark(Mark::Failure, UNVERIFIED.to_owned())),
                    entries: verification.map(unverified).unwrap_or_default(),
                },
            ],
            verdict: self.verdict(),
            ..Document::default()
        }
    }

    fn verdict(&self) -> Vec<Remark> {
        let tally = self.tally();
        let plain = |text| Remark { mark: None, text };
        let mut verdict = vec![plain(tally.sentence())];
        if !self.kits.is_empty() {
            let how =
                "A kit is opened with its owner's private key: `age --decrypt --identity KEY KIT`";
            verdict.push(plain(how.to_owned()));
        }
        if let Some(Verification::Differs { now }) = self.verification {
            let how = if now
                .unread
                .keys()
                .all(|kind| self.plan.unread.contains_key(kind))
            {
                "Not verified. Somebody else may have changed the account, or AWS is late: plan again."
            } else {
                "Not verified: the account couldn't be read again. Plan again."
            };
            verdict.push(remark(Mark::Failure, how.to_owned()));
        }
        verdict.extend(
            tally
                .what_to_do(self.rest)
                .map(|text| remark(Mark::Failure, text)),
        );
        verdict
    }
}

impl Status {
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Self::Done | Self::AlreadyDone => true,
            Self::Failed { .. } | Self::Skipped { .. } | Self::NotStarted => false,
        }
    }
}

impl Tally {
    fn add_done(&mut self, action: &Action) {
        if action.part_of.is_some() {
            return;
        }
        match action.change {
            Change::Create { .. } => self.added += 1,
            Change::Update { .. } => self.changed += 1,
            Change::Delete { .. } => self.destroyed += 1,
        }
    }

    fn sentence(self) -> String {
        let Self {
            added,
            changed,
            destroyed,
            failed,
            skipped,
            not_started,
        } = self;
        let undone = [
            (failed, "failed"),
            (skipped, "skipped"),
            (not_started, "not started"),
        ];
        let undone: String = undone
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!(", {number} {what}"))
            .collect();
        format!("Applied: {added} added, {changed} changed, {destroyed} destroyed{undone}.")
    }

    fn what_to_do(self, rest: Rest<'_>) -> Option<String> {
        let left = self.failed + self.skipped + self.not_started;
        if left == 0 {
            return None;
        }
        let interrupted = if self.not_started > 0 {
            "Interrupted. "
        } else {
            ""
        };
        let first = if self.failed > 0 {
            "put right what failed, then "
        } else {
            ""
        };
        let how = match rest {
            Rest::Apply => "apply again".to_owned(),
            Rest::Destroy => "destroy again".to_owned(),
            Rest::Review { plan } => {
                format!(
                    "plan again and have that reviewed, since the rest is another plan ({plan})"
                )
            }
        };
        let left = count(left, "action", "actions");
        Some(format!(
            "{interrupted}{left} left: {first}{how}. What is done stays done, and only what is left is planned."
        ))
    }
}

fn unverified(verification: Verification<'_>) -> Vec<Entry> {
    match verification {
        Verification::Verified => Vec::new(),
        Verification::Differs { now } => {
            let entries = [
                changes::entries(now),
                unread::of_plan(now),
                findings::withheld(now),
                findings::findings(&now.findings, true),
            ];
            entries.into_iter().flatten().collect()
        }
    }
}

pub(crate) fn ended(plan: &Plan, action: &Action, status: &Status) -> Entry {
    let done = participle(&action.change);
    let (mark, note) = match status {
        Status::Done => (mark(&action.change), done.to_owned()),
        Status::AlreadyDone => (mark(&action.change), format!("{done} already")),
        Status::Failed { error } => (Mark::Failure, format!("not {done}: {error}")),
        Status::Skipped { failed } => {
            let failed = plan
                .action(*failed)
                .map_or_else(|| "another".to_owned(), |failed| failed.address.to_string());
            (
                Mark::Unknown,
                format!("not {done}: it waits for {failed}, which failed"),
            )
        }
        Status::NotStarted => (
            Mark::Unknown,
            format!("not {done}: the apply was interrupted"),
        ),
    };
    noted(mark, action, note)
}

pub(crate) fn warned(action: &Action, message: &str) -> Entry {
    noted(
        Mark::Attention,
        action,
        format!("{}, but AWS says: {message}", participle(&action.change)),
    )
}

pub(crate) fn noted(mark: Mark, action: &Action, note: String) -> Entry {
    Entry {
        note: Some(note),
        ..Entry::new(mark, &action.address)
    }
}
