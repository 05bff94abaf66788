//! What one format says, every format says.

use anstream::adapter::strip_str;
use model::{Address, Plan};
use serde_json::Value;

use super::drift::{break_in, trail};
use super::{acme, header, troubled};
use crate::{
    changes, drift, drift_annotations, drift_html, drift_json, drift_markdown, drift_text, github,
    plan_annotations, plan_html, plan_json, plan_markdown, plan_text, sarif,
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
    for plan in [acme(), troubled()] {
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
    for plan in [acme(), troubled()] {
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
