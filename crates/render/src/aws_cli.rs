//! A plan as a script of `aws` commands, for whoever can't or mustn't run mfactl where the credentials are.
//!
//! The script does what the executor does, in the plan's order, one call after the other, and stops at the first error. It
//! is one function, so that bash reads all of it before it begins: one that was cut off does nothing rather than half of it,
//! and one that is piped into bash doesn't take its own lines for a password.

mod monitoring;
mod people;
mod policies;
mod preamble;
mod shell;
#[cfg(test)]
mod tests;

use model::{Action, ActionId, Address, Body, Change, Edge, FieldChange, Plan};
use serde_json::{Value, json};

use self::shell::{comment, function};
use crate::document::{Detail, Entry};
use crate::shown::shown;
use crate::words::{count, first_few, mark};
use crate::{Header, changes, findings, unread};

/// How many of the objects that are waited for are named.
const FEW: usize = 3;

/// Holds what is to be done to an object of one kind.
enum Write<'a, B> {
    Create(&'a B),
    Update {
        before: &'a B,
        after: &'a B,
        fields: &'a [FieldChange],
    },
    Delete(&'a B),
}

impl<'a, B> Write<'a, B> {
    fn of(change: &'a Change, as_kind: fn(&Body) -> Option<&B>) -> Option<Self> {
        Some(match change {
            Change::Create { after } => Self::Create(as_kind(after)?),
            Change::Update {
                before,
                after,
                fields,
            } => Self::Update {
                before: as_kind(before)?,
                after: as_kind(after)?,
                fields,
            },
            Change::Delete { before } => Self::Delete(as_kind(before)?),
        })
    }
}

/// Returns the script of a plan. That of a refused plan says why and ends with 3, as `mfactl plan` does: an empty one would
/// look like a plan without changes to whoever runs it.
pub(crate) fn script(plan: &Plan, header: &Header) -> String {
    let mut lines = preamble::header(plan, header);
    if plan.refusals().next().is_some() {
        lines.extend(refusal(plan));
        return lines.join("\n") + "\n";
    }
    let actions = actions(plan);
    lines.extend(preamble::settings(plan, header));
    lines.extend(preamble::functions(&actions));
    lines.push("main() {".to_owned());
    lines.push(preamble::check_account(&plan.account));
    lines.extend(actions);
    lines.extend(left_out(plan));
    lines.push(String::new());
    lines.push(function(
        "step",
        "Done. What is left, if anything, mfactl plan shows.",
    ));
    lines.push("}\n\nmain".to_owned());
    lines.join("\n") + "\n"
}

fn refusal(plan: &Plan) -> Vec<String> {
    let reasons = findings::findings(&plan.findings, true);
    let mut lines = entry_comments(&reasons);
    lines.push(
        "echo 'Refused: this plan must not be applied. The script says why, and does nothing.' >&2"
            .to_owned(),
    );
    lines.push("exit 3".to_owned());
    lines
}

/// Returns what should be known, and what is withheld and so not done.
fn left_out(plan: &Plan) -> Vec<String> {
    let entries = [
        findings::findings(&plan.findings, false),
        unread::of_plan(plan),
        findings::withheld(plan),
    ];
    let entries: Vec<Entry> = entries.into_iter().flatten().collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let heading = comment("Not in this script, and to be known:");
    let rest = entry_comments(&entries);
    [String::new(), heading].into_iter().chain(rest).collect()
}

fn entry_comments(entries: &[Entry]) -> Vec<String> {
    let lines = entries.iter().flat_map(|entry| {
        let note = entry.note.as_deref().unwrap_or_default();
        let line = format!("  {} {}  {note}", entry.mark.sign(), entry.address);
        [comment(line.trim_end())]
            .into_iter()
            .chain(detail_comments(&entry.details, "      "))
    });
    lines.collect()
}

fn detail_comments(details: &[Detail], indentation: &str) -> Vec<String> {
    let sentence = |detail: &Detail| match detail {
        Detail::Text(text) => text.clone(),
        Detail::Field { name, value } => format!("{name}  {value}"),
        Detail::Change {
            name,
            before,
            after,
        } => format!("{name}  {before} → {after}"),
        Detail::Diff { title, lines: _ } => format!("{title} differs"),
    };
    let lines = details.iter().map(sentence);
    lines
        .map(|line| comment(&format!("{indentation}{line}")))
        .collect()
}

/// Returns the actions in the plan's order, and a wait wherever one must not begin before another is in force everywhere.
fn actions(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let mut settled = ActionId(0);
    for action in &plan.actions {
        let awaited = action
            .after
            .iter()
            .filter(|(id, edge)| **edge == Edge::Settled && **id >= settled);
        let awaited: Vec<&Address> = awaited
            .filter_map(|(id, _)| plan.action(*id).map(|awaited| &awaited.address))
            .collect();
        if !awaited.is_empty() {
            settled = action.id;
            lines.extend(wait(action, &awaited));
        }
        lines.extend(commands(plan, action));
    }
    lines
}

fn wait(action: &Action, awaited: &[&Address]) -> Vec<String> {
    let reason = format!(
        "{} and what follows wait until this is in force everywhere: {}.",
        action.address,
        first_few(awaited, FEW)
    );
    vec![String::new(), comment(&reason), "settle".to_owned()]
}

fn commands(plan: &Plan, action: &Action) -> Vec<String> {
    let step = format!("{} {}", mark(&action.change).sign(), action.address);
    let mut lines = vec![String::new()];
    lines.extend(why(action));
    lines.push(function("step", &shown(&step)));
    let calls = calls(plan, action);
    lines.extend(calls.unwrap_or_else(|| vec![impossible("it has the body of another kind")]));
    lines
}

/// Returns what there is to say of an action: where the spec declares it, whom it is about and what it changes. What a new
/// object will be, the command says.
fn why(action: &Action) -> Vec<String> {
    let note = match &action.change {
        // It tells whom mfactl would seal a secret for.
        Change::Create { .. } => None,
        change @ (Change::Update { .. } | Change::Delete { .. }) => changes::note(change),
    };
    let origin = action.origin.as_ref().map(ToString::to_string);
    let people = (action.people > 0).then(|| count(action.people, "person", "people"));
    let part_of = action
        .part_of
        .as_ref()
        .map(|owner| format!("goes with {owner}"));
    let words: Vec<String> = [origin, note, people, part_of]
        .into_iter()
        .flatten()
        .collect();
    let line = (!words.is_empty()).then(|| comment(&words.join(", ")));
    let details = match &action.change {
        change @ Change::Update { .. } => changes::details(change),
        Change::Create { .. } | Change::Delete { .. } => Vec::new(),
    };
    line.into_iter()
        .chain(detail_comments(&details, "  "))
        .collect()
}

/// Reads an action's bodies as those of a kind.
macro_rules! write {
    ($action:ident, $kind:ident) => {
        &Write::of(&$action.change, |body| match body {
            Body::$kind(body) => Some(body),
            _ => None,
        })?
    };
}

/// Returns the commands of an action, unless its body is of another kind than its address.
fn calls(plan: &Plan, action: &Action) -> Option<Vec<String>> {
    let account = &plan.account;
    Some(match &action.address {
        Address::User(name) => people::user(account, name, write!(action, User)),
        Address::LoginProfile(user) => people::login_profile(user, write!(action, LoginProfile)),
        Address::Credential(user, id) => people::credential(user, id, write!(action, Credential)),
        Address::MfaDevice(name) => people::mfa_device(account, name, write!(action, MfaDevice)),
        Address::Group(name) => people::group(name, write!(action, Group)),
        Address::Membership(group, user) => {
            let write = Write::of(&action.change, |body| {
                matches!(body, Body::Membership).then_some(&())
            })?;
            people::membership(group, user, &write)
        }
        Address::Policy(reference) => policies::policy(account, reference, write!(action, Policy)),
        Address::Attachment(principal, _) => {
            policies::attachment(account, principal, write!(action, Attachment))
        }
        Address::InlinePolicy(principal, name) => {
            policies::inline_policy(principal, name, write!(action, InlinePolicy))
        }
        Address::Role(_) => vec![impossible("roles are only observed")],
        Address::PasswordPolicy => policies::password_policy(write!(action, PasswordPolicy)),
        Address::LogGroup(name) => monitoring::log_group(plan, name, write!(action, LogGroup)),
        Address::MetricFilter(log_group, name) => {
            monitoring::metric_filter(log_group, name, write!(action, MetricFilter))
        }
        Address::Alarm(name) => monitoring::alarm(plan, name, write!(action, Alarm)),
        Address::Dashboard(name) => monitoring::dashboard(name, write!(action, Dashboard)),
    })
}

/// Returns the line for what no plan of the planner's has: the script stops there.
fn impossible(reason: &str) -> String {
    function("stop", reason)
}

/// Returns tags as IAM and CloudWatch take them; null, if there are none.
fn key_value<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let tags: Vec<Value> = tags
        .into_iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    if tags.is_empty() {
        Value::Null
    } else {
        Value::Array(tags)
    }
}

/// Returns the calls that set and remove the tags that an update changes.
fn tag_changes(
    fields: &[FieldChange],
    set: impl FnOnce(Vec<(&str, &str)>) -> String,
    remove: impl FnOnce(Vec<&str>) -> String,
) -> Vec<String> {
    let mut to_set = Vec::new();
    let mut removed = Vec::new();
    for field in fields {
        match (field.field.strip_prefix("tags."), field.after.as_str()) {
            (Some(key), Some(value)) => to_set.push((key, value)),
            (Some(key), None) => removed.push(key),
            (None, _) => {}
        }
    }
    let set = (!to_set.is_empty()).then(|| set(to_set));
    let remove = (!removed.is_empty()).then(|| remove(removed));
    set.into_iter().chain(remove).collect()
}
