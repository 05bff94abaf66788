//! What a plan comes to for access: its verdicts, as proofs and findings of the plan.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{
    Acceptance, ActionId, Address, Body, Change, Desired, Finding, FindingCode, Level, Origin,
    Plan, Principal, Snapshot, UserName, Wish,
};
use policy::Document;
use sha2::{Digest, Sha256};

use crate::claim::Claim;
use crate::gains::gains;
use crate::lint::{self, explain};
use crate::prove::{Asked, Keeps, Proof, prove, prove_caller};
use crate::steps::{Meanwhile, StepProof, StepVerdict, prove_steps};
use crate::verdict::{Limit, Verdict, Via, Witness};

/// What a break-glass principal keeps.
const CONTROL: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}"#;

/// What AWS puts at each level of an organization, until somebody takes it away.
const FULL_ACCESS: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// Proves what a spec asks of access once a plan is carried out, and puts the verdicts into the plan.
///
/// `keeps` says what must not be taken from the caller, if that is to be proved. What isn't proved is a finding for which
/// the plan must not be applied, unless the spec accepts it and `today` is not after the last day of that.
pub fn review(
    mut plan: Plan,
    desired: &Desired,
    snapshot: &Snapshot,
    today: Date,
    keeps: Option<&Keeps>,
) -> Plan {
    let after = snapshot.after(&plan.actions);
    let asked = asked(desired, keeps);
    let mut proofs = prove(&after, &asked);
    proofs.extend(prove_caller(snapshot, &plan.actions, &after, &asked));
    let steps = prove_steps(&plan.actions, snapshot, &asked);
    plan.proofs = counts(&proofs, &steps);
    plan.gains = gains(&plan.actions, snapshot, &after, &asked);
    let findings: Vec<Finding> = proofs
        .iter()
        .filter_map(|proof| finding(proof, desired))
        .chain(
            steps
                .iter()
                .filter_map(|step| meanwhile(step, &plan, desired)),
        )
        .map(|finding| accepted(finding, &desired.safety.accept, today))
        .chain(
            lints(desired, today)
                .into_iter()
                .map(|(finding, _)| finding),
        )
        .collect();
    plan.findings.extend(findings);
    plan.digest = digest(&plan.digest, &plan);
    plan
}

fn asked(desired: &Desired, keeps: Option<&Keeps>) -> Asked {
    let is_managed = |user: &&UserName| !desired.ignores(&Address::User((*user).clone()));
    Asked {
        governed: desired
            .needs_mfa
            .keys()
            .filter(is_managed)
            .cloned()
            .collect(),
        lists_users: desired.lists_users,
        break_glass: desired
            .safety
            .break_glass
            .iter()
            .map(|principal| (principal.clone(), control()))
            .collect(),
        caller: keeps.cloned(),
        checks: desired.checks.clone(),
        service_control: service_control(desired),
    }
}

/// Returns the service control policies of each level. One at least must allow something, or the account could do
/// nothing: where none of those given does, AWS's own `FullAWSAccess` is there as well.
pub(crate) fn service_control(desired: &Desired) -> Vec<Vec<Document>> {
    let levels = desired.safety.service_control_policies.iter();
    let documents = levels.map(|level| {
        let given = level.iter().map(|policy| policy.document.clone());
        let allows = level.iter().any(|policy| policy.document.has_allow());
        given
            .chain((!allows).then(|| constant(FULL_ACCESS)))
            .collect()
    });
    documents.collect()
}

/// Returns the requests by which an account is controlled.
pub(crate) fn control() -> Document {
    constant(CONTROL)
}

#[expect(
    clippy::expect_used,
    reason = "the texts are constant, and tests read each of them"
)]
fn constant(text: &str) -> Document {
    Document::parse(text).expect("a constant text should be a document")
}

/// Counts the verdicts by claim, in the order of findings.
fn counts(proofs: &[Proof], steps: &[StepProof]) -> Vec<model::Proof> {
    let of_state = proofs
        .iter()
        .map(|proof| (proof.claim.code(), proof.verdict.is_proved()));
    let of_steps = steps
        .iter()
        .map(|step| (FindingCode::EveryStep, step.verdict == StepVerdict::Proved));
    let mut counts: BTreeMap<FindingCode, (usize, usize)> = BTreeMap::new();
    for (code, is_proved) in of_state.chain(of_steps) {
        let (proved, of) = counts.entry(code).or_default();
        *proved += usize::from(is_proved);
        *of += 1;
    }
    counts
        .into_iter()
        .map(|(claim, (proved, of))| model::Proof { claim, proved, of })
        .collect()
}

/// Returns the finding that there is where a claim isn't proved.
pub(crate) fn finding(proof: &Proof, desired: &Desired) -> Option<Finding> {
    let Proof {
        claim,
        principal,
        verdict,
    } = proof;
    let (message, statements, limits) = match verdict {
        Verdict::Proved => return None,
        Verdict::Violated { witness } => (
            violation(*claim, witness),
            witness.statements.as_slice(),
            witness.limits.as_slice(),
        ),
        Verdict::CannotProve { obstacle } => {
            let message = format!("it can't be proved that {}: {obstacle}", claim.sentence());
            (message, obstacle.statements(), &[][..])
        }
    };
    let limits = limits.iter().map(|limit| by_limit(*limit, desired));
    let code = claim.code();
    Some(Finding {
        level: Level::Refusal,
        code,
        address: principal.as_ref().map(Principal::address),
        message: format!("{code}: {message}"),
        because: statements
            .iter()
            .map(|via| by(via, desired))
            .chain(limits)
            .collect(),
        hint: Some(explain(code).remedy.to_owned()),
        suggestion: None,
    })
}

/// Returns the finding that there is where a state between the steps of a plan is wrong.
fn meanwhile(proof: &StepProof, plan: &Plan, desired: &Desired) -> Option<Finding> {
    let StepProof { principal, verdict } = proof;
    let (message, statements) = match verdict {
        StepVerdict::Proved => return None,
        StepVerdict::Violated {
            what,
            done,
            pending,
            witness,
        } => {
            let Witness {
                session,
                action,
                resource,
                context: _,
                statements,
                limits: _,
            } = witness;
            let request = format!("{} on {}", action.escape_debug(), resource.escape_debug());
            let what = match what {
                Meanwhile::Gained => {
                    format!(
                        "{session} it could do {request}, which it can neither before nor after"
                    )
                }
                Meanwhile::Lost => {
                    format!("{session} it couldn't do {request}, which it can before and after")
                }
            };
            let between = between(done, pending, plan);
            (format!("{between}, {what}"), statements.as_slice())
        }
        StepVerdict::CannotProve { obstacle } => {
            let message = format!(
                "it can't be proved that no step gives it too much or takes too much: {obstacle}"
            );
            (message, obstacle.statements())
        }
    };
    let code = FindingCode::EveryStep;
    let is_changed = |document: &Address| {
        let mut actions = plan.actions.iter();
        actions.any(|action| action.address == *document)
    };
    let because = statements.iter().map(|via| {
        // Of a document that changes it isn't the declared one, perhaps.
        if is_changed(&via.document) {
            format!("by {via}")
        } else {
            by(via, desired)
        }
    });
    Some(Finding {
        level: Level::Refusal,
        code,
        address: principal.as_ref().map(Principal::address),
        message: format!("{code}: {message}"),
        because: because.collect(),
        hint: Some(explain(code).remedy.to_owned()),
        suggestion: None,
    })
}

/// Says in which state: what is done last, and what isn't done yet.
fn between(done: &[ActionId], pending: &[ActionId], plan: &Plan) -> String {
    let list = |ids: &[ActionId]| {
        let actions = ids.iter().filter_map(|id| plan.action(*id));
        let verb = |change: &Change| match change {
            Change::Create { .. } => "created",
            Change::Update { .. } => "changed",
            Change::Delete { .. } => "deleted",
        };
        let words: Vec<String> = actions
            .map(|action| format!("{} is {}", action.address, verb(&action.change)))
            .collect();
        words.join(" and ")
    };
    match (done, pending) {
        ([], []) => "meanwhile".to_owned(),
        (done, []) => format!("once {}", list(done)),
        ([], pending) => format!("before {}", list(pending)),
        (done, pending) => format!("once {} and before {}", list(done), list(pending)),
    }
}

/// Looks for mistakes in the documents that a spec declares: each with the place that it is about, the first of several.
/// What the spec accepts is marked so, unless `today` is after the last day of that.
pub fn lints(desired: &Desired, today: Date) -> Vec<(Finding, &Origin)> {
    let documents = desired.objects.iter().filter_map(|(address, declared)| {
        let document = match &declared.wish {
            Wish::Present(Body::Policy(policy)) => &policy.document,
            Wish::Present(Body::InlinePolicy(inline)) => &inline.document,
            Wish::Present(_) | Wish::Absent => return None,
        };
        (!desired.ignores(address)).then_some((address, declared, document))
    });
    let found = documents.flat_map(|(address, declared, document)| {
        let mistakes = lint::lint(&address.name(), document).into_iter();
        mistakes.map(move |mistake| {
            let written = |statement: &usize| desired.statements.get(address)?.get(*statement);
            let places = mistake.statements.iter().filter_map(written);
            let place = places.clone().next().unwrap_or(&declared.origin);
            let because = places.map(ToString::to_string).collect();
            let finding = mistake.finding(address.clone());
            let finding = Finding {
                message: format!("{}: {}", finding.code, finding.message),
                because,
                ..finding
            };
            (accepted(finding, &desired.safety.accept, today), place)
        })
    });
    found.collect()
}

fn violation(claim: Claim, witness: &Witness) -> String {
    let Witness {
        session,
        action,
        resource,
        context: _,
        statements,
        limits,
    } = witness;
    let request = format!("{} on {}", action.escape_debug(), resource.escape_debug());
    match claim {
        Claim::OnlySelfServiceWithoutMfa | Claim::NothingWithKey | Claim::CannotDo => {
            format!("{session} it can do {request}")
        }
        Claim::DeniedWithoutMfa => {
            format!("{session} nothing denies {request}, so that another policy can allow it")
        }
        Claim::FullAccessWithMfa => format!("{session} it is denied {request}"),
        Claim::CallerKeepsPermissions if statements.is_empty() && limits.is_empty() => {
            format!("{session} it can do {request} now, and nothing would allow it any more")
        }
        Claim::CallerKeepsPermissions => {
            format!("{session} it can do {request} now, and would be denied it")
        }
        Claim::CanEnrol | Claim::KeepsControl | Claim::CanDo
            if statements.is_empty() && limits.is_empty() =>
        {
            format!("{session} nothing allows {request}")
        }
        Claim::CanEnrol | Claim::KeepsControl | Claim::CanDo => {
            format!("{session} it is denied {request}")
        }
    }
}

/// Names a statement, with its place in the spec where its document is declared.
pub fn by(via: &Via, desired: &Desired) -> String {
    let written = desired
        .statements
        .get(&via.document)
        .and_then(|statements| statements.get(via.statement));
    let declared = desired.objects.get(&via.document);
    match written.or(declared.map(|declared| &declared.origin)) {
        Some(origin) => format!("by {via}, {origin}"),
        None => format!("by {via}"),
    }
}

/// Names what of service control policies denies, with its place in the spec.
pub fn by_limit(limit: Limit, desired: &Desired) -> String {
    match limit {
        Limit::Level(level) => format!(
            "since no service control policy of level {} allows it",
            level + 1
        ),
        Limit::Statement {
            level,
            policy,
            statement,
        } => {
            let levels = &desired.safety.service_control_policies;
            let policy = levels.get(level).and_then(|level| level.get(policy));
            let sid = policy
                .and_then(|policy| policy.document.statements().nth(statement)?.sid())
                .map_or_else(|| (statement + 1).to_string(), ToString::to_string);
            let origin = policy
                .and_then(|policy| policy.statements.get(statement))
                .map_or_else(String::new, |origin| format!(", {origin}"));
            format!(
                "by statement {sid} of a service control policy of level {}{origin}",
                level + 1
            )
        }
    }
}

/// Marks a finding that the spec accepts.
fn accepted(finding: Finding, acceptances: &[Acceptance], today: Date) -> Finding {
    let Some(address) = &finding.address else {
        return finding;
    };
    let is_meant = |acceptance: &&Acceptance| {
        acceptance.finding == finding.code
            && finding.code.can_be_accepted()
            && acceptance.on.matches(&address.to_string())
    };
    let has_ended = |acceptance: &Acceptance| acceptance.until.is_some_and(|until| until < today);
    let mut meant = acceptances.iter().filter(is_meant).peekable();
    let first = meant.peek().copied();
    match (meant.find(|acceptance| !has_ended(acceptance)), first) {
        (Some(acceptance), _) => Finding {
            level: Level::Accepted,
            hint: Some(reason(acceptance)),
            ..finding
        },
        (None, Some(ended)) => Finding {
            hint: Some(format!("no longer {}", reason(ended))),
            ..finding
        },
        (None, None) => finding,
    }
}

fn reason(acceptance: &Acceptance) -> String {
    let Acceptance {
        finding: _,
        on: _,
        reason,
        until,
        origin,
    } = acceptance;
    let until = until.map(|until| format!(" until {until}"));
    format!(
        "accepted{}: {} ({origin})",
        until.unwrap_or_default(),
        reason.escape_debug()
    )
}

/// Returns what binds an apply to a plan: the digest of its actions with those of its proofs, of what people gain and of
/// findings that are verdicts, in hexadecimal.
///
/// The day of the review isn't part of it, nor where in a spec a finding was made or accepted: they count as far as they
/// change a verdict.
pub fn digest(of_actions: &str, plan: &Plan) -> String {
    let mut hash = Sha256::new();
    hash.update(of_actions);
    // Who applies is often not who planned, and is proved not to lose anything when it applies.
    let depends_on_caller = |claim| {
        matches!(
            claim,
            FindingCode::CallerKeepsPermissions | FindingCode::EveryStep
        )
    };
    let proofs = plan.proofs.iter();
    for model::Proof { claim, proved, of } in proofs.filter(|proof| !depends_on_caller(proof.claim))
    {
        hash.update(format!("\n{claim} {proved} {of}"));
    }
    // Who would gain what is a verdict, too: what was reviewed is what is given. Its keys are texts, so that JSON has it all.
    hash.update(format!("\n{}", serde_json::json!(plan.gains)));
    let verdicts = plan
        .findings
        .iter()
        .filter(|finding| finding.code.is_verdict());
    for finding in verdicts {
        let Finding {
            level,
            code,
            address,
            message,
            because: _,
            hint: _,
            suggestion: _,
        } = finding;
        let address = address.as_ref().map(ToString::to_string);
        // A message may have line breaks in it, so that only its quoted form tells where it ends.
        hash.update(format!("\n{level:?} {code} {address:?} {message:?}"));
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
