//! The planner: desired state and snapshot to an ordered plan.
//!
//! Pure: the same inputs give the same plan, byte for byte. It decides everything; the executor only carries out.
//!
//! The way through: look at the account under declared new names (`rename`), compare what is declared with what is there
//! (`draft`, `diff`, `dying`), put the changes in order, some of them step by step (`split`, `order`, `phase`, `holders`),
//! withhold what can't be done safely (`withhold`), number the rest (`sequence`), and say what else a reviewer should know
//! (`findings`, `guard`, `quotas`).
//!
//! Drift (`drift`) is the same comparison seen from the other side, before anything is put in order.

mod diff;
mod digest;
mod draft;
mod drift;
mod dying;
mod expiry;
mod findings;
mod guard;
mod holders;
mod mfa;
mod order;
mod phase;
mod quotas;
mod rename;
mod sequence;
mod split;
mod withhold;

#[cfg(test)]
mod tests;

pub use digest::digest;
pub use drift::drift;

use model::{Desired, Plan, Snapshot};

use crate::guard::Limits;
use crate::holders::State;

/// Plans what makes the account as the spec says.
///
/// What depends on something unread, ignored or missing is withheld with its reason. A plan with a finding of level
/// [`model::Level::Refusal`] must not be applied.
pub fn plan(desired: &Desired, snapshot: &Snapshot) -> Plan {
    build(desired, snapshot, Limits::People)
}

/// Plans the removal of everything declared or pruned, but for what is never deleted.
///
/// Limits on people don't apply, since removing them is what was asked for; protected objects and the caller stay.
pub fn plan_destroy(desired: &Desired, snapshot: &Snapshot) -> Plan {
    build(&desired.clone().destroyed(), snapshot, Limits::None)
}

fn build(desired: &Desired, snapshot: &Snapshot, limits: Limits) -> Plan {
    let renamed = rename::rename(desired, snapshot);
    let live = renamed.snapshot.as_ref();
    let before = State::before(live);
    let mut drafts = split::split(draft::drafts(desired, &renamed), live, &before);
    let graph = {
        let after = State::after(live, &drafts);
        order::graph(&drafts, &before, &after)
    };
    withhold::withhold(&mut drafts, &graph);
    let after = State::after(live, &drafts);

    let mut findings = findings::findings(desired, live, &renamed.renames, &drafts);
    findings.extend(expiry::findings(desired, &drafts));
    findings.extend(mfa::findings(desired, live, &drafts));
    findings.extend(guard::refusals(
        desired, snapshot, &drafts, &before, &after, limits,
    ));
    drop(after);
    let (actions, withheld) = sequence::sequence(drafts, &graph, &before);
    findings.extend(quotas::quotas(live, &actions));
    let mut plan = Plan {
        account: snapshot.account.clone(),
        region: desired.region.clone(),
        caller: snapshot.caller.clone(),
        digest: String::new(),
        actions,
        withheld,
        findings,
        proofs: Vec::new(),
        gains: None,
        unread: snapshot.unread().clone(),
    };
    plan.digest = digest(&plan);
    plan
}
