//! A plan as a document.

use std::collections::BTreeSet;

use model::{Account, Caller, Counts, FindingCode, Plan, Proof, Region};

use crate::affected::affected;
use crate::document::{About, Document, Mark, Remark, Section, View};
use crate::gains::gains;
use crate::words::count;
use crate::{Header, changes, findings, unread, words};

/// The first characters of a digest, enough to compare two plans by eye. What binds an apply is the whole.
pub(crate) const SHORT_DIGEST: usize = 6;

/// The first characters of a commit, as git shows it.
const SHORT_COMMIT: usize = 7;

/// Returns what is to be shown of a plan.
pub(crate) fn document(plan: &Plan, header: &Header) -> Document {
    let section = |entries| Section {
        heading: None,
        entries,
    };
    let notes = [
        findings::findings(&plan.findings, false),
        unread::of_plan(plan),
        findings::withheld(plan),
    ];
    let refusals = Section {
        heading: Some(remark(
            Mark::Failure,
            "Refused: this plan must not be applied.".to_owned(),
        )),
        entries: findings::findings(&plan.findings, true),
    };
    Document {
        view: View::Changes,
        about: Some(about(plan, header)),
        title: title(plan, header),
        affected: affected(plan),
        claims: claims(&plan.proofs),
        sections: vec![
            section(changes::entries(plan)),
            section(notes.into_iter().flatten().collect()),
            refusals,
        ],
        refusal: refusal(plan),
        verdict: verdict(plan, header),
    }
}

/// Names what a document of a plan is about.
pub(crate) fn about(plan: &Plan, header: &Header) -> About {
    About {
        spec: header.spec.clone(),
        account: plan.account.id.to_string(),
    }
}

/// Says what a plan is for, in one line.
pub(crate) fn title(plan: &Plan, header: &Header) -> String {
    title_of(&plan.account, &plan.region, &plan.caller, header)
}

/// Says of which account and spec something is, in one line.
pub(crate) fn title_of(
    account: &Account,
    region: &Region,
    caller: &Caller,
    header: &Header,
) -> String {
    let Header {
        spec,
        commit,
        declared: _,
        sandbox,
    } = header;
    let commit = commit
        .as_deref()
        .map(|commit| format!(" at {}", short_commit(commit)))
        .unwrap_or_default();
    format!(
        "{}, {region}, as {}. Spec {spec}{commit}.",
        account_of(account, *sandbox),
        caller_of(caller)
    )
}

/// Names an account.
pub(crate) fn account_of(account: &Account, sandbox: bool) -> String {
    let place = if sandbox {
        "Sandbox account"
    } else {
        "Account"
    };
    let alias = account
        .alias
        .as_ref()
        .map(|alias| format!(" ({alias})"))
        .unwrap_or_default();
    format!("{place} {}{alias}", account.id)
}

/// Names a caller.
pub(crate) fn caller_of(caller: &Caller) -> String {
    match caller {
        Caller::Root => "the root user".to_owned(),
        caller @ (Caller::User(_) | Caller::Role(_) | Caller::Other(_)) => caller.to_string(),
    }
}

fn short_commit(commit: &str) -> String {
    let is_hash = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        commit.chars().take(SHORT_COMMIT).collect()
    } else {
        commit.to_owned()
    }
}

fn verdict(plan: &Plan, header: &Header) -> Vec<Remark> {
    let mut verdict = vec![Remark {
        mark: None,
        text: outcome(plan, header),
    }];
    verdict.extend(gains(plan));
    verdict.extend(proofs(&plan.proofs));
    if !plan.unread.is_empty() {
        let text = "Incomplete: not everything could be read, and what isn't known isn't planned.";
        verdict.push(remark(Mark::Unknown, text.to_owned()));
    }
    verdict
}

fn refusal(plan: &Plan) -> Option<Remark> {
    let number = plan.refusals().count();
    let reasons = count(number, "reason", "reasons");
    (number > 0).then(|| remark(Mark::Failure, format!("Refused for {reasons}.")))
}

/// Says for each claim whether it is proved; claims about another number of people stand apart.
pub(crate) fn proofs(proofs: &[Proof]) -> Option<Remark> {
    let mut alike: Vec<(Option<usize>, Vec<String>)> = Vec::new();
    let numbers: BTreeSet<usize> = proofs.iter().filter_map(people).collect();
    for proof in proofs {
        // One number is said once, for all.
        let number = match numbers.len() {
            0 | 1 => numbers.first().copied(),
            _ => people(proof),
        };
        match alike.iter_mut().find(|(known, _)| *known == number) {
            Some((_, claims)) => claims.push(in_short(proof)),
            None => alike.push((number, vec![in_short(proof)])),
        }
    }
    let is_one = alike.len() == 1;
    let groups = alike.iter().map(|(number, claims)| {
        let claims = claims.join(", ");
        match number {
            None => claims,
            Some(1) if is_one => claims,
            Some(number) => format!("about {}: {claims}", count(*number, "person", "people")),
        }
    });
    let groups: Vec<String> = groups.collect();
    let text = groups.join("; ");
    let all = proofs.iter().all(|proof| proof.proved == proof.of);
    let colon = if text.starts_with("about ") { "" } else { ":" };
    (!proofs.is_empty()).then(|| Remark {
        mark: (!all).then_some(Mark::Failure),
        text: format!("Proofs{colon} {text}"),
    })
}

/// Returns of how many people something is claimed, if of people.
fn people(proof: &Proof) -> Option<usize> {
    match (proof.claim, proof.of) {
        (FindingCode::Check, _)
        | (FindingCode::EveryStep | FindingCode::CallerKeepsPermissions, 1) => None,
        (_, of) => Some(of),
    }
}

fn in_short(proof: &Proof) -> String {
    let Proof { claim, proved, of } = proof;
    let claim = words::claim(*claim);
    if proved == of {
        format!("{claim} ✓")
    } else if *of == 1 {
        format!("{claim} ✗")
    } else {
        format!("{claim} ✗ {} of {of}", of - proved)
    }
}

/// Says what is proved, a sentence a claim.
fn claims(proofs: &[Proof]) -> Vec<Remark> {
    let claim = |proof: &Proof| {
        let Proof { claim, proved, of } = proof;
        let holds = words::claim_in_words(*claim);
        let noun = if *claim == FindingCode::Check {
            ("assertion", "assertions")
        } else {
            ("person", "people")
        };
        let is_of_many = *claim == FindingCode::Check || people(proof).is_some();
        if proved < of {
            let about = format!(", for {} of {}", of - proved, count(*of, noun.0, noun.1));
            let about = if is_of_many { &about } else { "" };
            return remark(Mark::Failure, format!("Not proved{about}: {holds}."));
        }
        let about = match of {
            1 => format!(" for the one {}", noun.0),
            of => format!(" for all {of} {}", noun.1),
        };
        let about = if is_of_many { &about } else { "" };
        Remark {
            mark: None,
            text: format!("Proved{about}: {holds}."),
        }
    };
    proofs.iter().map(claim).collect()
}

fn outcome(plan: &Plan, header: &Header) -> String {
    if plan.is_clean() {
        return match header.declared {
            0 => "No changes. There is nothing to create, change or destroy.".to_owned(),
            1 => "No changes. 1 object is as the spec says.".to_owned(),
            number => format!("No changes. {number} objects are as the spec says."),
        };
    }
    let Counts {
        add,
        change,
        destroy,
        withheld,
    } = plan.counts();
    let withheld = if withheld == 0 {
        String::new()
    } else {
        format!(", {withheld} withheld")
    };
    let digest = short_digest(plan);
    format!(
        "Plan: {add} to add, {change} to change, {destroy} to destroy{withheld}. Digest {digest}."
    )
}

/// Returns the beginning of a plan's digest.
pub(crate) fn short_digest(plan: &Plan) -> String {
    plan.digest.chars().take(SHORT_DIGEST).collect()
}

/// Returns a remark with a mark.
pub(crate) fn remark(mark: Mark, text: String) -> Remark {
    Remark {
        mark: Some(mark),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_about_another_number_of_people_stand_apart() {
        let proof = |claim, proved, of| Proof { claim, proved, of };
        let said = |all: &[Proof]| proofs(all).map(|remark| remark.text);
        let little = proof(FindingCode::OnlySelfServiceWithoutMfa, 1, 1);
        let caller = proof(FindingCode::CallerKeepsPermissions, 1, 1);
        let step = |of| proof(FindingCode::EveryStep, of, of);
        assert_eq!(said(&[]), None);
        let one = "Proofs: only self-service without MFA ✓, every step ✓";
        assert_eq!(said(&[little, step(1)]).as_deref(), Some(one));
        let many = "Proofs about 3 people: can enrol ✗ 1 of 3, caller ✓, every step ✓";
        let enrol = proof(FindingCode::CanEnrol, 2, 3);
        assert_eq!(said(&[enrol, caller, step(3)]).as_deref(), Some(many));
        let all = [little, caller, step(3)];
        let apart = "Proofs about 1 person: only self-service without MFA ✓; caller ✓; about 3 people: every step ✓";
        assert_eq!(said(&all).as_deref(), Some(apart));
        // The sentences say the same numbers.
        let sentences = claims(&all);
        let starts = [
            "Proved for the one person: ",
            "Proved: ",
            "Proved for all 3 people: ",
        ];
        for (sentence, start) in sentences.iter().zip(starts) {
            assert!(sentence.text.starts_with(start), "{sentence:?}");
        }
    }

    #[test]
    fn a_claim_says_for_how_many_it_is_proved_and_else_for_how_many_it_is_not() {
        let said = |claim, proved, of| {
            let said = claims(&[Proof { claim, proved, of }]);
            let said = said
                .iter()
                .map(|Remark { mark, text }| (*mark, text.clone()));
            said.collect::<Vec<_>>()
        };
        let enrol = "they can set up MFA with their password";
        let can_enrol = FindingCode::CanEnrol;
        assert_eq!(
            said(can_enrol, 5, 5),
            [(None, format!("Proved for all 5 people: {enrol}."))]
        );
        assert_eq!(
            said(can_enrol, 3, 5),
            [(
                Some(Mark::Failure),
                format!("Not proved, for 2 of 5 people: {enrol}.")
            )]
        );
        assert_eq!(
            said(can_enrol, 0, 1),
            [(
                Some(Mark::Failure),
                format!("Not proved, for 1 of 1 person: {enrol}.")
            )]
        );
        let holds = "what the spec asserts of access holds";
        assert_eq!(
            said(FindingCode::Check, 1, 3),
            [(
                Some(Mark::Failure),
                format!("Not proved, for 2 of 3 assertions: {holds}.")
            )]
        );
        let keeps = "whoever runs mfactl keeps what it needs";
        assert_eq!(
            said(FindingCode::CallerKeepsPermissions, 0, 1),
            [(Some(Mark::Failure), format!("Not proved: {keeps}."))]
        );
    }
}
