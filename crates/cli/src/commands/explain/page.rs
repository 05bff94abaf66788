//! The answers, as text and as JSON.

use access::{Answer, Near, Outcome, Via};
use anstyle::{AnsiColor, Style};
use model::{Address, Desired, Principal, Snapshot};
use reader::Simulated;
use serde_json::{Value, json};

use crate::args::ExplainArgs;
use crate::commands::explain::Comparison;
use crate::ui::shown;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const YES: Style = AnsiColor::Green.on_default();
const NO: Style = AnsiColor::Red.on_default();
const OPEN: Style = AnsiColor::Cyan.on_default();

/// The characters that sessions take before their answer, at least.
const SESSIONS: usize = 20;

/// How many statements that would allow otherwise are named.
const FEW: usize = 3;

/// Says which state of the account the answers are about.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    Live,
    Planned,
    Declared,
}

impl State {
    pub(super) fn of(args: &ExplainArgs) -> Self {
        match (args.offline, args.planned) {
            (true, _) => Self::Declared,
            (false, true) => Self::Planned,
            (false, false) => Self::Live,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Planned => "planned",
            Self::Declared => "declared",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Live => "as it is",
            Self::Planned => "as it will be once the spec is applied",
            Self::Declared => "as the spec declares it",
        }
    }
}

/// Holds what is shown.
pub(super) struct Page<'p> {
    pub(super) principal: &'p Principal,
    pub(super) action: &'p str,
    pub(super) resource: &'p str,
    pub(super) state: State,
    pub(super) desired: &'p Desired,
    pub(super) snapshot: &'p Snapshot,
    pub(super) answers: &'p [Answer],
    pub(super) simulated: &'p Comparison,
}

/// What is said of sessions that are answered alike.
#[derive(PartialEq)]
struct Said {
    sign: &'static str,
    style: Style,
    verdict: String,
    details: Vec<String>,
}

impl Page<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{STRONG}{}: {} on {}{STRONG:#}\nAccount {} {}.\n\n",
            self.principal.address(),
            shown(self.action),
            shown(self.resource),
            self.snapshot.account.id,
            self.state.words()
        );
        for (sessions, said) in self.alike() {
            let Said {
                sign,
                style,
                verdict,
                details,
            } = said;
            let verdict = shown(&verdict);
            text += &format!("  {style}{sign} {sessions:SESSIONS$}  {verdict}{style:#}\n");
            for detail in details {
                text += &format!("      {FAINT}{}{FAINT:#}\n", shown(&detail));
            }
        }
        if !self.simulated.is_empty() {
            text += &format!("\n{STRONG}{}{STRONG:#}\n", self.comparison());
        }
        text
    }

    /// Returns what is said, with the sessions in a row of which it is said.
    fn alike(&self) -> Vec<(String, Said)> {
        let mut alike: Vec<(Vec<String>, Said)> = Vec::new();
        for (index, answer) in self.answers.iter().enumerate() {
            let (session, said) = (answer.session.to_string(), self.said(index, answer));
            match alike.last_mut() {
                Some((sessions, last)) if *last == said => sessions.push(session),
                Some(_) | None => alike.push((vec![session], said)),
            }
        }
        let all = self.answers.len();
        let named = |sessions: Vec<String>| match sessions.len() {
            count if count == all && count > 1 => "in every session".to_owned(),
            _ => sessions.join(" or "),
        };
        alike
            .into_iter()
            .map(|(sessions, said)| (named(sessions), said))
            .collect()
    }

    fn said(&self, index: usize, answer: &Answer) -> Said {
        let (sign, style, verdict) = verdict(&answer.outcome);
        let details = self.details(&answer.outcome).into_iter();
        Said {
            sign,
            style,
            verdict,
            details: details.chain(self.disagreement(index, answer)).collect(),
        }
    }

    fn details(&self, outcome: &Outcome) -> Vec<String> {
        let limits = match outcome {
            Outcome::ExplicitlyDenied { limits, .. } | Outcome::ImplicitlyDenied { limits, .. } => {
                limits.as_slice()
            }
            Outcome::Allowed { .. } | Outcome::Depends { .. } | Outcome::NeedsNoPermission => &[],
        };
        let limits = limits
            .iter()
            .map(|limit| access::by_limit(*limit, self.desired));
        let by = statements(outcome).iter().map(|via| self.by(via));
        by.chain(limits).chain(near(outcome)).collect()
    }

    fn by(&self, via: &Via) -> String {
        match &via.document {
            Address::PasswordPolicy => {
                "by the account's password policy, which lets users change their own".to_owned()
            }
            _ if self.is_as_declared(via) => access::by(via, self.desired),
            _ => format!("by {via}"),
        }
    }

    /// Tells whether the statement is where the spec has it.
    fn is_as_declared(&self, via: &Via) -> bool {
        access::is_as_declared(self.desired, self.snapshot, &via.document)
    }

    fn disagreement(&self, index: usize, answer: &Answer) -> Option<String> {
        let simulated = self.simulated.get(index).copied().flatten()?;
        let says = match simulated {
            Simulated::Allowed => "it is allowed",
            Simulated::ImplicitlyDenied => "nothing allows it",
            Simulated::ExplicitlyDenied => "a statement denies it",
        };
        (!agrees(&answer.outcome, simulated)).then(|| format!("AWS's simulator disagrees: {says}"))
    }

    /// Returns how many answers AWS's simulator disagrees with.
    pub(super) fn disagreements(&self) -> usize {
        let answers = self.answers.iter().enumerate();
        answers
            .filter(|(index, answer)| self.disagreement(*index, answer).is_some())
            .count()
    }

    fn comparison(&self) -> String {
        let compared = self.simulated.iter().flatten().count();
        let sessions = if compared == 1 { "session" } else { "sessions" };
        match (compared, self.disagreements()) {
            (0, _) => "There is nothing to compare with AWS's simulator.".to_owned(),
            (_, 0) => format!("AWS's simulator agrees in {compared} {sessions}."),
            (_, count) => format!("AWS's simulator disagrees in {count} of {compared} {sessions}."),
        }
    }

    pub(super) fn json(&self) -> Value {
        let sessions = self.answers.iter().enumerate();
        json!({
            "format_version": "1.0",
            "account": self.snapshot.account.id,
            "state": self.state.as_str(),
            "principal": self.principal.address(),
            "action": self.action,
            "resource": self.resource,
            "sessions": sessions.map(|(index, answer)| self.session(index, answer)).collect::<Vec<_>>(),
        })
    }

    fn session(&self, index: usize, answer: &Answer) -> Value {
        let mut value = json!(answer);
        if let Some(by) = value.get_mut("by").and_then(Value::as_array_mut) {
            for (entry, via) in by.iter_mut().zip(statements(&answer.outcome)) {
                add(entry, "origin", self.origin(via));
            }
        }
        let simulated = self.simulated.get(index).copied().flatten();
        let simulated = simulated.map(|simulated| {
            json!({"result": word(simulated), "agrees": agrees(&answer.outcome, simulated)})
        });
        add(&mut value, "simulator", simulated);
        value
    }

    fn origin(&self, via: &Via) -> Option<Value> {
        let statements = self.desired.statements.get(&via.document)?;
        let origin = statements.get(via.statement)?;
        self.is_as_declared(via).then(|| json!(origin))
    }
}

fn add(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}

fn verdict(outcome: &Outcome) -> (&'static str, Style, String) {
    match outcome {
        Outcome::Allowed { .. } => ("✓", YES, "allowed".to_owned()),
        Outcome::NeedsNoPermission => ("✓", YES, "allowed: it needs no permission".to_owned()),
        Outcome::ExplicitlyDenied { .. } => ("✗", NO, "denied".to_owned()),
        Outcome::ImplicitlyDenied {
            by_identity,
            by_boundary,
            ..
        } => {
            let verdict = match (by_identity, by_boundary) {
                (true, _) => "denied: nothing allows it",
                (false, true) => "denied: the permissions boundary doesn't allow it",
                (false, false) => "denied by the organization",
            };
            ("✗", NO, verdict.to_owned())
        }
        Outcome::Depends { keys, policies, .. } => {
            let policies = policies
                .iter()
                .map(|policy| format!("policy/{policy}, whose document isn't known"));
            let on: Vec<String> = keys.iter().cloned().chain(policies).collect();
            ("?", OPEN, format!("depends on {}", on.join(", ")))
        }
    }
}

/// Names what would allow the action otherwise.
fn near(outcome: &Outcome) -> Vec<String> {
    let Outcome::ImplicitlyDenied { near, .. } = outcome else {
        return Vec::new();
    };
    let mut lines: Vec<String> = near.iter().take(FEW).map(near_miss).collect();
    if near.len() > FEW {
        let more = near.len() - FEW;
        lines.push(format!("and {more} more allow the action otherwise"));
    }
    lines
}

fn near_miss(near: &Near) -> String {
    let Near {
        statement,
        resources,
        condition,
    } = near;
    let on = match resources.as_slice() {
        [] => String::new(),
        [one] => format!(", but only on {one}"),
        [one, rest @ ..] => format!(", but only on {one} and {} more", rest.len()),
    };
    let condition = match (condition, on.is_empty()) {
        (false, _) => "",
        (true, true) => ", but its condition doesn't hold",
        (true, false) => ", and its condition doesn't hold",
    };
    format!("{statement} allows the action{on}{condition}")
}

fn statements(outcome: &Outcome) -> &[Via] {
    match outcome {
        Outcome::Allowed { by }
        | Outcome::ExplicitlyDenied { by, .. }
        | Outcome::Depends { by, .. } => by,
        Outcome::ImplicitlyDenied { .. } | Outcome::NeedsNoPermission => &[],
    }
}

fn agrees(outcome: &Outcome, simulated: Simulated) -> bool {
    match outcome {
        Outcome::Allowed { .. } | Outcome::NeedsNoPermission => simulated == Simulated::Allowed,
        Outcome::ExplicitlyDenied { .. } => simulated == Simulated::ExplicitlyDenied,
        Outcome::ImplicitlyDenied { .. } => simulated == Simulated::ImplicitlyDenied,
        Outcome::Depends { .. } => true,
    }
}

fn word(simulated: Simulated) -> &'static str {
    match simulated {
        Simulated::Allowed => "allowed",
        Simulated::ImplicitlyDenied => "implicitly_denied",
        Simulated::ExplicitlyDenied => "explicitly_denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_of_another_sort_is_a_disagreement() {
        let denied = Outcome::ExplicitlyDenied {
            by: Vec::new(),
            limits: Vec::new(),
        };
        assert!(agrees(&denied, Simulated::ExplicitlyDenied));
        assert!(!agrees(&denied, Simulated::ImplicitlyDenied));
        assert!(!agrees(&denied, Simulated::Allowed));
        let allowed = Outcome::Allowed { by: Vec::new() };
        assert!(!agrees(&allowed, Simulated::ExplicitlyDenied));
    }
}
