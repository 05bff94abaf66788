//! Plans, events and reports as JSON. Keys may be added in a minor version; none goes or changes its meaning.

use std::collections::BTreeMap;

use model::{
    Account, Action, ActionId, Address, Caller, Change, Counts, Finding, Gain, Kind, Plan, Proof,
    ReadFailure, Region, Withheld,
};
use serde::Serialize;
use serde_json::Value;

use crate::Header;
use crate::apply::{Report, Status, Tally, Verification};
use crate::difference::{Difference, Verdicts, differences, verdicts};
use crate::shown::is_hidden;
use crate::step::Step;

/// The version of the form of what is written as JSON.
pub const FORMAT_VERSION: &str = "1.0";

/// What every JSON output begins with.
#[derive(Serialize)]
struct Preamble<'a> {
    format_version: &'static str,
    mfactl_version: &'static str,
    #[serde(flatten)]
    header: &'a Header,
    account: &'a Account,
    region: &'a Region,
    caller: &'a Caller,
    digest: &'a str,
}

impl<'a> Preamble<'a> {
    fn new(plan: &'a Plan, header: &'a Header) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            mfactl_version: env!("CARGO_PKG_VERSION"),
            header,
            account: &plan.account,
            region: &plan.region,
            caller: &plan.caller,
            digest: &plan.digest,
        }
    }
}

#[derive(Serialize)]
struct PlanJson<'a> {
    #[serde(flatten)]
    preamble: Preamble<'a>,
    counts: Counts,
    actions: &'a [Action],
    withheld: &'a [Withheld],
    findings: &'a [Finding],
    proofs: &'a [Proof],
    gains: Option<&'a [Gain]>,
    unread: &'a BTreeMap<Kind, ReadFailure>,
}

/// Returns a plan as JSON: everything that is in it, with the counts that the text says.
pub fn plan_json(plan: &Plan, header: &Header) -> Value {
    let Plan {
        account: _,
        region: _,
        caller: _,
        digest: _,
        actions,
        withheld,
        findings,
        proofs,
        gains,
        unread,
    } = plan;
    value(&PlanJson {
        preamble: Preamble::new(plan, header),
        counts: plan.counts(),
        actions,
        withheld,
        findings,
        proofs,
        gains: gains.as_deref(),
        unread,
    })
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    #[serde(flatten)]
    preamble: Preamble<'a>,
    reviewed_digest: &'a str,
    reviewed_spec: &'a str,
    reviewed_commit: Option<&'a str>,
    differences: Vec<Difference<'a>>,
    reviewed_only: Verdicts<'a>,
    now_only: Verdicts<'a>,
}

/// Returns what differs between a reviewed plan and the one that there would be now, each with its header, as JSON.
pub fn difference_json(reviewed: &Plan, then: &Header, now: &Plan, header: &Header) -> Value {
    value(&DifferenceJson {
        preamble: Preamble::new(now, header),
        reviewed_digest: &reviewed.digest,
        reviewed_spec: &then.spec,
        reviewed_commit: then.commit.as_deref(),
        differences: differences(reviewed, now),
        reviewed_only: verdicts(reviewed, now),
        now_only: verdicts(now, reviewed),
    })
}

#[derive(Serialize)]
struct ReportJson<'a> {
    #[serde(flatten)]
    preamble: Preamble<'a>,
    counts: Tally,
    actions: Vec<EndedJson<'a>>,
    warnings: Vec<WarningJson<'a>>,
    kits: Vec<String>,
    verification: Option<VerificationJson<'a>>,
}

/// Whether the account, read again, is as it should be, and else what is left.
#[derive(Serialize)]
struct VerificationJson<'a> {
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<LeftJson<'a>>,
}

#[derive(Serialize)]
struct LeftJson<'a> {
    actions: &'a [Action],
    withheld: &'a [Withheld],
    findings: &'a [Finding],
    unread: &'a BTreeMap<Kind, ReadFailure>,
}

impl<'a> VerificationJson<'a> {
    fn new(verification: Verification<'a>) -> Self {
        let left = match verification {
            Verification::Verified => None,
            Verification::Differs { now } => Some(LeftJson {
                actions: &now.actions,
                withheld: &now.withheld,
                findings: &now.findings,
                unread: &now.unread,
            }),
        };
        Self {
            verified: left.is_none(),
            left,
        }
    }
}

/// What AWS doubts of an action that it did.
#[derive(Serialize)]
struct WarningJson<'a> {
    id: ActionId,
    address: &'a Address,
    message: &'a str,
}

/// How an action ended.
#[derive(Serialize)]
struct EndedJson<'a> {
    id: ActionId,
    address: &'a Address,
    change: &'static str,
    #[serde(flatten)]
    status: &'a Status,
}

/// Returns what an apply did as JSON.
pub fn report_json(report: &Report<'_>, header: &Header) -> Value {
    let Report {
        plan,
        statuses: _,
        warnings,
        kits,
        verification,
        rest: _,
    } = report;
    let doubts = warnings.iter().filter_map(|(id, message)| {
        Some(WarningJson {
            id: *id,
            address: &plan.action(*id)?.address,
            message,
        })
    });
    value(&ReportJson {
        preamble: Preamble::new(plan, header),
        counts: report.tally(),
        actions: report
            .ended()
            .map(|(action, status)| EndedJson::new(action, status))
            .collect(),
        warnings: doubts.collect(),
        kits: kits.iter().map(|kit| kit.display().to_string()).collect(),
        verification: verification.map(VerificationJson::new),
    })
}

impl<'a> EndedJson<'a> {
    fn new(action: &'a Action, status: &'a Status) -> Self {
        Self {
            id: action.id,
            address: &action.address,
            change: verb(&action.change),
            status,
        }
    }
}

/// What happens to an action, with which action it is.
#[derive(Serialize)]
struct StepJson<'a> {
    id: ActionId,
    address: &'a Address,
    change: &'static str,
    #[serde(flatten)]
    step: &'a Step,
}

/// Returns what happens to an action as JSON: `type` is `started`, `calling`, `called`, `retrying`, `warned` or `ended`.
pub fn step_json(action: &Action, step: &Step) -> Value {
    value(&StepJson {
        id: action.id,
        address: &action.address,
        change: verb(&action.change),
        step,
    })
}

/// Returns a change's word in JSON, the same as in a plan's.
fn verb(change: &Change) -> &'static str {
    match change {
        Change::Create { .. } => "create",
        Change::Update { .. } => "update",
        Change::Delete { .. } => "delete",
    }
}

/// Returns JSON as text of several lines, with characters that a terminal would obey as `\u` escapes: to a reader of
/// JSON they are the same.
pub fn json_text(value: &Value) -> String {
    escaped(&format!("{value:#}\n"))
}

/// Returns JSON as text of one line, with such characters as `\u` escapes, too.
pub fn json_line(value: &Value) -> String {
    escaped(&format!("{value}\n"))
}

fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || !is_hidden(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text
}

#[expect(
    clippy::expect_used,
    reason = "everything written here has texts, numbers or kinds as keys, so it can't fail"
)]
pub(crate) fn value(output: &impl Serialize) -> Value {
    serde_json::to_value(output).expect("what is shown can be written as JSON")
}
