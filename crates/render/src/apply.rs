//! What an apply did, while it does it and afterwards.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::{Action, ActionId, Change, Plan};
use serde::Serialize;

use crate::collapse::collapse;
use crate::document::{Document, Entry, Mark, Remark, Section};
use crate::plan::{remark, title};
use crate::words::{count, mark, participle, present_participle};
use crate::{Header, changes, findings, text};

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

/// Tells what happens to an action while a plan is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It begins.
    Started,
    /// It is tried again.
    Retrying {
        /// Why, as a clause: `iam:AddUserToGroup answers NoSuchEntity`.
        because: String,
    },
    /// AWS did it, with a doubt.
    Warned {
        /// The doubt.
        message: String,
    },
    /// It ended.
    Ended(Status),
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
        }
    }

    fn verdict(&self) -> Vec<Remark> {
        let tally = self.tally();
        let plain = |text| Remark { mark: None, text };
        let mut verdict = vec![plain(tally.sentence())];
        if !self.kits.is_empty() {
            let how =
                "A kit is opened with its owner's private key: age --decrypt --identity KEY KIT";
            verdict.push(plain(how.to_owned()));
        }
        if matches!(self.verification, Some(Verification::Differs { .. })) {
            let how = "Not verified. Somebody else may have changed the account, or AWS is late: plan again.";
            verdict.push(remark(Mark::Failure, how.to_owned()));
        }
        verdict.extend(tally.what_to_do().map(|text| remark(Mark::Failure, text)));
        verdict
    }
}

impl Status {
    fn is_done(&self) -> bool {
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

    fn what_to_do(self) -> Option<String> {
        let left = self.failed + self.skipped + self.not_started;
        if left == 0 {
            return None;
        }
        let interrupted = if self.not_started > 0 {
            "Interrupted. "
        } else {
            ""
        };
        let how = if self.failed > 0 {
            "Put right what failed, then apply"
        } else {
            "Apply"
        };
        let left = count(left, "action", "actions");
        Some(format!(
            "{interrupted}{left} left. {how} again: what is done stays done, and only what is left is planned."
        ))
    }
}

fn unverified(verification: Verification<'_>) -> Vec<Entry> {
    match verification {
        Verification::Verified => Vec::new(),
        Verification::Differs { now } => {
            let entries = [
                changes::entries(now),
                findings::unread(now),
                findings::withheld(now),
                findings::findings(now, true),
            ];
            entries.into_iter().flatten().collect()
        }
    }
}

fn ended(plan: &Plan, action: &Action, status: &Status) -> Entry {
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

fn warned(action: &Action, message: &str) -> Entry {
    noted(
        Mark::Attention,
        action,
        format!("{}, but AWS says: {message}", participle(&action.change)),
    )
}

fn noted(mark: Mark, action: &Action, note: String) -> Entry {
    Entry {
        note: Some(note),
        ..Entry::new(mark, &action.address)
    }
}

/// Returns one line, with ANSI styles and without a newline, for what happens to an action of a plan.
pub fn event_text(plan: &Plan, action: &Action, step: &Step) -> String {
    let running = |note| noted(mark(&action.change), action, note);
    text::line(&match step {
        Step::Started => running(present_participle(&action.change).to_owned()),
        Step::Retrying { because } => running(format!("trying again: {because}")),
        Step::Warned { message } => warned(action, message),
        Step::Ended(status) => ended(plan, action, status),
    })
}
