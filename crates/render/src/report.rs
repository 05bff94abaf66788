//! The report of an apply as a document to keep: with what was done and what was never begun, which a terminal has shown
//! line by line by then.

use std::collections::BTreeSet;

use model::{Action, Plan};

use crate::apply::{Report, Status, Verification};
use crate::document::{Document, Entry, Mark, Remark, Section};
use crate::plan::{remark, short_digest};
use crate::words::count;
use crate::{Header, changes, findings, unread};

impl Report<'_> {
    /// Returns all that there is to say of what an apply did.
    pub(crate) fn page(&self, header: &Header) -> Document {
        let mut page = self.document(header);
        if let Some(left) = page.sections.first_mut() {
            let is_undone = |entry: &Entry| entry.mark != Mark::Attention;
            left.heading = left.entries.iter().any(is_undone).then(|| {
                let heading = "Not done, or done with a doubt:";
                remark(Mark::Failure, heading.to_owned())
            });
        }
        page.sections.insert(
            1,
            Section {
                heading: Some(plain("What was done".to_owned())),
                entries: done(self),
            },
        );
        let notes = [
            findings::findings(&self.plan.findings, false),
            unread::of_plan(self.plan),
            findings::withheld(self.plan),
        ];
        page.sections.push(Section {
            heading: None,
            entries: notes.into_iter().flatten().collect(),
        });
        page.verdict.extend(self.remarks());
        page
    }

    /// Says what people at a terminal are told elsewhere: what verification came to, what was withheld and of which plan it
    /// is.
    fn remarks(&self) -> Vec<Remark> {
        let is_whole = self.plan.withheld.is_empty() && self.plan.unread.is_empty();
        let verified = matches!(self.verification, Some(Verification::Verified)).then(|| {
            let what = if is_whole {
                "nothing is left to do"
            } else {
                "what was applied is as planned"
            };
            plain(format!("Verified: the account was read again, and {what}."))
        });
        let withheld = (!self.plan.withheld.is_empty()).then(|| {
            let changes = count(self.plan.withheld.len(), "change was", "changes were");
            remark(Mark::Unknown, format!("{changes} withheld, not tried."))
        });
        let digest = plain(format!("Digest of the plan: {}.", short_digest(self.plan)));
        [verified, withheld, Some(digest)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Returns an entry for each object that something was done to, as the plan had it.
fn done(report: &Report<'_>) -> Vec<Entry> {
    let done: Vec<(&Action, &Status)> = report
        .ended()
        .filter(|(_, status)| status.is_done())
        .collect();
    let already: BTreeSet<String> = done
        .iter()
        .filter(|(_, status)| matches!(status, Status::AlreadyDone))
        .map(|(action, _)| action.address.to_string())
        .collect();
    let plan = Plan {
        actions: done.iter().map(|(action, _)| (*action).clone()).collect(),
        ..report.plan.clone()
    };
    let mut entries = changes::entries(&plan);
    for entry in &mut entries {
        if already.contains(&entry.address) {
            let note = entry.note.take().map(|note| format!("{note}, "));
            entry.note = Some(format!("{}done already", note.unwrap_or_default()));
        }
    }
    entries
}

fn plain(text: String) -> Remark {
    Remark { mark: None, text }
}
