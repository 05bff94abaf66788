//! A page in Chromium: its script runs under its own policy, finds what is searched for, and fits a phone.

use std::fs;
use std::process::Command;

use mfactl_tests::{Mfactl, copy, recipe, succeeds};

/// What the page is asked, in place of a person: how much it shows at first, for a name, and with nothing ticked, and what
/// reaches beyond a phone's edge.
const PERSON: &str = r##"<script>
const said = () => document.querySelector("#shown").textContent;
const type = () => document.forms[0].dispatchEvent(new Event("input"));
const results = [said()];
document.forms[0].elements.search.value = "login_profile NONE-OF-THEM";
type();
results.push(said());
document.forms[0].elements.search.value = "";
document.querySelectorAll("input[name=mark]").forEach(box => { box.checked = false });
type();
results.push(said());
document.querySelectorAll("input[name=mark]").forEach(box => { box.checked = true });
type();
document.querySelector("#unfold").click();
results.push([...document.querySelectorAll("details")].every(fold => fold.open));
document.body.style.margin = "0";
document.body.style.width = "360px";
const beyond = [...document.querySelectorAll("main *, header *")].filter(element => element.getBoundingClientRect().right > 361 && !element.closest(".unseen"));
results.push(beyond.length);
document.documentElement.setAttribute("data-results", results.join(" | "));
</script></body>"##;

#[expect(clippy::panic, reason = "a test that can't go on fails")]
/// Returns a page as it is once its script has run.
fn opened(mfactl: &Mfactl, name: &str, page: &str) -> String {
    let file = mfactl.folder().join(name);
    fs::write(&file, page).unwrap_or_else(|error| panic!("{name}: {error}"));
    let profile = mfactl.folder().join("profile");
    let mut chromium = Command::new("chromium");
    chromium
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", file.display()));
    succeeds(&mut chromium)
}

fn page(mfactl: &Mfactl) -> String {
    copy(&recipe(), mfactl.folder());
    mfactl
        .run([
            "plan",
            "-f",
            ".",
            "--sandbox",
            "--quiet",
            "--format",
            "html",
        ])
        .stdout
}

#[test]
fn the_page_runs_its_own_script_and_no_other() {
    let mfactl = Mfactl::new(Vec::new());
    let stranger =
        "<script>document.documentElement.setAttribute('data-results', 'ran')</script></body>";
    let page = page(&mfactl).replace("</body>", stranger);
    let opened = opened(&mfactl, "page.html", &page);
    assert!(
        opened.contains(" shown</span>"),
        "its own script ran: {opened}"
    );
    assert!(!opened.contains("data-results=\"ran\""), "another didn't");
}

#[test]
fn a_page_of_drift_is_searched_and_filtered_as_well() {
    let mfactl = Mfactl::new(Vec::new());
    copy(&recipe(), mfactl.folder());
    let drift = [
        "drift",
        "-f",
        ".",
        "--sandbox",
        "--quiet",
        "--format",
        "html",
    ];
    used(&mfactl, &mfactl.run(drift).ends_with(2));
}

#[test]
fn a_search_filters_marks_filter_and_a_phone_is_wide_enough() {
    let mfactl = Mfactl::new(Vec::new());
    used(&mfactl, &page(&mfactl));
}

/// Has the person use a page, and makes sure that it does what it should.
#[expect(clippy::expect_used, reason = "a test that can't go on fails")]
fn used(mfactl: &Mfactl, page: &str) {
    let entries = page.matches("<li data-mark=").count();
    let (start, rest) = page
        .split_once("script-src '")
        .expect("the page has a policy");
    let (_, end) = rest.split_once('\'').expect("the policy ends");
    let page = format!("{start}script-src 'unsafe-inline'{end}").replace("</body>", PERSON);
    let opened = opened(mfactl, "page.html", &page);
    let expected = format!(
        "data-results=\"{entries} of {entries} shown | 0 of {entries} shown | 0 of {entries} shown | true | 0\""
    );
    assert!(
        opened.contains(&expected),
        "expected {expected} in {opened}"
    );
}
