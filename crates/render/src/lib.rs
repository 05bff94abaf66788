//! Plans, drift, events and reports as text, JSON, Markdown and HTML, and plans as scripts.
//!
//! A [`Plan`], a [`Drift`] or a [`Report`] becomes one document of sections, entries and details, which the formats render, so that
//! numbers, verbs and marks are the same in all of them. What comes from AWS or a spec is data: it is shown with its
//! control characters escaped, never obeyed. Texts have ANSI styles; print them through `anstream`, which takes them
//! out where they aren't wanted. They say the same without.

mod affected;
mod alarms;
mod annotations;
mod apply;
mod aws_cli;
mod changed;
mod changes;
mod collapse;
mod created;
mod credentials;
mod dashboards;
mod diff;
mod difference;
mod document;
mod drift;
mod findings;
mod fit;
mod gains;
mod html;
mod json;
mod logins;
mod markdown;
mod plan;
mod plot;
mod policies;
mod prose;
mod report;
mod shown;
mod slack;
mod step;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod unread;
mod words;

use model::{Drift, Plan, Trail};
use serde::{Deserialize, Serialize};

pub use annotations::{Annotation, Rule, Severity, github, plan_annotations, sarif};
pub use apply::{Report, Rest, Status, Tally, Verification};
pub use credentials::CredentialsView;
pub use drift::{drift_annotations, drift_json};
pub use json::{
    FORMAT_VERSION, difference_json, json_line, json_text, plan_json, report_json, step_json,
};
pub use logins::LoginsView;
pub use step::{Answer, Step, step_text};

/// Holds what is shown with a plan but isn't part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The spec's file or folder, as it was named on the command line.
    pub spec: String,
    /// The git commit that the spec was read from, if it is known.
    pub commit: Option<String>,
    /// How many objects the spec declares.
    pub declared: usize,
    /// Whether it is the embedded AWS and not a real account.
    pub sandbox: bool,
}

/// Returns a plan as text with ANSI styles.
pub fn plan_text(plan: &Plan, header: &Header) -> String {
    text::text(&plan::document(plan, header))
}

/// Returns what differs between a reviewed plan and the one that there would be now, each with its header, as text with
/// ANSI styles.
pub fn difference_text(reviewed: &Plan, then: &Header, now: &Plan, header: &Header) -> String {
    text::text(&difference::document(reviewed, now, then, header))
}

/// Returns how an account differs from its spec, and who made it so where that was asked, as text with ANSI styles.
pub fn drift_text(drift: &Drift, trail: Option<&Trail>, header: &Header) -> String {
    text::text(&drift::document(drift, trail, header))
}

/// Returns what an apply did, what it didn't and why, as text with ANSI styles for whoever saw it being done.
pub fn report_text(report: &Report<'_>, header: &Header) -> String {
    text::text(&report.document(header))
}

/// Returns a plan as GitHub-flavoured Markdown for a comment, in no more than so many bytes, and so characters.
pub fn plan_markdown(plan: &Plan, header: &Header, limit: usize) -> String {
    markdown::markdown(&plan::document(plan, header), limit)
}

/// Returns a plan as a bash script of `aws` commands, or one that refuses to run where the plan must not be applied.
pub fn plan_script(plan: &Plan, header: &Header) -> String {
    aws_cli::script(plan, header)
}

/// Returns what differs between a reviewed plan and the one that there would be now, as Markdown within a limit.
pub fn difference_markdown(
    reviewed: &Plan,
    then: &Header,
    now: &Plan,
    header: &Header,
    limit: usize,
) -> String {
    markdown::markdown(&difference::document(reviewed, now, then, header), limit)
}

/// Returns how an account differs from its spec, and who made it so where that was asked, as Markdown for an issue, within a
/// limit.
pub fn drift_markdown(
    drift: &Drift,
    trail: Option<&Trail>,
    header: &Header,
    limit: usize,
) -> String {
    markdown::markdown(&drift::document(drift, trail, header), limit)
}

/// Returns how an account differs from its spec, and who made it so where that was asked, as a message in Slack's markup.
pub fn drift_message(drift: &Drift, trail: Option<&Trail>, header: &Header) -> String {
    slack::message(&drift::document(drift, trail, header))
}

/// Returns a sentence in Slack's markup, its data as code.
pub fn message(sentence: &str) -> String {
    slack::sentence(sentence)
}

/// Returns what an apply did, what it didn't and why, as Markdown within a limit.
pub fn report_markdown(report: &Report<'_>, header: &Header, limit: usize) -> String {
    markdown::markdown(&report.page(header), limit)
}

/// Returns a plan as a page of HTML that needs nothing else.
pub fn plan_html(plan: &Plan, header: &Header) -> String {
    html::html(&plan::document(plan, header))
}

/// Returns what differs between a reviewed plan and the one that there would be now, as a page of HTML.
pub fn difference_html(reviewed: &Plan, then: &Header, now: &Plan, header: &Header) -> String {
    html::html(&difference::document(reviewed, now, then, header))
}

/// Returns how an account differs from its spec, and who made it so where that was asked, as a page of HTML.
pub fn drift_html(drift: &Drift, trail: Option<&Trail>, header: &Header) -> String {
    html::html(&drift::document(drift, trail, header))
}

/// Returns what an apply did, what it didn't and why, as a page of HTML.
pub fn report_html(report: &Report<'_>, header: &Header) -> String {
    html::html(&report.page(header))
}
