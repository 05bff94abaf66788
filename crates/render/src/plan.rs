//! A plan as a document.

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

/// Says for each claim whether it is proved.
pub(crate) fn proofs(proofs: &[Proof]) -> Option<Remark> {
    if proofs.is_empty() {
        return None;
    }
    let of_people = |proof: &&Proof| proof.claim != FindingCode::Check;
    let people = proofs.iter().filter(of_people).map(|proof| proof.of).max();
    let words = proofs.iter().map(|proof| {
        let Proof { claim, proved, of } = proof;
        let claim = words::claim(*claim);
        if proved == of {
            format!("{claim} ✓")
        } else if *of == 1 {
            format!("{claim} ✗")
        } else {
            format!("{claim} ✗ {} of {of}", of - proved)
        }
    });
    let words: Vec<String> = words.collect();
    let about = match people {
        Some(people) if people > 1 => format!(" about {people} people"),
        Some(_) | None => String::new(),
    };
    let all = proofs.iter().all(|proof| proof.proved == proof.of);
    Some(Remark {
        mark: (!all).then_some(Mark::Failure),
        text: format!("Proofs{about}: {}", words.join(", ")),
    })
}

/// Says what is proved, a sentence a claim.
fn claims(proofs: &[Proof]) -> Vec<Remark> {
    let claim = |proof: &Proof| {
        let Proof { claim, proved, of } = proof;
        let (mark, verb, number) = if proved == of {
            (None, "Proved", *proved)
        } else {
            (
                Some(Mark::Failure),
                "Not proved",
                of.saturating_sub(*proved),
            )
        };
        let about = match (*claim, *of) {
            (FindingCode::EveryStep | FindingCode::CallerKeepsPermissions, 1) => String::new(),
            (FindingCode::Check, of) => {
                format!(", for {number} of {}", count(of, "assertion", "assertions"))
            }
            (_, of) => format!(", for {number} of {}", count(of, "person", "people")),
        };
        Remark {
            mark,
            text: format!("{verb}{about}: {}.", words::claim_in_words(*claim)),
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
            [(None, format!("Proved, for 5 of 5 people: {enrol}."))]
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
