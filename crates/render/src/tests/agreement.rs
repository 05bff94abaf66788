//! What one format says, every format says.

use anstream::adapter::strip_str;
use model::{ActionId, Address, Plan};
use serde_json::Value;

use super::drift::{break_in, trail};
use super::{acme, denied, header, troubled};
use crate::document::{Mark, View};
use crate::{
    Report, Rest, Status, Verification, changes, drift, drift_annotations, drift_html, drift_json,
    drift_markdown, drift_text, github, plan_annotations, plan_html, plan_json, plan_markdown,
    plan_text, report_html, report_json, report_markdown, report_text, sarif,
};

/// Returns what each format for people says of a plan, without what it is formatted with.
fn pages(plan: &Plan) -> [(&'static str, String); 3] {
    let text = strip_str(&plan_text(plan, &header())).to_string();
    let markdown = plan_markdown(plan, &header(), 65_536);
    let html = super::html::read(&plan_html(plan, &header()));
    let html = html.text.borrow().clone();
    [("text", text), ("markdown", markdown), ("html", html)]
}

/// Returns a text without spaces and without what marks code, which formats don't agree on.
fn bare(text: &str) -> String {
    let mut text = text.to_owned();
    for tag in ["<code>", "</code>", "<b>", "</b>", "`", "**"] {
        text = text.replace(tag, "");
    }
    text.split_whitespace().collect()
}

#[test]
fn every_format_has_each_entry_with_its_mark_its_note_and_its_place() {
    for plan in [acme(), denied(), troubled()] {
        for entry in changes::entries(&plan) {
            let note = entry.note.unwrap_or_default();
            let sign = entry.mark.sign();
            for (format, page) in pages(&plan) {
                // HTML has the mark also as a word, for those who don't see the sign.
                let word = match (format, sign) {
                    ("html", "+") => "create",
                    ("html", "~") => "update",
                    ("html", "-") => "delete",
                    _ => "",
                };
                let line = bare(&format!("{sign}{word}{}{note}", entry.address));
                assert!(
                    bare(&page).contains(&line),
                    "{format} lacks {line} in\n{page}"
                );
            }
            let annotations = plan_annotations(&plan, &header(), |_| None);
            let address: Address = entry.address.parse().unwrap();
            let start = format!("{sign} {address}");
            let commands = github(&annotations);
            assert!(commands.contains(&start), "{start} in {commands}");
            let sarif = sarif(&annotations, |_| None)["runs"][0]["results"].clone();
            let has = |result: &Value| {
                result["message"]["text"]
                    .as_str()
                    .unwrap()
                    .starts_with(&start)
            };
            assert!(
                sarif.as_array().unwrap().iter().any(has),
                "{start} in {sarif:#}"
            );
        }
    }
}

#[test]
fn every_format_counts_alike_and_has_every_finding() {
    for plan in [acme(), denied(), troubled()] {
        let counts = plan_json(&plan, &header())["counts"].clone();
        let sentence = format!(
            "Plan: {} to add, {} to change, {} to destroy",
            counts["add"], counts["change"], counts["destroy"]
        );
        for (format, page) in pages(&plan) {
            assert!(page.contains(&sentence), "{format} lacks `{sentence}`");
            for finding in &plan.findings {
                assert!(
                    bare(&page).contains(&bare(&finding.message)),
                    "{format} lacks `{}`",
                    finding.message
                );
            }
        }
    }
}

/// Returns reports of a plan: all done, and some of it failed, skipped, done already and not begun.
fn statuses(plan: &Plan) -> [Vec<Status>; 2] {
    let done = vec![Status::Done; plan.actions.len()];
    let mut troubled = done.clone();
    troubled[4] = Status::Failed {
        error: "LimitExceeded: no `more` users".to_owned(),
    };
    troubled[5] = Status::Skipped {
        failed: ActionId(4),
    };
    troubled[7] = Status::AlreadyDone;
    troubled[10] = Status::NotStarted;
    [done, troubled]
}

#[test]
fn every_format_of_a_report_counts_alike_and_has_each_action_that_was_not_done() {
    let plan = acme();
    let warnings = [(ActionId(9), "the metric has no data".to_owned())];
    for statuses in statuses(&plan) {
        let report = Report {
            plan: &plan,
            statuses: &statuses,
            warnings: &warnings,
            kits: &["kits/alice.age".into()],
            verification: Some(Verification::Differs { now: &plan }),
            rest: Rest::Apply,
        };
        let text = strip_str(&report_text(&report, &header())).to_string();
        let markdown = report_markdown(&report, &header(), 65_536);
        let html = super::html::read(&report_html(&report, &header()));
        let html = html.text.borrow().clone();
        let counts = report_json(&report, &header())["counts"].clone();
        let sentence = format!(
            "Applied: {} added, {} changed, {} destroyed",
            counts["added"], counts["changed"], counts["destroyed"]
        );
        for (format, page) in [("text", &text), ("markdown", &markdown), ("html", &html)] {
            assert!(page.contains(&sentence), "{format} lacks `{sentence}`");
            for remark in report.document(&header()).verdict {
                let said = bare(&remark.text);
                assert!(bare(page).contains(&said), "{format} lacks {said}");
            }
            for section in report.document(&header()).sections {
                for entry in section.entries {
                    let line = bare(&format!(
                        "{}{}",
                        entry.address,
                        entry.note.unwrap_or_default()
                    ));
                    assert!(
                        bare(page).contains(&line),
                        "{format} lacks {line} in\n{page}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_report_to_keep_has_what_was_done_and_counts_it() {
    let plan = acme();
    let [done, troubled] = statuses(&plan);
    let report = |statuses| Report {
        plan: &plan,
        statuses,
        warnings: &[],
        kits: &[],
        verification: Some(Verification::Verified),
        rest: Rest::Apply,
    };
    let sections = |statuses| report(statuses).page(&header()).sections;
    let of_done = |statuses| {
        let mut sections = sections(statuses).into_iter();
        sections.find(|section| section.title(View::Changes).text == "What was done")
    };
    let number = |mark: Mark| {
        let entries = of_done(&done).unwrap().entries;
        entries.iter().filter(|entry| entry.mark == mark).count()
    };
    let tally = report(&done).tally();
    let counted = [Mark::Create, Mark::Update, Mark::Delete].map(number);
    assert_eq!(counted, [tally.added, tally.changed, tally.destroyed]);
    let entries = of_done(&troubled).unwrap().entries;
    let again = entries
        .iter()
        .find(|entry| entry.address.starts_with("attachment/"));
    let note = again.unwrap().note.as_deref();
    assert_eq!(note, Some("14 people, done already"));
    assert!(entries.iter().all(|entry| entry.address != "user/alice"));
}
#[test]
fn every_format_of_drift_counts_alike_and_says_of_each_object_who_made_it_so() {
    let (found, trail, header) = (break_in(), trail(), header());
    let json = drift_json(&found, Some(&trail), &header);
    let counts = &json["counts"];
    let sentence = format!(
        "Drift: {} missing (-), {} changed (~), {} undeclared (+), {} more in the account that nobody declared.",
        counts["missing"], counts["changed"], counts["undeclared"], counts["principals"]
    );
    let text = drift_text(&found, Some(&trail), &header);
    let html = super::html::read(&drift_html(&found, Some(&trail), &header));
    let html = html.text.borrow().clone();
    let annotations = drift_annotations(&found, Some(&trail), &header, |_| None);
    let pages = [
        ("text", strip_str(&text).to_string()),
        (
            "markdown",
            drift_markdown(&found, Some(&trail), &header, 65_536),
        ),
        ("html", html),
    ];
    for (format, page) in &pages {
        assert!(
            bare(page).contains(&bare(&sentence)),
            "{format} lacks `{sentence}` in\n{page}"
        );
    }
    let by_rule = |rule: &str| annotations.iter().filter(|it| it.rule == rule).count();
    assert_eq!(by_rule("missing"), counts["missing"]);
    assert_eq!(by_rule("changed"), counts["changed"]);
    let undeclared = ["undeclared", "principals"].map(|name| counts[name].as_u64().unwrap());
    assert_eq!(by_rule("undeclared") as u64, undeclared.iter().sum::<u64>());

    let commands = github(&annotations);
    let all = pages.into_iter().chain([("github", commands)]);
    for (format, page) in all {
        for (address, call) in &trail.calls {
            let who = drift::sentence(call);
            assert!(
                bare(&page).contains(&bare(&who)),
                "{format} lacks `{who}` of {address} in\n{page}"
            );
        }
    }
}
