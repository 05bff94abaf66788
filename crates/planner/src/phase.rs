//! The phases in which a principal's rights change, so that no state in between gives too much or takes too much.
//!
//! Add Denies, add Allows, remove Allows, remove Denies: then whatever subset of a phase has run, the rights are within
//! what was before or will be after, and keep what is in both. What carries both an Allow and a Deny goes between the
//! phases. `docs/design/order.md` says why.

use model::{Address, Body, Change, Principal};
use policy::Document;

use crate::draft::Draft;
use crate::holders::{Effects, State};

/// Orders the changes of one principal's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// A password, key or other credential is taken away, or a password replaced: nothing that follows can be used any more.
    RemoveCredential,
    /// Something that only denies is added.
    AddDeny,
    /// Something that allows and denies is added.
    AddBoth,
    /// Something that only allows is added.
    AddAllow,
    /// A document both gains and loses.
    Replace,
    /// Something that only allows is taken away.
    RemoveAllow,
    /// Something that allows and denies is taken away.
    RemoveBoth,
    /// Something that only denies is taken away.
    RemoveDeny,
    /// An MFA device is created or deleted.
    Device,
    /// A password is created: from here on somebody can sign in.
    AddPassword,
}

impl Phase {
    /// Tells whether whoever is to leave must have left before: what comes would be new to them, or a Deny would be
    /// lifted while they are still there.
    pub(crate) fn comes_after_leaving(self) -> bool {
        (Self::AddDeny..=Self::Replace).contains(&self)
            || (Self::RemoveBoth..=Self::RemoveDeny).contains(&self)
    }

    fn adding(effects: Effects) -> Self {
        match effects {
            Effects {
                allow: true,
                deny: true,
            } => Self::AddBoth,
            Effects { deny: true, .. } => Self::AddDeny,
            Effects { .. } => Self::AddAllow,
        }
    }

    fn removing(effects: Effects) -> Self {
        match effects {
            Effects {
                allow: true,
                deny: true,
            } => Self::RemoveBoth,
            Effects { deny: true, .. } => Self::RemoveDeny,
            Effects { .. } => Self::RemoveAllow,
        }
    }

    /// A boundary that lets through as much as before, or more, gives back; any other takes away.
    fn bounding(before: &Document, after: &Document) -> Self {
        let narrows = Document::loses_allow(before, after) || Document::loses_deny(after, before);
        if narrows {
            Self::AddDeny
        } else {
            Self::RemoveDeny
        }
    }

    fn changing(before: &Document, after: &Document) -> Self {
        let gained = Effects {
            allow: Document::loses_allow(after, before),
            deny: Document::loses_deny(after, before),
        };
        let lost = Effects {
            allow: Document::loses_allow(before, after),
            deny: Document::loses_deny(before, after),
        };
        let none = Effects::default();
        match (gained == none, lost == none) {
            (false, true) => Self::adding(gained),
            (true, false) => Self::removing(lost),
            (true, true) | (false, false) => Self::Replace,
        }
    }
}

/// Returns the phase of a draft, if it bears on anybody's rights.
pub(crate) fn phase(draft: &Draft, before: &State<'_>, after: &State<'_>) -> Option<Phase> {
    match &draft.address {
        Address::LoginProfile(_) | Address::Credential(..) if draft.removal => {
            Some(Phase::RemoveCredential)
        }
        // The password that there was goes.
        Address::LoginProfile(_) if draft.reset => Some(Phase::RemoveCredential),
        Address::LoginProfile(_) | Address::Credential(..) => Some(Phase::AddPassword),
        Address::MfaDevice(_) => Some(Phase::Device),
        // A group is joined once it has all that it is to have, and left before it gains anything.
        Address::Membership(group, _) if draft.removal => {
            Some(Phase::removing(before.group(group)))
        }
        Address::Membership(group, _) => Some(Phase::adding(after.group(group))),
        Address::Attachment(Principal::Role(_), _)
        | Address::InlinePolicy(Principal::Role(_), _) => None,
        Address::Attachment(_, policy) if draft.removal => {
            Some(Phase::removing(before.policy(policy)))
        }
        Address::Attachment(_, policy) => Some(Phase::adding(after.policy(policy))),
        Address::InlinePolicy(..) | Address::Policy(_) => document_phase(draft),
        Address::User(_) => boundary_phase(draft.change.as_ref()?, before, after),
        Address::Group(_)
        | Address::Role(_)
        | Address::PasswordPolicy
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => None,
    }
}

/// Returns the phases of a changed document: for who holds it, and for who is bounded by it. What a boundary gains, its
/// user gets back.
pub(crate) fn document_phases(draft: &Draft) -> Option<(Phase, Phase)> {
    let Some(Change::Update { before, after, .. }) = &draft.change else {
        return None;
    };
    let (before, after) = (before.document()?, after.document()?);
    let phases = || {
        (
            Phase::changing(before, after),
            Phase::bounding(before, after),
        )
    };
    (!before.same_meaning(after)).then(phases)
}

fn document_phase(draft: &Draft) -> Option<Phase> {
    let is_inline = matches!(draft.address, Address::InlinePolicy(..));
    match draft.change.as_ref()? {
        Change::Update { .. } => document_phases(draft).map(|(phase, _)| phase),
        // A managed policy applies to nobody until it is attached.
        Change::Create { after } if is_inline => {
            Some(Phase::adding(Effects::of(after.document()?)))
        }
        Change::Delete { before } if is_inline => {
            Some(Phase::removing(Effects::of(before.document()?)))
        }
        Change::Create { .. } | Change::Delete { .. } => None,
    }
}

/// Setting a boundary takes away like a Deny; lifting it gives back. Another boundary gives back where it certainly lets
/// through all that the one before did, else it counts as being set.
fn boundary_phase(change: &Change, before: &State<'_>, after: &State<'_>) -> Option<Phase> {
    let Change::Update {
        before: Body::User(user_before),
        after: Body::User(user_after),
        ..
    } = change
    else {
        return None;
    };
    let old = user_before.boundary.policy();
    let new = user_after.boundary.policy();
    match (old, new) {
        (old, new) if old == new => None,
        (_, None) => Some(Phase::RemoveDeny),
        (None, Some(_)) => Some(Phase::AddDeny),
        (Some(old), Some(new)) => {
            let old = before.document(&old.reference());
            let new = after.document(&new.reference());
            match (old, new) {
                (Some(old), Some(new)) => Some(Phase::bounding(old, new)),
                _ => Some(Phase::AddDeny),
            }
        }
    }
}
