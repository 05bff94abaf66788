//! What an apply did, while it does it and afterwards.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::{Action, ActionId, Change, Plan};
use serde::Serialize;

use crate::document::{Document, Entry, Mark, Remark, Section};
use crate::plan::{remark, title};
use crate::words::{count, mark, participle, present_participle};
use crate::{Header, text};

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
    /// It wasn't tried.
    Skipped {
        /// Why, as a clause: "it waits for user/alice, which failed".
        because: String,
    },
}

/// Tells what happens to an action while a plan is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It begins.
    Started,
    /// It is tried again.
    Retrying {
        /// Why, such as AWS's error code.
        because: String,
    },
    /// It ended.
    Ended(Status),
}

/// Holds what an apply did.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The plan that was applied.
    pub plan: &'a Plan,
    /// How each action ended. One that isn't here had not been started when the apply was interrupted.
    pub statuses: &'a BTreeMap<ActionId, Status>,
    /// The sealed kits that were written.
    pub kits: &'a [PathBuf],
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

impl Report<'_> {
    /// Counts what was done and what wasn't.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for action in &self.plan.actions {
            match self.statuses.get(&action.id) {
                Some(Status::Done | Status::AlreadyDone) => tally.add_done(action),
                Some(Status::Failed { .. }) => tally.failed += 1,
                Some(Status::Skipped { .. }) => tally.skipped += 1,
                None => tally.not_started += 1,
            }
        }
        tally
    }

    pub(crate) fn document(&self, header: &Header) -> Document {
        let entries = self
            .plan
            .actions
            .iter()
            .filter_map(|action| not_done(action, self.statuses.get(&action.id)));
        let kits = Section {
            heading: Some(Remark {
                mark: None,
                text: "Sealed kits: pass each to its owner, who alone can open it.".to_owned(),
            }),
            entries: self
                .kits
                .iter()
                .map(|kit| Entry::new(Mark::Create, &kit.display()))
                .collect(),
        };
        Document {
            title: title(self.plan, header),
            sections: vec![
                Section {
                    heading: None,
                    entries: entries.collect(),
                },
                kits,
            ],
            verdict: self.verdict(),
        }
    }

    fn verdict(&self) -> Vec<Remark> {
        let tally = self.tally();
        let Tally {
            added,
            changed,
            destroyed,
            failed,
            skipped,
            not_started,
        } = tally;
        let mut text = format!("Applied: {added} added, {changed} changed, {destroyed} destroyed");
        for (number, what) in [
            (failed, "failed"),
            (skipped, "skipped"),
            (not_started, "not started"),
        ] {
            if number > 0 {
                text.push_str(&format!(", {number} {what}"));
            }
        }
        let mut verdict = vec![Remark {
            mark: None,
            text: format!("{text}."),
        }];
        if !self.kits.is_empty() {
            let text =
                "A kit is opened with its owner's private key: age --decrypt --identity KEY KIT";
            verdict.push(Remark {
                mark: None,
                text: text.to_owned(),
            });
        }
        if failed + skipped + not_started > 0 {
            let interrupted = if not_started > 0 { "Interrupted. " } else { "" };
            let cause = if failed > 0 {
                "Put right what failed, then apply"
            } else {
                "Apply"
            };
            let left = count(failed + skipped + not_started, "action", "actions");
            verdict.push(remark(
                Mark::Failure,
                format!("{interrupted}{left} left. {cause} again: what is done stays done, and only what is left is planned."),
            ));
        }
        verdict
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
}

fn not_done(action: &Action, status: Option<&Status>) -> Option<Entry> {
    match status {
        Some(Status::Done | Status::AlreadyDone) => None,
        Some(status @ (Status::Failed { .. } | Status::Skipped { .. })) => {
            Some(ended(action, status))
        }
        None => Some(Entry {
            note: Some(format!(
                "not {}: the apply was interrupted",
                participle(&action.change)
            )),
            ..Entry::new(Mark::Unknown, &action.address)
        }),
    }
}

fn ended(action: &Action, status: &Status) -> Entry {
    let done = participle(&action.change);
    let (mark, note) = match status {
        Status::Done => (mark(&action.change), done.to_owned()),
        Status::AlreadyDone => (mark(&action.change), format!("{done} already")),
        Status::Failed { error } => (Mark::Failure, format!("not {done}: {error}")),
        Status::Skipped { because } => (Mark::Unknown, format!("not {done}: {because}")),
    };
    Entry {
        note: Some(note),
        ..Entry::new(mark, &action.address)
    }
}

/// Returns one line, with ANSI styles and without a newline, for what happens to an action.
pub fn event_text(action: &Action, step: &Step) -> String {
    let note = match step {
        Step::Ended(status) => return text::line(&ended(action, status)),
        Step::Started => present_participle(&action.change).to_owned(),
        Step::Retrying { because } => format!("trying again: {because}"),
    };
    text::line(&Entry {
        note: Some(note),
        ..Entry::new(mark(&action.change), &action.address)
    })
}
